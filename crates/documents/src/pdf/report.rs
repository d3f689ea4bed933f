//! A report on A4: headings, texts, facts, tables and codes, one below the other.

use super::{
    letters::{self, Face},
    page::{A4, Page, bind},
};
use crate::qr::Qr;

const LEFT: f32 = 20.0;
const TOP: f32 = 22.0;
const WIDTH: f32 = A4.width - 2.0 * LEFT;
const BOTTOM: f32 = A4.height - 20.0;
const POINTS: f32 = 72.0 / 25.4;
const TEXT: f32 = 10.0;
const LINE: f32 = 5.2;
const FACT_NAME: f32 = 48.0;

/// Where the texts of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At its left.
    Left,
    /// At its right.
    Right,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column<'a> {
    /// Its head.
    pub head: &'a str,
    /// Its share of the width.
    pub share: f32,
    /// Where its texts stand.
    pub align: Align,
}

/// A report under construction.
pub struct Report {
    title: String,
    pages: Vec<Page>,
    page: Page,
    top: f32,
    foot: String,
}

impl Report {
    /// A report with its title as the first heading and a line for the foot of each page.
    pub fn new(title: &str, foot: &str) -> Self {
        let mut report = Self {
            title: title.to_owned(),
            pages: Vec::new(),
            page: Page::new(A4),
            top: TOP,
            foot: foot.to_owned(),
        };
        report.page.text(LEFT, TOP + 4.0, 18.0, Face::Bold, title);
        report.top = TOP + 14.0;
        report
    }

    /// A heading.
    pub fn heading(&mut self, text: &str) {
        self.room(3.0 * LINE);
        self.top += 4.0;
        self.page.text(LEFT, self.top, 12.0, Face::Bold, text);
        self.top += LINE + 1.5;
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str) {
        for line in letters::lines(text, Face::Plain, TEXT, WIDTH * POINTS) {
            self.room(LINE);
            self.page.text(LEFT, self.top, TEXT, Face::Plain, &line);
            self.top += LINE;
        }
        self.top += 2.0;
    }

    /// Names with their values.
    pub fn facts(&mut self, facts: &[(&str, String)]) {
        for (name, value) in facts {
            let width = (WIDTH - FACT_NAME) * POINTS;
            let lines = letters::lines(value, Face::Plain, TEXT, width);
            for (place, line) in lines.iter().enumerate() {
                self.room(LINE);
                if place == 0 {
                    self.page.shade(0.35);
                    self.page.text(LEFT, self.top, TEXT, Face::Plain, name);
                    self.page.shade(0.0);
                }
                self.page.text(LEFT + FACT_NAME, self.top, TEXT, Face::Plain, line);
                self.top += LINE;
            }
            self.page.line(LEFT, self.top - LINE + 1.6, WIDTH);
            self.top += 1.2;
        }
        self.top += 2.0;
    }

    /// A table; the heads are there again on each page.
    pub fn table(&mut self, columns: &[Column<'_>], rows: &[Vec<String>]) {
        let all: f32 = columns.iter().map(|column| column.share).sum();
        let widths: Vec<f32> =
            columns.iter().map(|column| column.share / all * WIDTH - 2.0).collect();
        let heads: Vec<String> = columns.iter().map(|column| column.head.to_owned()).collect();
        self.room(3.0 * LINE);
        self.row(columns, &widths, &heads, Face::Bold);
        for row in rows {
            if self.row_height(&widths, row) > BOTTOM - self.top {
                self.turn();
                self.row(columns, &widths, &heads, Face::Bold);
            }
            self.row(columns, &widths, row, Face::Plain);
        }
        self.top += 3.0;
    }

    /// A code at the left with a text beside it.
    pub fn qr(&mut self, code: &Qr, text: &[&str]) {
        const SIDE: f32 = 38.0;
        self.room(SIDE + 4.0);
        self.page.qr(LEFT, self.top, SIDE, code);
        let left = LEFT + SIDE + 8.0;
        let mut base = self.top + 6.0;
        for paragraph in text {
            let width = (WIDTH - SIDE - 8.0) * POINTS;
            for line in letters::lines(paragraph, Face::Plain, TEXT, width) {
                self.page.text(left, base, TEXT, Face::Plain, &line);
                base += LINE;
            }
            base += 1.5;
        }
        self.top = (self.top + SIDE).max(base) + 6.0;
    }

    /// The file.
    pub fn finish(mut self) -> Vec<u8> {
        self.turn();
        let total = self.pages.len();
        for (place, page) in self.pages.iter_mut().enumerate() {
            page.shade(0.4);
            page.text(LEFT, A4.height - 12.0, 8.0, Face::Plain, &self.foot);
            let number = format!("{} of {total}", place + 1);
            page.text_to(LEFT + WIDTH, A4.height - 12.0, 8.0, Face::Plain, &number);
        }
        bind(&self.title, self.pages)
    }

    fn row(&mut self, columns: &[Column<'_>], widths: &[f32], cells: &[String], face: Face) {
        let height = self.row_height(widths, cells);
        let mut left = LEFT;
        for ((column, width), cell) in columns.iter().zip(widths).zip(cells) {
            let mut base = self.top;
            for line in letters::lines(cell, face, 9.0, width * POINTS) {
                match column.align {
                    Align::Left => self.page.text(left, base, 9.0, face, &line),
                    Align::Right => self.page.text_to(left + width, base, 9.0, face, &line),
                }
                base += LINE - 0.6;
            }
            left += width + 2.0;
        }
        self.top += height;
        self.page.line(LEFT, self.top - LINE + 1.4, WIDTH);
    }

    fn row_height(&self, widths: &[f32], cells: &[String]) -> f32 {
        let lines = widths
            .iter()
            .zip(cells)
            .map(|(width, cell)| letters::lines(cell, Face::Plain, 9.0, width * POINTS).len());
        lines.max().unwrap_or(1) as f32 * (LINE - 0.6) + 1.6
    }

    fn room(&mut self, height: f32) {
        if self.top + height > BOTTOM {
            self.turn();
        }
    }

    fn turn(&mut self) {
        self.pages.push(std::mem::replace(&mut self.page, Page::new(A4)));
        self.top = TOP;
    }
}
