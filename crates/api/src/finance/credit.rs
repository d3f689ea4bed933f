//! What banks would finance, what holders ask for, and what banks bid.

use alloy_primitives::B256;
use qiao_indexer::{Record, RecordQuery};
use qiao_modules::{
    financing::{self, IFinancing},
    receivables::{self, IReceivables},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    FinanceError, fees,
    names::{Names, Party},
    records, view, views,
    vouchers::{self, Part},
    words,
};
use crate::Chain;

/// What a bank would finance of an issuer's debts, and does.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditLine {
    /// The bank.
    pub bank: Party,
    /// The issuer.
    pub issuer: Party,
    /// The letters of the currency.
    pub currency: &'static str,
    /// What it would, in the minor unit.
    pub limit: u64,
    /// What it does.
    pub drawn: u64,
    /// What is left.
    pub left: u64,
    /// The currency by its number of ISO 4217.
    #[serde(skip)]
    pub currency_number: u16,
}

/// A part for which banks bid.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// Its number.
    pub request: u64,
    /// The part.
    pub part: Part,
    /// Who asks.
    pub seller: Party,
    /// What was owed on the part when it was asked, in the minor unit.
    pub amount: u64,
    /// Whether bids are hashes until they are shown.
    pub sealed: bool,
    /// When bids end, in seconds since the Unix epoch.
    pub bids_until: u64,
    /// When bids that were sealed have to be shown.
    pub reveals_until: u64,
    /// `open`, `awarded` or `lapsed`.
    pub state: &'static str,
    /// How many banks bid.
    pub bid_count: u32,
    /// The bids under seal, whether they were shown or not.
    pub sealed_bids: Vec<SealedBid>,
    /// The best bid that is shown so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best: Option<Bid>,
    /// All bids that are shown, the best first.
    pub bids: Vec<Bid>,
}

/// A bid under seal.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SealedBid {
    /// The bank.
    pub bank: Party,
    /// The hash that it committed to.
    #[schema(value_type = String)]
    pub commitment: B256,
}

/// A bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Bid {
    /// The bank.
    pub bank: Party,
    /// What it would pay, in the minor unit.
    pub price: u64,
    /// What that costs the seller.
    pub cost: u64,
    /// What the bank charges besides, by its published tariff.
    pub fees: u64,
    /// The yearly rate in per cent of discount and fees together, over the money that the seller has of it
    /// (simple interest, actual days over 365).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yearly_cost: Option<String>,
    /// The yearly rate of simple discount that it stands for, in per cent (actual days over 365).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
}

/// A part that a holder offers to one buyer at a price.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sale {
    /// The part.
    pub part: Part,
    /// Who sells.
    pub seller: Party,
    /// Who buys.
    pub buyer: Party,
    /// The price, in the minor unit.
    pub price: u64,
    /// Whether the buyer accepted and registered it, and has to pay.
    pub accepted: bool,
    /// The number of the registration.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub registration: String,
}

/// A part that was sold before its day.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Financing {
    /// Its number.
    pub financing: u64,
    /// The part.
    pub part: Part,
    /// Who sold it.
    pub seller: Party,
    /// Who bought it.
    pub buyer: Party,
    /// What was owed on it, in the minor unit.
    pub amount: u64,
    /// What was paid.
    pub price: u64,
    /// When.
    pub day: String,
    /// `open` or `bought_back`.
    pub state: &'static str,
    /// The number of its registration.
    pub registration: String,
    /// Whether the part can be returned to its seller.
    pub recourse: bool,
    /// What is still owed on it.
    pub left: u64,
}

/// The lines that a bank set, or those for an issuer.
///
/// # Errors
/// The node cannot answer.
pub async fn lines(
    chain: &dyn Chain,
    names: &Names,
    column: &'static str,
    organisation: u64,
) -> Result<Vec<CreditLine>, FinanceError> {
    let query = RecordQuery::of("financing_line_set").with(column, organisation);
    let key = |record: &Record| {
        (record.number("bank"), record.number("issuer"), record.number("currency"))
    };
    let mut keys: Vec<_> = records::all(chain, &query).await?.iter().map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    let calls = keys.iter().map(|(bank, issuer, currency)| IFinancing::lineCall {
        bank: *bank,
        issuer: *issuer,
        currency: number16(*currency),
    });
    let found = views(chain, financing::ADDRESS, calls).await?;
    let shown = keys.iter().zip(found).map(|((bank, issuer, currency), line)| CreditLine {
        bank: names.party(*bank),
        issuer: names.party(*issuer),
        currency: words::currency_code(number16(*currency)),
        limit: line.limit,
        drawn: line.drawn,
        left: line.limit.saturating_sub(line.drawn),
        currency_number: number16(*currency),
    });
    Ok(shown.collect())
}

