//! What issuers owe: to a regulator by firm, tier and tenor; to an issuer its own.

use std::collections::BTreeMap;

use qiao_indexer::{Record, RecordQuery};
use qiao_modules::receivables::{self, IReceivables};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    FinanceError, history,
    names::{Names, Party},
    records, views,
    vouchers::{self, Side, Voucher},
    words,
};
use crate::Chain;

/// Parts whose way is followed for one answer; the rest is counted without a tier.
const TIERS_PARTS_MAX: usize = 2_000;

/// What an issuer owes in a currency.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exposure {
    /// The issuer.
    pub issuer: Party,
    /// The letters of the currency.
    pub currency: &'static str,
    /// What is owed on vouchers that are offered, live or overdue, in the minor unit.
    pub outstanding: u64,
    /// What a regulator lets it owe; 0 where none said so.
    pub limit: u64,
    /// What is left of that.
    pub left: u64,
    /// Vouchers of the issuer that are overdue, or were written off in part.
    pub overdue_vouchers: u32,
    /// The currency by its number of ISO 4217.
    #[serde(skip)]
    pub currency_number: u16,
}

/// An amount by a heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Bucket {
    /// `tier 2`, `31 to 90 days`.
    pub name: String,
    /// In the minor unit.
    pub amount: u64,
    /// How many parts or vouchers.
    pub count: u64,
}

/// What one issuer owes, by where it is held and when it is due.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Breakdown {
    /// The totals by currency.
    pub totals: Vec<Exposure>,
    /// By tier of the holder: 1 is who delivered to the issuer. Bank and factor count as the tier from
    /// which they bought.
    pub tiers: Vec<Bucket>,
    /// By days until it is due.
    pub tenors: Vec<Bucket>,
    /// By who holds it.
    pub holders: Vec<Bucket>,
    /// Whether there is more than was counted for tiers and holders.
    pub is_cut: bool,
}

/// Everybody who ever owed or was given a limit, by name.
///
/// # Errors
/// The node cannot answer.
pub async fn all(chain: &dyn Chain, names: &Names) -> Result<Vec<Exposure>, FinanceError> {
    let key = |record: &Record| (record.number("issuer"), record.number("currency"));
    let mut keys = Vec::new();
    for table in ["receivables_vouchers", "receivables_limits"] {
        keys.extend(records::all(chain, &RecordQuery::of(table)).await?.iter().map(key));
    }
    let mut found = by_keys(chain, names, keys).await?;
    found.sort_by(|one, other| {
        (one.currency, std::cmp::Reverse(one.outstanding), &one.issuer.name).cmp(&(
            other.currency,
            std::cmp::Reverse(other.outstanding),
            &other.issuer.name,
        ))
    });
    Ok(found)
}

/// What one issuer owes, by currency.
///
/// # Errors
/// The node cannot answer.
pub async fn of(
    chain: &dyn Chain,
    names: &Names,
    issuer: u64,
) -> Result<Vec<Exposure>, FinanceError> {
    let key = |record: &Record| (issuer, record.number("currency"));
    let mut keys = Vec::new();
    for table in ["receivables_vouchers", "receivables_limits"] {
        let query = RecordQuery::of(table).with("issuer", issuer);
        keys.extend(records::all(chain, &query).await?.iter().map(key));
    }
    by_keys(chain, names, keys).await
}

async fn by_keys(
    chain: &dyn Chain,
    names: &Names,
    mut keys: Vec<(u64, u64)>,
) -> Result<Vec<Exposure>, FinanceError> {
    keys.sort_unstable();
    keys.dedup();
    let keys: Vec<(u64, u16)> = keys
        .into_iter()
        .filter_map(|(issuer, currency)| Some((issuer, u16::try_from(currency).ok()?)))
        .collect();
    let calls = keys.iter().map(|(issuer, currency)| IReceivables::exposureCall {
        issuer: *issuer,
        currency: *currency,
    });
    let found = views(chain, receivables::ADDRESS, calls).await?;
    let shown = keys.iter().zip(found).map(|((issuer, currency), one)| Exposure {
        issuer: names.party(*issuer),
        currency: words::currency_code(*currency),
        outstanding: one.outstanding,
        limit: one.limit,
        left: one.limit.saturating_sub(one.outstanding),
        overdue_vouchers: one.overdueVouchers,
        currency_number: *currency,
    });
    Ok(shown.collect())
}

