//! Puts what a walk found into words and names.

use std::collections::HashMap;

use qiao_epcis::{EventHash, Identifier};

use super::presence::{Presence, presences};
use super::walk::Walk;
use super::words::{kind_of, label, sentence};
use super::{
    Direction, Holder, NodeRole, ThingState, Trace, TraceDocument, TraceItem, TraceLink, TraceNode,
    TraceStep,
};
use crate::columns::{address, count, hash, number};
use crate::database::{Row, sql};
use crate::events::{action_name, kind_name};
use crate::{IndexError, TransactionPlace, Withdrawal};

/// Names of organisations: by number, and by the GLN that is their place.
#[derive(Default)]
struct Parties {
    by_number: HashMap<i64, String>,
    by_gln: HashMap<String, String>,
}

const STEPS: &str = "SELECT e.id, e.hash, e.kind, e.action, e.event_time_ms, e.time_zone, \
     e.record_time_ms, step.name AS step, disposition.name AS disposition, \
     read_point.name AS read_point, biz_location.name AS biz_location, e.party, e.capturer, \
     e.transaction_place, t.hash AS transaction_hash, e.withdrawn_ms, e.withdrawn_reason, \
     (SELECT count(*) FROM items i WHERE i.event = e.id) AS items_total \
     FROM events e JOIN transactions t ON t.place = e.transaction_place \
     LEFT JOIN names step ON step.id = e.step_name \
     LEFT JOIN names disposition ON disposition.id = e.disposition_name \
     LEFT JOIN names read_point ON read_point.id = e.read_point_name \
     LEFT JOIN names biz_location ON biz_location.id = e.biz_location_name \
     WHERE e.id IN (";

/// The trace that a walk amounts to.
pub(super) async fn answer(
    root: &Identifier,
    direction: Direction,
    mut walk: Walk<'_>,
) -> Result<Trace, IndexError> {
    let mut trace = Trace {
        root: root.as_str().to_owned(),
        direction,
        found: false,
        truncated: walk.truncated,
        nodes: Vec::new(),
        links: Vec::new(),
        timeline: Vec::new(),
    };
    let found = walk.root.is_some_and(|root| {
        let life = &walk.lives[&root];
        !walk.steps.is_empty() || !life.mentions.is_empty() || !life.withdrawn.is_empty()
    });
    if !found {
        trace.nodes.push(missing_root(root));
        return Ok(trace);
    }
    trace.found = true;
    let rows_max = walk.limits.rows_max;
    walk.loader.allow(rows_max);
    let parties = parties(&mut walk).await?;
    let presences = presences(&mut walk).await?;
    let places = presences.values().filter_map(|(presence, _)| presence.place);
    let named: Vec<i64> = walk.nodes.iter().copied().chain(places).collect();
    walk.name_all(named.into_iter()).await?;
    walk.loader.allow(rows_max);
    trace.nodes =
        walk.nodes.iter().map(|thing| node(&walk, &parties, *thing, presences[thing])).collect();
    let (steps, hashes) = steps(&mut walk, &parties).await?;
    trace.timeline = steps;
    trace.links = links(&walk, &hashes);
    trace.truncated |= walk.loader.truncated;
    Ok(trace)
}

fn missing_root(root: &Identifier) -> TraceNode {
    TraceNode {
        id: root.as_str().to_owned(),
        label: label(root.as_str()),
        kind: kind_of(root.as_str()),
        depth: 0,
        roles: vec![NodeRole::Root],
        present_place: None,
        present_place_name: None,
        holder: None,
        state: ThingState::Unknown,
        since_ms: None,
        disposition: None,
        missing: true,
    }
}

async fn parties(walk: &mut Walk<'_>) -> Result<Parties, IndexError> {
    let rows =
        sql("SELECT id, name, gln FROM organisations").fetch_all(walk.loader.connection).await?;
    let mut parties = Parties::default();
    for row in rows {
        let name: String = row.try_get("name")?;
        let gln: Option<String> = row.try_get("gln")?;
        if let Some(gln) = gln {
            parties.by_gln.insert(gln, name.clone());
        }
        parties.by_number.insert(row.try_get("id")?, name);
    }
    Ok(parties)
}

impl Parties {
    /// The member whose place or party this is.
    fn place(&self, uri: &str) -> Option<String> {
        let key = uri.strip_prefix("https://id.gs1.org/")?;
        let gln = key.strip_prefix("414/").or_else(|| key.strip_prefix("417/"))?;
        let gln = gln.split('/').next()?;
        self.by_gln.get(gln).cloned()
    }
}

fn node(
    walk: &Walk<'_>,
    parties: &Parties,
    thing: i64,
    (presence, missing): (Presence, bool),
) -> TraceNode {
    let id = name(walk, thing);
    let place = presence.place.map(|place| name(walk, place));
    let reached = &walk.reached[&thing];
    let holder = presence
        .party
        .map(|party| Holder { party: party as u64, name: parties.by_number.get(&party).cloned() });
    TraceNode {
        label: label(&id),
        kind: kind_of(&id),
        depth: reached.depth,
        roles: reached.roles.iter().copied().collect(),
        present_place_name: place.as_deref().and_then(|place| parties.place(place)),
        present_place: place,
        holder,
        state: presence.state,
        since_ms: presence.since,
        disposition: presence.disposition.map(|word| name(walk, word)),
        missing,
        id,
    }
}

fn name(walk: &Walk<'_>, number: i64) -> String {
    walk.names.get(&number).cloned().unwrap_or_default()
}

