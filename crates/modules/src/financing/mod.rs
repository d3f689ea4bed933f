//! Financing: credit lines, sealed bids for parts of vouchers, and loans against pledged parts.
//!
//! # Purpose
//! A supplier who holds a confirmed debt telephones three banks, waits for their quotes for days, and
//! takes the one that answers. Here banks say beforehand what they would finance of whose debts, bid
//! for a part without seeing each other's bids, and the best pays at once; or a bank lends against a
//! pledged part, with a schedule that both sides compute to the cent. What platforms, banks and
//! guarantors charge is published before, and nobody pays anything else.
//!
//! # Roles
//!
//! | call | who |
//! |---|---|
//! | `setLine`, `quote`, `commit`, `reveal` | a signer (role 6) of the bank |
//! | `ask`, `award`, `lapse` | a signer of the part's holder |
//! | `askLoan`, `repay` | a signer of the borrower |
//! | `refuseLoan` | a signer of bank or borrower |
//! | `disburse`, `markDefaulted` | a signer of the bank |
//! | `setTariff` | a signer of who charges |
//! | `payFee` | a signer of who bears the cost by the terms of the voucher: its issuer, or the part's holder |
//! | `setFeeLimit` | a regulator |
//! | `releaseLine`, views | everybody |
//!
//! # Lifecycle
//! A request, from `rules::TRANSITIONS`; an awarded part is for sale in `receivables`, and `payments`
//! delivers it against its price:
//!
//! ```text
//! none -- ask ---> open
//! open -- award -> awarded
//! open -- lapse -> lapsed
//! ```
//!
//! A loan is asked, then refused or running; then repaid, or in default and perhaps repaid still.
//!
//! # Invariants
//! - I1 What is awarded to a bank is within its line for the issuer.
//! - I2 The best bid wins: the highest price, of equal ones the earliest, of those within the line.
//! - I3 A sealed bid is known to nobody before its reveal, and is the one that was committed to.
//! - I4 A payment on a loan is set off against interest first, then principal, and never exceeds both.
//! - I5 A loan is paid out against a part that is pledged to the bank, and one loan per pledge.
//! - I6 The last payment releases the pledge.
//! - I7 A loan of which nothing is paid before its end costs what its schedule says.
//! - I8 A loan that is paid as its schedule says is paid back on its last day, to the cent.
//! - I9 Nobody pays a fee but what its provider published and the payer named, each service once for a
//!   part and holder.
//! - I10 The rules of the voucher's pack hold: a fee is public in an earlier block than it is paid, an
//!   issuer takes none for its own vouchers, and the fees of a part stay within the regulator's limit.
//!
//! # Limits
//! 100 bids per request; bids and reveals up to thirty days each; rates up to 1,000 per cent; interest
//! at most every 12 months, and at the end of each month where the loan began at one. Interest is
//! rounded to the nearest minor unit at each payment, halves up. Of an annuity all instalments are the
//! same but the last, which pays what rounding left. A payment of interest that is late is no default;
//! a late part of the principal is, if the bank says so. There is no penalty interest. A line counts the amount of the
//! part, not the price; a loan draws none. A seller may let a request lapse after it saw the bids. Who
//! asks and who bids is open to all members.
//!
//! Fees: at most 10,000 ten-thousandths, the share rounded down, of what is owed on the part when it is
//! paid. A seller pays the fee of a financing before the part is delivered: then it is its holder no more.
//! The best bid is the highest price; what banks charge besides is not compared by the chain, but shown by
//! the nodes as one yearly rate. Of the packs of rules, `cn-2025-77` asks for publication beforehand and
//! frees suppliers from fees of their issuer; `contract-only` forbids neither. A fee that is paid outside of
//! `payFee` is not known here. The notice is cited as a whole, its clauses are not.
//!
//! # Terms
//! - credit line (授信额度): what a bank would finance of the debts of one issuer.
//! - request (融资申请): a part for which its holder asks for bids.
//! - bid (报价): the price that a bank would pay for a part.
//! - commitment (承诺): the hash that fixes a sealed bid before it is shown.
//! - loan (贷款): money lent against a pledged part.
//! - tariff (收费标准): what a provider charges for a service.
//! - fee (费用): what is paid to a provider for a service on a part.
//!
//! # Standards
//! ACTUS contract types PAM, LAM and ANN for schedules, with the day counts A365, A360, 30E360 and AA;
//! of its reference contracts, those that `qiao_module_kit::interest` names. Yinfa \[2025\] No. 77 on
//! fees of supply-chain finance; People's Bank of China, Announcement \[2021\] No. 3: the yearly rate of a
//! loan that is shown counts interest and all fees directly connected to it.
//!
//! # Example
//! `the_best_of_two_sealed_bids_buys_the_part` in `tests.rs`.

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

pub use abi::IFinancing;
pub use rules::{commitment, share};
pub use types::{FeeService, LoanId, LoanRepayment, LoanState, RequestId, RequestState};

/// Where the module answers.
pub const ADDRESS: Address = module_address(5);

/// The module as the chain registers it.
pub const MODULE: Module = Module {
    address: ADDRESS,
    name: "financing",
    since: 0,
    requires: &["members", "receivables", "payments"],
    entry,
    source: include_str!("abi.rs"),
    layout: storage::layout,
    genesis: genesis::write,
    index: index::INDEX,
};

dispatch! { fn entry(IFinancing::IFinancingCalls) {
    setLine => calls::set_line,
    ask => calls::ask,
    quote => calls::quote,
    commit => calls::commit,
    reveal => calls::reveal,
    award => calls::award,
    lapse => calls::lapse,
    releaseLine => calls::release_line,
    askLoan => calls::ask_loan,
    refuseLoan => calls::refuse_loan,
    disburse => calls::disburse,
    repay => calls::repay,
    markDefaulted => calls::mark_defaulted,
    setTariff => calls::set_tariff,
    payFee => calls::pay_fee,
    setFeeLimit => calls::set_fee_limit,
    line => views::line,
    request => views::request,
    commitmentOf => views::commitment_of,
    discountedPrice => views::discounted_price,
    loan => views::loan,
    owed => views::owed,
    late => views::late,
    schedule => views::schedule,
    tariff => views::tariff,
    feeOf => views::fee_of,
    feePaid => views::fee_paid,
    feeLimit => views::fee_limit,
} }
