//! Why a recall could not be asked about, declared or answered.

use qiao_indexer::IndexError;

use crate::{
    finance::{FinanceError, ViewError},
    sending::SendError,
};

/// Why a recall could not be asked about, declared or answered.
#[derive(Debug, thiserror::Error)]
pub enum RecallError {
    /// A view of a module.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A call of a module.
    #[error(transparent)]
    Send(#[from] SendError),
    /// There is no such recall, or the desk does not see it.
    #[error("there is no {what} {number} that this desk sees")]
    Unknown {
        /// What it would be.
        what: &'static str,
        /// Its number.
        number: u64,
    },
    /// No event names any of the things.
    #[error("no event names `{thing}`")]
    NothingKnown {
        /// The things.
        thing: String,
    },
    /// A key of one organisation asked about the goods of another.
    #[error("`{thing}` is not under a company prefix of this key's organisation")]
    NotOwn {
        /// The thing.
        thing: String,
    },
    /// What was asked breaks a rule before the chain is asked.
    #[error("`{field}` {rule}")]
    Input {
        /// The field.
        field: String,
        /// The rule.
        rule: String,
    },
}

impl RecallError {
    /// A field that breaks a rule.
    pub fn input(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::Input { field: field.into(), rule: rule.into() }
    }

    /// The stable code; that of the module where one refused.
    pub fn code(&self) -> &str {
        match self {
            Self::View(error) => error.code(),
            Self::Send(error) => error.code(),
            Self::Index(_) => "node.failure",
            Self::Unknown { .. } => "recalls.unknown",
            Self::NothingKnown { .. } => "recalls.nothing_known",
            Self::NotOwn { .. } => "recalls.not_own",
            Self::Input { .. } => "recalls.invalid_input",
        }
    }

    /// The revert data of a module that refused.
    pub fn refusal(&self) -> Option<&[u8]> {
        match self {
            Self::View(ViewError::Refused { output })
            | Self::Send(SendError::Reverted { output }) => Some(output),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        if let Some(refusal) =
            self.refusal().and_then(|output| qiao_modules::refusals().find(output))
        {
            return Some(refusal.remedy.clone()).filter(|remedy| !remedy.is_empty());
        }
        let hint = match self {
            Self::Unknown { .. } => {
                "`GET /recalls` lists recalls; what is not final yet is not seen"
            }
            Self::NothingKnown { .. } => {
                "check the identifier, and whether its events were captured on this network"
            }
            Self::NotOwn { .. } => {
                "ask the node's operator for a key that is bound to no organisation"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

impl From<FinanceError> for RecallError {
    fn from(error: FinanceError) -> Self {
        match error {
            FinanceError::View(error) => Self::View(error),
            FinanceError::Index(error) => Self::Index(error),
            FinanceError::Send(error) => Self::Send(error),
            other => Self::input("as", other.to_string()),
        }
    }
}
