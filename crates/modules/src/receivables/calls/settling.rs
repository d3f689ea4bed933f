//! For siblings that pay: what moves a part while money moves the other way, in one transaction.
//!
//! None of these asks who called: the sibling has made sure that the payer signed, and pays what the
//! result says, or the transaction is refused as a whole.

use qiao_module_kit::{
    Context, Outcome,
    calendar::Date,
    money::Currency,
    position::{PositionId, PositionState},
};

use super::{duties, organisation, parts, require_role, sales};
use crate::{
    members::OrganisationId,
    receivables::{
        ADDRESS,
        storage::{self, BOOK},
        types::{FinancingId, InterestBearer, VoucherState},
        views,
    },
};

/// Whom the sibling has to pay, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Who is to be paid.
    pub payee: OrganisationId,
    /// How much.
    pub amount: u64,
    /// In which currency.
    pub currency: Currency,
}

/// Delivers a part that is for sale to its buyer, who pays the price.
///
/// # Errors
/// Those of `acceptSale` and `completeSale`.
pub fn settle_sale(
    context: &mut Context<'_>,
    buyer: OrganisationId,
    position: PositionId,
    registration: String,
) -> Outcome<(FinancingId, Due)> {
    context.on(ADDRESS, |context| {
        let is_accepted = storage::sale(context, position)?.is_accepted;
        let part = BOOK.get(context, position)?;
        if is_accepted {
            require_role(organisation(part.beneficiary) == buyer, buyer, "buyer")?;
        } else {
            sales::accept_offer(context, buyer, position, registration)?;
        }
        let id = sales::deliver(context, position)?;
        let amount = storage::financing(context, id)?.price;
        Ok((id, due(context, organisation(part.holder), amount, part.root)?))
    })
}

/// Takes an amount off a part, which its payee receives.
///
/// # Errors
/// Those of `acknowledge`.
pub fn settle_repayment(
    context: &mut Context<'_>,
    position: PositionId,
    amount: u64,
) -> Outcome<Due> {
    context.on(ADDRESS, |context| {
        let payee = parts::payee(context, position)?;
        let root = BOOK.get(context, position)?.root;
        duties::repay(context, position, amount)?;
        due(context, payee, amount, root)
    })
}

/// Passes a part of an overdue voucher to its guarantor, who pays the holder all of it.
///
/// # Errors
/// Those of `passToGuarantor`; `NotInRole` if it is not the guarantor.
pub fn settle_guarantee(
    context: &mut Context<'_>,
    guarantor: OrganisationId,
    position: PositionId,
) -> Outcome<Due> {
    context.on(ADDRESS, |context| {
        let part = BOOK.get(context, position)?;
        let is_guarantor = storage::voucher(context, part.root)?.guarantor == guarantor;
        require_role(is_guarantor, guarantor, "guarantor")?;
        let holder = organisation(part.holder);
        duties::subrogate(context, holder, position)?;
        due(context, holder, part.amount, part.root)
    })
}

/// Returns a part under recourse to its seller, who pays what is left of it.
///
/// # Errors
/// Those of `buyBack`; `NotInRole` if it is not the seller.
pub fn settle_return(
    context: &mut Context<'_>,
    seller: OrganisationId,
    id: FinancingId,
) -> Outcome<Due> {
    context.on(ADDRESS, |context| {
        let financing = storage::open_financing(context, id)?;
        require_role(financing.seller == seller, seller, "seller")?;
        let part = BOOK.get(context, financing.position)?;
        sales::return_part(context, id)?;
        due(context, financing.buyer, part.amount, part.root)
    })
}

fn due(
    context: &mut Context<'_>,
    payee: OrganisationId,
    amount: u64,
    root: PositionId,
) -> Outcome<Due> {
    let currency = storage::voucher(context, root)?.currency;
    Ok(Due { payee, amount, currency })
}

/// What a sibling that lends needs to know of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartStanding {
    /// Who holds it.
    pub holder: OrganisationId,
    /// For whom it is locked, or to whom it is pledged; none if it is free.
    pub beneficiary: OrganisationId,
    /// Whether it is pledged.
    pub is_pledged: bool,
    /// Whether it can still be sold or pledged: its voucher is live, nobody froze it.
    pub is_current: bool,
    /// How much is owed on it.
    pub amount: u64,
    /// Who owes it.
    pub issuer: OrganisationId,
    /// In which currency.
    pub currency: Currency,
    /// When it is due.
    pub due: Date,
    /// Today, where its rules apply.
    pub today: Date,
    /// Who bears the cost of a financing.
    pub interest_bearer: InterestBearer,
    /// The number of the pack of rules under which its voucher was issued.
    pub pack: u8,
}

impl PartStanding {
    /// Who bears what a financing costs, interest and fees alike.
    pub fn bearer(&self) -> OrganisationId {
        match self.interest_bearer {
            InterestBearer::Holder => self.holder,
            InterestBearer::Issuer => self.issuer,
        }
    }
}

/// What is known of a part.
///
/// # Errors
/// `position`'s `UnknownPosition`.
pub fn part_standing(context: &mut Context<'_>, position: PositionId) -> Outcome<PartStanding> {
    context.on(ADDRESS, |context| {
        let part = BOOK.get(context, position)?;
        let voucher = storage::voucher(context, part.root)?;
        Ok(PartStanding {
            holder: organisation(part.holder),
            beneficiary: organisation(part.beneficiary),
            is_pledged: part.state == PositionState::Pledged,
            is_current: voucher.state == VoucherState::Live && !part.is_frozen,
            amount: part.amount,
            issuer: voucher.issuer,
            currency: voucher.currency,
            due: voucher.due,
            today: views::today(context, voucher.pack)?,
            interest_bearer: voucher.interest_bearer,
            pack: voucher.pack,
        })
    })
}

/// Offers a part for sale for its holder.
///
/// # Errors
/// Those of `offerSale`.
pub fn offer_for(
    context: &mut Context<'_>,
    seller: OrganisationId,
    position: PositionId,
    buyer: OrganisationId,
    price: u64,
) -> Outcome<()> {
    context.on(ADDRESS, |context| sales::offer(context, seller, position, buyer.get(), price))
}

/// Releases a pledged part for its pledgee.
///
/// # Errors
/// Those of `releasePledge`.
pub fn release_for(
    context: &mut Context<'_>,
    pledgee: OrganisationId,
    position: PositionId,
) -> Outcome<()> {
    context.on(ADDRESS, |context| parts::release(context, pledgee, position))
}
