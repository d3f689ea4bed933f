//! What an EPCIS event says, in a sentence.

use std::collections::BTreeMap;

use qiao_epcis::{Event, Item, ItemRole};

use crate::{decoding::spelled, labels::Labels, words};

/// Kinds of things named in one sentence.
const KINDS_MAX: usize = 3;

/// A thing in an event, from wherever the event was read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thing<'a> {
    pub(crate) role: ItemRole,
    pub(crate) id: &'a str,
    pub(crate) quantity: Option<&'a str>,
    pub(crate) uom: Option<&'a str>,
}

/// What is known of an event when it is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) kind: &'a str,
    pub(crate) action: Option<&'a str>,
    pub(crate) step: Option<&'a str>,
    pub(crate) disposition: Option<&'a str>,
}

/// The words for an event's business step: `Shipped`.
pub(crate) fn verb(told: Told<'_>) -> String {
    if told.disposition == Some("recalled") && told.step == Some("holding") {
        return "Recalled".to_owned();
    }
    if told.disposition == Some("non_conformant") {
        return "Found wanting:".to_owned();
    }
    let verb = match told.step {
        Some("accepting") => "Accepted",
        Some("arriving") => "Arrived:",
        Some("commissioning") => "Registered",
        Some("creating_class_instance") => "Made",
        Some("departing") => "Departed:",
        Some("destroying") => "Destroyed",
        Some("holding") => "Held back",
        Some("inspecting") => "Inspected",
        Some("installing") => "Fitted",
        Some("loading") => "Loaded",
        Some("packing") => "Packed",
        Some("picking") => "Picked",
        Some("receiving") if told.disposition == Some("returned") => "Took back",
        Some("receiving") => "Received",
        Some("removing") => "Took off the shelf",
        Some("repackaging") => "Repacked",
        Some("reserving") => "Reserved",
        Some("retail_selling") => "Sold",
        Some("sampling") => "Took a sample of",
        Some("shipping") => "Shipped",
        Some("stock_taking") => "Counted",
        Some("stocking") => "Put on the shelf",
        Some("storing") => "Stored",
        Some("transporting") => "Carried",
        Some("unloading") => "Unloaded",
        Some("unpacking") => "Unpacked",
        Some(other) => {
            return format!("{}:", spelled(other.rsplit(['/', ':']).next().unwrap_or(other)));
        }
        None => match (told.kind, told.action) {
            ("TransformationEvent", _) => "Made",
            ("AggregationEvent", Some("DELETE")) => "Unpacked",
            ("AggregationEvent", _) => "Packed",
            (_, Some("ADD")) => "Registered",
            (_, Some("DELETE")) => "Took out of the record",
            _ => "Saw",
        },
    };
    verb.to_owned()
}

/// The whole sentence, without place and time.
pub(crate) fn sentence(labels: &Labels, told: Told<'_>, things: &[Thing<'_>]) -> String {
    let of = |role| {
        let list: Vec<Thing<'_>> = things.iter().copied().filter(|one| one.role == role).collect();
        (!list.is_empty()).then(|| name_all(labels, &list))
    };
    let verb = verb(told);
    let is_delete = told.action == Some("DELETE");
    match (of(ItemRole::Input), of(ItemRole::Output), of(ItemRole::Parent)) {
        (Some(input), Some(output), _) => format!("{verb} {output} from {input}"),
        (Some(input), None, _) => format!("Used {input}"),
        (None, Some(output), _) => format!("{verb} {output}"),
        (None, None, Some(parent)) => {
            let way = if is_delete { "from" } else { "into" };
            let way = if told.kind == "AssociationEvent" { "to" } else { way };
            let inside = of(ItemRole::Child).or_else(|| of(ItemRole::Object));
            match inside {
                Some(inside) => format!("{verb} {inside} {way} {parent}"),
                None => format!("{verb} everything {way} {parent}"),
            }
        }
        (None, None, None) => {
            let objects = of(ItemRole::Object).or_else(|| of(ItemRole::Child));
            format!("{verb} {}", objects.unwrap_or_else(|| "nothing by name".to_owned()))
        }
    }
}

