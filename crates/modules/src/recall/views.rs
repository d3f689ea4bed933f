//! What can be asked of `recall`.

use qiao_epcis::Dimension;
use qiao_module_kit::{Context, Outcome, page};

use super::{
    abi::IRecall::{self, *},
    calls::usual_unit,
    storage,
    types::{self, RecallId},
};
use crate::members::OrganisationId;

/// A recall by number; all zero where there is none.
pub(super) fn recall(context: &mut Context<'_>, call: recallCall) -> Outcome<IRecall::Recall> {
    let recall = storage::recall(context, RecallId::new(call.id))?;
    Ok(IRecall::Recall {
        id: if recall.declared_at == 0 { 0 } else { call.id },
        organisation: recall.organisation.get(),
        by: recall.by,
        regulator: recall.is_regulator,
        level: recall.level,
        reason: recall.reason,
        declaredAt: recall.declared_at,
        deadline: recall.deadline,
        endedAt: recall.ended_at,
        hold: recall.hold.get(),
        notices: recall.notices,
        acknowledged: recall.acknowledged,
        inTime: recall.in_time,
        lines: recall.lines,
        answered: recall.answered,
        scope: recall.scope,
        text: recall.text,
    })
}

/// How many recalls there are.
pub(super) fn recall_count(context: &mut Context<'_>, _: recallCountCall) -> Outcome<u64> {
    Ok(storage::last(context)?.get())
}

/// The notice to an organisation; all zero where there is none.
pub(super) fn notice(context: &mut Context<'_>, call: noticeCall) -> Outcome<IRecall::Notice> {
    let party = OrganisationId::new(call.party);
    let notice = storage::notice(context, RecallId::new(call.id), party)?;
    Ok(shown(party, &notice))
}

/// The notices of a recall in the order in which they were sent.
pub(super) fn notices(
    context: &mut Context<'_>,
    call: noticesCall,
) -> Outcome<Vec<IRecall::Notice>> {
    let id = RecallId::new(call.id);
    page(context, call.from, call.count, |context, index| {
        let Some(party) = storage::party(context, id, index)? else { return Ok(None) };
        let notice = storage::notice(context, id, party)?;
        Ok(Some(shown(party, &notice)))
    })
}

/// The lines of a notice in their order.
pub(super) fn lines(context: &mut Context<'_>, call: linesCall) -> Outcome<Vec<IRecall::Line>> {
    let (id, party) = (RecallId::new(call.id), OrganisationId::new(call.party));
    let count = u64::from(storage::notice(context, id, party)?.lines);
    page(context, call.from, call.count, |context, index| {
        let Some(index) = u32::try_from(index).ok().filter(|_| index < count) else {
            return Ok(None);
        };
        let line = storage::line(context, id, party, index)?;
        Ok(Some(IRecall::Line {
            thing: line.thing,
            unit: usual_unit(line.dimension),
            affected: line.affected,
            held: line.held,
            returned: line.returned,
            destroyed: line.destroyed,
            sold: line.sold,
            answered: line.is_answered,
        }))
    })
}

/// What became of everything, by dimension.
pub(super) fn totals(context: &mut Context<'_>, call: totalsCall) -> Outcome<Vec<IRecall::Total>> {
    let mut totals = Vec::new();
    for dimension in Dimension::ALL {
        let number = dimension.number();
        let total = storage::total(context, RecallId::new(call.id), number)?;
        if total.affected > 0 {
            totals.push(IRecall::Total {
                unit: usual_unit(number),
                affected: total.affected,
                held: total.held,
                returned: total.returned,
                destroyed: total.destroyed,
                sold: total.sold,
            });
        }
    }
    Ok(totals)
}

fn shown(party: OrganisationId, notice: &types::Notice) -> IRecall::Notice {
    IRecall::Notice {
        party: party.get(),
        sentAt: notice.sent_at,
        acknowledgedAt: notice.acknowledged_at,
        acknowledgedBy: notice.acknowledged_by,
        lines: notice.lines,
        answered: notice.answered,
    }
}
