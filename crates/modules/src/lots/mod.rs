//! Lots: how much of a lot there is and where, what is on hold, and which numbers were seen twice.
//!
//! # Purpose
//! A record that nobody altered may still be untrue: a merchant sells twelve tons of a lot of which
//! the farm sold him ten, ships what quality control has locked away, or copies the serial number of
//! a genuine bottle on a thousand others. Each party's own books cannot show it; only all of them
//! together do. Here the owner of a product puts it under rules, and every validator checks the
//! events of every party against them.
//!
//! # Roles
//!
//! | call | who |
//! |---|---|
//! | `registerPrefix` | a regulator |
//! | `setRules`, `setMaker`, `admit` | an admin of the organisation to which the product's company prefix is registered; a regulator |
//! | `holdBack`, for its own goods | an admin or capturer of any organisation |
//! | `holdBack`, everywhere | an admin or capturer of the product's owner; a regulator |
//! | `release` | an admin of the organisation that holds; a regulator's hold: a regulator |
//! | views | everybody |
//!
//! `traceability` hands every captured event to this module, `recall` holds back and releases.
//!
//! # Lifecycle
//! A product is free until its owner sets rules; from the next block on its lots are in the books,
//! for good. `docs/concepts/balance.md` says which event moves what.
//!
//! ```text
//! made -> held by a maker -> in transit -> held by a partner -> used, sold, destroyed
//!         held <-> in a container            sold -> held, where it is returned
//! ```
//!
//! # Invariants
//! - I1 What was made of a lot is what is held, in transit, in containers, used, sold and destroyed.
//! - I2 Nothing leaves a holder, a container or a transport that did not come in.
//! - I3 No more comes out of a transformation than its inputs and the product's yield allow.
//! - I4 Only the owner of a product and those whom it allowed make it.
//! - I5 A serial number is made once, and sold, used or destroyed only while it is there.
//! - I6 Undoing an event gives the books as if it had not been, or is refused.
//! - I7 A product without rules is captured as if this module were not there.
//! - I8 What is on hold is not shipped, packed, used or sold by those for whom the hold counts.
//! - I9 A holder's hold binds its own organisation only; nobody ends another's hold.
//! - I10 An alarm about a serial number refuses nothing.
//! - I11 Company prefixes do not overlap.
//!
//! # Limits
//! Amounts are whole numbers of a piece, a nanogram, a femtolitre, a nanometre or a square
//! micrometre, 10^33 at most of a lot; nothing is rounded, but what a transformation needs is
//! rounded up to a smallest unit. A container has 64 different lots; a hold 1,000 things and a note
//! of 512 bytes; a yield is at most 10,000,000 basis points, the distance of sightings at most 366
//! days. An event costs two slots per thing that moves, one for its journal, and none where nothing
//! is in use. The books are kept in the order of recording: an event that comes late is refused
//! until what it rests on is there. The chain does not know what lots numbered items belong to, nor
//! what is in a container in a container.
//!
//! # Terms
//! - lot (批次): an amount of a product that was made together.
//! - balance (平衡): that no more leaves than came in.
//! - yield (得率): how much of what goes in may come out.
//! - hold (扣留): that goods stay where they are until they are released. Reasons: 1 quality check,
//!   2 out of specification, 3 contamination, 4 undeclared allergen, 5 wrong label, 6 temperature,
//!   7 expired, 8 suspected counterfeit, 9 missing documents, 10 order of an authority.
//! - maker (生产者): who may make a product.
//! - company prefix (厂商识别代码): the digits with which all numbers of a company begin.
//!
//! # Standards
//! GS1 General Specifications (company prefix in 1.4, GTIN in 2.1), GTIN Management Standard; EPCIS
//! 2.0 and CBV 2.0 for events, business steps and dispositions; UN/ECE Recommendation 20 for units.
//!
//! # Example
//! `nobody_sells_more_than_it_got` in `tests.rs`.

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

pub use abi::ILots;
pub use calls::{RecallHold, apply, hold_for_recall, is_in_use, release_for_recall, undo};
pub use rules::HOLD_THINGS_MAX;
pub use types::{Breach, Gtin, HoldId, REASONS};
pub use views::owner_of_thing;

/// Where the module answers.
pub const ADDRESS: Address = module_address(8);

/// The module as the chain registers it.
pub const MODULE: Module = Module {
    address: ADDRESS,
    name: "lots",
    since: 0,
    requires: &["members"],
    entry,
    source: include_str!("abi.rs"),
    layout: storage::layout,
    genesis: genesis::write,
    index: index::INDEX,
};

dispatch! { fn entry(ILots::ILotsCalls) {
    registerPrefix => calls::register_prefix,
    setRules => calls::set_rules,
    setMaker => calls::set_maker,
    admit => calls::admit,
    holdBack => calls::hold_back,
    release => calls::release,
    ownerOf => views::owner_of,
    rulesOf => views::rules_of,
    mayMake => views::may_make,
    lot => views::lot,
    heldBy => views::held_by,
    inTransitTo => views::in_transit_to,
    packedIn => views::packed_in,
    serial => views::serial,
    hold => views::hold,
    holdOn => views::hold_on,
    holdCount => views::hold_count,
    holdThings => views::hold_things,
} }
