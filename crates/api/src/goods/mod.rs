//! What people ask about goods: answered from the index, with what a node keeps of its own beside it.

mod attachments;
mod cabinet;
mod desk;
mod imports;
mod journeys;
mod kept;

#[cfg(test)]
mod tests;

pub use attachments::{ATTACHMENT_BYTES_MAX, AttachmentError, Attachments};
pub use cabinet::{Cabinet, CabinetError, Drawer};
pub use desk::{
    EVENTS_MAX, Span, Watched, covered, events_in, fsma_rows, fsma_sheet, gaps_sheet, watched,
};
pub use imports::{Import, ImportError, ImportReport, template_sheet};
pub use journeys::{followed, journey, journey_proof, recorded};
pub use kept::{Names, links_of, place, product, products};

/// The application identifiers with which the path of a Digital Link begins.
pub const PRIMARY_KEYS: [&str; 14] = [
    "00", "01", "253", "255", "401", "402", "414", "417", "8003", "8004", "8006", "8010", "8017",
    "8018",
];

/// Files that a trace ends with instead of JSON.
pub const SHEETS: [&str; 2] = ["fsma204.csv", "fsma204.xlsx"];

/// Whether a path is that of a Digital Link, or tells what it takes to resolve or to check one.
pub fn is_public_path(path: &str) -> bool {
    let Some(path) = path.strip_prefix('/') else { return false };
    let is_key = path.split_once('/').is_some_and(|(first, _)| PRIMARY_KEYS.contains(&first));
    is_key || path == ".well-known/gs1resolver" || path.starts_with("proofs/journeys/")
}
