//! Identifiers and events for people.

use super::{ThingKind, TraceItem, TraceStep};

const GS1: &str = "https://id.gs1.org/";

/// What sort of thing a canonical identifier names.
pub(super) fn kind_of(uri: &str) -> ThingKind {
    let Some(key) = uri.strip_prefix(GS1) else { return ThingKind::Other };
    let (primary, rest) = key.split_once('/').unwrap_or((key, ""));
    match primary {
        "01" | "8006" if rest.contains("/21/") => ThingKind::Item,
        "01" | "8006" if rest.contains("/10/") => ThingKind::Lot,
        "01" | "8006" => ThingKind::Product,
        "00" => ThingKind::LogisticUnit,
        "8003" | "8004" => ThingKind::Asset,
        "414" | "417" | "254" => ThingKind::Place,
        _ => ThingKind::Other,
    }
}

/// A short name.
pub(super) fn label(uri: &str) -> String {
    let last = uri.rsplit(['/', ':']).next().unwrap_or(uri);
    match kind_of(uri) {
        ThingKind::Item => format!("item {last}"),
        ThingKind::Lot => format!("lot {last}"),
        ThingKind::Product => format!("product {last}"),
        ThingKind::LogisticUnit => format!("unit {last}"),
        ThingKind::Asset => format!("asset {last}"),
        ThingKind::Place => format!("place {last}"),
        ThingKind::Other => last.to_owned(),
    }
}

/// What happened, in one sentence without a full stop.
pub(super) fn sentence(step: &TraceStep) -> String {
    let listed = |role: &str| -> Vec<&TraceItem> {
        step.items.iter().filter(|item| item.role == role).collect()
    };
    let (objects, children) = (listed("object"), listed("child"));
    let parent = listed("parent").first().map(|item| label(&item.id));
    let parent = parent.as_deref().unwrap_or("its container");
    let hidden = (step.items_total as usize).saturating_sub(step.items.len());
    let action = step.action.as_deref();
    let mut text = match (step.kind.as_str(), action) {
        ("TransformationEvent", _) => {
            let (inputs, outputs) = (listed("input"), listed("output"));
            let verb = step.biz_step.as_deref().and_then(verb).unwrap_or("Made");
            if outputs.is_empty() {
                format!("Used {}", things(&inputs, hidden))
            } else if inputs.is_empty() {
                format!("{verb} {}", things(&outputs, hidden))
            } else {
                format!("{verb} {} from {}", things(&outputs, 0), things(&inputs, hidden))
            }
        }
        ("AggregationEvent", Some("ADD")) => {
            format!("Packed {} into {parent}", things(&children, hidden))
        }
        ("AggregationEvent", Some("DELETE")) if children.is_empty() => {
            format!("Took everything out of {parent}")
        }
        ("AggregationEvent", Some("DELETE")) => {
            format!("Took {} out of {parent}", things(&children, hidden))
        }
        ("AggregationEvent", _) => format!("Saw {} in {parent}", things(&children, hidden)),
        ("AssociationEvent", Some("ADD")) => {
            format!("Fixed {} to {parent}", things(&children, hidden))
        }
        ("AssociationEvent", Some("DELETE")) if children.is_empty() => {
            format!("Took everything off {parent}")
        }
        ("AssociationEvent", Some("DELETE")) => {
            format!("Took {} off {parent}", things(&children, hidden))
        }
        ("AssociationEvent", _) => format!("Saw {} on {parent}", things(&children, hidden)),
        ("TransactionEvent", _) if objects.is_empty() => format!("Listed {parent} in a document"),
        ("TransactionEvent", _) => format!("Listed {} in a document", things(&objects, hidden)),
        _ => {
            let verb = step.biz_step.as_deref().and_then(verb).unwrap_or(match action {
                Some("ADD") => "Recorded",
                Some("DELETE") => "Took out of use",
                _ => "Saw",
            });
            format!("{verb} {}", things(&objects, hidden))
        }
    };
    if let Some(place) = &step.place_name {
        text.push_str(" at ");
        text.push_str(place);
    }
    if step.withdrawn.is_some() {
        text.push_str(" (declared wrong later)");
    }
    text
}

/// The verb of a standard business step.
fn verb(step: &str) -> Option<&'static str> {
    let verbs = [
        ("accepting", "Accepted"),
        ("arriving", "Saw arrive"),
        ("assembling", "Assembled"),
        ("collecting", "Collected"),
        ("commissioning", "Commissioned"),
        ("consigning", "Consigned"),
        ("creating_class_instance", "Made"),
        ("decommissioning", "Decommissioned"),
        ("departing", "Sent off"),
        ("destroying", "Destroyed"),
        ("disassembling", "Took apart"),
        ("dispensing", "Dispensed"),
        ("holding", "Held back"),
        ("inspecting", "Inspected"),
        ("killing", "Slaughtered"),
        ("loading", "Loaded"),
        ("packing", "Packed"),
        ("picking", "Picked"),
        ("receiving", "Received"),
        ("removing", "Removed"),
        ("repackaging", "Repackaged"),
        ("repairing", "Repaired"),
        ("replacing", "Replaced"),
        ("reserving", "Reserved"),
        ("retail_selling", "Sold"),
        ("sampling", "Took a sample of"),
        ("shipping", "Shipped"),
        ("staging_outbound", "Made ready"),
        ("stocking", "Put on the shelf"),
        ("storing", "Stored"),
        ("transporting", "Carried"),
        ("unloading", "Unloaded"),
        ("unpacking", "Unpacked"),
        ("void_shipping", "Took back the shipping of"),
    ];
    verbs.iter().find(|(known, _)| *known == step).map(|(_, verb)| *verb)
}

/// Things that are called by name; more are counted.
const NAMED_MAX: usize = 3;

/// Few things by name, more by number.
fn things(items: &[&TraceItem], hidden: usize) -> String {
    match (items, hidden) {
        ([], 0) => "nothing".to_owned(),
        ([only], 0) => match (&only.quantity, &only.uom) {
            (Some(quantity), Some(uom)) => {
                format!("{quantity} {} of {}", unit(uom), label(&only.id))
            }
            (Some(quantity), None) => format!("{quantity} of {}", label(&only.id)),
            (None, _) => label(&only.id),
        },
        (few, 0) if few.len() <= NAMED_MAX => {
            let names: Vec<String> = few.iter().map(|item| label(&item.id)).collect();
            let (last, first) = names.split_last().expect("there is more than one");
            format!("{} and {last}", first.join(", "))
        }
        (several, hidden) => format!("{} things", several.len() + hidden),
    }
}

/// The usual sign of a unit's code (UN/ECE Recommendation 20).
fn unit(code: &str) -> &str {
    match code {
        "KGM" => "kg",
        "GRM" => "g",
        "TNE" => "t",
        "LTR" => "l",
        "MTR" => "m",
        other => other,
    }
}
