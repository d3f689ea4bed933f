//! From the offer of a voucher to its acceptance.

use qiao_module_kit::{
    Context, Outcome, ensure,
    money::Currency,
    position::PositionId,
    uniqueness::{ClaimId, asset_key},
};

use super::{advance, counterparty, party, require_role, signer};
use crate::{
    members::{self, OrganisationId},
    receivables::{
        abi::IReceivables::{self, *},
        rules, storage,
        types::{Evidence, Exposure, Voucher, VoucherAct, VoucherState},
        views,
    },
};

/// Offers a voucher to its creditor.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `InvalidParty`, `InvalidTerm`: the terms break a rule of the module.
/// - `IssuerOverdue`, `TenorTooLong`, `TenorNeedsReason`, `IssuerOverLimit`: or of the law.
/// - `MatchFailed`, `uniqueness`' `InvalidIdentity`, `AssetDiffers`, `ExceedsBalance`: contract,
///   invoice and delivery do not cover it.
pub(in crate::receivables) fn issue(context: &mut Context<'_>, call: issueCall) -> Outcome<u64> {
    let issuer = signer(context)?;
    let terms = &call.terms;
    let creditor = counterparty(context, terms.creditor, issuer, "creditor")?;
    let pack = storage::pack(context)?;
    let mut voucher = voucher(context, issuer, creditor, pack, terms)?;
    advance(PositionId::NONE, &mut voucher, VoucherAct::Issue)?;
    owe(context, &voucher)?;
    rules::check_match(terms.amount, &call.purchaseContract, &call.invoice, &call.delivery)?;
    let evidence = claim_documents(context, &voucher, &call)?;
    let id = storage::BOOK.issue(context, party(creditor), terms.amount)?;
    storage::add_voucher(context, id, &voucher, &evidence)?;
    context.emit(VoucherIssued {
        voucher: id.get(),
        issuer: issuer.get(),
        creditor: creditor.get(),
        amount: terms.amount,
        currency: terms.currency,
        due: terms.due,
        invoice: evidence.invoice,
    })?;
    Ok(id.get())
}

/// Accepts a voucher: the issuer owes it from here on.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotInRole`: the caller may not.
/// - `UnknownVoucher`, `WrongVoucherState`, `InvalidTerm`: it cannot be accepted any more.
pub(in crate::receivables) fn accept(context: &mut Context<'_>, call: acceptCall) -> Outcome<()> {
    let creditor = signer(context)?;
    let id = PositionId::new(call.voucher);
    let mut voucher = storage::voucher(context, id)?;
    require_role(voucher.creditor == creditor, creditor, "creditor")?;
    let today = views::today(context, voucher.pack)?;
    ensure(voucher.due >= today, || rules::invalid_term("due", "has passed"))?;
    advance(id, &mut voucher, VoucherAct::Accept)?;
    storage::set_voucher(context, id, &voucher)?;
    storage::add_holding(context, creditor, id)?;
    context.emit(VoucherAccepted { voucher: id.get() })
}

/// Declines or withdraws an offered voucher; its documents can be used again.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotInRole`: the caller may not.
/// - `UnknownVoucher`, `WrongVoucherState`: it is not offered.
pub(in crate::receivables) fn decline(context: &mut Context<'_>, call: declineCall) -> Outcome<()> {
    let by = signer(context)?;
    let id = PositionId::new(call.voucher);
    let mut voucher = storage::voucher(context, id)?;
    let is_party = voucher.creditor == by || voucher.issuer == by;
    require_role(is_party, by, "creditor or issuer")?;
    advance(id, &mut voucher, VoucherAct::Decline)?;
    storage::set_voucher(context, id, &voucher)?;
    storage::lower_exposure(context, &voucher, voucher.amount)?;
    let evidence = storage::evidence(context, id)?;
    let issuer = party(voucher.issuer);
    for claim in [evidence.purchase_contract_claim, evidence.invoice_claim, evidence.delivery_claim]
    {
        storage::DOCUMENTS.release(context, issuer, claim, voucher.amount)?;
    }
    storage::BOOK.redeem(context, id, voucher.amount)?;
    context.emit(VoucherVoided { voucher: id.get(), by: by.get() })
}

/// Promises to pay if the issuer does not.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `UnknownVoucher`, `WrongVoucherState`, `AlreadyEndorsed`, `InvalidParty`: it cannot be endorsed.
pub(in crate::receivables) fn endorse(context: &mut Context<'_>, call: endorseCall) -> Outcome<()> {
    let guarantor = signer(context)?;
    let id = PositionId::new(call.voucher);
    let mut voucher = storage::voucher(context, id)?;
    let is_early = matches!(voucher.state, VoucherState::Offered | VoucherState::Live);
    ensure(is_early, || WrongVoucherState { voucher: id.get(), state: voucher.state as u8 })?;
    ensure(voucher.guarantor.is_none(), || AlreadyEndorsed {
        voucher: id.get(),
        guarantor: voucher.guarantor.get(),
    })?;
    ensure(voucher.issuer != guarantor, || InvalidParty {
        organisation: guarantor.get(),
        role: "guarantor".to_owned(),
    })?;
    voucher.guarantor = guarantor;
    storage::set_voucher(context, id, &voucher)?;
    context.emit(VoucherEndorsed { voucher: id.get(), guarantor: guarantor.get() })
}

