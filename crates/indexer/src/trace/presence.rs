//! Where each thing of a trace is, as far as was recorded.

use std::collections::{BTreeSet, HashMap};

use super::ThingState;
use super::life::{Deed, Kind, Mention, Part};
use super::walk::Walk;
use crate::IndexError;

/// Containers within containers are followed this far.
const NESTING_MAX: usize = 8;

/// Of the containers that a lot is in, so many are looked at, newest first.
const CONTAINERS_MAX: usize = 8;

/// Where a thing is; numbers are those of `names`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Presence {
    pub(super) state: ThingState,
    pub(super) place: Option<i64>,
    pub(super) party: Option<i64>,
    pub(super) since: Option<i64>,
    /// The last disposition that anybody gave it.
    pub(super) disposition: Option<i64>,
}

/// A mention that tells where a thing is: its own, or one of what it is inside.
struct Sign<'a> {
    mention: &'a Mention,
    own: bool,
}

/// Computes where all nodes of the walk are.
pub(super) async fn presences(
    walk: &mut Walk<'_>,
) -> Result<HashMap<i64, (Presence, bool)>, IndexError> {
    // A product that was not followed has no life here.
    let mut pending: Vec<i64> =
        walk.nodes.iter().copied().filter(|thing| walk.lives.contains_key(thing)).collect();
    let mut things: BTreeSet<i64> = pending.iter().copied().collect();
    for _ in 0..NESTING_MAX {
        walk.load_with_parents(&pending).await?;
        let open = pending.iter().flat_map(|thing| walk.stays[thing].iter());
        let parents: BTreeSet<i64> =
            open.filter(|stay| stay.until.is_none()).map(|stay| stay.parent).collect();
        pending = parents.into_iter().filter(|parent| things.insert(*parent)).collect();
        if pending.is_empty() {
            break;
        }
    }
    let all: Vec<i64> = things.into_iter().collect();
    let last = walk.loader.last_mentions(&all).await?;
    let words: Vec<i64> = last
        .values()
        .flatten()
        .flat_map(|mention| [mention.place.step, mention.place.disposition])
        .flatten()
        .collect();
    walk.name_all(words.into_iter()).await?;
    let mut found = HashMap::new();
    for thing in &walk.nodes {
        let mut signs = Vec::new();
        if !walk.lives.contains_key(thing) {
            found.insert(*thing, (presence(walk, &signs), false));
            continue;
        }
        signs_of(walk, &last, *thing, i64::MIN, NESTING_MAX, &mut signs);
        signs.sort_by_key(|sign| std::cmp::Reverse(sign.mention.moment()));
        let missing = !last.get(thing).into_iter().flatten().any(is_evidence);
        found.insert(*thing, (presence(walk, &signs), missing));
    }
    Ok(found)
}

/// Whether somebody recorded that the thing exists, rather than only referring to it: it was made,
/// seen on its own, or packed.
fn is_evidence(mention: &Mention) -> bool {
    matches!(mention.part, Part::Object | Part::Output | Part::Parent)
}

fn signs_of<'a>(
    walk: &Walk<'_>,
    last: &'a HashMap<i64, Vec<Mention>>,
    thing: i64,
    from: i64,
    nesting: usize,
    signs: &mut Vec<Sign<'a>>,
) {
    let own = nesting == NESTING_MAX;
    let latest = last.get(&thing).into_iter().flatten().filter(|mention| mention.time >= from);
    signs.extend(latest.map(|mention| Sign { mention, own }));
    let Some(stays) = walk.stays.get(&thing).filter(|_| nesting > 0) else { return };
    let open = stays.iter().rev().filter(|stay| stay.until.is_none());
    for stay in open.take(CONTAINERS_MAX) {
        signs_of(walk, last, stay.parent, stay.from.max(from), nesting - 1, signs);
    }
}

fn presence(walk: &Walk<'_>, signs: &[Sign<'_>]) -> Presence {
    let mut presence = Presence {
        state: ThingState::Unknown,
        place: None,
        party: None,
        since: None,
        disposition: signs.iter().find_map(|sign| sign.mention.place.disposition),
    };
    let is_move = |sign: &&Sign<'_>| !is_notice(walk, sign.mention);
    let Some(last) = signs.iter().find(is_move).or(signs.first()) else { return presence };
    presence.state = state_of(walk, last);
    presence.party = Some(last.mention.place.party);
    presence.since = Some(last.mention.time);
    if presence.state != ThingState::InTransit {
        let moves = || signs.iter().filter(is_move).chain(signs).map(|sign| sign.mention.place);
        presence.place = moves()
            .find_map(|place| place.biz_location)
            .or_else(|| moves().find_map(|place| place.read_point));
    }
    presence
}

/// Whether somebody only says something about the thing, wherever it is: an inspection, an order,
/// a recall by the regulator.
fn is_notice(walk: &Walk<'_>, mention: &Mention) -> bool {
    let step = mention.place.step.and_then(|step| walk.names.get(&step)).map(String::as_str);
    mention.kind == Kind::Transaction
        || matches!(step, Some("inspecting" | "holding" | "reserving" | "cycle_counting"))
}

fn state_of(walk: &Walk<'_>, sign: &Sign<'_>) -> ThingState {
    let mention = sign.mention;
    let word = |id: Option<i64>| id.and_then(|id| walk.names.get(&id)).map(String::as_str);
    let (step, disposition) = (word(mention.place.step), word(mention.place.disposition));
    let is_input = mention.part == Part::Input;
    let is_deletion = matches!(
        (mention.part, mention.kind, mention.deed),
        (Part::Object, Kind::Object, Deed::Delete)
    );
    match (step, disposition) {
        (Some("retail_selling" | "dispensing"), _) | (_, Some("retail_sold" | "dispensed")) => {
            ThingState::Sold
        }
        (Some("destroying" | "decommissioning"), _) | (_, Some("destroyed")) => ThingState::Gone,
        _ if is_input => ThingState::Consumed,
        _ if is_deletion && sign.own => ThingState::Gone,
        (Some("shipping" | "departing" | "loading" | "transporting"), _)
        | (_, Some("in_transit")) => ThingState::InTransit,
        _ => ThingState::Present,
    }
}
