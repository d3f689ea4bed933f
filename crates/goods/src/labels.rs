//! Labels with a QR code that is a GS1 Digital Link, and what people read beside it.

use qiao_documents::{A4, Face, Page, PageSize, Qr, QrError, bind};

use crate::GS1;

/// Labels in one file at most.
pub const LABELS_MAX: usize = 1_000;

/// A label for a roll of 62 mm.
const SINGLE: PageSize = PageSize { width: 62.0, height: 37.0 };

/// Labels of an A4 sheet: three columns of eight, each 70 mm by 37 mm.
const COLUMNS: usize = 3;
const LINES: usize = 8;
const WIDTH: f32 = 70.0;
const HEIGHT: f32 = 37.0;

/// What a label says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The Digital Link in the code.
    pub uri: String,
    /// What the thing is called.
    pub title: String,
    /// The human readable interpretation: `(01) 09521002000566`, a line for each key.
    pub lines: Vec<String>,
}

/// How labels are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Twenty-four on a sheet of A4.
    Sheet,
    /// One on a page of 62 mm by 37 mm.
    Single,
}

impl Label {
    /// The label of a thing. `root` is where its Digital Link is resolved: `https://id.example.com`.
    pub fn of(id: &str, root: &str, title: &str) -> Option<Self> {
        let path = id.strip_prefix(GS1)?;
        let segments: Vec<&str> = path.split('/').collect();
        let lines =
            segments.chunks_exact(2).map(|pair| format!("({}) {}", pair[0], unescaped(pair[1])));
        Some(Self {
            uri: format!("{}/{path}", root.trim_end_matches('/')),
            title: title.to_owned(),
            lines: lines.collect(),
        })
    }
}

/// The labels as PDF.
///
/// # Errors
/// An address is too long for a code.
pub fn pdf(labels: &[Label], layout: Layout) -> Result<Vec<u8>, QrError> {
    let (size, columns, lines) = match layout {
        Layout::Sheet => (A4, COLUMNS, LINES),
        Layout::Single => (SINGLE, 1, 1),
    };
    let (width, height) = match layout {
        Layout::Sheet => (WIDTH, HEIGHT),
        Layout::Single => (SINGLE.width, SINGLE.height),
    };
    let mut pages = Vec::new();
    for sheet in labels.chunks(columns * lines) {
        let mut page = Page::new(size);
        let top = (size.height - height * lines as f32) / 2.0;
        for (place, label) in sheet.iter().enumerate() {
            let left = width * (place % columns) as f32;
            draw(&mut page, left, top + height * (place / columns) as f32, width, label)?;
        }
        pages.push(page);
    }
    Ok(bind("Labels", pages))
}

fn draw(page: &mut Page, left: f32, top: f32, width: f32, label: &Label) -> Result<(), QrError> {
    const SIDE: f32 = 26.0;
    const MARGIN: f32 = 4.0;
    const TITLE: f32 = 9.0;
    const TEXT: f32 = 7.5;
    let code = Qr::new(&label.uri)?;
    page.qr(left + MARGIN, top + 5.0, SIDE, &code);
    let text_left = left + MARGIN + SIDE + 3.0;
    let room = width - MARGIN - SIDE - 3.0 - 3.0;
    let mut base = top + 8.5;
    for line in wrapped(&label.title, room, TITLE, Face::Bold, 2) {
        page.text(text_left, base, TITLE, Face::Bold, &line);
        base += 3.8;
    }
    base += 1.2;
    for line in &label.lines {
        for part in broken(line, room, TEXT) {
            page.text(text_left, base, TEXT, Face::Plain, &part);
            base += 3.2;
        }
    }
    Ok(())
}

/// A text in at most so many lines, broken between words; what does not fit ends with an ellipsis.
fn wrapped(text: &str, room: f32, size: f32, face: Face, lines_max: usize) -> Vec<String> {
    let fits = |line: &str| Page::text_width(size, face, line) <= room;
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is a line");
        let longer = if last.is_empty() { word.to_owned() } else { format!("{last} {word}") };
        if fits(&longer) || last.is_empty() {
            *last = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    let is_cut = lines.len() > lines_max;
    lines.truncate(lines_max);
    for line in &mut lines {
        while !fits(line) && line.chars().count() > 1 {
            line.pop();
        }
    }
    if let Some(last) = lines.last_mut().filter(|_| is_cut) {
        while !fits(&format!("{last}…")) && !last.is_empty() {
            last.pop();
        }
        last.push('…');
    }
    lines
}

/// A key in as many lines as it needs, broken anywhere: nothing of it may be missing.
fn broken(text: &str, room: f32, size: f32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for letter in text.chars() {
        let last = lines.last_mut().expect("there is a line");
        last.push(letter);
        if Page::text_width(size, Face::Plain, last) > room && last.chars().count() > 1 {
            last.pop();
            lines.push(letter.to_string());
        }
    }
    lines
}

/// The labels in ZPL II, for printers of 8 dots a millimetre and labels of 62 mm by 37 mm.
pub fn zpl(labels: &[Label]) -> String {
    let mut out = String::new();
    for label in labels {
        out.push_str("^XA\n^CI28\n^PW496\n^LL296\n");
        out.push_str(&format!("^FO24,32^BQN,2,5^FH_^FDMA,{}^FS\n", escaped(&label.uri)));
        out.push_str(&format!(
            "^FO250,40^A0N,26,26^FB236,2,2,L^FH_^FD{}^FS\n",
            escaped(&label.title)
        ));
        for (at, line) in (0..).zip(&label.lines) {
            let y = 112 + 52 * at;
            out.push_str(&format!("^FO250,{y}^A0N,22,22^FB236,2,2,L^FH_^FD{}^FS\n", escaped(line)));
        }
        out.push_str("^XZ\n");
    }
    out
}

/// Field data in which no letter is a command: everything else is a hexadecimal escape.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b" .,:;/()-+?=&%".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("_{byte:02X}"));
        }
    }
    out
}

/// A value of a Digital Link as people read it.
fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let hex = hex.and_then(|pair| std::str::from_utf8(pair).ok());
        match hex.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
