//! What can be asked of `receivables`, by calldata and by sibling modules.

use qiao_module_kit::{Context, Outcome, calendar::Date, ensure, page, position::PositionId};

use super::{
    abi::IReceivables::{self, *},
    calls, rules,
    storage::{self, BOOK},
    types::{FinancingId, VoucherState},
};
use crate::members::{self, OrganisationId};

/// A voucher; all zero where there is none.
pub(super) fn voucher(
    context: &mut Context<'_>,
    call: voucherCall,
) -> Outcome<IReceivables::Voucher> {
    let id = PositionId::new(call.id);
    let voucher = storage::voucher_or_none(context, id)?;
    let is_none = voucher.state == VoucherState::None;
    Ok(IReceivables::Voucher {
        issuer: voucher.issuer.get(),
        creditor: voucher.creditor.get(),
        guarantor: voucher.guarantor.get(),
        amount: voucher.amount,
        currency: voucher.currency.number(),
        issued: if is_none { 0 } else { voucher.issued.yyyymmdd() },
        due: if is_none { 0 } else { voucher.due.yyyymmdd() },
        state: voucher.state as u8,
        recourse: voucher.has_recourse,
        interestBearer: voucher.interest_bearer as u8,
        pack: voucher.pack,
        repaid: voucher.repaid,
        writtenOff: voucher.written_off,
        liveParts: BOOK.issued(context, id)?.live,
    })
}

/// The documents behind a voucher.
pub(super) fn evidence(
    context: &mut Context<'_>,
    call: evidenceCall,
) -> Outcome<IReceivables::Evidence> {
    let evidence = storage::evidence(context, PositionId::new(call.voucher))?;
    Ok(IReceivables::Evidence {
        purchaseContract: evidence.purchase_contract,
        invoice: evidence.invoice,
        delivery: evidence.delivery,
    })
}

/// A part of a voucher.
pub(super) fn part(context: &mut Context<'_>, call: partCall) -> Outcome<IReceivables::Part> {
    let id = PositionId::new(call.position);
    let part = BOOK.get(context, id)?;
    Ok(IReceivables::Part {
        voucher: part.root.get(),
        parent: part.parent.get(),
        holder: part.holder.get(),
        beneficiary: part.beneficiary.get(),
        amount: part.amount,
        state: part.state as u8,
        frozen: part.is_frozen,
        depth: part.depth,
        parts: BOOK.children_count(context, id)?,
    })
}

/// The way from the voucher down to a part.
pub(super) fn lineage(context: &mut Context<'_>, call: lineageCall) -> Outcome<Vec<u64>> {
    let way = BOOK.lineage(context, PositionId::new(call.position))?;
    Ok(way.into_iter().map(PositionId::get).collect())
}

/// The parts that were split off from a part.
pub(super) fn parts_of(context: &mut Context<'_>, call: partsOfCall) -> Outcome<Vec<u64>> {
    let id = PositionId::new(call.position);
    page(context, call.from, call.count, |context, index| {
        Ok(BOOK.child(context, id, index)?.map(PositionId::get))
    })
}

/// The parts that an organisation received; 0 for those that it no longer holds.
pub(super) fn holdings(context: &mut Context<'_>, call: holdingsCall) -> Outcome<Vec<u64>> {
    let holder = OrganisationId::new(call.organisation);
    page(context, call.from, call.count, |context, index| {
        let Some(id) = storage::holding(context, holder, index)? else { return Ok(None) };
        let part = BOOK.get(context, id)?;
        let is_held = part.holder.get() == holder.get() && part.amount > 0;
        Ok(Some(if is_held { id.get() } else { 0 }))
    })
}

/// How many parts an organisation received.
pub(super) fn holdings_count(context: &mut Context<'_>, call: holdingsCountCall) -> Outcome<u64> {
    storage::holdings_count(context, OrganisationId::new(call.organisation))
}

/// The vouchers of an issuer.
pub(super) fn vouchers_of(context: &mut Context<'_>, call: vouchersOfCall) -> Outcome<Vec<u64>> {
    let issuer = OrganisationId::new(call.issuer);
    page(context, call.from, call.count, |context, index| {
        Ok(storage::voucher_of(context, issuer, index)?.map(PositionId::get))
    })
}

