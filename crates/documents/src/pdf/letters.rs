//! How wide letters are in the fonts that every reader has, in thousandths of their size.

/// Which letters a text is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Helvetica.
    Plain,
    /// Helvetica, bold.
    Bold,
}

/// Widths of Helvetica from code 32 of Windows-1252 on (Adobe font metrics).
const PLAIN: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
    350, 556, 350, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350, 350,
    222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 350, 500, 667, 278, 333, 556,
    556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333, 400, 584, 333, 333, 333, 556,
    537, 278, 333, 333, 365, 556, 834, 834, 834, 611, 667, 667, 667, 667, 667, 667, 1000, 722, 667,
    667, 667, 667, 278, 278, 278, 278, 722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722,
    722, 667, 667, 611, 556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278, 278, 278,
    278, 556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500,
];

/// Widths of Helvetica Bold from code 32 of Windows-1252 on.
const BOLD: [u16; 224] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667,
    611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556,
    278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
    350, 556, 350, 278, 556, 500, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350, 350,
    278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944, 350, 500, 667, 278, 333, 556,
    556, 556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 333, 400, 584, 333, 333, 333, 611,
    556, 278, 333, 333, 365, 556, 834, 834, 834, 611, 722, 722, 722, 722, 722, 722, 1000, 722, 667,
    667, 667, 667, 278, 278, 278, 278, 722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722,
    722, 667, 667, 611, 556, 556, 556, 556, 556, 556, 889, 556, 556, 556, 556, 556, 278, 278, 278,
    278, 611, 611, 611, 611, 611, 611, 611, 584, 611, 611, 611, 611, 611, 556, 611, 556,
];

/// Letters of Windows-1252 from code 0x80 on that Latin-1 does not have; 0 where there is none.
const BEYOND_LATIN: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘',
    '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// The width of every letter of the Chinese font.
const WIDE: u16 = 1_000;

/// A letter as a font knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glyph {
    /// A code of Windows-1252, in Helvetica.
    Latin(u8),
    /// A code of UCS-2, in the Chinese font.
    Wide(u16),
}

/// How a letter is drawn; what neither font has becomes a question mark.
pub(super) fn glyph(letter: char) -> Glyph {
    let code = u32::from(letter);
    if let Ok(byte) = u8::try_from(code)
        && (matches!(byte, 32..=126) || byte >= 160)
    {
        return Glyph::Latin(byte);
    }
    if let Some(place) = BEYOND_LATIN.iter().position(|one| *one == letter && *one != '\0') {
        return Glyph::Latin(0x80 + place as u8);
    }
    match u16::try_from(code) {
        Ok(wide @ (0x2000..)) if !(0xD800..0xF900).contains(&wide) => Glyph::Wide(wide),
        _ => Glyph::Latin(b'?'),
    }
}

/// How wide a text is at a size, in points.
pub(super) fn width(text: &str, face: Face, size: f32) -> f32 {
    let widths = match face {
        Face::Plain => &PLAIN,
        Face::Bold => &BOLD,
    };
    let total: u32 = text
        .chars()
        .map(|letter| match glyph(letter) {
            Glyph::Latin(code) => u32::from(widths[usize::from(code) - 32]),
            Glyph::Wide(_) => u32::from(WIDE),
        })
        .sum();
    total as f32 * size / 1_000.0
}

/// Cuts a text into lines of at most this width, between words where that is possible.
pub(super) fn lines(text: &str, face: Face, size: f32, width_max: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in pieces(text) {
        let longer = format!("{line}{word}");
        if width(longer.trim_end(), face, size) <= width_max {
            line = longer;
            continue;
        }
        if !line.trim().is_empty() {
            lines.push(line.trim_end().to_owned());
            line = String::new();
        }
        for letter in word.chars() {
            line.push(letter);
            if width(&line, face, size) > width_max && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::take(&mut line));
                line.push(letter);
            }
        }
    }
    if !line.trim().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Words with the space behind them; a Chinese letter is a word.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut end = 0;
        for (at, letter) in rest.char_indices() {
            let is_wide = matches!(glyph(letter), Glyph::Wide(_));
            if is_wide && end > 0 {
                break;
            }
            end = at + letter.len_utf8();
            if is_wide || letter == ' ' {
                break;
            }
        }
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}
