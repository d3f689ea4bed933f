//! How recalls stand: notices, acknowledgements and their deadlines, and what became of the goods.

use alloy_primitives::{Address, B256};
use qiao_epcis::{Amount, Dimension};
use qiao_modules::recall::{self, IRecall};
use serde::Serialize;
use utoipa::ToSchema;

use super::{RecallError, names, now, words};
use crate::{
    Chain,
    finance::{
        names::{Names, Party},
        view, views,
    },
};

/// Items of one page of the module's views.
const VIEW_PAGE: u64 = 100;

/// A recall.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recall {
    /// Its number.
    pub recall: u64,
    /// Who declared it.
    pub declarer: Party,
    /// The account that signed it.
    #[schema(value_type = String)]
    pub by: Address,
    /// Whether it was declared with a regulator's authority.
    pub regulator: bool,
    /// How far it reaches: `consumer`, `retail` or `wholesale`.
    pub level: &'static str,
    /// Why: `contamination`, `undeclared_allergen` …
    pub reason: &'static str,
    /// In words.
    pub text: String,
    /// When it was declared, in seconds since the Unix epoch.
    pub declared_at: u64,
    /// Until when everybody is to take note.
    pub deadline: u64,
    /// When it ended; absent while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<u64>,
    /// The hold on its things.
    pub hold: u64,
    /// Organisations that were told.
    pub notices: u32,
    /// Of these, those that took note.
    pub acknowledged: u32,
    /// Of these, those that did so in time.
    pub in_time: u32,
    /// Of those that were told, those that took no note though their time is over.
    pub overdue: u32,
    /// Lines of all notices.
    pub lines: u32,
    /// Of these, those that were answered.
    pub answered: u32,
    /// The SHA-256 of everything affected, as the declarer computed it.
    #[schema(value_type = String)]
    pub scope: B256,
    /// The reason by number.
    #[serde(skip)]
    pub reason_number: u8,
    /// The level by number.
    #[serde(skip)]
    pub level_number: u8,
}

/// A notice to one organisation.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// To whom.
    pub party: Party,
    /// When it was sent, in seconds since the Unix epoch.
    pub sent_at: u64,
    /// When it was acknowledged; absent where it was not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<u64>,
    /// The account that took note.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<Address>,
    /// `waiting`, `overdue`, `in_time` or `late`.
    pub state: &'static str,
    /// Its lines.
    pub lines: u32,
    /// Of these, those that were answered.
    pub answered: u32,
}

/// A line of a notice: so much of a thing, and what became of it. Amounts are decimal numbers.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Canonical identifier, or the hash of one where no notice names it.
    pub thing: String,
    /// The unit; absent for pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
    /// Affected.
    pub affected: String,
    /// Still there, on hold.
    pub held: String,
    /// Sent back.
    pub returned: String,
    /// Destroyed.
    pub destroyed: String,
    /// Sold to consumers.
    pub sold: String,
    /// Whether its holder answered.
    pub answered: bool,
}

/// Amounts of one dimension over all notices, as decimal numbers.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Total {
    /// The unit; absent for pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
    /// Affected.
    pub affected: String,
    /// Held, returned, destroyed or sold: what is known of.
    pub accounted: String,
    /// Held, returned or destroyed: what nobody will eat any more.
    pub recovered: String,
    /// Still there, on hold.
    pub held: String,
    /// Sent back.
    pub returned: String,
    /// Destroyed.
    pub destroyed: String,
    /// Sold to consumers.
    pub sold: String,
    /// Hundredths of what is affected that are accounted for, rounded down.
    pub accounted_percent: u32,
    /// Hundredths that are recovered, rounded down.
    pub recovered_percent: u32,
}

/// How well a recall worked.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The recall.
    pub recall: Recall,
    /// The time of the newest final block, in seconds since the Unix epoch: the report is as of then.
    pub as_of: u64,
    /// Hundredths of those told that took note, rounded down.
    pub acknowledged_percent: u32,
    /// Hundredths of the lines that were answered, rounded down.
    pub answered_percent: u32,
    /// What became of the goods, by dimension.
    pub totals: Vec<Total>,
    /// Everybody who was told, those who are overdue first.
    pub notices: Vec<Notice>,
}

/// Some of the recalls.
#[derive(Debug, Clone, Serialize)]
pub struct Page {
    /// The newest first.
    pub recalls: Vec<Recall>,
    /// The number of the next older one; none at the end.
    pub next: Option<u64>,
}

