//! `/finance`: the desks of supply-chain finance for programs.
//!
//! Everything is asked and done for one organisation: that of the key, else `?as=NUMBER`, else the
//! node's own. What a module refuses is answered with 409, its code and the rule that it quotes.

pub(super) mod acting;
mod credit;
mod desks;
mod fees;
mod loans;
mod money;
mod openapi;
mod parts;
mod payables;
mod vouchers;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

pub(super) use self::openapi::FinanceApi;
use super::Context;

/// The routes below `/finance`.
pub(super) fn routes() -> Router<Context> {
    Router::new()
        .route("/finance/desks", get(desks::list))
        .route("/finance/vouchers", get(vouchers::list).post(vouchers::issue))
        .route("/finance/vouchers/{voucher}", get(vouchers::one))
        .route("/finance/vouchers/{voucher}/parts", get(vouchers::parts))
        .route("/finance/vouchers/{voucher}/accept", post(vouchers::accept))
        .route("/finance/vouchers/{voucher}/decline", post(vouchers::decline))
        .route("/finance/vouchers/{voucher}/endorse", post(vouchers::endorse))
        .route("/finance/vouchers/{voucher}/mark-overdue", post(vouchers::mark_overdue))
        .route("/finance/payables", post(payables::import))
        .route("/finance/payables/template.xlsx", get(payables::template))
        .route("/finance/exposures", get(desks::exposures).put(desks::set_limit))
        .route("/finance/exposures/{issuer}", get(desks::exposure))
        .merge(part_routes())
        .merge(credit_routes())
        .merge(money_routes())
        .merge(fee_routes())
        .layer(DefaultBodyLimit::disable())
}

fn part_routes() -> Router<Context> {
    Router::new()
        .route("/finance/parts", get(parts::list))
        .route("/finance/parts/{part}", get(parts::one))
        .route("/finance/parts/{part}/certificate.pdf", get(parts::certificate))
        .route("/finance/parts/{part}/registration.csv", get(parts::registration))
        .route("/finance/parts/{part}/split", post(parts::split))
        .route("/finance/parts/{part}/merge", post(parts::merge))
        .route("/finance/parts/{part}/pass", post(parts::pass))
        .route("/finance/parts/{part}/pledge", post(parts::pledge))
        .route("/finance/parts/{part}/release-pledge", post(parts::release_pledge))
        .route("/finance/parts/{part}/enforce-pledge", post(parts::enforce_pledge))
        .route("/finance/parts/{part}/offer", post(parts::offer))
        .route("/finance/parts/{part}/end-offer", post(parts::end_offer))
        .route("/finance/parts/{part}/accept-offer", post(parts::accept_offer))
        .route("/finance/parts/{part}/complete-offer", post(parts::complete_offer))
        .route("/finance/parts/{part}/acknowledge", post(parts::acknowledge))
        .route("/finance/parts/{part}/pass-to-guarantor", post(parts::pass_to_guarantor))
        .route("/finance/parts/{part}/write-off", post(parts::write_off))
        .route("/finance/parts/{part}/freeze", post(parts::freeze))
        .route("/finance/parts/{part}/unfreeze", post(parts::unfreeze))
}

fn credit_routes() -> Router<Context> {
    Router::new()
        .route("/finance/lines", get(credit::lines).put(credit::set_line))
        .route("/finance/requests", get(credit::requests).post(credit::ask))
        .route("/finance/requests/{request}", get(credit::request))
        .route("/finance/requests/{request}/quote", post(credit::quote))
        .route("/finance/requests/{request}/commit", post(credit::commit))
        .route("/finance/requests/{request}/reveal", post(credit::reveal))
        .route("/finance/requests/{request}/award", post(credit::award))
        .route("/finance/requests/{request}/lapse", post(credit::lapse))
        .route("/finance/requests/{request}/release-line", post(credit::release_line))
        .route("/finance/offers", get(credit::offers))
        .route("/finance/financings", get(credit::financings))
        .route("/finance/financings/{financing}/buy-back", post(credit::buy_back))
        .route("/finance/loans", get(loans::loans).post(loans::ask_loan))
        .route("/finance/loans/{loan}", get(loans::loan))
        .route("/finance/loans/{loan}/refuse", post(loans::refuse_loan))
        .route("/finance/loans/{loan}/disburse", post(loans::disburse))
        .route("/finance/loans/{loan}/repay", post(loans::repay))
        .route("/finance/loans/{loan}/mark-defaulted", post(loans::mark_defaulted))
        .route("/finance/disbursements", get(credit::disbursements))
}

fn fee_routes() -> Router<Context> {
    Router::new()
        .route("/finance/tariffs", get(fees::tariffs).put(fees::set_tariff))
        .route("/finance/parts/{part}/fees", get(fees::of_part).post(fees::pay_fee))
        .route("/finance/fee-limits", get(fees::limits).put(fees::set_limit))
}

fn money_routes() -> Router<Context> {
    Router::new()
        .route("/finance/accounts", get(money::accounts).post(money::open_account))
        .route("/finance/accounts/{account}", get(money::account))
        .route("/finance/accounts/{account}/deposit", post(money::deposit))
        .route("/finance/accounts/{account}/withdraw", post(money::withdraw))
        .route("/finance/accounts/{account}/block", post(money::block))
        .route("/finance/accounts/{account}/unblock", post(money::unblock))
        .route("/finance/accounts/{account}/close", post(money::close))
        .route("/finance/positions", get(money::positions))
        .route("/finance/payments", post(money::pay))
        .route("/finance/payments/{uetr}", get(money::payment))
        .route("/finance/parts/{part}/buy", post(money::buy_part))
        .route("/finance/parts/{part}/pay", post(money::pay_part))
        .route("/finance/parts/{part}/pay-guarantee", post(money::pay_guarantee))
        .route("/finance/financings/{financing}/pay-recourse", post(money::pay_recourse))
        .route("/finance/licences", post(money::license_bank))
}
