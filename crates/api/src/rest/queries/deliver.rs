//! Reports to subscribers: posted where they asked for, at once or on schedule.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use qiao_epcis::XmlForm;
use qiao_indexer::{EventQuery, IndexError, IndexedEvent};
use sha2::{Digest, Sha256};
use tokio::{task, time};

use super::{
    routes::parameters,
    schedule::Schedule,
    store::{NamedQuery, Subscription},
};
use crate::chain::Head;
use crate::rest::{
    Context,
    answer::{self, Asked},
    events,
    headers::{Media, Wish},
    hidden,
};
use crate::sharing::{Shown, Sight};

/// How often schedules are looked at.
const TICK: Duration = Duration::from_secs(1);

/// After a report that failed the next one waits, longer each time, up to this.
const PAUSE_MAX: Duration = Duration::from_secs(300);

/// Missed ticks that are made up for.
const MISSED_MAX_S: i64 = 60;

/// How a receiver did lately.
#[derive(Debug, Clone, Copy)]
struct Trouble {
    failures: u32,
    until: Instant,
}

/// Serves the subscriptions until the process ends.
pub(in crate::rest) fn start(context: &Context) {
    // Without a runtime there is nobody to be served either.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let context = context.clone();
    runtime.spawn(async move {
        let mut heads = context.chain.heads();
        let mut troubled: HashMap<String, Trouble> = HashMap::new();
        let mut looked_at = Timestamp::now();
        loop {
            let ended = tokio::select! {
                changed = heads.changed() => changed.is_err(),
                () = time::sleep(TICK) => false,
            };
            let now = Timestamp::now();
            serve(&context, &mut troubled, looked_at, now).await;
            looked_at = now;
            if ended {
                return;
            }
        }
    });
}

/// Reports to everybody whose time has come since the last look.
async fn serve(
    context: &Context,
    troubled: &mut HashMap<String, Trouble>,
    from: Timestamp,
    to: Timestamp,
) {
    let subscriptions = context.queries.all();
    troubled.retain(|id, _| subscriptions.iter().any(|(_, known)| known.id == *id));
    for (query, subscription) in subscriptions {
        let waits = troubled.get(&subscription.id).is_some_and(|t| t.until > Instant::now());
        // What could not be delivered is tried again whatever the schedule says.
        let is_overdue = troubled.contains_key(&subscription.id);
        if waits
            || !(subscription.stream
                || is_overdue
                || is_due(subscription.schedule.as_ref(), from, to))
        {
            continue;
        }
        match report(context, &query, &subscription).await {
            Ok(()) => {
                troubled.remove(&subscription.id);
            }
            Err(reason) => {
                let failures = troubled.get(&subscription.id).map_or(0, |t| t.failures) + 1;
                let pause = Duration::from_secs(1 << failures.min(10)).min(PAUSE_MAX);
                let until = Instant::now() + pause;
                tracing::warn!(subscription = %subscription.id, %reason, "a report was not taken");
                troubled.insert(subscription.id.clone(), Trouble { failures, until });
            }
        }
    }
}

/// Whether a second after `from`, up to `to`, is one of the schedule.
pub(super) fn is_due(schedule: Option<&Schedule>, from: Timestamp, to: Timestamp) -> bool {
    let Some(schedule) = schedule else { return false };
    let first = from.as_second().max(to.as_second() - MISSED_MAX_S) + 1;
    (first..=to.as_second())
        .filter_map(|second| Timestamp::from_second(second).ok())
        .any(|at| schedule.is_due(at))
}

