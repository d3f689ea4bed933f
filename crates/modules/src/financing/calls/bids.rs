//! Bids for parts of vouchers, open or sealed.

use alloy_primitives::B256;
use qiao_module_kit::{Context, Outcome, ensure, position::PositionId};

use super::{lines::draw_line, signer};
use crate::{
    financing::{
        abi::IFinancing::*,
        rules, storage,
        types::{Bid, Request, RequestAct, RequestId, RequestState},
    },
    members::OrganisationId,
    receivables,
};

/// Asks for bids for a part.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `InvalidFinancing`, `UnfitPart`; `position`'s `UnknownPosition`.
pub(in crate::financing) fn ask(context: &mut Context<'_>, call: askCall) -> Outcome<u64> {
    let seller = signer(context)?;
    let now = context.block_time();
    rules::check_phases(now, call.isSealed, call.bidsUntil, call.revealsUntil)?;
    let position = PositionId::new(call.position);
    let part = receivables::part_standing(context, position)?;
    let is_fit = part.holder == seller && part.beneficiary.is_none() && part.is_current;
    ensure(is_fit, || {
        rules::unfit(call.position, "must be held freely by the caller, of a live voucher")
    })?;
    let state = rules::after(RequestState::None, RequestAct::Ask);
    let request = Request {
        position,
        seller,
        issuer: part.issuer,
        amount: part.amount,
        currency: part.currency,
        is_sealed: call.isSealed,
        state: state.expect("a request can be asked for"),
        bids: 0,
        bids_until: call.bidsUntil,
        reveals_until: call.revealsUntil,
        best_bank: OrganisationId::NONE,
        best_price: 0,
        best_order: 0,
        drawn: 0,
    };
    let id = storage::add_request(context, &request)?;
    context.emit(BidsAsked {
        request: id.get(),
        position: call.position,
        seller: seller.get(),
        isSealed: call.isSealed,
        bidsUntil: call.bidsUntil,
        revealsUntil: call.revealsUntil,
    })?;
    Ok(id.get())
}

/// Bids openly.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `WrongRequestState`, `WrongBidKind`, `NotNow`, `TooManyBids`, `WrongBid`.
/// - `InvalidFinancing`, `LineExceeded`.
pub(in crate::financing) fn quote(context: &mut Context<'_>, call: quoteCall) -> Outcome<()> {
    let (bank, id, request) = bidding(context, call.request, false)?;
    let bid = storage::bid(context, id, bank)?;
    let is_higher = call.price > bid.price;
    ensure(is_higher, || WrongBid { request: id.get(), bank: bank.get() })?;
    let (mut request, order) = next_order(request, id, bid.order)?;
    check_price(context, &request, bank, call.price)?;
    let bid = Bid { commitment: B256::ZERO, price: call.price, order };
    storage::set_bid(context, id, bank, &bid)?;
    compare(&mut request, bank, call.price, order);
    storage::set_request(context, id, &request)?;
    context.emit(BidMade { request: id.get(), bank: bank.get(), price: call.price })
}

/// Bids by a hash.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `WrongRequestState`, `WrongBidKind`, `NotNow`, `TooManyBids`, `WrongBid`, `InvalidFinancing`.
pub(in crate::financing) fn commit(context: &mut Context<'_>, call: commitCall) -> Outcome<()> {
    let (bank, id, request) = bidding(context, call.request, true)?;
    ensure(!call.commitment.is_zero(), || rules::invalid("commitment", "must not be zero"))?;
    let bid = storage::bid(context, id, bank)?;
    ensure(bid.order == 0, || WrongBid { request: id.get(), bank: bank.get() })?;
    let (request, order) = next_order(request, id, 0)?;
    let bid = Bid { commitment: call.commitment, price: 0, order };
    storage::set_bid(context, id, bank, &bid)?;
    storage::set_request(context, id, &request)?;
    let commitment = call.commitment;
    context.emit(BidSealed { request: id.get(), bank: bank.get(), commitment })
}

/// Shows what was committed to.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `WrongRequestState`, `WrongBidKind`, `NotNow`, `WrongBid`.
/// - `InvalidFinancing`, `LineExceeded`.
pub(in crate::financing) fn reveal(context: &mut Context<'_>, call: revealCall) -> Outcome<()> {
    let bank = signer(context)?;
    let id = RequestId::new(call.request);
    let mut request = storage::request_in(context, id, RequestState::Open)?;
    require_kind(&request, id, true)?;
    let now = context.block_time();
    let is_time = now > request.bids_until && now <= request.reveals_until;
    ensure(is_time, || not_now(id, &request))?;
    let bid = storage::bid(context, id, bank)?;
    let commitment = rules::commitment(id.get(), bank.get(), call.price, call.salt);
    let is_own = bid.order > 0 && bid.price == 0 && bid.commitment == commitment;
    ensure(is_own, || WrongBid { request: id.get(), bank: bank.get() })?;
    check_price(context, &request, bank, call.price)?;
    let order = bid.order;
    storage::set_bid(context, id, bank, &Bid { price: call.price, ..bid })?;
    compare(&mut request, bank, call.price, order);
    storage::set_request(context, id, &request)?;
    context.emit(BidMade { request: id.get(), bank: bank.get(), price: call.price })
}

