//! From suspect things, in one step, to everything that has something of them in it: which lots and
//! items, how much of each, where, and with whom.
//!
//! Amounts are counted from the events, as `docs/concepts/balance.md` says what each moves, whether
//! or not a product is in the books of the chain.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use qiao_epcis::{Amount, Dimension, Identifier};
use serde::{Deserialize, Serialize};

use super::{
    Direction, Relation, ThingKind, ThingState, Trace, TraceItem, TraceLimits, TraceLink,
    TraceNode, TraceStep,
};
use crate::{Index, IndexError};

/// Everything that a recall of some things concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// The suspect things, canonical.
    pub suspects: Vec<String>,
    /// Suspect things that no event names.
    pub unknown: Vec<String>,
    /// How many lots are affected.
    pub lots: u32,
    /// How many numbered items.
    pub items: u32,
    /// Places at which something affected is, sorted.
    pub places: Vec<String>,
    /// Organisations that have something affected, with how many lines, by number.
    pub holders: Vec<AffectedHolder>,
    /// What is where, by holder and thing.
    pub lines: Vec<AffectedLine>,
    /// Cases and pallets in which something affected still is, sorted.
    pub containers: Vec<String>,
    /// Whether a limit cut the search: what is listed is the nearest part.
    pub truncated: bool,
}

/// An organisation that has, or let out, something affected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AffectedHolder {
    /// Its number.
    pub party: u64,
    /// Its name.
    pub name: Option<String>,
    /// How many lines of it there are.
    pub lines: u32,
}

/// So much of an affected thing with one organisation, in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AffectedLine {
    /// Canonical identifier.
    pub thing: String,
    /// A short name.
    pub label: String,
    /// What sort of thing it is.
    pub kind: ThingKind,
    /// The organisation that has it, or that let it out last.
    pub party: u64,
    /// Its name.
    pub party_name: Option<String>,
    /// The place at which that organisation last had it.
    pub place: Option<String>,
    /// Name of the place, if it is a member's.
    pub place_name: Option<String>,
    /// What became of this part of it.
    pub state: ThingState,
    /// How much, as a decimal number; absent where no event says.
    pub quantity: Option<String>,
    /// The unit; absent for pieces.
    pub unit: Option<String>,
}

/// Of what, with whom, in which state.
type Holding = (String, u64, u8);

/// The amounts of affected lots, counted from the events.
#[derive(Default)]
struct Count {
    amounts: BTreeMap<(Holding, Dimension), i128>,
    /// What is in containers: by lot and container, with who packed it.
    packed: BTreeMap<(String, String, Dimension), (i128, u64)>,
    places: HashMap<(String, u64), (Option<String>, Option<String>)>,
    names: HashMap<u64, Option<String>>,
}

impl Index {
    /// Everything that has something of these things in it, how much, where and with whom.
    pub async fn affected(
        &self,
        suspects: &[Identifier],
        limits: &TraceLimits,
    ) -> Result<Affected, IndexError> {
        let mut affected = Affected::default();
        let mut nodes: BTreeMap<String, TraceNode> = BTreeMap::new();
        let mut steps: BTreeMap<(i64, String), TraceStep> = BTreeMap::new();
        let mut stays: Vec<TraceLink> = Vec::new();
        for suspect in suspects {
            let trace = self.trace(suspect, Direction::Forward, limits).await?;
            affected.suspects.push(trace.root.clone());
            if !trace.found {
                affected.unknown.push(trace.root);
                continue;
            }
            affected.truncated |= trace.truncated || is_cut(&trace);
            stays.extend(trace.links.into_iter().filter(is_stay));
            nodes.extend(trace.nodes.into_iter().map(|node| (node.id.clone(), node)));
            let keyed = trace.timeline.into_iter();
            steps.extend(keyed.map(|step| ((step.event_time_ms, step.event.clone()), step)));
        }
        let mut count = Count::default();
        for step in steps.values().filter(|step| step.withdrawn.is_none()) {
            count.add(step, &nodes);
        }
        affected.lines = lines(count, &nodes);
        affected.containers = containers(&stays, &nodes);
        summarise(&mut affected);
        Ok(affected)
    }
}

/// Whether an event has more things than are listed.
fn is_cut(trace: &Trace) -> bool {
    trace.timeline.iter().any(|step| step.items.len() < step.items_total as usize)
}

/// Whether a link says that something is in a container now.
fn is_stay(link: &TraceLink) -> bool {
    link.relation == Relation::PackedIn && link.until_ms.is_none()
}

