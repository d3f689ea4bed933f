//! Receivables: confirmed trade debts as vouchers that are divided, passed on, financed and repaid.
//!
//! # Purpose
//! A car maker owes nine hundred small suppliers through four tiers; its bank would lend cheaply
//! against its name, but sees the first tier only, and fears that the same invoice lies at another
//! bank. Here the buyer itself confirms what it owes against contract, invoice and delivery, once.
//! The supplier pays its own suppliers with parts of that debt, and whoever holds a part turns it
//! into money at a bank that knows who will pay, and that nobody else was promised the same.
//!
//! # Roles
//!
//! | call | who |
//! |---|---|
//! | `issue` | a signer (role 6) of the issuer: the buyer of the goods |
//! | `accept`; `decline` | a signer of the creditor; of creditor or issuer |
//! | `endorse` | a signer of the guarantor |
//! | `split`, `merge`, `pass`, `pledge`, `offerSale`, `completeSale`, `writeOff`, `passToGuarantor` | a signer of the part's holder |
//! | `releasePledge`, `enforcePledge` | a signer of the pledgee |
//! | `acceptSale`, `buyBack` | a signer of the buyer of the part |
//! | `endSale` | a signer of seller or buyer |
//! | `acknowledge` | a signer of the holder, or of the pledgee of a pledged part |
//! | `freezePart`, `unfreezePart`, `setLimit`, `adoptPack` | a regulator |
//! | `markOverdue`, views | everybody |
//!
//! # Lifecycle
//! A voucher, from `rules::TRANSITIONS`; the states of its parts are those of
//! `qiao_module_kit::position`:
//!
//! ```text
//! none    -- issue ----> offered
//! offered -- accept ---> live
//! offered -- decline --> void
//! live    -- fall due -> overdue
//! live    -- close ----> closed
//! overdue -- close ----> closed
//! ```
//!
//! # Invariants
//! - I1 What the parts of a voucher hold is its amount less what was repaid and written off.
//! - I2 Vouchers never use more of a contract, an invoice or a delivery than it proves.
//! - I3 Each call is for the party that the table of roles names, and for nobody else.
//! - I4 The rules of the pack in force hold: tenor, limit, overdue issuers, registration.
//! - I5 A part that is promised, pledged or sold is promised, pledged and sold to nobody else.
//! - I6 What an issuer owes is the sum of its vouchers that are offered, live or overdue.
//! - I7 Parts of an overdue voucher are not passed on, pledged or sold any more.
//! - I8 A frozen part does not change.
//! - I9 Only a voucher with recourse lets the financer return a part.
//!
//! # Limits
//! 100,000 parts of one voucher and 64 splits from the voucher to a part; numbers of documents up to
//! 128 bytes; reasons up to 512; registrations up to 64; pages of 100. Amounts are 64-bit integers of
//! the minor unit. Everything here is open to all members of the chain: amounts, parties and prices
//! included. An issuer whose overdue voucher was written off stays on the list of the overdue. A
//! repayment or a sale outside of the chain is what the payee says it is; `payments` settles both
//! against money of the chain.
//!
//! Rule packs: 0 `contract-only`; 1 `cn-2025-77`, in force from the first block: the term is usually at
//! most six months, else with a reason, and never above one year; an issuer has a limit and keeps to
//! it; one with overdue vouchers issues none; a financing has the number of its registration; fees are
//! public before they are charged, and an issuer takes none for its own vouchers (`financing` charges
//! them). `registrationFile` makes the file for the registry from what the chain knows, in columns
//! of our own: the registry's template was not at hand. The notice is cited as a whole, its clauses are not.
//!
//! # Terms
//! - voucher (应收账款电子凭证): the record of a debt that the buyer confirmed.
//! - part (凭证份额): what one party holds of a voucher.
//! - issuer (开立人): the buyer of the goods, who owes.
//! - creditor (接收人): the seller of the goods, who received the voucher first.
//! - guarantor (增信方): who pays if the issuer does not.
//! - financing (融资): the sale of a part to a bank or factor before it is due.
//! - recourse (追索权): the right to return a part that was not paid to its seller.
//! - rule pack (规则包): rules that the law of a place adds.
//!
//! # Standards
//! Yinfa \[2025\] No. 77 (People's Bank of China and five authorities) on receivables vouchers; EN
//! 16931-1, BT-1 for the number of an invoice; ISO 4217 for currencies.
//!
//! # Example
//! `a_supplier_of_the_second_tier_turns_its_debt_into_money` in `tests.rs`.

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

pub use abi::IReceivables;
pub use calls::settling::{
    Due, PartStanding, offer_for, part_standing, release_for, settle_guarantee, settle_repayment,
    settle_return, settle_sale,
};
pub use rules::{PACKS, RulePack, pack as rule_pack};
pub use types::{FinancingId, FinancingState, InterestBearer, VoucherState};

/// Where the module answers.
pub const ADDRESS: Address = module_address(3);

/// The module as the chain registers it.
pub const MODULE: Module = Module {
    address: ADDRESS,
    name: "receivables",
    since: 0,
    requires: &["members"],
    entry,
    source: include_str!("abi.rs"),
    layout: storage::layout,
    genesis: genesis::write,
    index: index::INDEX,
};

dispatch! { fn entry(IReceivables::IReceivablesCalls) {
    issue => calls::issue,
    accept => calls::accept,
    decline => calls::decline,
    endorse => calls::endorse,
    split => calls::split,
    merge => calls::merge,
    pass => calls::pass,
    pledge => calls::pledge,
    releasePledge => calls::release_pledge,
    enforcePledge => calls::enforce_pledge,
    offerSale => calls::offer_sale,
    endSale => calls::end_sale,
    acceptSale => calls::accept_sale,
    completeSale => calls::complete_sale,
    buyBack => calls::buy_back,
    acknowledge => calls::acknowledge,
    passToGuarantor => calls::pass_to_guarantor,
    markOverdue => calls::mark_overdue,
    writeOff => calls::write_off,
    freezePart => calls::freeze_part,
    unfreezePart => calls::unfreeze_part,
    setLimit => calls::set_limit,
    adoptPack => calls::adopt_pack,
    voucher => views::voucher,
    evidence => views::evidence,
    part => views::part,
    lineage => views::lineage,
    partsOf => views::parts_of,
    holdings => views::holdings,
    holdingsCount => views::holdings_count,
    vouchersOf => views::vouchers_of,
    overdue => views::overdue,
    financing => views::financing,
    registrationFile => views::registration_file,
    exposure => views::exposure,
    invoiceBalance => views::invoice_balance,
    pack => views::pack,
    packInForce => views::pack_in_force,
} }