/// The whole sentence of an event.
pub(crate) fn sentence_of(labels: &Labels, event: &Event) -> String {
    let told = Told {
        kind: event.kind().as_str(),
        action: event.action().map(qiao_epcis::Action::as_str),
        step: event.biz_step(),
        disposition: event.disposition(),
    };
    sentence(labels, told, &things_of(event, &ids_of(event)))
}

/// The things of an event.
fn things_of<'a>(event: &'a Event, ids: &'a [String]) -> Vec<Thing<'a>> {
    let pairs = event.items().iter().zip(ids);
    pairs.map(|(item, id)| thing_of(item, id)).collect()
}

/// The canonical identifiers of an event's things, in order.
fn ids_of(event: &Event) -> Vec<String> {
    event.items().iter().map(|item| item.id.to_string()).collect()
}

fn thing_of<'a>(item: &'a Item, id: &'a str) -> Thing<'a> {
    Thing { role: item.role, id, quantity: item.quantity.as_deref(), uom: item.uom.as_deref() }
}

/// Names things, those of one product together.
fn name_all(labels: &Labels, things: &[Thing<'_>]) -> String {
    let mut groups: BTreeMap<String, Vec<Thing<'_>>> = BTreeMap::new();
    for thing in things {
        groups.entry(labels.thing(thing.id).kind).or_default().push(*thing);
    }
    let names: Vec<String> =
        groups.iter().map(|(kind, group)| name_group(labels, kind, group)).collect();
    if names.len() > KINDS_MAX + 1 {
        let rest = names.len() - KINDS_MAX;
        return format!("{} and {rest} other products", names[..KINDS_MAX].join(", "));
    }
    match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn name_group(labels: &Labels, kind: &str, group: &[Thing<'_>]) -> String {
    let is_lot = |thing: &Thing<'_>| thing.id.contains("/10/") && !thing.id.contains("/21/");
    match group {
        [one] => match amount(one.quantity, one.uom) {
            Some(amount) => format!("{amount} {}", labels.line(one.id)),
            None => labels.line(one.id),
        },
        many if many.iter().all(is_lot) => format!("{} lots of {kind}", many.len()),
        many => format!("{} × {kind}", words::number(many.len() as u64)),
    }
}

/// A quantity with its unit: `132 kg of`, `88 ×`.
pub(crate) fn amount(quantity: Option<&str>, uom: Option<&str>) -> Option<String> {
    let quantity = quantity?;
    Some(match uom {
        None | Some("EA") => format!("{quantity} ×"),
        Some(uom) => format!("{quantity} {} of", unit(uom)),
    })
}

/// A unit of measure (UN/ECE Recommendation 20) as people write it.
pub(crate) fn unit(code: &str) -> &str {
    match code {
        "KGM" => "kg",
        "GRM" => "g",
        "TNE" => "t",
        "LTR" => "l",
        "MTR" => "m",
        "CEL" => "°C",
        "CS" => "cases",
        other => other,
    }
}

/// The type of a business document as people call it.
pub(crate) fn document_kind(kind: Option<&str>) -> &str {
    match kind {
        Some("po") => "Purchase order",
        Some("poc") => "Order confirmation",
        Some("inv") => "Invoice or receipt",
        Some("desadv") => "Despatch advice",
        Some("recadv") => "Receiving advice",
        Some("bol") => "Waybill",
        Some("cert") => "Certificate",
        Some("prodorder") => "Production order",
        Some("testprd") => "Test order",
        Some("testres") => "Test result",
        Some("rma") => "Return",
        Some(other) => other,
        None => "Document",
    }
}

/// The number of a business document: what follows the issuer in a CBV identifier.
pub(crate) fn document_number(id: &str) -> &str {
    id.strip_prefix("urn:epcglobal:cbv:bt:")
        .and_then(|rest| rest.split_once(':'))
        .map_or(id, |(_, number)| number)
}