/// Posts the events that were recorded since the last report, page by page.
async fn report(
    context: &Context,
    query: &NamedQuery,
    subscription: &Subscription,
) -> Result<(), String> {
    let Some(mut recorded) = Recorded::since(context, query, &subscription.min_record_time)? else {
        return Ok(());
    };
    let sight = match &subscription.partner {
        Some(partner) => Sight::of_partner(&*context.chain, partner),
        None => Sight::Own,
    };
    // What was open when the subscription was made may be hidden since.
    let asked = parameters(query).map_err(|problem| problem.detail)?;
    hidden::check(&sight, &asked).map_err(|problem| problem.detail)?;
    let mut notified = None;
    while let Some(events) = recorded.next(context).await.map_err(|error| error.to_string())? {
        let is_last = recorded.question.is_none();
        if !events.is_empty() || subscription.report_if_empty && is_last && notified.is_none() {
            let events = sight.show(&*context.chain, events).await;
            post(context, (query, subscription), events).await?;
            notified = Some(format!("{:.3}", Timestamp::now()));
        }
    }
    let notified = notified.as_deref();
    let noted = context.queries.reported(&query.name, &subscription.id, recorded.until(), notified);
    noted.map_err(|error| error.to_string())
}

/// The first time of recording that a block after this one can have.
pub(super) fn after(head: &Head) -> Timestamp {
    let stamp = i64::try_from(head.timestamp_ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(stamp.saturating_add(1)).unwrap_or(Timestamp::MAX)
}

/// The events of a query that were recorded from a time on up to the newest block, page by page.
pub(super) struct Recorded {
    /// The question for the next page, if there is one.
    question: Option<EventQuery>,
    until: String,
}

impl Recorded {
    /// Those since a time of recording; `None` where no block is newer.
    pub(super) fn since(
        context: &Context,
        query: &NamedQuery,
        from: &str,
    ) -> Result<Option<Self>, String> {
        let until = format!("{:.3}", after(&context.chain.head()));
        if from >= until.as_str() {
            return Ok(None);
        }
        let mut asked = parameters(query).map_err(|problem| problem.detail)?;
        asked
            .retain(|(name, _)| !matches!(name.as_str(), "orderBy" | "orderDirection" | "perPage"));
        asked.push(("GE_recordTime".to_owned(), from.to_owned()));
        asked.push(("LT_recordTime".to_owned(), until.clone()));
        let asked = context.master.resolve(asked).map_err(|problem| problem.detail)?;
        let question = events::read(&asked).map_err(|problem| problem.detail)?.per_page(100);
        Ok(Some(Self { question: Some(question), until }))
    }

    /// The next page; `None` after the last.
    pub(super) async fn next(
        &mut self,
        context: &Context,
    ) -> Result<Option<Vec<IndexedEvent>>, IndexError> {
        let Some(question) = self.question.take() else { return Ok(None) };
        let page = context.chain.index().events(&question).await?;
        self.question = page.next.map(|next| question.after(&next));
        Ok(Some(page.items))
    }

    /// The time of recording up to which they reach.
    pub(super) fn until(&self) -> &str {
        &self.until
    }
}

async fn post(
    context: &Context,
    (query, subscription): (&NamedQuery, &Subscription),
    events: Shown,
) -> Result<(), String> {
    // What was allowed when the subscription was made may not be any more.
    context.limits.receivers.check(&subscription.dest).map_err(|problem| problem.detail)?;
    let wish = Wish { media: Media::JsonLd, xml: XmlForm::default(), links: false };
    let asked = Asked { query: query.name.clone(), subscription: Some(subscription.id.clone()) };
    let (dest, token) = (subscription.dest.clone(), subscription.signature_token.clone());
    let agent = context.reporter.clone();
    let sending = task::spawn_blocking(move || {
        let body = answer::text(&events, wish, &asked).map_err(|error| error.to_string())?;
        let mut request = agent
            .post(&dest)
            .header("content-type", wish.media.name())
            .header("gs1-epcis-version", "2.0.0")
            .header("gs1-cbv-version", "2.0.0");
        if let Some(token) = token {
            request = request.header("gs1-signature", signature(token.as_bytes(), body.as_bytes()));
        }
        match request.send(&body) {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("`{dest}` answered {}", answer.status())),
            Err(error) => Err(format!("`{dest}`: {error}")),
        }
    });
    sending.await.map_err(|error| error.to_string())?
}

/// HMAC with SHA-256 (RFC 2104), in hexadecimal digits.
fn signature(key: &[u8], message: &[u8]) -> String {
    let mut block = [0_u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
    alloy_primitives::hex::encode(outer)
}

#[cfg(test)]
mod tests;
