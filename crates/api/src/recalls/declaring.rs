//! Declaring a recall with its notices, telling again what moved since, and the drill of it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use alloy_primitives::{B256, Bytes};
use alloy_sol_types::SolCall as _;
use qiao_epcis::{Amount, Identifier};
use qiao_modules::recall::{self, IRecall, LINES_MAX};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Found, Plan, RecallError, affected, milliseconds, names,
    plan::{self, PlannedLine, PlannedNotice},
    reading,
};
use crate::{
    Chain,
    finance::{Desk, names::Party},
    reverts,
    sending::{Order, SendError},
};

/// Bytes of the text of a recall.
pub const TEXT_BYTES_MAX: usize = 1_024;

/// A call is waited for so long until it is final.
const WAIT: Duration = Duration::from_secs(20);

/// What is asked of a recall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The suspect things.
    pub suspects: Vec<Identifier>,
    /// How far it reaches, by number.
    pub level: u8,
    /// Why, by number.
    pub reason: u8,
    /// In words.
    pub text: String,
    /// Seconds in which everybody is to take note.
    pub deadline_seconds: u64,
}

/// A recall that was declared.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Declared {
    /// Its number.
    pub recall: u64,
    /// The transaction that declared it.
    #[schema(value_type = String)]
    pub transaction: B256,
    /// The block in which it is final; absent where it is not final yet, and nobody was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
    /// The notices that were sent.
    pub notices: Vec<Sent>,
    /// What is affected.
    pub found: Found,
    /// What was planned.
    pub plan: Plan,
    /// Milliseconds from the question to the last notice.
    pub elapsed_ms: u64,
}

/// A notice that was sent, or was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// To whom.
    pub party: Party,
    /// Lines.
    pub lines: usize,
    /// Whether all of them are final.
    pub is_final: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What a drill found. Nothing of it is on the chain.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Drilled {
    /// The steps with their time.
    pub steps: Vec<Step>,
    /// Milliseconds from the question until everything could have been signed.
    pub elapsed_ms: u64,
    /// Why the chain would refuse the recall, with its code, where it would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// What is affected.
    pub found: Found,
    /// What would be called back, and who would be told.
    pub plan: Plan,
}

/// A step of a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// `found`, `planned` or `tried`.
    pub what: &'static str,
    /// Milliseconds that it took.
    pub elapsed_ms: u64,
}

fn declaration(asked: &Asked, plan: &Plan) -> IRecall::declareCall {
    IRecall::declareCall {
        things: plan.things.clone(),
        level: asked.level,
        reason: asked.reason,
        text: asked.text.clone(),
        deadlineSeconds: asked.deadline_seconds,
        scope: plan.scope,
    }
}

/// Declares a recall of suspect things and everything affected that the desk may call back, and tells
/// everybody that has some of it.
///
/// # Errors
/// Nothing is known of the things, or the chain refuses the recall; then nothing was sent.
pub async fn declare(
    chain: &dyn Chain,
    desk: &Desk,
    asked: &Asked,
) -> Result<Declared, RecallError> {
    let begun = Instant::now();
    let found = affected(chain, &asked.suspects).await?;
    let plan = plan::plan(chain, desk, &found.affected).await?;
    let done = desk.act(recall::ADDRESS, declaration(asked, &plan)).await?;
    let notices = match done.block {
        Some(_) => send(desk, done.returned, &plan.notices).await?,
        None => Vec::new(),
    };
    let (recall, transaction, block) = (done.returned, done.transaction, done.block);
    let elapsed_ms = milliseconds(begun);
    Ok(Declared { recall, transaction, block, notices, found, plan, elapsed_ms })
}

/// Does everything but sending: finds, plans, and tries the declaration out on the newest state.
///
/// # Errors
/// Nothing is known of the things, or the node cannot tell.
pub async fn drill(chain: &dyn Chain, desk: &Desk, asked: &Asked) -> Result<Drilled, RecallError> {
    let begun = Instant::now();
    let found = affected(chain, &asked.suspects).await?;
    let planning = Instant::now();
    let plan = plan::plan(chain, desk, &found.affected).await?;
    let trying = Instant::now();
    let tried = desk.try_out(recall::ADDRESS, &declaration(asked, &plan)).await;
    let refusal = match tried {
        Ok(_) => None,
        Err(error @ (SendError::Reverted { .. } | SendError::Invalid(_))) => {
            Some(error.to_string())
        }
        Err(other) => return Err(other.into()),
    };
    let planned_ms = u64::try_from((trying - planning).as_millis()).unwrap_or(u64::MAX);
    let steps = vec![
        Step { what: "found", elapsed_ms: found.elapsed_ms },
        Step { what: "planned", elapsed_ms: planned_ms },
        Step { what: "tried", elapsed_ms: milliseconds(trying) },
    ];
    Ok(Drilled { steps, elapsed_ms: milliseconds(begun), refusal, found, plan })
}

