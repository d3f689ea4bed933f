//! What providers charge, what a part costs by it, and the yearly rate that counts everything.
//!
//! Tariffs are public: every desk reads those of all providers. What was paid for a part is seen by who
//! sees the part.

use alloy_primitives::B256;
use qiao_indexer::{Record, RecordQuery};
use qiao_modules::{
    financing::{self, FeeService, IFinancing},
    receivables::PACKS,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    FinanceError, history,
    loans::Flow,
    names::{Names, Party},
    records, view, views,
    vouchers::{Part, Voucher},
    words,
};
use crate::Chain;

/// What a provider charges for a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tariff {
    /// Who charges.
    pub provider: Party,
    /// `information`, `financing`, `guarantee` or `registration`.
    pub service: &'static str,
    /// The letters of the currency.
    pub currency: &'static str,
    /// So much for each part, in the minor unit.
    pub flat: u64,
    /// And so many ten-thousandths of what is owed on it.
    pub basis_points: u32,
    /// The block in which it was published.
    pub block: u64,
    /// The currency by its number of ISO 4217.
    #[serde(skip)]
    pub currency_number: u16,
    /// The service by its number.
    #[serde(skip)]
    pub service_number: u8,
}

/// What a part costs by the tariffs, and what of it was paid.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartFees {
    /// Who pays fees by the terms of the voucher: its issuer or the part's holder.
    pub bearer: Party,
    /// The letters of the currency.
    pub currency: &'static str,
    /// What all fees of the part may come to, in the minor unit; absent where no regulator set a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// What providers charge now; not what an issuer whom the rules forbid it would.
    pub charged: Vec<Charge>,
    /// What was paid, the oldest first.
    pub paid: Vec<PaidFee>,
}

/// What a provider charges for a service on a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Charge {
    /// Who charges.
    pub provider: Party,
    /// For what.
    pub service: &'static str,
    /// How much, in the minor unit.
    pub amount: u64,
    /// Whether the service was paid for this part and its holder.
    pub is_paid: bool,
    /// The service by its number.
    #[serde(skip)]
    pub service_number: u8,
}

/// A fee that was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaidFee {
    /// Who charged it.
    pub provider: Party,
    /// Who paid it.
    pub payer: Party,
    /// Who held the part.
    pub holder: Party,
    /// For what.
    pub service: &'static str,
    /// How much, in the minor unit.
    pub amount: u64,
    /// The UETR of the payment.
    pub uetr: String,
    /// Milliseconds since the Unix epoch.
    pub time_ms: u64,
    /// The transaction.
    #[schema(value_type = String)]
    pub transaction: B256,
}

/// What the fees of a part may come to under a pack of rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeeLimit {
    /// The pack by its number.
    pub pack: u8,
    /// Its name.
    pub name: &'static str,
    /// So many ten-thousandths of what is owed on the part; absent where there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis_points: Option<u32>,
}

/// The tariffs of a provider, or of all, by provider, currency and service. What is free is told, too.
///
/// # Errors
/// The node cannot answer.
pub async fn tariffs(
    chain: &dyn Chain,
    names: &Names,
    provider: Option<u64>,
) -> Result<Vec<Tariff>, FinanceError> {
    let query = RecordQuery::of("financing_tariff_set");
    let query = match provider {
        Some(provider) => query.with("provider", provider),
        None => query,
    };
    let key = |one: &Record| {
        (one.number("provider"), number16(one.number("currency")), number8(one.number("service")))
    };
    let mut keys: Vec<_> = records::all(chain, &query).await?.iter().map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    let calls = keys.iter().map(|(provider, currency, service)| IFinancing::tariffCall {
        provider: *provider,
        currency: *currency,
        service: *service,
    });
    let found = views(chain, financing::ADDRESS, calls).await?;
    let shown = keys.iter().zip(found).map(|((provider, currency, service), one)| Tariff {
        provider: names.party(*provider),
        service: words::word(&words::FEE_SERVICES, *service),
        currency: words::currency_code(*currency),
        flat: one.flat,
        basis_points: one.basisPoints,
        block: one.block,
        currency_number: *currency,
        service_number: *service,
    });
    Ok(shown.collect())
}