/// A request with the bids that are shown.
///
/// # Errors
/// There is none with this number.
pub async fn request(chain: &dyn Chain, names: &Names, id: u64) -> Result<Request, FinanceError> {
    let found = view(chain, financing::ADDRESS, IFinancing::requestCall { id }).await?;
    if found.state == 0 {
        return Err(FinanceError::unknown("request", id));
    }
    let part = vouchers::part(chain, names, found.position).await?;
    let today = words::today(chain.head().timestamp_ms);
    let days = words::days_between(today, part.due_number);
    let mut bids: Vec<Bid> = Vec::new();
    let query = RecordQuery::of("financing_bid_made").with("request", id);
    for record in records::all(chain, &query).await? {
        let bid = Bid::new(
            names.party(record.number("bank")),
            record.number("price"),
            found.amount,
            days,
        );
        // A higher bid of the same bank replaces the lower.
        bids.retain(|other| other.bank != bid.bank);
        bids.push(bid);
    }
    bids.sort_by_key(|bid| std::cmp::Reverse(bid.price));
    let banks: Vec<u64> = bids.iter().map(|bid| bid.bank.organisation).collect();
    let charged = fees::connected(chain, found.position, found.seller, &banks).await?;
    let bids: Vec<Bid> =
        bids.into_iter().zip(charged).map(|(bid, fees)| bid.with_fees(fees, days)).collect();
    let sealed = RecordQuery::of("financing_bid_sealed").with("request", id);
    let sealed = records::all(chain, &sealed).await?;
    let sealed_bids = sealed.iter().map(|record| SealedBid {
        bank: names.party(record.number("bank")),
        commitment: record.hash("commitment"),
    });
    let best = names.some(found.bestBank).map(|bank| {
        let known = bids.iter().find(|bid| bid.bank == bank && bid.price == found.bestPrice);
        // The index may be a block behind.
        known.cloned().unwrap_or_else(|| Bid::new(bank, found.bestPrice, found.amount, days))
    });
    Ok(Request {
        request: id,
        seller: names.party(found.seller),
        amount: found.amount,
        sealed: found.isSealed,
        bids_until: found.bidsUntil,
        reveals_until: found.revealsUntil,
        state: words::word(&words::REQUEST_STATES, found.state),
        bid_count: found.bids,
        sealed_bids: sealed_bids.collect(),
        best,
        bids,
        part,
    })
}

impl Bid {
    /// A price with what it costs on an amount that is due in so many days.
    pub fn new(bank: Party, price: u64, amount: u64, days: u32) -> Self {
        let rate = words::implied_rate(amount, price, days).map(words::per_cent);
        let cost = amount.saturating_sub(price);
        let bid = Self { bank, price, cost, fees: 0, yearly_cost: None, rate };
        bid.with_fees(0, days)
    }

    /// The same with what the bank charges besides.
    #[must_use]
    pub fn with_fees(mut self, fees: u64, days: u32) -> Self {
        self.fees = fees;
        let received = u128::from(self.price.saturating_sub(fees));
        let yearly =
            words::yearly_cost(self.cost.saturating_add(fees), received * u128::from(days));
        self.yearly_cost = yearly.map(words::per_cent);
        self
    }
}

/// The requests of a seller, the newest first.
///
/// # Errors
/// The node cannot answer.
pub async fn requests_of(
    chain: &dyn Chain,
    names: &Names,
    seller: u64,
) -> Result<Vec<Request>, FinanceError> {
    let query = RecordQuery::of("financing_bids_asked").with("seller", seller).newest_first();
    requests(chain, names, &query, |_| true).await
}

/// The requests for which a bank may bid, the newest first: those for parts of vouchers of issuers for
/// which it set a line.
///
/// # Errors
/// The node cannot answer.
pub async fn requests_for(
    chain: &dyn Chain,
    names: &Names,
    bank: u64,
) -> Result<Vec<Request>, FinanceError> {
    let lines = lines(chain, names, "bank", bank).await?;
    let issuers: Vec<u64> = lines.iter().map(|line| line.issuer.organisation).collect();
    if issuers.is_empty() {
        return Ok(Vec::new());
    }
    let query = RecordQuery::of("financing_bids_asked").newest_first();
    requests(chain, names, &query, |request| {
        issuers.contains(&request.part.issuer.organisation) && request.seller.organisation != bank
    })
    .await
}