/// Looks again at what an open recall concerns, and tells those whom it did not tell yet, or of more
/// than it told: goods that moved, and events that were recorded late.
///
/// # Errors
/// There is no such recall, or the node cannot tell.
pub async fn notify(chain: &dyn Chain, desk: &Desk, number: u64) -> Result<Vec<Sent>, RecallError> {
    reading::record(chain, number).await?;
    let suspects = roots(chain, &names::things_of(chain, number).await?).await?;
    let found = affected(chain, &suspects).await?;
    let mut missing = Vec::new();
    for notice in plan::notices(&found.affected) {
        let party = notice.party.organisation;
        let known = reading::raw_lines(chain, number, party).await?;
        let known: BTreeMap<B256, IRecall::Line> =
            known.into_iter().map(|line| (line.thing, line)).collect();
        let lines: Vec<PlannedLine> = notice
            .lines
            .into_iter()
            .filter(|line| is_news(line, known.get(&names::key(&line.thing))))
            .collect();
        if !lines.is_empty() {
            missing.push(PlannedNotice { party: notice.party, lines });
        }
    }
    send(desk, number, &missing).await
}

/// Whether a line says more than the notice that was sent.
fn is_news(line: &PlannedLine, known: Option<&IRecall::Line>) -> bool {
    let Some(known) = known else { return true };
    let amount = Amount::read(&line.quantity, line.unit.as_deref());
    amount.is_ok_and(|amount| amount.units > known.affected)
}

/// Those of a recall's things from which the others follow, in their order.
async fn roots(chain: &dyn Chain, things: &[String]) -> Result<Vec<Identifier>, RecallError> {
    let mut roots = Vec::new();
    let mut reached: Vec<String> = Vec::new();
    for thing in things {
        let Ok(id) = Identifier::parse(thing) else { continue };
        let is_reached = reached.iter().any(|known| known == id.as_str());
        if is_reached || roots.len() == super::SUSPECTS_MAX {
            continue;
        }
        let found = match affected(chain, std::slice::from_ref(&id)).await {
            Ok(found) => found,
            Err(RecallError::NothingKnown { .. }) => continue,
            // Without an answer nobody would be told, and it would look as if nothing had moved.
            Err(error) => return Err(error),
        };
        reached.extend(found.affected.lines.into_iter().map(|line| line.thing));
        reached.extend(found.affected.containers);
        roots.push(id);
    }
    Ok(roots)
}

/// Sends notices, at most [`LINES_MAX`] lines with one call, and waits until all are final. One that is
/// refused does not keep the others back.
async fn send(
    desk: &Desk,
    number: u64,
    notices: &[PlannedNotice],
) -> Result<Vec<Sent>, RecallError> {
    let mut under_way = Vec::new();
    for notice in notices {
        for lines in notice.lines.chunks(LINES_MAX) {
            let call = IRecall::notifyCall {
                id: number,
                party: notice.party.organisation,
                lines: lines.iter().map(PlannedLine::call).collect(),
            };
            let data: Bytes = call.abi_encode().into();
            under_way.push((notice, lines.len(), submitted(desk, data).await));
        }
    }
    let mut sent: Vec<Sent> = Vec::new();
    for (notice, lines, submitted) in under_way {
        let settled = match submitted {
            Ok(transaction) => desk.submitter().settle(&transaction, WAIT).await,
            Err(error) => Err(error),
        };
        let (is_final, problem) = match settled {
            Ok(Some((block, position))) => match block.receipts.get(position) {
                Some(receipt) if receipt.succeeded() => (true, None),
                Some(receipt) => (false, reverts::words(&receipt.output)),
                None => (false, None),
            },
            Ok(None) => (false, Some("not final yet".to_owned())),
            Err(error) => (false, Some(error.to_string())),
        };
        match sent.last_mut().filter(|last| last.party == notice.party) {
            Some(last) => {
                last.lines += lines;
                last.is_final &= is_final;
                last.problem = last.problem.take().or(problem);
            }
            None => sent.push(Sent { party: notice.party.clone(), lines, is_final, problem }),
        }
    }
    Ok(sent)
}

async fn submitted(
    desk: &Desk,
    data: Bytes,
) -> Result<std::sync::Arc<qiao_types::SignedTransaction>, SendError> {
    let order = Order { to: Some(recall::ADDRESS), data, ..Order::default() };
    let trial = desk.submitter().try_out(&order).await?;
    desk.submitter().send(order, trial.gas).await
}
