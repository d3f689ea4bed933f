//! Where `receivables` keeps what it knows.

use qiao_module_kit::{
    Context, Halt, Outcome, ensure, layout,
    money::Currency,
    position::{Book, PositionId},
    storage::{List, Lists, Map, Value},
    uniqueness::Ledger,
};

use super::{
    abi::IReceivables::{NoOpenFinancing, UnknownVoucher},
    types::{Evidence, Exposure, Financing, FinancingId, Sale, Voucher, VoucherState},
};
use crate::members::OrganisationId;

layout! { pub(super) fn layout();
    /// The parts of all vouchers. A voucher has the number of its first part.
    PARTS: Book;
    /// Contracts, invoices and deliveries, and how much of them vouchers use.
    PAPERS: Ledger;
    /// What vouchers promise.
    VOUCHERS: Map<PositionId, Voucher>;
    /// What stands behind vouchers.
    EVIDENCE: Map<PositionId, Evidence>;
    /// What issuers owe, by currency.
    EXPOSURES: Map<(OrganisationId, Currency), Exposure>;
    /// How many vouchers of an issuer are overdue, or were written off in part.
    OVERDUE_COUNTS: Map<OrganisationId, u32>;
    /// Vouchers by issuer.
    VOUCHERS_OF: Lists<OrganisationId, PositionId>;
    /// Every voucher that ever was overdue.
    OVERDUE: List<PositionId>;
    /// Parts by everybody who ever received them.
    HOLDINGS: Lists<OrganisationId, PositionId>;
    /// Parts that are for sale.
    SALES: Map<PositionId, Sale>;
    /// The number of the last financing.
    LAST_FINANCING: Value<FinancingId>;
    /// Financings.
    FINANCINGS: Map<FinancingId, Financing>;
    /// The number of the pack of rules in force.
    PACK: Value<u8>;
}

/// The parts of all vouchers.
pub(super) const BOOK: Book = PARTS;
/// The documents behind them.
pub(super) const DOCUMENTS: Ledger = PAPERS;

/// A voucher that is there.
pub(super) fn voucher(context: &mut Context<'_>, id: PositionId) -> Outcome<Voucher> {
    let voucher = VOUCHERS.get(context, &id)?;
    let is_known = voucher.state != VoucherState::None;
    ensure(is_known, || UnknownVoucher { voucher: id.get() })?;
    Ok(voucher)
}

/// A voucher, or zeros.
pub(super) fn voucher_or_none(context: &mut Context<'_>, id: PositionId) -> Outcome<Voucher> {
    VOUCHERS.get(context, &id)
}

pub(super) fn set_voucher(
    context: &mut Context<'_>,
    id: PositionId,
    voucher: &Voucher,
) -> Outcome<()> {
    VOUCHERS.set(context, &id, voucher)
}

pub(super) fn evidence(context: &mut Context<'_>, id: PositionId) -> Outcome<Evidence> {
    EVIDENCE.get(context, &id)
}

/// Keeps a new voucher, and finds it again by its issuer.
pub(super) fn add_voucher(
    context: &mut Context<'_>,
    id: PositionId,
    voucher: &Voucher,
    evidence: &Evidence,
) -> Outcome<()> {
    set_voucher(context, id, voucher)?;
    EVIDENCE.set(context, &id, evidence)?;
    VOUCHERS_OF.push(context, &voucher.issuer, id).map(drop)
}

pub(super) fn voucher_of(
    context: &mut Context<'_>,
    issuer: OrganisationId,
    index: u64,
) -> Outcome<Option<PositionId>> {
    VOUCHERS_OF.get(context, &issuer, index)
}

pub(super) fn exposure(
    context: &mut Context<'_>,
    issuer: OrganisationId,
    currency: Currency,
) -> Outcome<Exposure> {
    EXPOSURES.get(context, &(issuer, currency))
}

pub(super) fn set_exposure(
    context: &mut Context<'_>,
    issuer: OrganisationId,
    currency: Currency,
    exposure: &Exposure,
) -> Outcome<()> {
    EXPOSURES.set(context, &(issuer, currency), exposure)
}