/// The vouchers that ever were overdue; 0 for those that were paid since.
pub(super) fn overdue(context: &mut Context<'_>, call: overdueCall) -> Outcome<Vec<u64>> {
    page(context, call.from, call.count, |context, index| {
        let Some(id) = storage::overdue(context, index)? else { return Ok(None) };
        let voucher = storage::voucher(context, id)?;
        let is_paid = voucher.state == VoucherState::Closed && voucher.written_off == 0;
        Ok(Some(if is_paid { 0 } else { id.get() }))
    })
}

/// A financing; all zero where there is none.
pub(super) fn financing(
    context: &mut Context<'_>,
    call: financingCall,
) -> Outcome<IReceivables::Financing> {
    let financing = storage::financing(context, FinancingId::new(call.id))?;
    let is_none = financing.position.is_none();
    let position = financing.position;
    let (voucher, recourse) = if is_none {
        (0, false)
    } else {
        let root = BOOK.get(context, position)?.root;
        (root.get(), storage::voucher(context, root)?.has_recourse)
    };
    Ok(IReceivables::Financing {
        position: position.get(),
        voucher,
        seller: financing.seller.get(),
        buyer: financing.buyer.get(),
        amount: financing.amount,
        price: financing.price,
        day: if is_none { 0 } else { financing.day.yyyymmdd() },
        recourse,
        state: financing.state as u8,
        registration: financing.registration,
    })
}

/// The file for the registration of a part that is for sale.
pub(super) fn registration_file(
    context: &mut Context<'_>,
    call: registrationFileCall,
) -> Outcome<String> {
    let position = PositionId::new(call.position);
    let sale = storage::sale(context, position)?;
    ensure(sale.is_open, || NoSale { position: call.position })?;
    let part = BOOK.get(context, position)?;
    let voucher = storage::voucher(context, part.root)?;
    let evidence = storage::evidence(context, part.root)?;
    let mut name = |party: u64| members::organisation_name(context, OrganisationId::new(party));
    Ok(rules::registration_file(&rules::Registration {
        transferor: name(part.holder.get())?,
        transferee: name(part.beneficiary.get())?,
        debtor: name(voucher.issuer.get())?,
        guarantor: name(voucher.guarantor.get())?,
        voucher: part.root.get(),
        part: call.position,
        currency: voucher.currency,
        amount: part.amount,
        price: sale.price,
        issued: voucher.issued,
        due: voucher.due,
        has_recourse: voucher.has_recourse,
        documents: [evidence.purchase_contract, evidence.invoice, evidence.delivery],
    }))
}

/// What an issuer owes in a currency.
pub(super) fn exposure(
    context: &mut Context<'_>,
    call: exposureCall,
) -> Outcome<IReceivables::Exposure> {
    let currency = rules::currency(call.currency)?;
    let issuer = OrganisationId::new(call.issuer);
    let exposure = storage::exposure(context, issuer, currency)?;
    Ok(IReceivables::Exposure {
        outstanding: exposure.outstanding,
        limit: exposure.limit,
        overdueVouchers: storage::overdue_count(context, issuer)?,
    })
}

/// The value of an invoice, and how much of it no voucher uses.
pub(super) fn invoice_balance(
    context: &mut Context<'_>,
    call: invoiceBalanceCall,
) -> Outcome<(u64, u64)> {
    let (seller, buyer) = (OrganisationId::new(call.seller), OrganisationId::new(call.buyer));
    let key = calls::document_key("invoice", seller, buyer, &call.number)?;
    let asset = storage::DOCUMENTS.asset(context, key)?;
    Ok((asset.value, asset.left()))
}

/// A pack of rules.
pub(super) fn pack(_: &mut Context<'_>, call: packCall) -> Outcome<IReceivables::Pack> {
    let pack = rules::pack(call.id)?;
    Ok(IReceivables::Pack {
        name: pack.name.to_owned(),
        citation: pack.citation.to_owned(),
        tenorMonthsUsual: pack.tenor_months_usual,
        tenorMonthsMax: pack.tenor_months_max,
        needsLimit: pack.needs_limit,
        needsRegistration: pack.needs_registration,
        stopsOverdueIssuers: pack.stops_overdue_issuers,
        publishesFees: pack.publishes_fees,
        freesIssuersSuppliers: pack.frees_issuers_suppliers,
    })
}

/// The number of the pack in force.
pub(super) fn pack_in_force(context: &mut Context<'_>, _: packInForceCall) -> Outcome<u8> {
    storage::pack(context)
}

/// The day where the rules of a pack apply.
pub(super) fn today(context: &mut Context<'_>, pack: u8) -> Outcome<Date> {
    Ok(Date::at(context.block_time(), rules::pack(pack)?.minutes_east))
}