/// Recalls from a number downwards, the newest first.
///
/// # Errors
/// The module cannot be asked.
pub async fn list(
    chain: &dyn Chain,
    names: &Names,
    before: Option<u64>,
    count: usize,
) -> Result<Page, RecallError> {
    let last = view(chain, recall::ADDRESS, IRecall::recallCountCall {}).await?;
    let from = before.map_or(last, |before| before.saturating_sub(1).min(last));
    let numbers: Vec<u64> = (1..=from).rev().take(count).collect();
    let next = numbers.last().copied().filter(|number| *number > 1);
    let calls = numbers.into_iter().map(|id| IRecall::recallCall { id });
    let mut recalls = Vec::new();
    for recall in views(chain, recall::ADDRESS, calls).await? {
        recalls.push(told(chain, names, recall).await?);
    }
    Ok(Page { recalls, next })
}

/// One recall.
///
/// # Errors
/// There is none with this number.
pub async fn one(chain: &dyn Chain, names: &Names, number: u64) -> Result<Recall, RecallError> {
    told(chain, names, record(chain, number).await?).await
}

/// A recall as the module has it.
pub(super) async fn record(chain: &dyn Chain, id: u64) -> Result<IRecall::Recall, RecallError> {
    let recall = view(chain, recall::ADDRESS, IRecall::recallCall { id }).await?;
    let is_there = recall.id != 0;
    is_there.then_some(recall).ok_or(RecallError::Unknown { what: "recall", number: id })
}

async fn told(
    chain: &dyn Chain,
    names: &Names,
    recall: IRecall::Recall,
) -> Result<Recall, RecallError> {
    let is_waited_for = recall.acknowledged < recall.notices && now(chain).await > recall.deadline;
    let overdue = match is_waited_for {
        true => {
            let notices = all_notices(chain, names, &recall).await?;
            notices.iter().filter(|notice| notice.state == "overdue").count()
        }
        false => 0,
    };
    Ok(Recall {
        recall: recall.id,
        declarer: names.party(recall.organisation),
        by: recall.by,
        regulator: recall.regulator,
        level: words::word(&words::LEVELS, recall.level),
        reason: words::word(&words::REASONS, recall.reason),
        text: recall.text,
        declared_at: recall.declaredAt,
        deadline: recall.deadline,
        ended_at: Some(recall.endedAt).filter(|ended| *ended != 0),
        hold: recall.hold,
        notices: recall.notices,
        acknowledged: recall.acknowledged,
        in_time: recall.inTime,
        overdue: u32::try_from(overdue).unwrap_or(u32::MAX),
        lines: recall.lines,
        answered: recall.answered,
        scope: recall.scope,
        reason_number: recall.reason,
        level_number: recall.level,
    })
}

/// Everybody who was told, in the order in which they were.
async fn all_notices(
    chain: &dyn Chain,
    names: &Names,
    recall: &IRecall::Recall,
) -> Result<Vec<Notice>, RecallError> {
    let pages = (0..u64::from(recall.notices)).step_by(VIEW_PAGE as usize);
    let id = recall.id;
    let calls = pages.map(|from| IRecall::noticesCall { id, from, count: VIEW_PAGE });
    let found = views(chain, recall::ADDRESS, calls).await?;
    let now = now(chain).await;
    Ok(found.into_iter().flatten().map(|notice| shown(names, recall, notice, now)).collect())
}

fn shown(names: &Names, recall: &IRecall::Recall, notice: IRecall::Notice, now: u64) -> Notice {
    let until = recall.deadline.max(notice.sentAt);
    let state = match notice.acknowledgedAt {
        0 if now > until => "overdue",
        0 => "waiting",
        at if at > until => "late",
        _ => "in_time",
    };
    let is_acknowledged = notice.acknowledgedAt != 0;
    Notice {
        party: names.party(notice.party),
        sent_at: notice.sentAt,
        acknowledged_at: is_acknowledged.then_some(notice.acknowledgedAt),
        acknowledged_by: is_acknowledged.then_some(notice.acknowledgedBy),
        state,
        lines: notice.lines,
        answered: notice.answered,
    }
}