/// Sets what an issuer may owe in a currency.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotRegulator`: the caller may not.
/// - `InvalidParty`, `InvalidTerm`: there is no such issuer or currency.
pub(in crate::receivables) fn set_limit(
    context: &mut Context<'_>,
    call: setLimitCall,
) -> Outcome<()> {
    members::require_regulator(context, context.caller())?;
    let currency = rules::currency(call.currency)?;
    let issuer = counterparty(context, call.issuer, OrganisationId::NONE, "issuer")?;
    let outstanding = storage::exposure(context, issuer, currency)?.outstanding;
    let exposure = Exposure { outstanding, limit: call.limit };
    storage::set_exposure(context, issuer, currency, &exposure)?;
    context.emit(LimitSet { issuer: call.issuer, currency: call.currency, limit: call.limit })
}

/// Adopts a pack of rules for vouchers that are issued from here on.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotRegulator`: the caller may not.
/// - `UnknownPack`.
pub(in crate::receivables) fn adopt_pack(
    context: &mut Context<'_>,
    call: adoptPackCall,
) -> Outcome<()> {
    members::require_regulator(context, context.caller())?;
    let name = rules::pack(call.pack)?.name.to_owned();
    storage::set_pack(context, call.pack)?;
    context.emit(PackAdopted { pack: call.pack, name })
}

/// What the terms say, if the rules allow it.
fn voucher(
    context: &mut Context<'_>,
    issuer: OrganisationId,
    creditor: OrganisationId,
    pack: u8,
    terms: &IReceivables::Terms,
) -> Outcome<Voucher> {
    ensure(terms.amount > 0, || rules::invalid_term("amount", "must be positive"))?;
    let has_reason = !terms.tenorReason.is_empty();
    if has_reason {
        members::require_text("tenorReason", &terms.tenorReason, rules::REASON_BYTES_MAX)?;
    }
    let issued = views::today(context, pack)?;
    Ok(Voucher {
        issuer,
        creditor,
        guarantor: OrganisationId::NONE,
        amount: terms.amount,
        currency: rules::currency(terms.currency)?,
        issued,
        due: rules::pack(pack)?.check_tenor(issued, terms.due, has_reason)?,
        state: VoucherState::None,
        has_recourse: terms.recourse,
        interest_bearer: rules::interest_bearer(terms.interestBearer)?,
        pack,
        repaid: 0,
        written_off: 0,
    })
}

/// The issuer owes so much more, if the rules allow it.
fn owe(context: &mut Context<'_>, voucher: &Voucher) -> Outcome<()> {
    let (issuer, pack) = (voucher.issuer, rules::pack(voucher.pack)?);
    pack.check_overdue(issuer.get(), storage::overdue_count(context, issuer)?)?;
    let exposure = storage::exposure(context, issuer, voucher.currency)?;
    let Exposure { outstanding, limit } = exposure;
    let outstanding = pack.check_limit(issuer.get(), outstanding, limit, voucher.amount)?;
    storage::set_exposure(context, issuer, voucher.currency, &Exposure { outstanding, limit })
}

/// Uses the voucher's amount of its three documents.
fn claim_documents(
    context: &mut Context<'_>,
    voucher: &Voucher,
    call: &issueCall,
) -> Outcome<Evidence> {
    let contract_claim = claim(context, voucher, "purchase_contract", &call.purchaseContract)?;
    let invoice_claim = claim(context, voucher, "invoice", &call.invoice)?;
    let delivery_claim = claim(context, voucher, "delivery", &call.delivery)?;
    Ok(Evidence {
        purchase_contract: call.purchaseContract.hash,
        invoice: call.invoice.hash,
        delivery: call.delivery.hash,
        purchase_contract_claim: contract_claim,
        invoice_claim,
        delivery_claim,
    })
}

fn claim(
    context: &mut Context<'_>,
    voucher: &Voucher,
    kind: &str,
    document: &Document,
) -> Outcome<ClaimId> {
    let (seller, buyer) = (voucher.creditor, voucher.issuer);
    let key = document_key(kind, seller, buyer, &document.number)?;
    let unit = unit(voucher.currency);
    storage::DOCUMENTS.register(context, key, document.value, unit)?;
    let id = storage::DOCUMENTS.reserve(context, key, party(buyer), voucher.amount, 0)?;
    storage::DOCUMENTS.consume(context, party(buyer), id)?;
    Ok(id)
}

/// The identity of a document: what it is, from whom to whom, and its number.
///
/// EN 16931 identifies an invoice by its number (BT-1) within the seller's; the buyer is part of
/// it here, so that nobody but the buyer can occupy the number with another value.
pub(in crate::receivables) fn document_key(
    kind: &str,
    seller: OrganisationId,
    buyer: OrganisationId,
    number: &str,
) -> Outcome<qiao_types::B256> {
    let (seller, buyer) = (seller.get().to_string(), buyer.get().to_string());
    asset_key(kind, &[("seller", &seller), ("buyer", &buyer), ("number", number)])
}

fn unit(currency: Currency) -> u32 {
    u32::from(currency.number())
}
