//! From events to rows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, tz::Offset};
use qiao_epcis::{Action, Event, EventKind, Item, ItemRole, Json};

use super::{
    Describe, Row, Tracking,
    contents::{Amount, Contents},
};
use crate::{Recorded, names, product_of};

/// What events tell of a lot besides the one that makes a row.
#[derive(Default)]
struct Origin {
    /// Where the lot was created: the source of its code.
    source: String,
    farm: String,
    growing_area: String,
    harvester: String,
    harvest_date: String,
    cooling_location: String,
    cooling_date: String,
}

/// Rows in the making.
pub(super) struct Making<'a> {
    events: &'a [&'a Recorded],
    names: &'a dyn Describe,
    contents: Contents,
    harvested: BTreeSet<String>,
    origins: BTreeMap<String, Origin>,
}

impl<'a> Making<'a> {
    /// Events are in the order of time.
    pub(super) fn new(events: &'a [&'a Recorded], names: &'a dyn Describe) -> Self {
        let mut making = Self {
            events,
            names,
            contents: Contents::of(events),
            harvested: BTreeSet::new(),
            origins: BTreeMap::new(),
        };
        for one in events {
            making.learn(one);
        }
        making
    }

    /// The lots to which things belong.
    pub(super) fn lots_of(&self, things: &BTreeSet<String>) -> BTreeSet<String> {
        things.iter().filter_map(|thing| self.contents.lot_of(thing)).collect()
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        self.events.iter().flat_map(|one| self.of_event(one)).collect()
    }

    /// Takes what an event tells of the beginning of lots.
    fn learn(&mut self, one: &Recorded) {
        let event = &one.event;
        for item in event.items() {
            let id = item.id.as_str();
            let Some(lot) = self.contents.lot_of(id) else { continue };
            let tracking = Tracking::of(event, item.role, &self.harvested);
            let place = place_of(event).map(|place| self.place(&place)).unwrap_or_default();
            let read_point = event.read_point().map(|place| self.place(place)).unwrap_or_default();
            let date = local(event.event_time_ms(), event.time_zone_offset()).0;
            let carried = match tracking {
                Some(Tracking::InitialPacking | Tracking::TransformationOutput) => {
                    self.carried(event)
                }
                _ => Origin::default(),
            };
            let harvester = one.party_name.clone().unwrap_or_default();
            let origin = self.origins.entry(lot.clone()).or_default();
            let fill = |field: &mut String, value: &str| {
                if field.is_empty() {
                    value.clone_into(field);
                }
            };
            match tracking {
                Some(Tracking::Harvesting) => {
                    self.harvested.insert(lot);
                    let at = if read_point.is_empty() { &place } else { &read_point };
                    fill(&mut origin.farm, at);
                    fill(&mut origin.growing_area, &place);
                    fill(&mut origin.harvester, &harvester);
                    fill(&mut origin.harvest_date, &date);
                    fill(&mut origin.source, at);
                }
                Some(Tracking::FirstLandBasedReceiving) => fill(&mut origin.source, &place),
                Some(Tracking::Cooling) => {
                    fill(&mut origin.cooling_location, &place);
                    fill(&mut origin.cooling_date, &date);
                }
                Some(Tracking::InitialPacking | Tracking::TransformationOutput) => {
                    fill(&mut origin.source, &place);
                    fill(&mut origin.farm, &carried.farm);
                    fill(&mut origin.growing_area, &carried.growing_area);
                    fill(&mut origin.harvester, &carried.harvester);
                    fill(&mut origin.harvest_date, &carried.harvest_date);
                    fill(&mut origin.cooling_location, &carried.cooling_location);
                    fill(&mut origin.cooling_date, &carried.cooling_date);
                }
                _ => {}
            }
        }
    }

    /// What the inputs of a packing bring along from the field.
    fn carried(&self, event: &Event) -> Origin {
        let inputs = event.items().iter().filter(|item| item.role == ItemRole::Input);
        let lots: Vec<&Origin> = inputs
            .filter_map(|item| self.origins.get(&self.contents.lot_of(item.id.as_str())?))
            .collect();
        let all = |field: fn(&Origin) -> &String| {
            let mut values: Vec<&str> = lots.iter().map(|lot| field(lot).as_str()).collect();
            values.retain(|value| !value.is_empty());
            values.dedup();
            values.join("; ")
        };
        Origin {
            source: String::new(),
            farm: all(|lot| &lot.farm),
            growing_area: all(|lot| &lot.growing_area),
            harvester: all(|lot| &lot.harvester),
            harvest_date: all(|lot| &lot.harvest_date),
            cooling_location: all(|lot| &lot.cooling_location),
            cooling_date: all(|lot| &lot.cooling_date),
        }
    }

    /// The rows of an event: one for each lot that it names or that is in what it names.
    fn of_event(&self, one: &Recorded) -> Vec<Row> {
        let event = &one.event;
        let mut rows: Vec<Row> = Vec::new();
        for item in event.items() {
            let Some(tracking) = Tracking::of(event, item.role, &self.harvested) else { continue };
            if event.kind() == EventKind::Aggregation
                && item.role == ItemRole::Parent
                && event.items().iter().any(|other| other.role == ItemRole::Child)
            {
                // What is observed in the parent is listed beside it.
                continue;
            }
            for amount in self.contents.lots_in(&amount_of(item), event.event_time_ms()) {
                let same = |row: &&mut Row| row.lot == amount.lot && row.tracking == Some(tracking);
                match rows.iter_mut().find(same) {
                    Some(row) => {
                        row.quantity = super::contents::sum(&row.quantity, &amount.quantity)
                    }
                    None => rows.push(self.row(one, tracking, amount)),
                }
            }
        }
        for row in &mut rows {
            row.missing = missing(row);
        }
        rows
    }

    fn row(&self, one: &Recorded, tracking: Tracking, amount: Amount) -> Row {
        let event = &one.event;
        let (date, time) = local(event.event_time_ms(), event.time_zone_offset());
        let default = Origin::default();
        let origin = self.origins.get(&amount.lot).unwrap_or(&default);
        let documents = event.biz_transactions();
        let has_field =
            matches!(tracking, Tracking::Harvesting | Tracking::Cooling | Tracking::InitialPacking);
        let from_field = |value: &String| if has_field { value.clone() } else { String::new() };
        let is_packing = tracking == Tracking::InitialPacking;
        let if_packing = |value: &String| if is_packing { value.clone() } else { String::new() };
        let is_counted = amount.unit.is_empty() && !amount.quantity.is_empty();
        Row {
            tracking: Some(tracking),
            code: names::part(&amount.lot, "10").unwrap_or_default().to_owned(),
            gtin: names::part(&amount.lot, "01").unwrap_or_default().to_owned(),
            description: self.names.product(&amount.lot),
            quantity: amount.quantity,
            unit: if is_counted { "EA".to_owned() } else { amount.unit },
            date,
            time,
            location: place_of(event).map(|place| self.place(&place)).unwrap_or_default(),
            previous_source: self.party(event.sources()),
            subsequent_recipient: self.recipient(one, tracking, &amount.lot),
            code_source: origin.source.clone(),
            farm: from_field(&origin.farm),
            growing_area: from_field(&origin.growing_area),
            harvester: if_packing(&origin.harvester),
            harvest_date: if_packing(&origin.harvest_date),
            cooling_location: if_packing(&origin.cooling_location),
            cooling_date: if_packing(&origin.cooling_date),
            species: master_data(event, &["fishType", "speciesForFisheryStatisticsPurposesName"]),
            catch_area: master_data(event, &["catchZone", "catchArea"]),
            related_lots: self.related(event, tracking),
            document_types: joined(
                documents.iter().map(|(kind, _)| kind.clone().unwrap_or_default()),
            ),
            document_numbers: joined(documents.iter().map(|(_, id)| number_of(id).to_owned())),
            recorded_by: one.party_name.clone().unwrap_or_default(),
            event: one.hash(),
            time_ms: event.event_time_ms(),
            missing: Vec::new(),
            lot: amount.lot,
        }
    }

    /// Where a lot went: as the event says, or as the next transport of the lot says.
    fn recipient(&self, one: &Recorded, tracking: Tracking, lot: &str) -> String {
        let own = self.party(one.event.destinations());
        if !own.is_empty() && tracking != Tracking::Receiving {
            return own;
        }
        if !matches!(tracking, Tracking::Harvesting | Tracking::Cooling) {
            return if tracking == Tracking::Receiving { String::new() } else { own };
        }
        let since = one.event.event_time_ms();
        let next = self.events.iter().find(|next| {
            let is_transport = matches!(next.event.biz_step(), Some("transporting" | "shipping"));
            is_transport
                && next.event.event_time_ms() >= since
                && !next.event.destinations().is_empty()
                && next.event.items().iter().any(|item| item.id.as_str() == lot)
        });
        next.map(|next| self.party(next.event.destinations())).unwrap_or_default()
    }

    /// A location where one is named, else the party that owns or holds.
    fn party(&self, parties: &[(String, String)]) -> String {
        let of = |kind: &str| parties.iter().find(|(known, _)| known == kind);
        let found =
            of("location").or_else(|| of("possessing_party")).or_else(|| of("owning_party"));
        found.map(|(_, id)| self.place(id)).unwrap_or_default()
    }

    /// What people call a place, with its number.
    fn place(&self, id: &str) -> String {
        let name = self.names.place(id);
        let gln = names::part(id, "414").or_else(|| names::part(id, "417"));
        match gln {
            Some(gln) if !name.contains(gln) => format!("{name} (GLN {gln})"),
            _ => name,
        }
    }

    fn related(&self, event: &Event, tracking: Tracking) -> String {
        let wanted = match tracking {
            Tracking::TransformationInput => ItemRole::Output,
            Tracking::TransformationOutput | Tracking::InitialPacking => ItemRole::Input,
            _ => return String::new(),
        };
        let items = event.items().iter().filter(|item| item.role == wanted);
        let lots: BTreeSet<String> =
            items.filter_map(|item| self.contents.lot_of(item.id.as_str())).collect();
        let named = lots.iter().map(|lot| {
            let code = names::part(lot, "10").unwrap_or_default();
            format!("{} {code}", self.names.product(product_of(lot)))
        });
        joined(named)
    }
}