/// Cases and pallets with something in them that is still there or on its way.
fn containers(stays: &[TraceLink], nodes: &BTreeMap<String, TraceNode>) -> Vec<String> {
    let is_there = |id: &str| {
        let state = nodes.get(id).map(|node| node.state);
        matches!(state, Some(ThingState::Present | ThingState::InTransit | ThingState::Unknown))
    };
    let is_unit = |id: &str| nodes.get(id).is_some_and(|node| node.kind == ThingKind::LogisticUnit);
    let full = stays.iter().filter(|stay| is_there(&stay.from) && is_unit(&stay.to));
    let found: BTreeSet<&String> = full.map(|stay| &stay.to).collect();
    found.into_iter().cloned().collect()
}

impl Count {
    fn add(&mut self, step: &TraceStep, nodes: &BTreeMap<String, TraceNode>) {
        self.names.insert(step.party, step.party_name.clone());
        let is_lot =
            |item: &&TraceItem| nodes.get(&item.id).is_some_and(|node| node.kind == ThingKind::Lot);
        let place = step.biz_location.clone().or_else(|| step.read_point.clone());
        for item in step.items.iter().filter(is_lot) {
            if place.is_some() {
                let known = (place.clone(), step.place_name.clone());
                self.places.insert((item.id.clone(), step.party), known);
            }
            let amount = item.quantity.as_deref();
            let amount = amount.and_then(|text| Amount::read(text, item.uom.as_deref()).ok());
            if let Some(amount) = amount {
                self.add_item(step, item, amount);
            }
        }
        let empties = step.kind == "AggregationEvent"
            && step.action.as_deref() == Some("DELETE")
            && step.items.iter().all(|item| item.role != "child");
        let parent = step.items.iter().find(|item| item.role == "parent").filter(|_| empties);
        if let Some(parent) = parent {
            self.empty(&parent.id, step.party);
        }
    }

    fn add_item(&mut self, step: &TraceStep, item: &TraceItem, amount: Amount) {
        let party = step.party;
        let word = step.biz_step.as_deref().unwrap_or_default();
        let units = i128::try_from(amount.units).unwrap_or(i128::MAX / 2);
        let here = ThingState::Present;
        let mut shift = |state: ThingState, units: i128| {
            let holding = (item.id.clone(), party, code(state));
            *self.amounts.entry((holding, amount.dimension)).or_default() += units;
        };
        let to = match (step.kind.as_str(), item.role.as_str(), step.action.as_deref()) {
            ("ObjectEvent", _, Some("ADD")) | (_, "output", _) => {
                return shift(here, units);
            }
            (_, "input", _) => ThingState::Consumed,
            ("ObjectEvent", ..) if matches!(word, "retail_selling" | "dispensing") => {
                ThingState::Sold
            }
            ("ObjectEvent", _, Some("DELETE")) => ThingState::Gone,
            ("ObjectEvent", ..) if word == "destroying" => ThingState::Gone,
            ("ObjectEvent", ..) if word == "shipping" => ThingState::InTransit,
            ("ObjectEvent", ..) if word == "void_shipping" => {
                shift(ThingState::InTransit, -units);
                return shift(here, units);
            }
            ("ObjectEvent", ..) if word == "receiving" => {
                shift(here, units);
                return self.arrive(&item.id, amount.dimension, units);
            }
            ("AggregationEvent", "child", Some(action @ ("ADD" | "DELETE"))) => {
                let sign = if action == "ADD" { 1 } else { -1 };
                shift(here, -sign * units);
                let parent = step.items.iter().find(|item| item.role == "parent");
                let Some(parent) = parent else { return };
                let key = (item.id.clone(), parent.id.clone(), amount.dimension);
                let packed = self.packed.entry(key).or_insert((0, party));
                packed.0 += sign * units;
                return;
            }
            _ => return,
        };
        shift(here, -units);
        shift(to, units);
    }

    /// What arrives was on its way from somebody: from whoever has something on its way.
    fn arrive(&mut self, lot: &str, dimension: Dimension, mut units: i128) {
        for state in [ThingState::InTransit, ThingState::Sold] {
            let sources = self.amounts.iter_mut().filter(|(((of, _, at), in_dimension), _)| {
                of == lot && *at == code(state) && *in_dimension == dimension
            });
            for (_, amount) in sources {
                let taken = (*amount).clamp(0, units.max(0));
                *amount -= taken;
                units -= taken;
            }
        }
    }

