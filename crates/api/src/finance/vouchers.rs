//! Vouchers and their parts, as desks show them.

use qiao_indexer::{Page, PageRequest, RecordQuery};
use qiao_modules::receivables::{self, IReceivables};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    FinanceError,
    names::{Names, Party},
    records, view, views, words,
};
use crate::Chain;

/// Parts of one page of the module's views.
const VIEW_PAGE: u64 = 100;
/// Parts that a wallet shows at most.
pub const WALLET_PARTS_MAX: usize = 2_000;

/// A voucher.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Voucher {
    /// Its number, which is that of its first part.
    pub voucher: u64,
    /// Who owes it.
    pub issuer: Party,
    /// To whom it was issued.
    pub creditor: Party,
    /// Who pays if the issuer does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guarantor: Option<Party>,
    /// What it was issued for, in the minor unit.
    pub amount: u64,
    /// The letters of the currency.
    pub currency: &'static str,
    /// When it was issued.
    pub issued: String,
    /// When it is to be paid.
    pub due: String,
    /// `offered`, `live`, `void`, `overdue` or `closed`.
    pub state: &'static str,
    /// Whether who finances it may fall back on who sold it.
    pub recourse: bool,
    /// Who bears the interest of a financing: `holder` or `issuer`.
    pub interest_bearer: &'static str,
    /// The pack of rules under which it was issued.
    pub pack: u8,
    /// What was repaid.
    pub repaid: u64,
    /// What was written off.
    pub written_off: u64,
    /// What is still owed.
    pub outstanding: u64,
    /// Parts that are not ended.
    pub live_parts: u32,
    /// The currency by its number of ISO 4217.
    #[serde(skip)]
    pub currency_number: u16,
    /// The day on which it is to be paid, `YYYYMMDD`.
    #[serde(skip)]
    pub due_number: u32,
}

/// A part of a voucher.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Its number.
    pub part: u64,
    /// The voucher.
    pub voucher: u64,
    /// The part from which it was split off; absent for the first of a voucher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<u64>,
    /// Who holds it.
    pub holder: Party,
    /// For whom it is locked, or to whom it is pledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beneficiary: Option<Party>,
    /// Who owes it.
    pub issuer: Party,
    /// What is owed on it, in the minor unit.
    pub amount: u64,
    /// The letters of the currency.
    pub currency: &'static str,
    /// When it is to be paid.
    pub due: String,
    /// `free`, `locked`, `pledged` or `ended`.
    pub state: &'static str,
    /// Whether a regulator froze it.
    pub frozen: bool,
    /// How far its voucher has come.
    pub voucher_state: &'static str,
    /// Whether who finances it may fall back on who sold it.
    pub recourse: bool,
    /// The currency by its number of ISO 4217.
    #[serde(skip)]
    pub currency_number: u16,
    /// The day on which it is to be paid, `YYYYMMDD`.
    #[serde(skip)]
    pub due_number: u32,
    /// Splits between the voucher and it.
    #[serde(skip)]
    pub depth: u8,
}

/// Which vouchers of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Those that an organisation owes.
    Issued(u64),
    /// Those that were issued to it.
    Received(u64),
    /// Everybody's.
    All,
}

impl Voucher {
    /// What the module's view says, with names.
    fn of(id: u64, voucher: &IReceivables::Voucher, names: &Names) -> Self {
        let settled = voucher.repaid + voucher.writtenOff;
        let is_owed = matches!(voucher.state, 1 | 2 | 4);
        Self {
            voucher: id,
            issuer: names.party(voucher.issuer),
            creditor: names.party(voucher.creditor),
            guarantor: names.some(voucher.guarantor),
            amount: voucher.amount,
            currency: words::currency_code(voucher.currency),
            issued: words::day(voucher.issued),
            due: words::day(voucher.due),
            state: words::word(&words::VOUCHER_STATES, voucher.state),
            recourse: voucher.recourse,
            interest_bearer: words::word(&words::INTEREST_BEARERS, voucher.interestBearer),
            pack: voucher.pack,
            repaid: voucher.repaid,
            written_off: voucher.writtenOff,
            outstanding: if is_owed { voucher.amount.saturating_sub(settled) } else { 0 },
            live_parts: voucher.liveParts,
            currency_number: voucher.currency,
            due_number: voucher.due,
        }
    }
}

impl Part {
    fn of(
        id: u64,
        part: &IReceivables::Part,
        voucher: &IReceivables::Voucher,
        names: &Names,
    ) -> Self {
        Self {
            part: id,
            voucher: part.voucher,
            parent: (part.parent != 0).then_some(part.parent),
            holder: names.party(part.holder),
            beneficiary: names.some(part.beneficiary),
            issuer: names.party(voucher.issuer),
            amount: part.amount,
            currency: words::currency_code(voucher.currency),
            due: words::day(voucher.due),
            state: words::word(&words::PART_STATES, part.state),
            frozen: part.frozen,
            voucher_state: words::word(&words::VOUCHER_STATES, voucher.state),
            recourse: voucher.recourse,
            currency_number: voucher.currency,
            due_number: voucher.due,
            depth: part.depth,
        }
    }
}

/// A voucher.
///
/// # Errors
/// There is none with this number.
pub async fn voucher(chain: &dyn Chain, names: &Names, id: u64) -> Result<Voucher, FinanceError> {
    let call = IReceivables::voucherCall { id };
    let found = view(chain, receivables::ADDRESS, call).await?;
    match found.state {
        0 => Err(FinanceError::unknown("voucher", id)),
        _ => Ok(Voucher::of(id, &found, names)),
    }
}

