//! Payments as banks and their customers speak of them: messages of ISO 20022 in and out, statements,
//! and where a payment is.
//!
//! Accounts stand in messages under their numbers on the chain (`Othr/Id`). The end-to-end
//! identification of a payment travels in its remittance information, so that it is in the statement
//! of the payee, whichever node writes it ([`Reference`]).

mod books;
mod entries;
mod import;
mod outcome;
mod reference;

#[cfg(test)]
mod tests;

pub use books::{Track, interbank, report, track};
pub use entries::Period;
pub use import::{MessageProblem, import};
pub use outcome::{Imported, Item, ItemState};
pub use reference::{Reference, uetr_of, uetr_text};

use crate::{finance::ViewError, sending::SendError};

/// Why a payment, a statement or a message is not told or done.
#[derive(Debug, thiserror::Error)]
pub enum PaymentsError {
    /// The message cannot be read, or cannot be carried out as it stands; nothing was done.
    #[error("the message has {} mistakes", .0.len())]
    Message(Vec<MessageProblem>),
    /// The node has no account, or acts for nobody.
    #[error("this node acts for no organisation")]
    Nobody,
    /// There is no such account that the node's organisation owns or keeps.
    #[error("there is no account {0} of this organisation, or at it")]
    UnknownAccount(u64),
    /// There is no such payment in which the node's organisation takes part.
    #[error("there is no payment `{0}` in which this organisation takes part")]
    UnknownPayment(String),
    /// There are more entries than one message may have.
    #[error("there are more than {0} entries; ask for fewer days")]
    TooMany(usize),
    /// A call could not be sent.
    #[error(transparent)]
    Send(#[from] SendError),
    /// A module could not be asked.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The node failed.
    #[error("{0}")]
    Failed(String),
}

impl PaymentsError {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Message(problems) => {
                problems.first().map_or("iso20022.malformed", |problem| problem.code.as_str())
            }
            Self::Nobody => "transactions.no_signer",
            Self::UnknownAccount(_) => "payments.unknown_account",
            Self::UnknownPayment(_) => "payments.unknown_payment",
            Self::TooMany(_) => "payments.too_many_entries",
            Self::Send(error) => error.code(),
            Self::View(error) => error.code(),
            Self::Failed(_) => "node.failure",
        }
    }
}
