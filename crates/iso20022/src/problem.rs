//! Why a message is refused.

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` {rule}")]
pub struct Problem {
    /// A stable code: `iso20022.missing`.
    pub code: &'static str,
    /// The path of the element, as in `CstmrCdtTrfInitn/GrpHdr/MsgId`; empty for the document.
    pub path: String,
    /// The rule that it breaks, in words.
    pub rule: String,
}

impl Problem {
    pub(crate) fn new(code: &'static str, path: &str, rule: impl Into<String>) -> Self {
        Self { code, path: path.to_owned(), rule: rule.into() }
    }

    pub(crate) fn malformed(path: &str, rule: impl Into<String>) -> Self {
        Self::new("iso20022.malformed", path, rule)
    }

    pub(crate) fn mismatch(path: &str, rule: impl Into<String>) -> Self {
        Self::new("iso20022.mismatch", path, rule)
    }
}
