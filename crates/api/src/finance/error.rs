//! Why a desk got no answer.

use qiao_indexer::IndexError;

use crate::{reverts, sending::SendError};

/// Why a view gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The module refuses: there is no such record, or the page is too long.
    #[error("{}", reverts::words(.output).unwrap_or_else(|| "the module refuses the view".to_owned()))]
    Refused {
        /// The revert data.
        output: alloy_primitives::Bytes,
    },
    /// The node could not answer.
    #[error("{0}")]
    Failed(String),
}

impl ViewError {
    /// The stable code: the module's where it refused.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { output } => qiao_modules::refusals()
                .find(output)
                .map_or("finance.refused", |refusal| refusal.code.as_str()),
            Self::Failed(_) => "node.failure",
        }
    }
}

/// Why a desk got no answer, or could not act.
#[derive(Debug, thiserror::Error)]
pub enum FinanceError {
    /// A view.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A call.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The node keeps no account of that organisation, or the key opens another desk.
    #[error("there is no desk of organisation {organisation} here for whoever asks")]
    NoDesk {
        /// The organisation.
        organisation: u64,
    },
    /// Nobody said for whom, and the node has no organisation of its own.
    #[error("this node acts for no organisation")]
    Nobody,
    /// There is no such thing, or the desk does not see it.
    #[error("there is no {what} {number} that this desk sees")]
    Unknown {
        /// What it would be.
        what: &'static str,
        /// Its number.
        number: String,
    },
    /// What was asked breaks a rule before the chain is asked.
    #[error("`{field}` {rule}")]
    Input {
        /// The field.
        field: String,
        /// The rule.
        rule: String,
    },
    /// The desk is not a regulator's.
    #[error("only a regulator's desk sees everybody's figures")]
    NotRegulator,
}

impl FinanceError {
    /// A thing that is not there, or not to be seen.
    pub fn unknown(what: &'static str, number: impl ToString) -> Self {
        Self::Unknown { what, number: number.to_string() }
    }

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
            Self::NoDesk { .. } => "finance.no_desk",
            Self::Nobody => "finance.nobody",
            Self::Unknown { .. } => "finance.unknown",
            Self::Input { .. } => "finance.invalid_input",
            Self::NotRegulator => "finance.not_regulator",
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
        match self {
            Self::NoDesk { .. } => Some(
                "`GET /finance/desks` lists those that are open to you; a key that `qiao key add \
                 NAME --organisation NUMBER` made opens one"
                    .to_owned(),
            ),
            Self::Nobody => Some("name one with `?as=NUMBER`".to_owned()),
            Self::Unknown { .. } => Some(
                "a desk sees its own branch only; what is not final yet is not seen".to_owned(),
            ),
            Self::NotRegulator => Some("ask your own figures without `all`".to_owned()),
            _ => None,
        }
    }
}
