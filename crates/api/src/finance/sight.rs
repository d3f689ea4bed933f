//! What a desk sees of vouchers: its own branch.

use qiao_indexer::RecordQuery;

use super::{
    Desk, FinanceError,
    history::{self, Happening},
    names::Names,
    records,
    vouchers::{self, Part, Voucher},
};
use crate::Chain;

/// A part as a desk sees it, with the way to it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The part.
    pub part: Part,
    /// The voucher.
    pub voucher: Voucher,
    /// What happened on the way to it.
    pub history: Vec<Happening>,
    /// How far down the chain of suppliers it is held.
    pub tier: usize,
}

/// Whether a desk sees a voucher as a whole: it owes it, guarantees it, received it first, or
/// supervises.
pub fn sees_voucher(desk: &Desk, voucher: &Voucher) -> bool {
    let own = desk.organisation;
    desk.is_regulator
        || voucher.issuer.organisation == own
        || voucher.creditor.organisation == own
        || voucher.guarantor.as_ref().is_some_and(|party| party.organisation == own)
}

/// A voucher, if the desk sees it: as a whole, or because it holds or held a part of it.
///
/// # Errors
/// There is none that the desk sees.
pub async fn voucher(
    chain: &dyn Chain,
    names: &Names,
    desk: &Desk,
    id: u64,
) -> Result<Voucher, FinanceError> {
    let voucher = vouchers::voucher(chain, names, id).await?;
    if sees_voucher(desk, &voucher) {
        return Ok(voucher);
    }
    for part in vouchers::live_parts(chain, names, id).await? {
        let history = history::of_part(chain, names, part.part).await?;
        if takes_part(desk.organisation, &part, &history) {
            return Ok(voucher);
        }
    }
    Err(FinanceError::unknown("voucher", id))
}

/// A part, if the desk sees it: it owes or guarantees it, is on the way to it, or was offered it.
///
/// # Errors
/// There is none that the desk sees.
pub async fn part(
    chain: &dyn Chain,
    names: &Names,
    desk: &Desk,
    id: u64,
) -> Result<Seen, FinanceError> {
    let part = vouchers::part(chain, names, id).await?;
    let voucher = vouchers::voucher(chain, names, part.voucher).await?;
    let history = history::of_part(chain, names, id).await?;
    let own = desk.organisation;
    let owes = voucher.issuer.organisation == own
        || voucher.guarantor.as_ref().is_some_and(|party| party.organisation == own);
    let is_seen = desk.is_regulator || owes || takes_part(own, &part, &history);
    if !is_seen && !is_invited(chain, own, &part).await? {
        return Err(FinanceError::unknown("part", id));
    }
    let tier = history::tier(&history);
    Ok(Seen { part, voucher, history, tier })
}

/// Whether an organisation is on the way to a part.
fn takes_part(organisation: u64, part: &Part, history: &[Happening]) -> bool {
    let is = |party: &Option<super::names::Party>| {
        party.as_ref().is_some_and(|party| party.organisation == organisation)
    };
    part.holder.organisation == organisation
        || is(&part.beneficiary)
        || history.iter().any(|one| is(&one.from) || is(&one.to))
}

/// Whether a bank may bid for a part: it said what it would finance of the issuer's debts, and the
/// holder asks for bids.
async fn is_invited(
    chain: &dyn Chain,
    organisation: u64,
    part: &Part,
) -> Result<bool, FinanceError> {
    let asked = RecordQuery::of("financing_bids_asked").with("position", part.part);
    if records::newest(chain, asked).await?.is_none() {
        return Ok(false);
    }
    let line = RecordQuery::of("financing_line_set")
        .with("bank", organisation)
        .with("issuer", part.issuer.organisation);
    let line = records::newest(chain, line).await?;
    Ok(line.is_some_and(|line| line.number("limit") > 0))
}