/// What a part costs by the tariffs, and what of it was paid.
///
/// # Errors
/// The node cannot answer.
pub async fn of_part(
    chain: &dyn Chain,
    names: &Names,
    part: &Part,
    voucher: &Voucher,
) -> Result<PartFees, FinanceError> {
    let bearer = match voucher.interest_bearer {
        "issuer" => voucher.issuer.clone(),
        _ => part.holder.clone(),
    };
    let frees =
        PACKS.get(usize::from(voucher.pack)).is_some_and(|pack| pack.frees_issuers_suppliers);
    let paid = paid(chain, names, part.part).await?;
    let tariffs = tariffs(chain, names, None).await?;
    let tariffs = tariffs.iter().filter(|one| {
        let is_forbidden = frees && one.provider == voucher.issuer;
        one.currency_number == part.currency_number && one.provider != bearer && !is_forbidden
    });
    let keys: Vec<(&Party, u8)> = tariffs.map(|one| (&one.provider, one.service_number)).collect();
    let calls = keys.iter().map(|(provider, service)| IFinancing::feeOfCall {
        position: part.part,
        provider: provider.organisation,
        service: *service,
    });
    let amounts = views(chain, financing::ADDRESS, calls).await?;
    let is_paid =
        |service: &str| paid.iter().any(|fee| fee.service == service && fee.holder == part.holder);
    let charged = keys.into_iter().zip(amounts).filter(|(_, amount)| *amount > 0);
    let charged = charged.map(|((provider, service_number), amount)| {
        let service = words::word(&words::FEE_SERVICES, service_number);
        let is_paid = is_paid(service);
        Charge { provider: provider.clone(), service, amount, is_paid, service_number }
    });
    let limit = view(chain, financing::ADDRESS, IFinancing::feeLimitCall { pack: voucher.pack });
    let limit = limit.await?;
    Ok(PartFees {
        bearer,
        currency: part.currency,
        limit: limit.isSet.then(|| financing::share(part.amount, limit.basisPoints)),
        charged: charged.collect(),
        paid,
    })
}

/// The fees that were paid for a part, the oldest first.
async fn paid(chain: &dyn Chain, names: &Names, part: u64) -> Result<Vec<PaidFee>, FinanceError> {
    let query = RecordQuery::of("financing_fee_paid").with("position", part);
    let mut found = Vec::new();
    for one in records::all(chain, &query).await? {
        let (time_ms, transaction) = history::place(chain, &one).await?;
        found.push(PaidFee {
            provider: names.party(one.number("provider")),
            payer: names.party(one.number("payer")),
            holder: names.party(one.number("holder")),
            service: words::word(&words::FEE_SERVICES, number8(one.number("service"))),
            amount: one.number("amount"),
            uetr: words::uetr(one.wide("uetr")),
            time_ms,
            transaction,
        });
    }
    Ok(found)
}

/// What each of these providers charges for a part in all: what its holder paid, and for the other
/// services what is published now.
///
/// # Errors
/// The node cannot answer.
pub async fn connected(
    chain: &dyn Chain,
    part: u64,
    holder: u64,
    providers: &[u64],
) -> Result<Vec<u64>, FinanceError> {
    if providers.is_empty() {
        return Ok(Vec::new());
    }
    let services: Vec<u8> = FeeService::ALL.iter().map(|service| *service as u8).collect();
    let paid: Vec<_> = services
        .iter()
        .map(|service| IFinancing::feePaidCall { position: part, holder, service: *service })
        .collect();
    let paid = views(chain, financing::ADDRESS, paid).await?;
    let mut asked = Vec::new();
    for provider in providers.iter().copied() {
        for service in services.iter().copied() {
            asked.push(IFinancing::feeOfCall { position: part, provider, service });
        }
    }
    let asked = views(chain, financing::ADDRESS, asked).await?;
    let sums =
        providers.iter().zip(asked.chunks(FeeService::ALL.len())).map(|(provider, asked)| {
            let fees = asked.iter().zip(&paid).map(|(asked, paid)| match paid.provider {
                0 => *asked,
                by if by == *provider => paid.amount,
                _ => 0,
            });
            fees.fold(0, u64::saturating_add)
        });
    Ok(sums.collect())
}

/// The limits of all packs of rules.
///
/// # Errors
/// The node cannot answer.
pub async fn limits(chain: &dyn Chain) -> Result<Vec<FeeLimit>, FinanceError> {
    let packs = (0u8..).zip(PACKS);
    let calls = packs.clone().map(|(pack, _)| IFinancing::feeLimitCall { pack });
    let found = views(chain, financing::ADDRESS, calls).await?;
    let shown = packs.zip(found).map(|((pack, rules), limit)| FeeLimit {
        pack,
        name: rules.name,
        basis_points: limit.isSet.then_some(limit.basisPoints),
    });
    Ok(shown.collect())
}

/// The yearly rate, in hundredths of a per cent, of a loan with these cash flows and fees that are paid
/// at its beginning; see [`words::yearly_cost`].
pub fn cost_of_loan(schedule: &[Flow], fees: u64) -> Option<u64> {
    let (mut interest, mut left, mut used, mut days) = (0u64, 0u64, 0u128, 0u32);
    let mut from = schedule.first()?.day_number;
    for flow in schedule {
        let passed = words::days_between(from, flow.day_number);
        used += u128::from(left) * u128::from(passed);
        days += passed;
        from = flow.day_number;
        match flow.kind {
            "disbursement" => left = left.saturating_add(flow.amount),
            "interest" => interest = interest.saturating_add(flow.amount),
            _ => left = left.saturating_sub(flow.amount),
        }
    }
    let withheld = u128::from(fees) * u128::from(days);
    words::yearly_cost(interest.saturating_add(fees), used.checked_sub(withheld)?)
}

fn number16(number: u64) -> u16 {
    u16::try_from(number).unwrap_or(0)
}

fn number8(number: u64) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
