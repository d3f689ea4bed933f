//! The part of the OpenAPI document about `/finance`.

use utoipa::OpenApi;

use super::{credit, desks, fees, loans, money, parts, payables, vouchers};

/// The routes of the desks.
#[derive(OpenApi)]
#[openapi(
    paths(
        desks::list, desks::exposures, desks::exposure, desks::set_limit,
        vouchers::list, vouchers::issue, vouchers::one, vouchers::parts, vouchers::accept,
        vouchers::decline, vouchers::endorse, vouchers::mark_overdue,
        payables::import, payables::template,
        parts::list, parts::one, parts::certificate, parts::registration, parts::split,
        parts::merge, parts::pass, parts::pledge, parts::release_pledge, parts::enforce_pledge,
        parts::offer, parts::end_offer, parts::accept_offer, parts::complete_offer,
        parts::acknowledge, parts::pass_to_guarantor, parts::write_off, parts::freeze,
        parts::unfreeze,
        credit::lines, credit::set_line, credit::requests, credit::ask, credit::request,
        credit::quote, credit::commit, credit::reveal, credit::award, credit::lapse,
        credit::release_line, credit::offers, credit::financings, credit::buy_back, loans::loans,
        loans::ask_loan, loans::loan, loans::refuse_loan, loans::disburse, loans::repay,
        loans::mark_defaulted, credit::disbursements,
        fees::tariffs, fees::set_tariff, fees::of_part, fees::pay_fee, fees::limits, fees::set_limit,
        money::accounts, money::open_account, money::account, money::deposit, money::withdraw,
        money::block, money::unblock, money::close, money::positions, money::pay, money::payment,
        money::buy_part, money::pay_part, money::pay_guarantee, money::pay_recourse,
        money::license_bank,
    ),
    tags((name = "finance", description = "The desks of supply-chain finance"))
)]
pub(in crate::rest) struct FinanceApi;
