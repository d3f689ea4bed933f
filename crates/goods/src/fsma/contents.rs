//! What was inside a case or pallet at a time, as lots.

use std::collections::BTreeMap;

use qiao_epcis::{Action, EventKind, ItemRole, Json};

use crate::{GS1, Recorded, names};

/// Boxes in boxes that are opened.
const DEPTH_MAX: usize = 8;

/// A quantity of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Amount {
    /// Canonical identifier of the lot.
    pub(super) lot: String,
    /// As it was written; empty where nobody said.
    pub(super) quantity: String,
    /// The unit; empty for pieces that were counted.
    pub(super) unit: String,
}

/// One thing that went into a parent or came out of it.
struct Change {
    time_ms: i64,
    is_in: bool,
    /// None where everything came out.
    child: Option<Amount>,
    id: String,
}

/// Who was in what, and which items belong to which lots.
#[derive(Default)]
pub(crate) struct Contents {
    changes: BTreeMap<String, Vec<Change>>,
    lots: BTreeMap<String, String>,
}

impl Contents {
    /// Reads events in the order of time.
    pub(crate) fn of(events: &[&Recorded]) -> Self {
        let mut contents = Self::default();
        for one in events {
            contents.name_lots(one);
            if one.event.kind() == EventKind::Aggregation {
                contents.pack(one);
            }
        }
        contents
    }

    /// Items that begin with a lot number in their master data belong to that lot.
    fn name_lots(&mut self, one: &Recorded) {
        let Some(ilmd) = one.event.json().get("ilmd").and_then(Json::as_object) else { return };
        let lot = ilmd.iter().find_map(|(name, value)| {
            let name = one.event.expanded(name);
            let word = name.rsplit(['/', ':', '#']).next().unwrap_or_default();
            matches!(word, "lotNumber" | "hasBatchLotNumber").then(|| value.as_str()).flatten()
        });
        let Some(lot) = lot else { return };
        for item in one.event.items() {
            let id = item.id.as_str();
            let is_item = names::part(id, "21").is_some();
            if let Some(gtin) = names::part(id, "01").filter(|_| is_item) {
                self.lots.insert(id.to_owned(), format!("{GS1}01/{gtin}/10/{lot}"));
            }
        }
    }

    fn pack(&mut self, one: &Recorded) {
        let event = &one.event;
        let of = |role| event.items().iter().filter(move |item| item.role == role);
        let Some(parent) = of(ItemRole::Parent).next() else { return };
        let is_in = match event.action() {
            Some(Action::Add) => true,
            Some(Action::Delete) => false,
            _ => return,
        };
        let time_ms = event.event_time_ms();
        let changes = self.changes.entry(parent.id.to_string()).or_default();
        let before = changes.len();
        for child in of(ItemRole::Child) {
            let quantity = child.quantity.clone().unwrap_or_default();
            let unit = child.uom.clone().unwrap_or_default();
            let id = child.id.to_string();
            let amount = Amount { lot: id.clone(), quantity, unit };
            changes.push(Change { time_ms, is_in, child: Some(amount), id });
        }
        if changes.len() == before && !is_in {
            changes.push(Change { time_ms, is_in, child: None, id: String::new() });
        }
    }

    /// The lot to which an identifier belongs: a lot's own, or that of an item.
    pub(super) fn lot_of(&self, id: &str) -> Option<String> {
        if names::part(id, "21").is_some() {
            return self.lots.get(id).cloned();
        }
        names::part(id, "10").map(|_| id.to_owned())
    }

    /// The lots in something at a time: itself where it is one, else what is inside. Pieces with serial
    /// numbers are counted.
    pub(super) fn lots_in(&self, amount: &Amount, time_ms: i64) -> Vec<Amount> {
        let mut found = Vec::new();
        self.open(amount, time_ms, DEPTH_MAX, &mut found);
        let mut merged: Vec<Amount> = Vec::new();
        for one in found {
            let same = |known: &&mut Amount| known.lot == one.lot && known.unit == one.unit;
            match merged.iter_mut().find(same) {
                Some(known) => known.quantity = sum(&known.quantity, &one.quantity),
                None => merged.push(one),
            }
        }
        merged
    }

    fn open(&self, amount: &Amount, time_ms: i64, depth: usize, found: &mut Vec<Amount>) {
        if let Some(lot) = self.lot_of(&amount.lot) {
            let is_piece = lot != amount.lot;
            let quantity = if is_piece { "1".to_owned() } else { amount.quantity.clone() };
            found.push(Amount { lot, quantity, unit: amount.unit.clone() });
            return;
        }
        if depth == 0 {
            return;
        }
        for inside in self.inside(&amount.lot, time_ms) {
            self.open(&inside, time_ms, depth - 1, found);
        }
    }

    /// The identifiers of the lots in something at a time; of items whose lot nobody told, their own.
    pub(crate) fn lot_ids(&self, id: &str, time_ms: i64) -> Vec<String> {
        let whole = Amount { lot: id.to_owned(), quantity: String::new(), unit: String::new() };
        let mut lots: Vec<String> =
            self.lots_in(&whole, time_ms).into_iter().map(|amount| amount.lot).collect();
        if lots.is_empty() && names::part(id, "01").is_some() {
            lots.push(id.to_owned());
        }
        lots
    }

    /// What is directly in a parent at a time. What goes in at that very time is in, what comes out is too:
    /// pallets are often shipped and opened at the minute that somebody typed.
    fn inside(&self, parent: &str, time_ms: i64) -> Vec<Amount> {
        let mut inside: Vec<Amount> = Vec::new();
        for change in self.changes.get(parent).into_iter().flatten() {
            let is_past =
                if change.is_in { change.time_ms <= time_ms } else { change.time_ms < time_ms };
            if !is_past {
                continue;
            }
            match &change.child {
                Some(child) if change.is_in => inside.push(child.clone()),
                Some(_) => inside.retain(|known| known.lot != change.id),
                None => inside.clear(),
            }
        }
        inside
    }
}

/// The sum of two decimal numbers; the first where one is none.
pub(super) fn sum(left: &str, right: &str) -> String {
    let (Some((a, a_scale)), Some((b, b_scale))) = (scaled(left), scaled(right)) else {
        return left.to_owned();
    };
    let scale = a_scale.max(b_scale);
    let lift = |value: i128, own: u32| value.checked_mul(10_i128.checked_pow(scale - own)?);
    let total = lift(a, a_scale).zip(lift(b, b_scale)).and_then(|(a, b)| a.checked_add(b));
    let Some(total) = total else { return left.to_owned() };
    if scale == 0 {
        return total.to_string();
    }
    let digits = format!("{total:0>width$}", width = scale as usize + 1);
    let (whole, part) = digits.split_at(digits.len() - scale as usize);
    let part = part.trim_end_matches('0');
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

/// A decimal number without a sign as a whole number and the decimals that it has.
fn scaled(text: &str) -> Option<(i128, u32)> {
    const DECIMALS_MAX: usize = 12;
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(part) || part.len() > DECIMALS_MAX {
        return None;
    }
    Some((format!("{whole}{part}").parse().ok()?, u32::try_from(part.len()).ok()?))
}