/// The notice to one organisation; none where it was not told.
///
/// # Errors
/// There is no such recall.
pub async fn notice_to(
    chain: &dyn Chain,
    names: &Names,
    number: u64,
    party: u64,
) -> Result<Option<Notice>, RecallError> {
    let recall = record(chain, number).await?;
    let call = IRecall::noticeCall { id: number, party };
    let notice = view(chain, recall::ADDRESS, call).await?;
    let now = now(chain).await;
    Ok((notice.sentAt != 0).then(|| shown(names, &recall, notice, now)))
}

/// The lines of a notice.
///
/// # Errors
/// There is no such recall, or the organisation was not told.
pub async fn lines(chain: &dyn Chain, number: u64, party: u64) -> Result<Vec<Line>, RecallError> {
    record(chain, number).await?;
    let raw = raw_lines(chain, number, party).await?;
    if raw.is_empty() {
        return Err(RecallError::Unknown { what: "notice to organisation", number: party });
    }
    let names = names::of_recall(chain, number).await?;
    Ok(raw.into_iter().map(|line| told_line(&names, &line)).collect())
}

/// The lines of a notice as the module has them; none where there is no notice.
pub(super) async fn raw_lines(
    chain: &dyn Chain,
    id: u64,
    party: u64,
) -> Result<Vec<IRecall::Line>, RecallError> {
    let notice = view(chain, recall::ADDRESS, IRecall::noticeCall { id, party }).await?;
    let pages = (0..u64::from(notice.lines)).step_by(VIEW_PAGE as usize);
    let calls = pages.map(|from| IRecall::linesCall { id, party, from, count: VIEW_PAGE });
    Ok(views(chain, recall::ADDRESS, calls).await?.into_iter().flatten().collect())
}

fn told_line(names: &names::Names, line: &IRecall::Line) -> Line {
    let dimension = Dimension::of_unit(&line.unit).unwrap_or(Dimension::Count);
    let decimal = |units: u128| Amount { dimension, units }.decimal();
    Line {
        thing: names.get(&line.thing).cloned().unwrap_or_else(|| line.thing.to_string()),
        unit: dimension.usual_unit(),
        affected: decimal(line.affected),
        held: decimal(line.held),
        returned: decimal(line.returned),
        destroyed: decimal(line.destroyed),
        sold: decimal(line.sold),
        answered: line.answered,
    }
}

/// How well a recall worked until now.
///
/// # Errors
/// There is no such recall.
pub async fn report(chain: &dyn Chain, names: &Names, number: u64) -> Result<Report, RecallError> {
    let raw = record(chain, number).await?;
    let mut notices = all_notices(chain, names, &raw).await?;
    notices.sort_by_key(|notice| (rank(notice.state), notice.party.name.clone()));
    let totals = view(chain, recall::ADDRESS, IRecall::totalsCall { id: number }).await?;
    let recall = told(chain, names, raw).await?;
    Ok(Report {
        as_of: now(chain).await,
        acknowledged_percent: percent(recall.acknowledged.into(), recall.notices.into()),
        answered_percent: percent(recall.answered.into(), recall.lines.into()),
        totals: totals.iter().map(total).collect(),
        notices,
        recall,
    })
}

fn rank(state: &str) -> usize {
    ["overdue", "waiting", "late", "in_time"].iter().position(|one| *one == state).unwrap_or(4)
}

fn total(total: &IRecall::Total) -> Total {
    let dimension = Dimension::of_unit(&total.unit).unwrap_or(Dimension::Count);
    let decimal = |units: u128| Amount { dimension, units }.decimal();
    let recovered = total.held.saturating_add(total.returned).saturating_add(total.destroyed);
    let accounted = recovered.saturating_add(total.sold);
    Total {
        unit: dimension.usual_unit(),
        affected: decimal(total.affected),
        accounted: decimal(accounted),
        recovered: decimal(recovered),
        held: decimal(total.held),
        returned: decimal(total.returned),
        destroyed: decimal(total.destroyed),
        sold: decimal(total.sold),
        accounted_percent: percent(accounted, total.affected),
        recovered_percent: percent(recovered, total.affected),
    }
}

/// Hundredths, rounded down; of nothing there is nothing left to do.
fn percent(part: u128, whole: u128) -> u32 {
    if whole == 0 {
        return 100;
    }
    // Amounts of a recall may be as large as 128 bits hold.
    let share = match part.checked_mul(100) {
        Some(hundredfold) => hundredfold / whole,
        None => part / (whole / 100).max(1),
    };
    u32::try_from(share.min(100)).unwrap_or(100)
}
