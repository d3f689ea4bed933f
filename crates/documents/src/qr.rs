//! QR codes (ISO/IEC 18004) as a matrix and as SVG.

use qrcode::{Color, EcLevel, QrCode};

/// Modules of quiet space around a code.
const QUIET: usize = 4;

/// A text does not fit a QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a text of {0} bytes does not fit a QR code")]
pub struct QrError(usize);

/// A QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    width: usize,
    dark: Vec<bool>,
}

impl Qr {
    /// The code of a text, which a damage of 15 per cent does not destroy.
    ///
    /// # Errors
    /// The text is too long.
    pub fn new(text: &str) -> Result<Self, QrError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M);
        let code = code.map_err(|_| QrError(text.len()))?;
        Ok(Self {
            width: code.width(),
            dark: code.to_colors().into_iter().map(|color| color == Color::Dark).collect(),
        })
    }

    /// Modules of a side, without the quiet space.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether a module is dark; outside it is light.
    pub fn is_dark(&self, column: usize, line: usize) -> bool {
        column < self.width && line < self.width && self.dark[line * self.width + column]
    }

    /// Dark runs of a line: where they begin and how long they are.
    pub fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        (0..self.width).flat_map(move |line| {
            let mut column = 0;
            std::iter::from_fn(move || {
                while column < self.width && !self.is_dark(column, line) {
                    column += 1;
                }
                let start = column;
                while self.is_dark(column, line) {
                    column += 1;
                }
                (column > start).then_some((start, line, column - start))
            })
        })
    }

    /// The code as an SVG image with its quiet space; it scales to any size.
    pub fn to_svg(&self, title: &str) -> String {
        let side = self.width + 2 * QUIET;
        let mut path = String::new();
        for (column, line, length) in self.runs() {
            path.push_str(&format!("M{} {}h{length}v1h-{length}z", column + QUIET, line + QUIET));
        }
        let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" \
             aria-label=\"{title}\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" \
             d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>"
        )
    }
}
