//! What people type or scan: a URI, or the number on a label.

use qiao_api::recalls;
use qiao_epcis::Identifier;

/// Reads an identifier; the error is a sentence.
pub(crate) fn identifier(text: &str) -> Result<Identifier, String> {
    recalls::identifier(text).map_err(|rule| format!("“{text}” is not an identifier: {rule}."))
}