/// Requests that one answer shows.
const REQUESTS_MAX: usize = 200;

async fn requests(
    chain: &dyn Chain,
    names: &Names,
    query: &RecordQuery<'_>,
    is_wanted: impl Fn(&Request) -> bool,
) -> Result<Vec<Request>, FinanceError> {
    let mut found = Vec::new();
    for record in records::all(chain, query).await? {
        let request = request(chain, names, record.number("request")).await?;
        if is_wanted(&request) {
            found.push(request);
        }
        if found.len() == REQUESTS_MAX {
            break;
        }
    }
    Ok(found)
}

/// The sales of a seller or to a buyer (`seller`, `buyer`) that are open.
///
/// # Errors
/// The node cannot answer.
pub async fn sales(
    chain: &dyn Chain,
    names: &Names,
    column: &'static str,
    organisation: u64,
) -> Result<Vec<Sale>, FinanceError> {
    let query =
        RecordQuery::of("receivables_sales_offered").with(column, organisation).newest_first();
    let offers = records::all(chain, &query).await?;
    let mut seen = Vec::new();
    let mut sales = Vec::new();
    for offer in offers {
        let position = offer.number("position");
        if seen.contains(&position) {
            continue;
        }
        seen.push(position);
        let latest = RecordQuery::of("receivables_sales_offered").with("position", position);
        let latest = records::newest(chain, latest).await?;
        let is_latest = latest.as_ref() == Some(&offer);
        if is_latest && let Some(sale) = open_sale(chain, names, &offer).await? {
            sales.push(sale);
        }
    }
    Ok(sales)
}

/// The sale that an offer began, if it is still open.
async fn open_sale(
    chain: &dyn Chain,
    names: &Names,
    offer: &Record,
) -> Result<Option<Sale>, FinanceError> {
    let (position, buyer) = (offer.number("position"), offer.number("buyer"));
    let part = vouchers::part(chain, names, position).await?;
    let is_locked = part.state == "locked"
        && part.beneficiary.as_ref().is_some_and(|party| party.organisation == buyer);
    if !is_locked {
        return Ok(None);
    }
    let accepted = RecordQuery::of("receivables_sales_accepted").with("position", position);
    let accepted = records::newest(chain, accepted).await?;
    let later = |record: &Record| (record.block, record.log_index) > (offer.block, offer.log_index);
    let accepted = accepted.filter(later);
    Ok(Some(Sale {
        part,
        seller: names.party(offer.number("seller")),
        buyer: names.party(buyer),
        price: offer.number("price"),
        accepted: accepted.is_some(),
        registration: accepted.map(|one| one.text("registration").to_owned()).unwrap_or_default(),
    }))
}

/// The financings of a seller or a buyer (`seller`, `buyer`), the newest first.
///
/// # Errors
/// The node cannot answer.
pub async fn financings(
    chain: &dyn Chain,
    names: &Names,
    column: &'static str,
    organisation: u64,
) -> Result<Vec<Financing>, FinanceError> {
    let query = RecordQuery::of("receivables_financed").with(column, organisation).newest_first();
    let ids: Vec<u64> =
        records::all(chain, &query).await?.iter().map(|one| one.number("financing")).collect();
    let calls = ids.iter().map(|id| IReceivables::financingCall { id: *id });
    let found = views(chain, receivables::ADDRESS, calls).await?;
    let positions: Vec<u64> = found.iter().map(|one| one.position).collect();
    let parts = vouchers::parts(chain, names, &positions).await?;
    let shown = ids.into_iter().zip(found).zip(parts).map(|((id, one), part)| Financing {
        financing: id,
        seller: names.party(one.seller),
        buyer: names.party(one.buyer),
        amount: one.amount,
        price: one.price,
        day: words::day(one.day),
        state: words::word(&words::FINANCING_STATES, one.state),
        registration: one.registration,
        recourse: one.recourse,
        left: part.amount,
        part,
    });
    Ok(shown.collect())
}

fn number16(number: u64) -> u16 {
    u16::try_from(number).unwrap_or(0)
}
