//! The sale of a part before it is due, and its return.

use qiao_module_kit::{Context, Outcome, ensure, position::PositionId};

use super::{counterparty, organisation, party, require_role, signer, voucher_of};
use crate::{
    members::OrganisationId,
    receivables::{
        abi::IReceivables::*,
        rules,
        storage::{self, BOOK},
        types::{Financing, FinancingId, FinancingState, Sale, VoucherState},
        views,
    },
};

/// Offers a part for sale: until it is sold or the offer ends, it is locked for the buyer.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `InvalidParty`, `InvalidTerm`, `WrongVoucherState`; the refusals of `position`.
pub(in crate::receivables) fn offer_sale(
    context: &mut Context<'_>,
    call: offerSaleCall,
) -> Outcome<()> {
    let seller = signer(context)?;
    offer(context, seller, PositionId::new(call.position), call.buyer, call.price)
}

/// Ends an offer: the seller before it is accepted or after the day of the voucher, so that nobody
/// keeps it from being paid; the buyer at any time.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `NoSale`, `WrongSaleState`; the refusals of `position`.
pub(in crate::receivables) fn end_sale(
    context: &mut Context<'_>,
    call: endSaleCall,
) -> Outcome<()> {
    let by = signer(context)?;
    let position = PositionId::new(call.position);
    let sale = open_sale(context, position)?;
    if BOOK.get(context, position)?.beneficiary == party(by) {
        BOOK.release(context, party(by), position)?;
    } else {
        let root = BOOK.get(context, position)?.root;
        let voucher = storage::voucher(context, root)?;
        let is_over = views::today(context, voucher.pack)? > voucher.due;
        ensure(!sale.is_accepted || is_over, || WrongSaleState {
            position: call.position,
            accepted: true,
        })?;
        BOOK.reclaim(context, party(by), position)?;
    }
    storage::end_sale(context, position)?;
    context.emit(SaleEnded { position: call.position, by: by.get() })
}

/// Accepts an offer: the buyer will pay, and registered the financing.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotInRole`: the caller may not.
/// - `NoSale`, `WrongSaleState`, `WrongVoucherState`; `RegistrationMissing`, `InvalidTerm`.
pub(in crate::receivables) fn accept_sale(
    context: &mut Context<'_>,
    call: acceptSaleCall,
) -> Outcome<()> {
    let buyer = signer(context)?;
    accept_offer(context, buyer, PositionId::new(call.position), call.registration)
}

/// Delivers a sold part, because the buyer paid outside of the chain.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotInRole`: the caller may not.
/// - `NoSale`, `WrongSaleState`, `WrongVoucherState`; the refusals of `position`.
pub(in crate::receivables) fn complete_sale(
    context: &mut Context<'_>,
    call: completeSaleCall,
) -> Outcome<u64> {
    let seller = signer(context)?;
    let position = PositionId::new(call.position);
    let holder = BOOK.get(context, position)?.holder;
    require_role(holder == party(seller), seller, "seller")?;
    Ok(deliver(context, position)?.get())
}

/// Returns a part to its seller, who paid it back outside of the chain.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotInRole`: the caller may not.
/// - `NoOpenFinancing`, `NoRecourse`, `WrongVoucherState`; the refusals of `position`.
pub(in crate::receivables) fn buy_back(
    context: &mut Context<'_>,
    call: buyBackCall,
) -> Outcome<()> {
    let buyer = signer(context)?;
    let id = FinancingId::new(call.financing);
    let financing = storage::open_financing(context, id)?;
    require_role(financing.buyer == buyer, buyer, "buyer")?;
    return_part(context, id)
}

