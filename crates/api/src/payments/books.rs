//! Messages out: statements, notifications, settlements between banks; and where a payment is.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use alloy_primitives::B256;
use jiff::{Timestamp, tz::TimeZone};
use qiao_iso20022::{
    AccountId, Amount, Balance, BalanceKind, CreditTransfer, Party, Report, ReportKind, Settlement,
};
use qiao_module_kit::money::Currency;
use qiao_modules::payments::{ADDRESS, IPayments};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    PaymentsError, Reference,
    entries::{self, Movement, Period},
    reference::uetr_text,
};
use crate::{
    Chain,
    finance::{self, view},
};

/// Where a payment is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Track {
    /// Its UETR.
    pub uetr: String,
    /// `settled`: a payment on the chain is final or is not there.
    pub state: &'static str,
    /// The account that paid; absent where the money came from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<u64>,
    /// The account that was paid.
    pub payee: u64,
    /// The bank of the payer, by its organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer_bank: Option<u64>,
    /// The bank of the payee.
    pub payee_bank: u64,
    /// How much, in the minor unit.
    pub amount: u64,
    /// The letters of the currency.
    pub currency: &'static str,
    /// The end-to-end identification; empty where none was given.
    pub end_to_end_id: String,
    /// What for.
    pub remittance: String,
    /// When it was final, in UTC.
    pub settled_at: String,
    /// The transaction.
    #[schema(value_type = String)]
    pub transaction: B256,
    /// The block in which it is final.
    pub block: u64,
}

/// Where a payment is, by its UETR.
///
/// # Errors
/// [`PaymentsError::UnknownPayment`], also where the node's organisation has no part in it.
pub async fn track(chain: &Arc<dyn Chain>, uetr: u128) -> Result<Track, PaymentsError> {
    let unknown = || PaymentsError::UnknownPayment(uetr_text(uetr));
    let own = finance::own_organisation(chain).await?.ok_or(PaymentsError::Nobody)?;
    let found = entries::with_uetr(&**chain, uetr).await?.ok_or_else(unknown)?;
    let payer = account(&**chain, found.payer).await?;
    let payee = account(&**chain, found.payee).await?;
    let takes_part = |account: &IPayments::Account| account.owner == own || account.bank == own;
    if !takes_part(&payer) && !takes_part(&payee) && !is_regulator(chain).await? {
        return Err(unknown());
    }
    let reference = Reference::read(&found.remittance);
    let is_inside = found.payer != 0;
    Ok(Track {
        uetr: uetr_text(uetr),
        state: "settled",
        payer: is_inside.then_some(found.payer),
        payee: found.payee,
        payer_bank: is_inside.then_some(payer.bank),
        payee_bank: payee.bank,
        amount: found.amount,
        currency: Currency::from_number(payee.currency).unwrap_or_default().code(),
        end_to_end_id: reference.end_to_end_id,
        remittance: reference.text,
        settled_at: instant(found.time_ms),
        transaction: found.transaction,
        block: found.place.0,
    })
}

/// The statement of an account over a period, or the notification of what happened in it.
///
/// # Errors
/// [`PaymentsError::UnknownAccount`], also where the node's organisation neither owns nor keeps it.
pub async fn report(
    chain: &Arc<dyn Chain>,
    kind: ReportKind,
    number: u64,
    period: Period,
) -> Result<Report, PaymentsError> {
    let own = finance::own_organisation(chain).await?.ok_or(PaymentsError::Nobody)?;
    let account = account(&**chain, number).await?;
    let is_own = account.owner == own || account.bank == own;
    if account.state == 0 || !(is_own || is_regulator(chain).await?) {
        return Err(PaymentsError::UnknownAccount(number));
    }
    let currency = Currency::from_number(account.currency).unwrap_or_default();
    let movements = entries::of_account(&**chain, number).await?;
    let mut opening: i128 = 0;
    let mut closing: i128 = 0;
    let mut entries = Vec::new();
    for movement in movements {
        if movement.time_ms >= period.to_ms {
            break;
        }
        let is_credit = movement.payee == number;
        let signed =
            if is_credit { i128::from(movement.amount) } else { -i128::from(movement.amount) };
        closing += signed;
        if movement.time_ms < period.from_ms {
            opening += signed;
        } else {
            entries.push(entry(currency, is_credit, movement)?);
        }
    }
    let (from, to) = (day(period.from_ms), day(period.to_ms.saturating_sub(1)));
    let balances = match kind {
        ReportKind::Statement => vec![
            balance(BalanceKind::Opening, currency, opening, &from)?,
            balance(BalanceKind::Closing, currency, closing, &to)?,
        ],
        ReportKind::Notification => Vec::new(),
    };
    let letter = if kind == ReportKind::Statement { "S" } else { "N" };
    let id = format!("{letter}{number}-{}-{}", plain(&from), plain(&to));
    Ok(Report {
        kind,
        message_id: id.clone(),
        created: instant(chain.head().timestamp_ms),
        id,
        account: AccountId::Other(number.to_string()),
        balances,
        entries,
    })
}