/// What one issuer owes in one currency, by tier, tenor and holder.
///
/// # Errors
/// The node cannot answer.
pub async fn breakdown(
    chain: &dyn Chain,
    names: &Names,
    issuer: u64,
    currency: &str,
) -> Result<Breakdown, FinanceError> {
    let totals = of(chain, names, issuer).await?;
    let owed = vouchers::all(chain, names, Side::Issued(issuer)).await?;
    let owed: Vec<Voucher> =
        owed.into_iter().filter(|one| one.outstanding > 0 && one.currency == currency).collect();
    let tenors = tenors(&owed, words::today(chain.head().timestamp_ms));
    let mut tiers: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
    let mut holders: BTreeMap<Party, (u64, u64)> = BTreeMap::new();
    let mut counted = 0;
    let mut is_cut = owed.len() >= records::WALKED_MAX;
    for voucher in &owed {
        for part in vouchers::live_parts(chain, names, voucher.voucher).await? {
            if counted == TIERS_PARTS_MAX {
                is_cut = true;
                break;
            }
            counted += 1;
            let tier = history::tier_of(chain, part.part).await?;
            add(tiers.entry(tier).or_default(), part.amount);
            add(holders.entry(part.holder).or_default(), part.amount);
        }
    }
    let bucket = |name: String, (amount, count): (u64, u64)| Bucket { name, amount, count };
    let mut holders: Vec<Bucket> =
        holders.into_iter().map(|(party, sum)| bucket(party.name, sum)).collect();
    holders.sort_by_key(|one| std::cmp::Reverse(one.amount));
    Ok(Breakdown {
        totals,
        tiers: tiers.into_iter().map(|(tier, sum)| bucket(format!("tier {tier}"), sum)).collect(),
        tenors,
        holders,
        is_cut,
    })
}

/// Days until due by which amounts are put together; the last holds what is beyond.
const TENORS: [(&str, u32); 4] = [
    ("0 to 30 days", 30),
    ("31 to 90 days", 90),
    ("91 to 180 days", 180),
    ("above 180 days", u32::MAX),
];

/// What is owed by days until it is due.
pub fn tenors(owed: &[Voucher], today: u32) -> Vec<Bucket> {
    let amounts: Vec<(u32, u64)> =
        owed.iter().map(|voucher| (voucher.due_number, voucher.outstanding)).collect();
    ageing(&amounts, today)
}

/// Amounts by the days until the day on which each is due; what is past its day comes first.
pub fn ageing(amounts: &[(u32, u64)], today: u32) -> Vec<Bucket> {
    let mut past = (0, 0);
    let mut ahead = [(0, 0); TENORS.len()];
    for (due, amount) in amounts {
        if *due < today {
            add(&mut past, *amount);
            continue;
        }
        let days = words::days_between(today, *due);
        let place = TENORS.iter().position(|(_, most)| days <= *most).unwrap_or(TENORS.len() - 1);
        add(&mut ahead[place], *amount);
    }
    let mut buckets =
        vec![Bucket { name: "past its day".to_owned(), amount: past.0, count: past.1 }];
    buckets.extend(TENORS.iter().zip(ahead).map(|((name, _), (amount, count))| Bucket {
        name: (*name).to_owned(),
        amount,
        count,
    }));
    buckets
}

fn add(sum: &mut (u64, u64), amount: u64) {
    sum.0 = sum.0.saturating_add(amount);
    sum.1 += 1;
}