fn links(walk: &Walk<'_>, hashes: &HashMap<i64, String>) -> Vec<TraceLink> {
    let mut links: Vec<TraceLink> = walk
        .links
        .iter()
        .filter_map(|(link, (from_ms, until_ms))| {
            Some(TraceLink {
                from: name(walk, link.from),
                to: name(walk, link.to),
                relation: link.relation,
                event: hashes.get(&link.event)?.clone(),
                from_ms: *from_ms,
                until_ms: *until_ms,
            })
        })
        .collect();
    links
        .sort_by(|left, right| left.from_ms.cmp(&right.from_ms).then(left.event.cmp(&right.event)));
    links
}

/// The timeline, and the hashes of its events by number.
async fn steps(
    walk: &mut Walk<'_>,
    parties: &Parties,
) -> Result<(Vec<TraceStep>, HashMap<i64, String>), IndexError> {
    let links: Vec<i64> = walk.links.keys().map(|link| link.event).collect();
    let events: std::collections::BTreeSet<i64> = walk.steps.keys().copied().chain(links).collect();
    let events: Vec<i64> = events.into_iter().collect();
    let mut items = items(walk, &events).await?;
    let mut documents = documents(walk, &events).await?;
    let mut steps = Vec::with_capacity(events.len());
    let mut hashes = HashMap::with_capacity(events.len());
    for row in walk.loader.rows_of(STEPS, &events, ")").await? {
        let event: i64 = row.try_get("id")?;
        let mut step = step(&row, parties)?;
        step.items = items.remove(&event).unwrap_or_default();
        step.documents = documents.remove(&event).unwrap_or_default();
        let concerns = walk.steps.get(&event).into_iter().flatten();
        step.concerns = concerns.map(|thing| name(walk, *thing)).collect();
        step.words = sentence(&step);
        hashes.insert(event, step.event.clone());
        steps.push((step.event_time_ms, event, step));
    }
    steps.sort_by_key(|(time, event, _)| (*time, *event));
    Ok((steps.into_iter().map(|(.., step)| step).collect(), hashes))
}

fn step(row: &Row, parties: &Parties) -> Result<TraceStep, IndexError> {
    let party: i64 = row.try_get("party")?;
    let read_point: Option<String> = row.try_get("read_point")?;
    let biz_location: Option<String> = row.try_get("biz_location")?;
    let place = read_point.as_deref().or(biz_location.as_deref());
    let withdrawn_ms: Option<i64> = row.try_get("withdrawn_ms")?;
    let reason = row.try_get("withdrawn_reason")?;
    Ok(TraceStep {
        event: EventHash(hash(row, "hash")?.0).to_string(),
        kind: kind_name(row.try_get("kind")?)?.to_owned(),
        action: action_name(row.try_get("action")?)?.map(str::to_owned),
        words: String::new(),
        biz_step: row.try_get("step")?,
        disposition: row.try_get("disposition")?,
        event_time_ms: row.try_get("event_time_ms")?,
        time_zone: row.try_get("time_zone")?,
        record_time_ms: number(row, "record_time_ms")?,
        place_name: place.and_then(|place| parties.place(place)),
        read_point,
        biz_location,
        party: party as u64,
        party_name: parties.by_number.get(&party).cloned(),
        capturer: address(row, "capturer")?,
        items: Vec::new(),
        items_total: count(row, "items_total")?,
        concerns: Vec::new(),
        documents: Vec::new(),
        place: TransactionPlace::from_number(row.try_get("transaction_place")?),
        transaction: hash(row, "transaction_hash")?,
        withdrawn: withdrawn_ms.map(|declared_ms| Withdrawal { declared_ms, reason }),
    })
}

async fn items(
    walk: &mut Walk<'_>,
    events: &[i64],
) -> Result<HashMap<i64, Vec<TraceItem>>, IndexError> {
    let head = "SELECT i.event, i.role, n.name, i.quantity, u.name AS uom \
         FROM items i JOIN names n ON n.id = i.identifier \
         LEFT JOIN names u ON u.id = i.uom_name WHERE i.event IN (";
    let tail = format!(") AND i.nth < {} ORDER BY i.event, i.nth", walk.limits.items_per_step_max);
    let mut items: HashMap<i64, Vec<TraceItem>> = HashMap::new();
    for row in walk.loader.rows_of(head, events, &tail).await? {
        items.entry(row.try_get("event")?).or_default().push(TraceItem {
            role: role_name(row.try_get("role")?).to_owned(),
            id: row.try_get("name")?,
            quantity: row.try_get("quantity")?,
            uom: row.try_get("uom")?,
        });
    }
    Ok(items)
}

fn role_name(code: i64) -> &'static str {
    match code {
        // An object whose life turns is an object.
        0 | 6 => "object",
        2 => "child",
        3 => "input",
        4 => "output",
        // A parent that is emptied is a parent.
        _ => "parent",
    }
}

async fn documents(
    walk: &mut Walk<'_>,
    events: &[i64],
) -> Result<HashMap<i64, Vec<TraceDocument>>, IndexError> {
    let head = "SELECT d.event, k.name AS kind, n.name FROM documents d \
         JOIN names n ON n.id = d.document LEFT JOIN names k ON k.id = d.type_name \
         WHERE d.event IN (";
    let mut documents: HashMap<i64, Vec<TraceDocument>> = HashMap::new();
    for row in walk.loader.rows_of(head, events, ") ORDER BY d.event, d.nth").await? {
        documents
            .entry(row.try_get("event")?)
            .or_default()
            .push(TraceDocument { kind: row.try_get("kind")?, id: row.try_get("name")? });
    }
    Ok(documents)
}
