//! PDF: pages on which things have their places, and reports that find the places themselves.

mod letters;
mod page;
mod report;

pub use letters::Face;
pub use page::{A4, Page, PageSize, bind};
pub use report::{Align, Column, Report};