/// Locks a part for a buyer at a price.
pub(in crate::receivables) fn offer(
    context: &mut Context<'_>,
    seller: OrganisationId,
    position: PositionId,
    buyer: u64,
    price: u64,
) -> Outcome<()> {
    voucher_of(context, position, &[VoucherState::Live])?;
    let buyer = counterparty(context, buyer, seller, "buyer")?;
    let amount = BOOK.get(context, position)?.amount;
    ensure((1..=amount).contains(&price), || {
        rules::invalid_term("price", "must be positive and at most the amount of the part")
    })?;
    BOOK.lock(context, party(seller), position, party(buyer))?;
    let sale = Sale { price, is_open: true, is_accepted: false, registration: String::new() };
    storage::set_sale(context, position, &sale)?;
    let (seller, buyer) = (seller.get(), buyer.get());
    context.emit(SaleOffered { position: position.get(), seller, buyer, price })
}

/// Accepts an offer for a buyer.
pub(in crate::receivables) fn accept_offer(
    context: &mut Context<'_>,
    buyer: OrganisationId,
    position: PositionId,
    registration: String,
) -> Outcome<()> {
    let sale = open_sale(context, position)?;
    let beneficiary = BOOK.get(context, position)?.beneficiary;
    require_role(beneficiary == party(buyer), buyer, "buyer")?;
    ensure(!sale.is_accepted, || WrongSaleState { position: position.get(), accepted: true })?;
    let (_, voucher) = voucher_of(context, position, &[VoucherState::Live])?;
    rules::pack(voucher.pack)?.check_registration(position.get(), &registration)?;
    let sale = Sale { is_accepted: true, registration: registration.clone(), ..sale };
    storage::set_sale(context, position, &sale)?;
    context.emit(SaleAccepted { position: position.get(), buyer: buyer.get(), registration })
}

/// Moves an accepted part to its buyer and opens the financing.
pub(in crate::receivables) fn deliver(
    context: &mut Context<'_>,
    position: PositionId,
) -> Outcome<FinancingId> {
    let sale = open_sale(context, position)?;
    ensure(sale.is_accepted, || WrongSaleState { position: position.get(), accepted: false })?;
    let (_, voucher) = voucher_of(context, position, &[VoucherState::Live])?;
    let part = BOOK.get(context, position)?;
    let (seller, buyer) = (organisation(part.holder), organisation(part.beneficiary));
    BOOK.take(context, part.beneficiary, position)?;
    storage::end_sale(context, position)?;
    storage::add_holding(context, buyer, position)?;
    let financing = Financing {
        position,
        seller,
        buyer,
        amount: part.amount,
        price: sale.price,
        day: views::today(context, voucher.pack)?,
        state: FinancingState::Open,
        registration: sale.registration.clone(),
    };
    let id = storage::add_financing(context, &financing)?;
    context.emit(PartFinanced {
        financing: id.get(),
        position: position.get(),
        seller: seller.get(),
        buyer: buyer.get(),
        amount: part.amount,
        price: sale.price,
        registration: sale.registration,
    })?;
    Ok(id)
}

/// Moves a part back to its seller.
pub(in crate::receivables) fn return_part(
    context: &mut Context<'_>,
    id: FinancingId,
) -> Outcome<()> {
    let financing = storage::open_financing(context, id)?;
    let position = financing.position;
    let (_, voucher) = voucher_of(context, position, &[VoucherState::Live, VoucherState::Overdue])?;
    let has_recourse = voucher.has_recourse;
    ensure(has_recourse, || NoRecourse { financing: id.get() })?;
    BOOK.transfer(context, party(financing.buyer), position, party(financing.seller))?;
    storage::add_holding(context, financing.seller, position)?;
    let closed = Financing { state: FinancingState::BoughtBack, ..financing };
    storage::set_financing(context, id, &closed)?;
    context.emit(PartBoughtBack { financing: id.get(), position: position.get() })
}

fn open_sale(context: &mut Context<'_>, position: PositionId) -> Outcome<Sale> {
    let sale = storage::sale(context, position)?;
    ensure(sale.is_open, || NoSale { position: position.get() })?;
    Ok(sale)
}