/// Offers the part to the best bidder at its price, and draws its line.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `WrongRequestState`, `NotNow`, `NoBids`, `UnfitPart`, `LineExceeded`.
/// - Those of `receivables`' `offerSale`.
pub(in crate::financing) fn award(context: &mut Context<'_>, call: awardCall) -> Outcome<()> {
    let (id, mut request) = own_request(context, call.request, RequestAct::Award)?;
    let is_over = context.block_time() > request.reveals_until;
    ensure(is_over, || not_now(id, &request))?;
    ensure(!request.best_bank.is_none(), || NoBids { request: id.get() })?;
    let part = receivables::part_standing(context, request.position)?;
    let is_same = part.amount == request.amount;
    ensure(is_same, || {
        rules::unfit(request.position.get(), "must hold what it held when bids were asked")
    })?;
    draw_line(context, &request)?;
    request.drawn = request.amount;
    let (bank, price) = (request.best_bank, request.best_price);
    receivables::offer_for(context, request.seller, request.position, bank, price)?;
    storage::set_request(context, id, &request)?;
    context.emit(RequestAwarded { request: id.get(), bank: bank.get(), price })
}

/// Takes the request back.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `WrongRequestState`, `UnfitPart`.
pub(in crate::financing) fn lapse(context: &mut Context<'_>, call: lapseCall) -> Outcome<()> {
    let (id, request) = own_request(context, call.request, RequestAct::Lapse)?;
    storage::set_request(context, id, &request)?;
    context.emit(RequestLapsed { request: id.get() })
}

/// The bank that may bid now, and the request.
fn bidding(
    context: &mut Context<'_>,
    number: u64,
    is_sealed: bool,
) -> Outcome<(OrganisationId, RequestId, Request)> {
    let bank = signer(context)?;
    let id = RequestId::new(number);
    let request = storage::request_in(context, id, RequestState::Open)?;
    require_kind(&request, id, is_sealed)?;
    let is_time = context.block_time() <= request.bids_until;
    ensure(is_time, || not_now(id, &request))?;
    let is_other = bank != request.seller;
    ensure(is_other, || WrongBid { request: number, bank: bank.get() })?;
    Ok((bank, id, request))
}

/// A request of the caller, moved to its next state.
fn own_request(
    context: &mut Context<'_>,
    number: u64,
    act: RequestAct,
) -> Outcome<(RequestId, Request)> {
    let seller = signer(context)?;
    let id = RequestId::new(number);
    let mut request = storage::request(context, id)?;
    let refusal = WrongRequestState { request: number, state: request.state as u8 };
    request.state = rules::after(request.state, act).ok_or(refusal)?;
    let is_own = request.seller == seller;
    ensure(is_own, || rules::unfit(request.position.get(), "must be the caller's own request"))?;
    Ok((id, request))
}

/// The order of a bid: its own, or the next.
fn next_order(mut request: Request, id: RequestId, own: u32) -> Outcome<(Request, u32)> {
    if own > 0 {
        return Ok((request, own));
    }
    ensure(request.bids < rules::BIDS_MAX, || TooManyBids {
        request: id.get(),
        max: rules::BIDS_MAX,
    })?;
    request.bids += 1;
    let order = request.bids;
    Ok((request, order))
}

/// A price is positive, at most what is owed, and within the bank's line.
fn check_price(
    context: &mut Context<'_>,
    request: &Request,
    bank: OrganisationId,
    price: u64,
) -> Outcome<()> {
    ensure((1..=request.amount).contains(&price), || {
        rules::invalid("price", "must be positive and at most the amount of the part")
    })?;
    let line = storage::line(context, bank, request.issuer, request.currency)?;
    rules::draw(&line, bank.get(), request.issuer.get(), request.amount).map(drop)
}

/// Makes a bid the best, if it is.
fn compare(request: &mut Request, bank: OrganisationId, price: u64, order: u32) {
    if rules::is_better(request, price, order) {
        request.best_bank = bank;
        request.best_price = price;
        request.best_order = order;
    }
}

fn require_kind(request: &Request, id: RequestId, is_sealed: bool) -> Outcome<()> {
    ensure(request.is_sealed == is_sealed, || WrongBidKind {
        request: id.get(),
        isSealed: request.is_sealed,
    })
}

fn not_now(id: RequestId, request: &Request) -> NotNow {
    NotNow { request: id.get(), bidsUntil: request.bids_until, revealsUntil: request.reveals_until }
}
