//! Accounts of money that banks keep, and payments.

use qiao_indexer::RecordQuery;
use qiao_modules::payments::{self, IPayments};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Desk, FinanceError,
    names::{Names, Party},
    records, view, views, words,
};
use crate::Chain;

/// Accounts of one page of the module's views.
const VIEW_PAGE: u64 = 100;
/// Accounts that one answer shows.
const ACCOUNTS_MAX: u64 = 1_000;

/// An account.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its number.
    pub account: u64,
    /// Whose money it is.
    pub owner: Party,
    /// The bank that owes it.
    pub bank: Party,
    /// The letters of the currency.
    pub currency: &'static str,
    /// How much, in the minor unit.
    pub balance: u64,
    /// `open`, `blocked` or `closed`.
    pub state: &'static str,
    /// The currency by its number of ISO 4217.
    #[serde(skip)]
    pub currency_number: u16,
}

/// The books of a bank in a currency.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// The bank.
    pub bank: Party,
    /// The letters of the currency.
    pub currency: &'static str,
    /// What customers brought, in the minor unit.
    pub deposited: u64,
    /// What other banks owe it.
    pub claims: u64,
    /// What customers took.
    pub withdrawn: u64,
    /// What it owes its customers.
    pub balances: u64,
    /// What it owes other banks.
    pub debts: u64,
    /// Whether it may keep accounts in the currency.
    pub licensed: bool,
    /// The currency by its number of ISO 4217.
    #[serde(skip)]
    pub currency_number: u16,
}

/// A payment.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// Its UETR, a UUID.
    pub uetr: String,
    /// The account that paid.
    pub payer: u64,
    /// The account that was paid.
    pub payee: u64,
    /// How much, in the minor unit.
    pub amount: u64,
    /// When, in seconds since the Unix epoch.
    pub time: u64,
}

/// The accounts that an organisation owns.
///
/// # Errors
/// The node cannot answer.
pub async fn owned(
    chain: &dyn Chain,
    names: &Names,
    owner: u64,
) -> Result<Vec<Account>, FinanceError> {
    let mut ids = Vec::new();
    for from in (0..ACCOUNTS_MAX).step_by(VIEW_PAGE as usize) {
        let call = IPayments::accountsOfCall { owner, from, count: VIEW_PAGE };
        let page = view(chain, payments::ADDRESS, call).await?;
        let is_last = (page.len() as u64) < VIEW_PAGE;
        ids.extend(page);
        if is_last {
            break;
        }
    }
    by_number(chain, names, &ids).await
}

/// The accounts that a bank keeps.
///
/// # Errors
/// The node cannot answer.
pub async fn kept(
    chain: &dyn Chain,
    names: &Names,
    bank: u64,
) -> Result<Vec<Account>, FinanceError> {
    let query = RecordQuery::of("payments_account_opened").with("bank", bank);
    let ids = records::numbers(chain, &query, "account").await?;
    by_number(chain, names, &ids).await
}

/// An account, if the desk owns or keeps it, or supervises.
///
/// # Errors
/// There is none that the desk sees.
pub async fn one(
    chain: &dyn Chain,
    names: &Names,
    desk: &Desk,
    id: u64,
) -> Result<Account, FinanceError> {
    let found = by_number(chain, names, &[id]).await?.into_iter().next();
    let is_seen = |account: &Account| {
        let own = desk.organisation;
        desk.is_regulator || account.owner.organisation == own || account.bank.organisation == own
    };
    found.filter(is_seen).ok_or_else(|| FinanceError::unknown("account", id))
}

async fn by_number(
    chain: &dyn Chain,
    names: &Names,
    ids: &[u64],
) -> Result<Vec<Account>, FinanceError> {
    let calls = ids.iter().map(|id| IPayments::accountCall { id: *id });
    let found = views(chain, payments::ADDRESS, calls).await?;
    let known = ids.iter().zip(found).filter(|(_, account)| account.state != 0);
    let shown = known.map(|(id, account)| Account {
        account: *id,
        owner: names.party(account.owner),
        bank: names.party(account.bank),
        currency: words::currency_code(account.currency),
        balance: account.balance,
        state: words::word(&words::ACCOUNT_STATES, account.state),
        currency_number: account.currency,
    });
    Ok(shown.collect())
}

/// The books of a bank, by currency in which it ever was licensed.
///
/// # Errors
/// The node cannot answer.
pub async fn positions(
    chain: &dyn Chain,
    names: &Names,
    bank: u64,
) -> Result<Vec<Position>, FinanceError> {
    let query = RecordQuery::of("payments_bank_licensed").with("bank", bank);
    let currencies = records::numbers(chain, &query, "currency").await?;
    let currencies: Vec<u16> =
        currencies.into_iter().filter_map(|number| u16::try_from(number).ok()).collect();
    let calls =
        currencies.iter().map(|currency| IPayments::sheetCall { bank, currency: *currency });
    let found = views(chain, payments::ADDRESS, calls).await?;
    let shown = currencies.iter().zip(found).map(|(currency, sheet)| Position {
        bank: names.party(bank),
        currency: words::currency_code(*currency),
        deposited: sheet.deposited,
        claims: sheet.claims,
        withdrawn: sheet.withdrawn,
        balances: sheet.balances,
        debts: sheet.debts,
        licensed: sheet.licensed,
        currency_number: *currency,
    });
    Ok(shown.collect())
}

/// A payment, if the desk owns or keeps one of its accounts, or supervises.
///
/// # Errors
/// There is none that the desk sees.
pub async fn payment(
    chain: &dyn Chain,
    names: &Names,
    desk: &Desk,
    uetr: u128,
) -> Result<Payment, FinanceError> {
    let unknown = || FinanceError::unknown("payment", words::uetr(uetr));
    let found = view(chain, payments::ADDRESS, IPayments::paymentCall { uetr }).await?;
    if found.amount == 0 {
        return Err(unknown());
    }
    let payer = one(chain, names, desk, found.payer).await;
    let payee = one(chain, names, desk, found.payee).await;
    if payer.is_err() && payee.is_err() {
        return Err(unknown());
    }
    Ok(Payment {
        uetr: words::uetr(uetr),
        payer: found.payer,
        payee: found.payee,
        amount: found.amount,
        time: found.time,
    })
}
