//! Accounts of money, payments, and delivery against payment.

use axum::{Json, body::Body, extract::Path, http::HeaderMap, response::Response};
use qiao_modules::payments::{self, IPayments::*};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    acting::{Acted, Acting, Asked, For, calls, json},
    vouchers::Nothing,
};
use crate::{
    finance::{
        FinanceError,
        accounts::{self, Account, Payment, Position},
        words,
    },
    rest::problem::Problem,
};

/// Of which side.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OnSide {
    /// `owner` (if absent) or `bank`: those that the desk keeps.
    side: Option<String>,
}

/// The accounts that the desk owns, or (`side=bank`) keeps.
#[utoipa::path(
    get,
    operation_id = "accounts",
    path = "/finance/accounts",
    tag = "finance",
    params(OnSide, For),
    responses((status = 200, body = Vec<Account>))
)]
pub(in crate::rest) async fn accounts(
    acting: Acting,
    Asked(OnSide { side }): Asked<OnSide>,
) -> Result<Json<Vec<Account>>, Box<Problem>> {
    let (chain, names, own) = (acting.chain(), &acting.names, acting.desk.organisation);
    Ok(Json(match side.as_deref() {
        None | Some("owner") => accounts::owned(chain, names, own).await?,
        Some("bank") => accounts::kept(chain, names, own).await?,
        Some(_) => return Err(FinanceError::input("side", "must be owner or bank").into()),
    }))
}

/// One account that the desk owns or keeps.
#[utoipa::path(
    get,
    operation_id = "account",
    path = "/finance/accounts/{account}",
    tag = "finance",
    params(("account" = u64, Path), For),
    responses(
        (status = 200, body = Account),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn account(
    acting: Acting,
    Path(account): Path<u64>,
) -> Result<Json<Account>, Box<Problem>> {
    Ok(Json(accounts::one(acting.chain(), &acting.names, &acting.desk, account).await?))
}

/// The books of the desk as a bank, by currency.
#[utoipa::path(
    get,
    operation_id = "positions",
    path = "/finance/positions",
    tag = "finance",
    params(For),
    responses((status = 200, body = Vec<Position>))
)]
pub(in crate::rest) async fn positions(
    acting: Acting,
) -> Result<Json<Vec<Position>>, Box<Problem>> {
    let own = acting.desk.organisation;
    Ok(Json(accounts::positions(acting.chain(), &acting.names, own).await?))
}

/// A payment of an account that the desk owns or keeps, by its UETR.
#[utoipa::path(
    get,
    operation_id = "payment",
    path = "/finance/payments/{uetr}",
    tag = "finance",
    params(("uetr" = String, Path), For),
    responses(
        (status = 200, body = Payment),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn payment(
    acting: Acting,
    Path(uetr): Path<String>,
) -> Result<Json<Payment>, Box<Problem>> {
    let uetr = words::read_uetr("uetr", &uetr)?;
    Ok(Json(accounts::payment(acting.chain(), &acting.names, &acting.desk, uetr).await?))
}

/// An account to be opened.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountGiven {
    /// For whom, by number.
    owner: u64,
    /// The letters of the currency.
    currency: String,
}

/// Opens an account, as a bank; its number is that of the account.
#[utoipa::path(
    post,
    operation_id = "open_account",
    path = "/finance/accounts",
    tag = "finance",
    params(For),
    request_body(content = AccountGiven),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn open_account(
    acting: Acting,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let given: AccountGiven = json(&acting.context, &headers, body).await?;
    let currency = words::read_currency("currency", &given.currency)?.number();
    acting.make(payments::ADDRESS, openAccountCall { owner: given.owner, currency }).await
}

/// A payment to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PaymentGiven {
    /// Its UETR, a fresh UUID: sent twice, it pays once.
    uetr: String,
    /// The account that pays.
    payer: u64,
    /// The account that is paid.
    payee: u64,
    /// How much, in the minor unit.
    amount: u64,
    /// What for.
    #[serde(default)]
    remittance: String,
}

/// Pays from one account to another.
#[utoipa::path(
    post,
    operation_id = "pay",
    path = "/finance/payments",
    tag = "finance",
    params(For),
    request_body(content = PaymentGiven),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn pay(
    acting: Acting,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let given: PaymentGiven = json(&acting.context, &headers, body).await?;
    let call = payCall {
        uetr: words::read_uetr("uetr", &given.uetr)?,
        payer: given.payer,
        payee: given.payee,
        amount: given.amount,
        remittance: given.remittance,
    };
    acting.act(payments::ADDRESS, call).await
}

