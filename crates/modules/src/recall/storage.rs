//! Where `recall` keeps what it knows.

use alloy_primitives::B256;
use qiao_module_kit::{
    Context, Outcome, layout,
    storage::{Lists, Map, Value},
};

use super::types::{Line, Notice, Recall, RecallId, Total};
use crate::members::OrganisationId;

layout! { pub(super) fn layout();
    /// The number of the last recall.
    LAST: Value<RecallId>;
    /// Recalls by number.
    RECALLS: Map<RecallId, Recall>;
    /// Who was told, in order.
    PARTIES: Lists<RecallId, OrganisationId>;
    /// Notices by recall and organisation.
    NOTICES: Map<(RecallId, OrganisationId), Notice>;
    /// Lines by recall, organisation and place in the notice, from 0.
    LINES: Map<((RecallId, OrganisationId), u32), Line>;
    /// The place of a thing in a notice, from 1.
    LINE_NUMBERS: Map<((RecallId, OrganisationId), B256), u32>;
    /// Amounts by recall and dimension.
    TOTALS: Map<(RecallId, u8), Total>;
}

pub(super) fn last(context: &mut Context<'_>) -> Outcome<RecallId> {
    LAST.get(context)
}

pub(super) fn recall(context: &mut Context<'_>, id: RecallId) -> Outcome<Recall> {
    RECALLS.get(context, &id)
}

pub(super) fn set_recall(context: &mut Context<'_>, id: RecallId, recall: &Recall) -> Outcome<()> {
    RECALLS.set(context, &id, recall)
}

pub(super) fn add_recall(context: &mut Context<'_>, recall: &Recall) -> Outcome<RecallId> {
    let id = RecallId::new(LAST.get(context)?.get() + 1);
    LAST.set(context, &id)?;
    set_recall(context, id, recall)?;
    Ok(id)
}

pub(super) fn party(
    context: &mut Context<'_>,
    id: RecallId,
    index: u64,
) -> Outcome<Option<OrganisationId>> {
    PARTIES.get(context, &id, index)
}

pub(super) fn add_party(
    context: &mut Context<'_>,
    id: RecallId,
    party: OrganisationId,
) -> Outcome<()> {
    PARTIES.push(context, &id, party).map(|_| ())
}

pub(super) fn notice(
    context: &mut Context<'_>,
    id: RecallId,
    party: OrganisationId,
) -> Outcome<Notice> {
    NOTICES.get(context, &(id, party))
}

pub(super) fn set_notice(
    context: &mut Context<'_>,
    id: RecallId,
    party: OrganisationId,
    notice: &Notice,
) -> Outcome<()> {
    NOTICES.set(context, &(id, party), notice)
}

pub(super) fn line(
    context: &mut Context<'_>,
    id: RecallId,
    party: OrganisationId,
    index: u32,
) -> Outcome<Line> {
    LINES.get(context, &((id, party), index))
}

pub(super) fn set_line(
    context: &mut Context<'_>,
    id: RecallId,
    party: OrganisationId,
    index: u32,
    line: &Line,
) -> Outcome<()> {
    LINES.set(context, &((id, party), index), line)
}

/// The place of a thing in a notice; `None` if it is not in it.
pub(super) fn line_index(
    context: &mut Context<'_>,
    id: RecallId,
    party: OrganisationId,
    thing: B256,
) -> Outcome<Option<u32>> {
    Ok(LINE_NUMBERS.get(context, &((id, party), thing))?.checked_sub(1))
}

pub(super) fn set_line_index(
    context: &mut Context<'_>,
    id: RecallId,
    party: OrganisationId,
    thing: B256,
    index: u32,
) -> Outcome<()> {
    LINE_NUMBERS.set(context, &((id, party), thing), &(index + 1))
}

pub(super) fn total(context: &mut Context<'_>, id: RecallId, dimension: u8) -> Outcome<Total> {
    TOTALS.get(context, &(id, dimension))
}

pub(super) fn set_total(
    context: &mut Context<'_>,
    id: RecallId,
    dimension: u8,
    total: &Total,
) -> Outcome<()> {
    TOTALS.set(context, &(id, dimension), total)
}
