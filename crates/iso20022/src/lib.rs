//! Payment messages of ISO 20022, in and out: pain.001, pain.002, pacs.008, camt.053 and
//! camt.054.
//!
//! A message is read into plain records that hold what an account ledger needs, and written from them.
//! What a ledger does not need (addresses, charges, regulatory reporting) is read over and not
//! written. Reading and writing are pure: no files, no clock.
//!
//! # Versions
//! Written are pain.001.001.09, pain.002.001.10, pacs.008.001.08, camt.053.001.08 and camt.054.001.08.
//! Read are all versions of these messages that name the elements so, or as version 02 or 03 did (`BIC`, plain
//! dates, plain status).
//!
//! # Limits
//! Documents up to 10 MiB, 32 elements deep, 200,000 elements; texts up to 2,048 bytes. Document type
//! declarations and entities of one's own are refused. Amounts have up to 18 digits, 5 of them behind
//! the point.
//!
//! # Checks
//! Counts and control sums, check digits of an IBAN, form of BIC, currency, date and UETR; of a
//! statement, that opening balance and entries give the closing balance. The official schemas are not
//! applied: an element that stands where the schema has none is read over.

mod amount;
mod camt;
mod pacs008;
mod pain001;
mod pain002;
mod party;
mod problem;
mod tree;

#[cfg(test)]
mod tests;

pub use amount::Amount;
pub use camt::{Balance, BalanceKind, Entry, Report, ReportKind};
pub use pacs008::{CreditTransfer, Settlement};
pub use pain001::{Initiation, Order, PaymentGroup};
pub use pain002::{GroupStatus, PaymentStatus, Status, StatusReport};
pub use party::{AccountId, Party};
pub use problem::Problem;