    fn empty(&mut self, container: &str, party: u64) {
        for ((lot, of, dimension), (units, _)) in &mut self.packed {
            if of == container {
                let holding = (lot.clone(), party, code(ThingState::Present));
                *self.amounts.entry((holding, *dimension)).or_default() += *units;
                *units = 0;
            }
        }
    }
}

/// States in the order in which a report lists them.
const STATES: [ThingState; 6] = [
    ThingState::Present,
    ThingState::InTransit,
    ThingState::Sold,
    ThingState::Consumed,
    ThingState::Gone,
    ThingState::Unknown,
];

fn code(state: ThingState) -> u8 {
    STATES.iter().position(|other| *other == state).unwrap_or(0) as u8
}

fn lines(mut count: Count, nodes: &BTreeMap<String, TraceNode>) -> Vec<AffectedLine> {
    // What is in a container is with whoever has the container.
    for ((lot, container, dimension), (units, packer)) in std::mem::take(&mut count.packed) {
        let node = nodes.get(&container);
        let holder = node.and_then(|node| node.holder.as_ref());
        let party = holder.map_or(packer, |holder| holder.party);
        let state = node.map_or(ThingState::Present, |node| node.state);
        if let Some(holder) = holder {
            count.names.entry(party).or_insert_with(|| holder.name.clone());
        }
        if let Some(node) = node.filter(|node| node.present_place.is_some()) {
            let known = (node.present_place.clone(), node.present_place_name.clone());
            count.places.insert((lot.clone(), party), known);
        }
        *count.amounts.entry(((lot, party, code(state)), dimension)).or_default() += units;
    }
    let mut lines = Vec::new();
    let mut counted = BTreeSet::new();
    for (((thing, party, state), dimension), units) in &count.amounts {
        let (Some(node), Ok(units)) = (nodes.get(thing), u128::try_from(*units)) else { continue };
        counted.insert(thing.clone());
        if units == 0 {
            continue;
        }
        let amount = Amount { dimension: *dimension, units };
        let (place, place_name) =
            count.places.get(&(thing.clone(), *party)).cloned().unwrap_or_default();
        lines.push(AffectedLine {
            party: *party,
            party_name: count.names.get(party).cloned().flatten(),
            place,
            place_name,
            state: STATES[usize::from(*state)],
            quantity: Some(amount.decimal()),
            unit: dimension.usual_unit().map(str::to_owned),
            ..line_of(node)
        });
    }
    let uncounted = nodes.values().filter(|node| {
        matches!(node.kind, ThingKind::Item | ThingKind::Lot) && !counted.contains(&node.id)
    });
    lines.extend(uncounted.map(line_of));
    lines.sort_by(|one, other| {
        (one.party, code(one.state), &one.thing).cmp(&(
            other.party,
            code(other.state),
            &other.thing,
        ))
    });
    lines
}

/// A thing as a trace has it; an item is one piece.
fn line_of(node: &TraceNode) -> AffectedLine {
    AffectedLine {
        thing: node.id.clone(),
        label: node.label.clone(),
        kind: node.kind,
        party: node.holder.as_ref().map_or(0, |holder| holder.party),
        party_name: node.holder.as_ref().and_then(|holder| holder.name.clone()),
        place: node.present_place.clone(),
        place_name: node.present_place_name.clone(),
        state: node.state,
        quantity: (node.kind == ThingKind::Item).then(|| "1".to_owned()),
        unit: None,
    }
}

fn summarise(affected: &mut Affected) {
    let things = |kind: ThingKind| {
        let of_kind = affected.lines.iter().filter(|line| line.kind == kind);
        of_kind.map(|line| line.thing.as_str()).collect::<BTreeSet<&str>>().len()
    };
    affected.lots = u32::try_from(things(ThingKind::Lot)).unwrap_or(u32::MAX);
    affected.items = u32::try_from(things(ThingKind::Item)).unwrap_or(u32::MAX);
    let mut holders: BTreeMap<u64, AffectedHolder> = BTreeMap::new();
    let mut places = BTreeSet::new();
    for line in &affected.lines {
        if line.state == ThingState::Present {
            places.extend(line.place.clone());
        }
        let (party, name) = (line.party, line.party_name.clone());
        let holder = holders.entry(party).or_insert(AffectedHolder { party, name, lines: 0 });
        holder.lines += 1;
    }
    affected.places = places.into_iter().collect();
    affected.holders = holders.into_values().collect();
}
