//! Recall: what is called back, who is told, who answered, and what became of the goods.
//!
//! # Purpose
//! A recall is a race: the maker knows the lot, the shops have the goods, and between them are days of
//! telephone calls and a list that nobody can check afterwards. Here one call says what is called
//! back and stops it everywhere; each holder has a notice with its things and amounts, takes note
//! in time or visibly not, and answers what became of them. How well the recall worked is a sum.
//!
//! # Roles
//!
//! | call | who |
//! |---|---|
//! | `declare` | an admin or capturer of the organisation to which the company prefix of every thing is registered; a regulator |
//! | `notify` | an admin or capturer of the declarer; a regulator |
//! | `acknowledge`, `answer` | an admin or capturer of a notified organisation |
//! | `end` | an admin of the declarer; a regulator's recall: a regulator |
//! | views | everybody |
//!
//! # Lifecycle
//! A recall is open from `declare` to `end`; while it is open its things are on hold everywhere, and
//! only `end` ends that hold. A notice is sent, acknowledged, and answered line by line. What is
//! affected is found by the index of the declarer's node, in one step from the suspect lot; the chain
//! keeps the hash of that list as `scope`. `docs/guides/traceability.md` walks through it.
//!
//! # Invariants
//! - I1 Only the owner of every thing that is called back, or a regulator, declares a recall.
//! - I2 From the declaration to the end of a recall its things are on hold everywhere.
//! - I3 Only the declarer and regulators notify, only notified organisations acknowledge and answer.
//! - I4 An acknowledgement is made once, and counts as in time until the deadline.
//! - I5 No more is accounted for than a notice says was affected.
//! - I6 The totals of a recall are the sums of its lines.
//! - I7 Nothing of an ended recall changes.
//!
//! # Limits
//! 1,000 things of one recall; 200 lines of one call, 10,000 of a notice; 10,000 notices; texts of
//! 1,024 bytes; deadlines from an hour to 366 days. A notice that is sent after the deadline is in
//! time if it is acknowledged in the same block only.
//!
//! # Terms
//! - recall (召回): to take goods back that were let out.
//! - level (召回级别): 1 back from consumers, 2 back from shops, 3 back from wholesale.
//! - notice (通知): what one organisation is told.
//! - acknowledgement (确认): that it has taken note.
//! - effectiveness (召回有效性): how much of what was affected is accounted for.
//!
//! Reasons are those of holds, in `lots`.
//!
//! # Standards
//! Regulation (EC) 178/2002, articles 18 and 19 (one step back, one step forward, withdrawal); 21 CFR
//! 7.40 to 7.59 (recall, depth, effectiveness checks); GB 31621 and the Measures for the
//! Administration of Food Recall (SAMR Order 12, levels and reports); GS1 Recall Standard.
//!
//! # Example
//! `salmonella_in_the_mince` in `tests.rs`.

mod abi;
mod calls;
mod genesis;
mod index;
mod rules;
mod storage;
mod types;
mod views;

#[cfg(test)]
mod tests;

use alloy_primitives::Address;
use qiao_module_kit::{Module, dispatch, module_address};

pub use abi::IRecall;
pub use rules::LINES_MAX;

/// Where the module answers.
pub const ADDRESS: Address = module_address(9);

/// The module as the chain registers it.
pub const MODULE: Module = Module {
    address: ADDRESS,
    name: "recall",
    since: 0,
    requires: &["members", "lots"],
    entry,
    source: include_str!("abi.rs"),
    layout: storage::layout,
    genesis: genesis::write,
    index: index::INDEX,
};

dispatch! { fn entry(IRecall::IRecallCalls) {
    declare => calls::declare,
    notify => calls::notify,
    acknowledge => calls::acknowledge,
    answer => calls::answer,
    end => calls::end,
    recall => views::recall,
    recallCount => views::recall_count,
    notice => views::notice,
    notices => views::notices,
    lines => views::lines,
    totals => views::totals,
} }
