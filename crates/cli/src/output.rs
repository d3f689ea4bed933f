//! What a command prints: data on stdout, narration on stderr, colour and progress on terminals
//! only.

#[cfg(test)]
mod tests;

use std::io::{IsTerminal as _, Write as _};

use serde::Serialize;

use crate::failure::Failure;

/// Where and how a command prints.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Data as JSON.
    pub json: bool,
    colour: bool,
    progress: bool,
}

impl Output {
    /// Looks at the terminal and at `NO_COLOR`.
    pub fn new(json: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { json, colour, progress: terminal && !json }
    }

    /// Prints data as one JSON document.
    pub fn document(&self, value: &impl Serialize) {
        let text = serde_json::to_string_pretty(value).expect("what we print has string keys");
        self.line(&text);
    }

    /// Prints one line of data.
    pub fn line(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        if writeln!(stdout, "{text}").and_then(|()| stdout.flush()).is_err() {
            // Whoever read has gone.
            std::process::exit(0);
        }
    }

    /// Tells a person something.
    pub fn say(&self, text: &str) {
        if !self.json {
            eprintln!("{text}");
        }
    }

    /// Tells a person what to do next: the last line of a command.
    pub fn next(&self, text: &str) {
        self.say(&format!("\nnext: {text}"));
    }

    /// Warns a person.
    pub fn warn(&self, text: &str) {
        self.say(&format!("{} {text}", self.paint("warning:", "33")));
    }

    /// Replaces the line of progress on a terminal.
    pub fn progress(&self, text: &str) {
        if self.progress {
            eprint!("\r\x1b[K{text}");
        }
    }

    /// Removes the line of progress.
    pub fn progress_done(&self) {
        if self.progress {
            eprint!("\r\x1b[K");
        }
    }

    /// Prints why a command failed.
    pub fn failure(&self, failure: &Failure) {
        self.progress_done();
        eprintln!("{} {}", self.paint("error:", "31"), failure.message);
        if let Some(hint) = &failure.hint {
            eprintln!("\n{} {hint}", self.paint("hint:", "32"));
        }
        if self.json
            && let Some(detail) = &failure.detail
        {
            self.document(detail);
        }
    }

    fn paint(&self, text: &str, colour: &str) -> String {
        if self.colour { format!("\x1b[1;{colour}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// Lines up rows under their heads; columns are two spaces apart.
pub fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = heads.iter().map(|head| head.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut lines = Vec::new();
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_string()).collect();
    for row in std::iter::once(&heads).chain(rows) {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        lines.push(cells.join("  ").trim_end().to_string());
    }
    lines.join("\n")
}

/// A whole number with its thousands apart.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in the unit that reads best.
pub fn bytes(value: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut scaled = value as f64;
    while scaled >= 1000.0 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{value} B") } else { format!("{scaled:.1} {}", UNITS[unit]) }
}

/// A time span in the unit that reads best.
pub fn span(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..120_000 => format!("{:.1} s", milliseconds as f64 / 1_000.0),
        120_000..7_200_000 => format!("{} min", milliseconds / 60_000),
        7_200_000..172_800_000 => format!("{} h", milliseconds / 3_600_000),
        _ => format!("{} days", milliseconds / 86_400_000),
    }
}