fn amount_of(item: &Item) -> Amount {
    Amount {
        lot: item.id.to_string(),
        quantity: item.quantity.clone().unwrap_or_default(),
        unit: item.uom.clone().unwrap_or_default(),
    }
}

/// Where it happened: the place of the business, or the point where it was seen.
fn place_of(event: &Event) -> Option<String> {
    event.biz_location().or_else(|| event.read_point()).map(str::to_owned)
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    let texts: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
    texts.join("; ")
}

/// The number of a document without the prefix of CBV.
fn number_of(id: &str) -> &str {
    let rest = id.strip_prefix("urn:epcglobal:cbv:bt:");
    rest.and_then(|rest| rest.split_once(':')).map_or(id, |(_, number)| number)
}

/// A value of the master data of a lot.
fn master_data(event: &Event, wanted: &[&str]) -> String {
    if event.action() != Some(Action::Add) && event.kind() != EventKind::Transformation {
        return String::new();
    }
    let Some(ilmd) = event.json().get("ilmd").and_then(Json::as_object) else {
        return String::new();
    };
    let value = ilmd.iter().find_map(|(name, value)| {
        let name = event.expanded(name);
        let word = name.rsplit(['/', ':', '#']).next().unwrap_or_default();
        wanted.contains(&word).then_some(value)
    });
    match value {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Array(items)) => {
            joined(items.iter().filter_map(Json::as_str).map(str::to_owned))
        }
        _ => String::new(),
    }
}

