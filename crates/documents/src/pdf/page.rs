//! A page on which texts, lines and codes are put at their places, and pages bound to a file.

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr, types::CidFontType};

use super::letters::{self, Face, Glyph};
use crate::qr::Qr;

/// Points of a millimetre.
const POINTS: f32 = 72.0 / 25.4;

const PLAIN: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");
const WIDE: Name<'static> = Name(b"F3");

/// Width and height in millimetres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageSize {
    /// From left to right.
    pub width: f32,
    /// From top to bottom.
    pub height: f32,
}

/// ISO 216 A4.
pub const A4: PageSize = PageSize { width: 210.0, height: 297.0 };

/// A page. Places are millimetres from its upper left corner, sizes of letters points.
pub struct Page {
    size: PageSize,
    content: Content,
}

impl Page {
    /// An empty page.
    pub fn new(size: PageSize) -> Self {
        Self { size, content: Content::new() }
    }

    /// Its size.
    pub fn size(&self) -> PageSize {
        self.size
    }

    /// Puts a text with its base line at a place.
    pub fn text(&mut self, left: f32, base: f32, size: f32, face: Face, text: &str) {
        self.content.begin_text();
        self.content.next_line(left * POINTS, (self.size.height - base) * POINTS);
        let name = match face {
            Face::Plain => PLAIN,
            Face::Bold => BOLD,
        };
        let mut run: Vec<u8> = Vec::new();
        let mut is_wide = false;
        for letter in text.chars() {
            let glyph = letters::glyph(letter);
            let changes = is_wide != matches!(glyph, Glyph::Wide(_));
            if changes && !run.is_empty() {
                self.content.set_font(if is_wide { WIDE } else { name }, size);
                self.content.show(Str(&run));
                run.clear();
            }
            match glyph {
                Glyph::Latin(code) => run.push(code),
                Glyph::Wide(code) => run.extend(code.to_be_bytes()),
            }
            is_wide = matches!(glyph, Glyph::Wide(_));
        }
        self.content.set_font(if is_wide { WIDE } else { name }, size);
        self.content.show(Str(&run));
        self.content.end_text();
    }

    /// Puts a text so that it ends at a place.
    pub fn text_to(&mut self, right: f32, base: f32, size: f32, face: Face, text: &str) {
        let width = letters::width(text, face, size) / POINTS;
        self.text(right - width, base, size, face, text);
    }

    /// How wide a text is, in millimetres.
    pub fn text_width(size: f32, face: Face, text: &str) -> f32 {
        letters::width(text, face, size) / POINTS
    }

    /// Letters are drawn in a shade from here on: 0 is black, 1 white.
    pub fn shade(&mut self, shade: f32) {
        self.content.set_fill_gray(shade);
    }

    /// Fills a rectangle with a shade; letters are black again behind it.
    pub fn fill(&mut self, left: f32, top: f32, width: f32, height: f32, shade: f32) {
        self.content.set_fill_gray(shade);
        self.rectangle(left, top, width, height);
        self.content.fill_nonzero();
        self.content.set_fill_gray(0.0);
    }

    /// Draws the outline of a rectangle.
    pub fn outline(&mut self, left: f32, top: f32, width: f32, height: f32) {
        self.content.set_stroke_gray(0.6);
        self.content.set_line_width(0.5);
        self.rectangle(left, top, width, height);
        self.content.stroke();
    }

    /// Draws a level line.
    pub fn line(&mut self, left: f32, top: f32, width: f32) {
        let y = (self.size.height - top) * POINTS;
        self.content.set_stroke_gray(0.75);
        self.content.set_line_width(0.5);
        self.content.move_to(left * POINTS, y);
        self.content.line_to((left + width) * POINTS, y);
        self.content.stroke();
    }

    /// Puts a QR code, without its quiet space, into a square.
    pub fn qr(&mut self, left: f32, top: f32, side: f32, code: &Qr) {
        let module = side / code.width() as f32;
        self.content.set_fill_gray(0.0);
        for (column, line, length) in code.runs() {
            let (x, y) = (left + column as f32 * module, top + line as f32 * module);
            self.rectangle(x, y, length as f32 * module, module);
        }
        self.content.fill_nonzero();
    }

    fn rectangle(&mut self, left: f32, top: f32, width: f32, height: f32) {
        let y = self.size.height - top - height;
        self.content.rect(left * POINTS, y * POINTS, width * POINTS, height * POINTS);
    }
}

/// Binds pages to a file with a title. The same pages give the same bytes.
pub fn bind(title: &str, pages: Vec<Page>) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let [catalog, tree, info] = [1, 2, 3].map(Ref::new);
    let fonts = [4, 5, 6].map(Ref::new);
    let (wide, descriptor) = (Ref::new(7), Ref::new(8));
    let first = 9;
    let page_ref = |place: usize| Ref::new(first + 2 * place as i32);
    pdf.catalog(catalog).pages(tree).viewer_preferences().display_doc_title(true);
    pdf.document_info(info).title(TextStr(title)).producer(TextStr("Qiao"));
    pdf.pages(tree).kids((0..pages.len()).map(page_ref)).count(pages.len() as i32);
    for (id, name) in fonts.iter().zip(["Helvetica", "Helvetica-Bold"]) {
        let mut font = pdf.type1_font(*id);
        font.base_font(Name(name.as_bytes())).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    chinese(&mut pdf, fonts[2], wide, descriptor);
    for (place, page) in pages.into_iter().enumerate() {
        let id = page_ref(place);
        let content = Ref::new(id.get() + 1);
        let mut written = pdf.page(id);
        let (width, height) = (page.size.width * POINTS, page.size.height * POINTS);
        written.parent(tree).media_box(Rect::new(0.0, 0.0, width, height)).contents(content);
        let mut resources = written.resources();
        let mut names = resources.fonts();
        names.pair(PLAIN, fonts[0]).pair(BOLD, fonts[1]).pair(WIDE, fonts[2]);
        names.finish();
        resources.finish();
        written.finish();
        pdf.stream(content, &page.content.finish());
    }
    pdf.finish()
}

/// The Chinese font that readers bring along (ISO 32000-1, 9.7.5.2): nothing is embedded.
fn chinese(pdf: &mut Pdf, font: Ref, descendant: Ref, descriptor: Ref) {
    let base = Name(b"STSong-Light");
    let mut composite = pdf.type0_font(font);
    composite.base_font(Name(b"STSong-Light-UniGB-UCS2-H"));
    composite.encoding_predefined(Name(b"UniGB-UCS2-H")).descendant_font(descendant);
    composite.finish();
    let mut cid = pdf.cid_font(descendant);
    cid.subtype(CidFontType::Type0).base_font(base).font_descriptor(descriptor);
    cid.system_info(pdf_writer::types::SystemInfo {
        registry: Str(b"Adobe"),
        ordering: Str(b"GB1"),
        supplement: 4,
    });
    cid.default_width(1_000.0);
    cid.finish();
    let mut described = pdf.font_descriptor(descriptor);
    described
        .name(base)
        .flags(pdf_writer::types::FontFlags::SYMBOLIC)
        .bbox(Rect::new(-25.0, -254.0, 1_000.0, 880.0))
        .italic_angle(0.0)
        .ascent(880.0)
        .descent(-120.0)
        .cap_height(880.0)
        .stem_v(93.0);
}
