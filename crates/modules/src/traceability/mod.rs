//! Traceability: which EPCIS events happened, who says so, and that nobody altered the record.
//!
//! # Purpose
//! When a box of pork is suspect, somebody telephones for days to learn where it came from and who
//! holds it, and the answers cannot be checked. Here every member records its EPCIS events as they
//! happen; each validator verifies what it records. The key of an event is a hash of its content,
//! so that the event can be found from a copy of it, and a changed copy is not found.
//!
//! # Roles
//!
//! | call | who |
//! |---|---|
//! | `capture` | an account of the party with role 3 (capturer), or one that the party authorised |
//! | `authorise`, `revoke` | an admin of the party, for accounts of other organisations |
//! | views | everybody |
//!
//! # Lifecycle
//! An event is recorded once and stays so; nothing changes or removes it. A mistake is withdrawn by
//! a further event, as EPCIS has it.
//!
//! # Invariants
//! - I1 The key of an event is its CBV 2.0 Event Hash ID, computed by every validator.
//! - I2 Capturing an event again changes nothing, and the result says so.
//! - I3 Only who may speak for a party captures for it.
//! - I4 A call captures all its events or none.
//! - I5 The bodies of the events are the calldata of the transaction.
//! - I6 A frozen account, party or organisation captures nothing.
//! - I7 The identifiers of a log are those of the event in canonical form, sorted, each once.
//! - I8 An event that breaks a rule of `lots` is refused with the code of that rule.
//! - I9 What an event did to the books of `lots` is undone when its own party declares it wrong.
//!
//! # Limits
//! 1,000 events per transaction; 64 KiB and 1,024 different identifiers per event; the bounds of
//! `qiao_epcis::Limits::EVENT` inside an event. Gas: 3,000 per event, 16 per byte of it and 500 per
//! value in it, besides the EVM's own prices for calldata, slot and log. An error declaration has the hash of the event
//! that it withdraws, because CBV leaves it out of the hash: where that event is recorded it counts
//! as captured before, the books are corrected, and the index reads the declaration from the transaction.
//!
//! # Terms
//! - event (事件): what happened to things, where, when and why, as EPCIS has it.
//! - capture (采集): to record an event.
//! - party (责任方): the organisation that an event speaks for.
//! - Event Hash ID (事件哈希): the name of an event, made from its content.
//!
//! # Standards
//! GS1 EPCIS 2.0 (ISO/IEC 19987:2024), CBV 2.0 (ISO/IEC 19988:2024) with Event Hash ID in 8.9, GS1
//! Digital Link 1.3 for canonical identifiers.
//!
//! # Example
//! `a_box_of_pork_is_captured_and_found_again` in `tests.rs`.

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

use alloy_primitives::{Address, B256, U256};
use qiao_module_kit::{Module, dispatch, module_address};

pub use abi::ITraceability;
pub use rules::{EVENT_BYTES_MAX, EVENTS_MAX, IDENTIFIERS_MAX, event_gas};

/// Where the module answers.
pub const ADDRESS: Address = module_address(2);

/// The slot of the module's account that holds the record of an event; zero where nobody captured it. With
/// its path it proves that the event is recorded, and tells nothing of what the event says.
pub fn record_slot(event_hash: B256) -> U256 {
    storage::entry_slot(event_hash)
}

/// The module as the chain registers it.
pub const MODULE: Module = Module {
    address: ADDRESS,
    name: "traceability",
    since: 0,
    requires: &["members", "lots"],
    entry,
    source: include_str!("abi.rs"),
    layout: storage::layout,
    genesis: genesis::write,
    index: index::INDEX,
};

dispatch! { fn entry(ITraceability::ITraceabilityCalls) {
    capture => calls::capture,
    authorise => calls::authorise,
    revoke => calls::revoke,
    record => views::record,
    maySpeakFor => views::may_speak_for,
} }