/// Vouchers by their numbers; numbers that stand for none are left out.
///
/// # Errors
/// The node cannot answer.
pub async fn vouchers(
    chain: &dyn Chain,
    names: &Names,
    ids: &[u64],
) -> Result<Vec<Voucher>, FinanceError> {
    let calls = ids.iter().map(|id| IReceivables::voucherCall { id: *id });
    let found = views(chain, receivables::ADDRESS, calls).await?;
    let known = ids.iter().zip(&found).filter(|(_, voucher)| voucher.state != 0);
    Ok(known.map(|(id, voucher)| Voucher::of(*id, voucher, names)).collect())
}

/// A page of vouchers, the newest first.
///
/// # Errors
/// The token is of another list, or the node cannot answer.
pub async fn list(
    chain: &dyn Chain,
    names: &Names,
    side: Side,
    due: Option<(u32, u32)>,
    page: &PageRequest,
) -> Result<Page<Voucher>, FinanceError> {
    let mut query = RecordQuery::of("receivables_vouchers").newest_first();
    query = match side {
        Side::Issued(issuer) => query.with("issuer", issuer),
        Side::Received(creditor) => query.with("creditor", creditor),
        Side::All => query,
    };
    if let Some((from, to)) = due {
        query = query.between("due", u64::from(from), u64::from(to));
    }
    let found = records::page(chain, &query, page).await?;
    let ids: Vec<u64> = found.items.iter().map(|record| record.number("voucher")).collect();
    Ok(Page { items: vouchers(chain, names, &ids).await?, next: found.next })
}

/// All vouchers of a side, the newest first, as far as one answer walks.
///
/// # Errors
/// The node cannot answer.
pub async fn all(
    chain: &dyn Chain,
    names: &Names,
    side: Side,
) -> Result<Vec<Voucher>, FinanceError> {
    let mut found = Vec::new();
    let mut request = PageRequest::first(PageRequest::LIMIT_MAX);
    loop {
        let page = list(chain, names, side, None, &request).await?;
        found.extend(page.items);
        match page.next {
            Some(next) if found.len() < records::WALKED_MAX => {
                request = PageRequest::after(next, PageRequest::LIMIT_MAX);
            }
            _ => return Ok(found),
        }
    }
}

/// Parts by their numbers.
///
/// # Errors
/// There is none with one of these numbers.
pub async fn parts(
    chain: &dyn Chain,
    names: &Names,
    ids: &[u64],
) -> Result<Vec<Part>, FinanceError> {
    let calls = ids.iter().map(|position| IReceivables::partCall { position: *position });
    let found = views(chain, receivables::ADDRESS, calls).await?;
    let calls = found.iter().map(|part| IReceivables::voucherCall { id: part.voucher });
    let vouchers = views(chain, receivables::ADDRESS, calls).await?;
    let shown = ids.iter().zip(&found).zip(&vouchers);
    Ok(shown.map(|((id, part), voucher)| Part::of(*id, part, voucher, names)).collect())
}

/// A part.
///
/// # Errors
/// There is none with this number.
pub async fn part(chain: &dyn Chain, names: &Names, id: u64) -> Result<Part, FinanceError> {
    let found = parts(chain, names, &[id]).await;
    let found = found.map_err(|error| match error {
        FinanceError::View(super::ViewError::Refused { .. }) => FinanceError::unknown("part", id),
        other => other,
    })?;
    found.into_iter().next().ok_or_else(|| FinanceError::unknown("part", id))
}

/// What an organisation holds, by day; at most [`WALLET_PARTS_MAX`] parts.
///
/// # Errors
/// The node cannot answer.
pub async fn wallet(
    chain: &dyn Chain,
    names: &Names,
    organisation: u64,
) -> Result<Vec<Part>, FinanceError> {
    let call = IReceivables::holdingsCountCall { organisation };
    let count = view(chain, receivables::ADDRESS, call).await?;
    let mut ids = Vec::new();
    let mut from = 0;
    while from < count && ids.len() < WALLET_PARTS_MAX {
        let call = IReceivables::holdingsCall { organisation, from, count: VIEW_PAGE };
        let page = view(chain, receivables::ADDRESS, call).await?;
        ids.extend(page.into_iter().filter(|id| *id != 0));
        from += VIEW_PAGE;
    }
    // A part that came back stands in the list twice.
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(WALLET_PARTS_MAX);
    let mut held = parts(chain, names, &ids).await?;
    held.sort_by_key(|part| (part.due_number, part.part));
    Ok(held)
}

/// The parts of a voucher that are not ended, from the first down.
///
/// # Errors
/// The node cannot answer.
pub async fn live_parts(
    chain: &dyn Chain,
    names: &Names,
    voucher: u64,
) -> Result<Vec<Part>, FinanceError> {
    let mut tree = vec![voucher];
    let mut place = 0;
    while place < tree.len() && tree.len() < WALLET_PARTS_MAX {
        let position = tree[place];
        let mut from = 0;
        loop {
            let call = IReceivables::partsOfCall { position, from, count: VIEW_PAGE };
            let page = view(chain, receivables::ADDRESS, call).await?;
            let is_last = (page.len() as u64) < VIEW_PAGE;
            tree.extend(page);
            from += VIEW_PAGE;
            if is_last {
                break;
            }
        }
        place += 1;
    }
    tree.truncate(WALLET_PARTS_MAX);
    let all = parts(chain, names, &tree).await?;
    Ok(all.into_iter().filter(|part| part.amount > 0).collect())
}

/// The way from the voucher down to a part, both included.
///
/// # Errors
/// There is no such part.
pub async fn lineage(chain: &dyn Chain, part: u64) -> Result<Vec<u64>, FinanceError> {
    let call = IReceivables::lineageCall { position: part };
    Ok(view(chain, receivables::ADDRESS, call).await?)
}