/// Date and time of day with the offset, on the clock of the place.
fn local(ms: i64, zone: &str) -> (String, String) {
    let offset = || {
        let (sign, rest) = zone.split_at_checked(1)?;
        let (hours, minutes) = rest.split_once(':')?;
        let minutes = hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?;
        Offset::from_seconds(if sign == "-" { -minutes } else { minutes } * 60).ok()
    };
    let Ok(time) = Timestamp::from_millisecond(ms) else { return Default::default() };
    let local = time.to_zoned(offset().unwrap_or(Offset::UTC).to_time_zone());
    (local.strftime("%Y-%m-%d").to_string(), format!("{} {zone}", local.strftime("%H:%M")))
}

/// What the rule asks for and the row does not have.
fn missing(row: &Row) -> Vec<&'static str> {
    let Some(tracking) = row.tracking else { return Vec::new() };
    let mut asked: Vec<(&'static str, &str)> = vec![
        ("traceability lot code", &row.code),
        ("quantity", &row.quantity),
        ("unit of measure", &row.unit),
        ("product description", &row.description),
        ("date", &row.date),
        ("location", &row.location),
        ("reference document", &row.document_numbers),
    ];
    match tracking {
        Tracking::Harvesting | Tracking::Cooling => {
            asked.push(("immediate subsequent recipient", &row.subsequent_recipient));
            asked.push(("farm", &row.farm));
        }
        Tracking::InitialPacking => {
            asked.push(("farm", &row.farm));
            asked.push(("harvester", &row.harvester));
            asked.push(("harvest date", &row.harvest_date));
            asked.push(("traceability lot code source", &row.code_source));
        }
        Tracking::FirstLandBasedReceiving => {
            asked.push(("species or market name", &row.species));
            asked.push(("catch area", &row.catch_area));
        }
        Tracking::Shipping => {
            asked.push(("immediate subsequent recipient", &row.subsequent_recipient));
            asked.push(("traceability lot code source", &row.code_source));
        }
        Tracking::Receiving => {
            asked.push(("immediate previous source", &row.previous_source));
            asked.push(("traceability lot code source", &row.code_source));
        }
        Tracking::TransformationInput => {}
        Tracking::TransformationOutput => {
            asked.push(("traceability lot code source", &row.code_source));
        }
    }
    // A product that nobody described is called by its number.
    let is_unnamed =
        |name: &str, value: &str| name == "product description" && value.starts_with("GTIN ");
    let absent =
        asked.into_iter().filter(|(name, value)| value.is_empty() || is_unnamed(name, value));
    absent.map(|(name, _)| name).collect()
}
