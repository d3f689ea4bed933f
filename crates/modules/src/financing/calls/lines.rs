//! What banks would finance of an issuer's debts.

use qiao_module_kit::{Context, Outcome, ensure};

use super::signer;
use crate::{
    financing::{
        abi::IFinancing::*,
        rules, storage,
        types::{Line, Request, RequestId, RequestState},
    },
    members::{self, OrganisationId},
    receivables,
};

/// Says what the bank would finance of an issuer's debts.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `InvalidFinancing`.
pub(in crate::financing) fn set_line(context: &mut Context<'_>, call: setLineCall) -> Outcome<()> {
    let bank = signer(context)?;
    let currency = rules::currency(call.currency)?;
    let issuer = OrganisationId::new(call.issuer);
    let is_active = members::is_organisation_active(context, issuer)?;
    ensure(is_active && issuer != bank, || {
        rules::invalid("issuer", "must be another organisation that is active")
    })?;
    let drawn = storage::line(context, bank, issuer, currency)?.drawn;
    let line = Line { limit: call.limit, drawn };
    storage::set_line(context, bank, issuer, currency, &line)?;
    let (issuer, currency, limit) = (call.issuer, call.currency, call.limit);
    context.emit(LineSet { bank: bank.get(), issuer, currency, limit })
}

/// Gives back to a line what is repaid or no longer held of an awarded part.
///
/// # Errors
/// `WrongRequestState`.
pub(in crate::financing) fn release_line(
    context: &mut Context<'_>,
    call: releaseLineCall,
) -> Outcome<()> {
    let id = RequestId::new(call.request);
    let mut request = storage::request_in(context, id, RequestState::Awarded)?;
    let part = receivables::part_standing(context, request.position)?;
    let is_with_bank = part.holder == request.best_bank || part.beneficiary == request.best_bank;
    let kept = if is_with_bank { part.amount.min(request.drawn) } else { 0 };
    let freed = request.drawn - kept;
    request.drawn = kept;
    storage::set_request(context, id, &request)?;
    change_drawn(context, &request, |line| Ok(line.drawn.saturating_sub(freed)))
}

/// Draws the line of the best bidder for a request.
pub(in crate::financing) fn draw_line(context: &mut Context<'_>, request: &Request) -> Outcome<()> {
    let (bank, issuer) = (request.best_bank.get(), request.issuer.get());
    change_drawn(context, request, |line| rules::draw(line, bank, issuer, request.amount))
}

fn change_drawn(
    context: &mut Context<'_>,
    request: &Request,
    drawn: impl FnOnce(&Line) -> Outcome<u64>,
) -> Outcome<()> {
    let (bank, issuer, currency) = (request.best_bank, request.issuer, request.currency);
    let mut line = storage::line(context, bank, issuer, currency)?;
    line.drawn = drawn(&line)?;
    storage::set_line(context, bank, issuer, currency, &line)?;
    context.emit(LineDrawn {
        bank: bank.get(),
        issuer: issuer.get(),
        currency: currency.number(),
        drawn: line.drawn,
    })
}