/// The issuer of a voucher owes so much less.
pub(super) fn lower_exposure(
    context: &mut Context<'_>,
    voucher: &Voucher,
    amount: u64,
) -> Outcome<()> {
    EXPOSURES.update(context, &(voucher.issuer, voucher.currency), |exposure| {
        let left = exposure.outstanding.checked_sub(amount);
        exposure.outstanding =
            left.ok_or_else(|| Halt::bug("an issuer owes less than its parts"))?;
        Ok(())
    })
}

pub(super) fn overdue_count(context: &mut Context<'_>, issuer: OrganisationId) -> Outcome<u32> {
    OVERDUE_COUNTS.get(context, &issuer)
}

/// Puts a voucher on the list of the overdue.
pub(super) fn add_overdue(
    context: &mut Context<'_>,
    id: PositionId,
    issuer: OrganisationId,
) -> Outcome<()> {
    let count = OVERDUE_COUNTS.get(context, &issuer)?.saturating_add(1);
    OVERDUE_COUNTS.set(context, &issuer, &count)?;
    OVERDUE.push(context, id).map(drop)
}

/// An overdue voucher was paid in full.
pub(super) fn settle_overdue(context: &mut Context<'_>, issuer: OrganisationId) -> Outcome<()> {
    let count = OVERDUE_COUNTS.get(context, &issuer)?.saturating_sub(1);
    OVERDUE_COUNTS.set(context, &issuer, &count)
}

pub(super) fn overdue(context: &mut Context<'_>, index: u64) -> Outcome<Option<PositionId>> {
    OVERDUE.get(context, index)
}

/// Notes that an organisation received a part.
pub(super) fn add_holding(
    context: &mut Context<'_>,
    holder: OrganisationId,
    position: PositionId,
) -> Outcome<()> {
    HOLDINGS.push(context, &holder, position).map(drop)
}

pub(super) fn holding(
    context: &mut Context<'_>,
    holder: OrganisationId,
    index: u64,
) -> Outcome<Option<PositionId>> {
    HOLDINGS.get(context, &holder, index)
}

pub(super) fn holdings_count(context: &mut Context<'_>, holder: OrganisationId) -> Outcome<u64> {
    HOLDINGS.len(context, &holder)
}

pub(super) fn sale(context: &mut Context<'_>, position: PositionId) -> Outcome<Sale> {
    SALES.get(context, &position)
}

pub(super) fn set_sale(
    context: &mut Context<'_>,
    position: PositionId,
    sale: &Sale,
) -> Outcome<()> {
    SALES.set(context, &position, sale)
}

/// Ends an offer.
pub(super) fn end_sale(context: &mut Context<'_>, position: PositionId) -> Outcome<()> {
    let none = Sale { price: 0, is_open: false, is_accepted: false, registration: String::new() };
    SALES.set(context, &position, &none)
}

pub(super) fn add_financing(
    context: &mut Context<'_>,
    financing: &Financing,
) -> Outcome<FinancingId> {
    let id = FinancingId::new(LAST_FINANCING.get(context)?.get() + 1);
    LAST_FINANCING.set(context, &id)?;
    FINANCINGS.set(context, &id, financing)?;
    Ok(id)
}

pub(super) fn financing(context: &mut Context<'_>, id: FinancingId) -> Outcome<Financing> {
    FINANCINGS.get(context, &id)
}

/// A financing that is open.
pub(super) fn open_financing(context: &mut Context<'_>, id: FinancingId) -> Outcome<Financing> {
    let financing = FINANCINGS.get(context, &id)?;
    let is_open = financing.state == super::types::FinancingState::Open;
    ensure(is_open, || NoOpenFinancing { financing: id.get() })?;
    Ok(financing)
}

pub(super) fn set_financing(
    context: &mut Context<'_>,
    id: FinancingId,
    financing: &Financing,
) -> Outcome<()> {
    FINANCINGS.set(context, &id, financing)
}

pub(super) fn pack(context: &mut Context<'_>) -> Outcome<u8> {
    PACK.get(context)
}

pub(super) fn set_pack(context: &mut Context<'_>, pack: u8) -> Outcome<()> {
    PACK.set(context, &pack)
}