/// The payments of a period from customers of the node's organisation to customers of other banks: what
/// it tells those banks.
///
/// # Errors
/// Those of the chain and the index.
pub async fn interbank(
    chain: &Arc<dyn Chain>,
    period: Period,
) -> Result<Settlement, PaymentsError> {
    let own = finance::own_organisation(chain).await?.ok_or(PaymentsError::Nobody)?;
    let organisations = chain.index().organisations().await;
    let organisations = organisations.map_err(|error| PaymentsError::Failed(error.to_string()))?;
    let names: BTreeMap<u64, String> =
        organisations.into_iter().map(|one| (one.id, one.name)).collect();
    let mut accounts: BTreeMap<u64, IPayments::Account> = BTreeMap::new();
    let mut transfers = Vec::new();
    for paid in entries::payments(&**chain).await? {
        if !period.holds(paid.time_ms) {
            continue;
        }
        for number in [paid.payer, paid.payee] {
            if let Entry::Vacant(place) = accounts.entry(number) {
                place.insert(account(&**chain, number).await?);
            }
        }
        let (payer, payee) = (&accounts[&paid.payer], &accounts[&paid.payee]);
        if payer.bank != own || payee.bank == own {
            continue;
        }
        let party = |number: u64, owner: u64| Party {
            name: names.get(&owner).cloned().unwrap_or_else(|| owner.to_string()),
            account: AccountId::Other(number.to_string()),
            bic: String::new(),
        };
        let reference = Reference::read(&paid.remittance);
        let currency = Currency::from_number(payer.currency).unwrap_or_default();
        let (debtor, creditor) = (party(paid.payer, payer.owner), party(paid.payee, payee.owner));
        transfers.push(CreditTransfer {
            end_to_end_id: id_or_none(reference.end_to_end_id),
            uetr: paid.uetr,
            amount: amount(currency, paid.amount)?,
            day: day(paid.time_ms),
            debtor,
            creditor,
            remittance: reference.text,
        });
    }
    let (from, to) = (day(period.from_ms), day(period.to_ms.saturating_sub(1)));
    Ok(Settlement {
        message_id: format!("B{own}-{}-{}", plain(&from), plain(&to)),
        created: instant(chain.head().timestamp_ms),
        transfers,
    })
}

/// What stands in a message where nobody gave an end-to-end identification.
fn id_or_none(id: String) -> String {
    if id.is_empty() { "NOTPROVIDED".to_owned() } else { id }
}

fn entry(
    currency: Currency,
    is_credit: bool,
    movement: Movement,
) -> Result<qiao_iso20022::Entry, PaymentsError> {
    let reference = Reference::read(&movement.remittance);
    Ok(qiao_iso20022::Entry {
        amount: amount(currency, movement.amount)?,
        is_credit,
        is_booked: true,
        day: day(movement.time_ms),
        end_to_end_id: reference.end_to_end_id,
        uetr: movement.uetr,
        remittance: reference.text,
    })
}

fn balance(
    kind: BalanceKind,
    currency: Currency,
    units: i128,
    day: &str,
) -> Result<Balance, PaymentsError> {
    let is_credit = units >= 0;
    let units = u64::try_from(units.unsigned_abs()).map_err(|_| unwritable())?;
    Ok(Balance { kind, amount: amount(currency, units)?, is_credit, day: day.to_owned() })
}

fn amount(currency: Currency, units: u64) -> Result<Amount, PaymentsError> {
    let amount = Amount::of_minor_units(currency.code(), units, currency.decimals());
    amount.ok_or_else(unwritable)
}

fn unwritable() -> PaymentsError {
    PaymentsError::Failed("an amount has more than 18 digits".to_owned())
}

async fn account(chain: &dyn Chain, id: u64) -> Result<IPayments::Account, PaymentsError> {
    Ok(view(chain, ADDRESS, IPayments::accountCall { id }).await?)
}

/// Whether the node's account supervises.
async fn is_regulator(chain: &Arc<dyn Chain>) -> Result<bool, PaymentsError> {
    use qiao_modules::members::{self, IMembers};
    const REGULATOR: u8 = 4;
    let Some(signer) = chain.signer() else { return Ok(false) };
    let call = IMembers::hasRoleCall { account: signer.address(), role: REGULATOR };
    Ok(view(&**chain, members::ADDRESS, call).await?)
}

fn time(ms: u64) -> Timestamp {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}

fn instant(ms: u64) -> String {
    format!("{:.3}", time(ms))
}

fn day(ms: u64) -> String {
    time(ms).to_zoned(TimeZone::UTC).date().to_string()
}

/// A day without its dashes.
fn plain(day: &str) -> String {
    day.replace('-', "")
}
