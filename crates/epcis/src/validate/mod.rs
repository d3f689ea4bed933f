//! The rules of the EPCIS 2.0 JSON schema and of CBV 2.0.

mod check;
mod document;
mod event;
mod sensor;
mod values;

pub(crate) use check::Check;
pub(crate) use document::{context, document};
pub(crate) use event::event;