/// A licence.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LicenceGiven {
    /// The bank, by number.
    bank: u64,
    /// The letters of the currency.
    currency: String,
    /// Whether it has the licence from then on.
    licensed: bool,
}

/// Licenses a bank to keep accounts in a currency, as a regulator.
#[utoipa::path(
    post,
    operation_id = "license_bank",
    path = "/finance/licences",
    tag = "finance",
    params(For),
    request_body(content = LicenceGiven),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::rest) async fn license_bank(
    acting: Acting,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let given: LicenceGiven = json(&acting.context, &headers, body).await?;
    let currency = words::read_currency("currency", &given.currency)?.number();
    let call = licenseBankCall { bank: given.bank, currency, licensed: given.licensed };
    acting.act(payments::ADDRESS, call).await
}

/// An amount with what it is for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MoneyGiven {
    /// How much, in the minor unit.
    amount: u64,
    /// What for.
    #[serde(default)]
    remittance: String,
}

/// A reason.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockReason {
    /// Why.
    reason: String,
}

/// A purchase of a part.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PurchaseGiven {
    /// The payment's UETR, a fresh UUID.
    uetr: String,
    /// The number of the registration; not looked at where the offer was accepted before.
    #[serde(default)]
    registration: String,
    /// The buyer's account.
    payer: u64,
    /// The seller's account.
    payee: u64,
}

/// A payment on a part.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PartPaymentGiven {
    /// The payment's UETR, a fresh UUID.
    uetr: String,
    /// How much, in the minor unit.
    amount: u64,
    /// The account that pays.
    payer: u64,
    /// The holder's account, or the pledgee's.
    payee: u64,
}

/// Accounts of a payment whose amount is known.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FullPaymentGiven {
    /// The payment's UETR, a fresh UUID.
    uetr: String,
    /// The account that pays.
    payer: u64,
    /// The account that is paid.
    payee: u64,
}

calls! {
    /// Issues money into an account, as its bank.
    act deposit "/finance/accounts/{account}/deposit" "account" MoneyGiven
        => payments::ADDRESS, |account, given| depositCall {
            account, amount: given.amount, remittance: given.remittance,
        };
    /// Withdraws money from an account.
    act withdraw "/finance/accounts/{account}/withdraw" "account" MoneyGiven
        => payments::ADDRESS, |account, given| withdrawCall {
            account, amount: given.amount, remittance: given.remittance,
        };
    /// Blocks an account, as its bank: nothing leaves it.
    act block "/finance/accounts/{account}/block" "account" BlockReason
        => payments::ADDRESS, |account, given| blockAccountCall { account, reason: given.reason };
    /// Unblocks an account, as its bank.
    act unblock "/finance/accounts/{account}/unblock" "account" Nothing
        => payments::ADDRESS, |account, _given| unblockAccountCall { account };
    /// Closes an empty account.
    act close "/finance/accounts/{account}/close" "account" Nothing
        => payments::ADDRESS, |account, _given| closeAccountCall { account };
    /// Buys a part that is offered: part and price move together. Its number is that of the financing.
    make buy_part "/finance/parts/{part}/buy" "part" PurchaseGiven
        => payments::ADDRESS, |position, given| buyPartCall {
            uetr: words::read_uetr("uetr", &given.uetr)?,
            position,
            registration: given.registration,
            payer: given.payer,
            payee: given.payee,
        };
    /// Pays an amount of a part to its holder.
    act pay_part "/finance/parts/{part}/pay" "part" PartPaymentGiven
        => payments::ADDRESS, |position, given| payPartCall {
            uetr: words::read_uetr("uetr", &given.uetr)?,
            position,
            amount: given.amount,
            payer: given.payer,
            payee: given.payee,
        };
    /// Pays a part of an overdue voucher, as its guarantor, and receives it.
    act pay_guarantee "/finance/parts/{part}/pay-guarantee" "part" FullPaymentGiven
        => payments::ADDRESS, |position, given| payGuaranteeCall {
            uetr: words::read_uetr("uetr", &given.uetr)?,
            position,
            payer: given.payer,
            payee: given.payee,
        };
    /// Pays a financed part back, as its seller, and receives it.
    act pay_recourse "/finance/financings/{financing}/pay-recourse" "financing" FullPaymentGiven
        => payments::ADDRESS, |financing, given| payRecourseCall {
            uetr: words::read_uetr("uetr", &given.uetr)?,
            financing,
            payer: given.payer,
            payee: given.payee,
        };
}
