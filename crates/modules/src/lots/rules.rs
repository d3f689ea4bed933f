//! The decisions of `lots`, without state.

use qiao_epcis::{Action, Amount, Dimension, Event, EventKind, Identifier, ItemRole};

use super::types::{Breach, Bucket, Gtin, Rules, Serial, Sighting};

/// Lots on the list of one container.
pub const CONTENTS_MAX: u32 = 64;
/// Things of one hold.
pub const HOLD_THINGS_MAX: usize = 1_000;
/// Bytes of the note of a hold.
pub const NOTE_BYTES_MAX: usize = 512;
/// The greatest yield: a thousand times as much comes out as goes in.
pub const YIELD_MAX: u32 = 10_000_000;
/// The greatest distance between sightings: a year.
pub const CLONE_SECONDS_MAX: u32 = 366 * 86_400;
/// What there may be of one lot in one place, in smallest units.
pub const AMOUNT_MAX: u128 = 10u128.pow(33);
/// Basis points of a whole.
const WHOLE: u128 = 10_000;
/// Digits of a GS1 company prefix.
pub(super) const PREFIX_DIGITS: std::ops::RangeInclusive<usize> = 4..=12;

/// Steps after which goods are not where they were.
const OUTBOUND: [&str; 6] =
    ["consigning", "departing", "dispensing", "loading", "retail_selling", "shipping"];
/// Steps with which goods come to a place.
const INBOUND: [&str; 4] = ["accepting", "arriving", "receiving", "unloading"];
/// Dispositions with which goods on hold may travel: back, or to where they are destroyed.
const HOMEWARD: [&str; 3] = ["disposed", "recalled", "returned"];

/// What an event does with the amount of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Motion {
    /// There is more of it.
    Make,
    /// It goes into a transformation.
    Use,
    /// It leaves its holder for another.
    Ship,
    /// It was not shipped after all.
    VoidShip,
    /// It comes to a holder.
    Receive,
    /// It comes back, from a partner or from a shopper.
    Return,
    /// A shopper has it.
    Sell,
    /// It is no more.
    Destroy,
    /// It goes into a container.
    Pack,
    /// It comes out of a container.
    Unpack,
}

/// What an event does with the things in this part; `None` if it moves nothing.
pub(super) fn motion(event: &Event, role: ItemRole) -> Option<Motion> {
    let step = event.biz_step().unwrap_or_default();
    let is_sale = matches!(step, "retail_selling" | "dispensing");
    match (event.kind(), role, event.action()) {
        (EventKind::Transformation, ItemRole::Input, _) => Some(Motion::Use),
        (EventKind::Transformation, ItemRole::Output, _)
        | (EventKind::Object, _, Some(Action::Add)) => Some(Motion::Make),
        (EventKind::Object, _, Some(_)) if is_sale => Some(Motion::Sell),
        (EventKind::Object, _, Some(Action::Delete)) => Some(Motion::Destroy),
        (EventKind::Object, _, Some(Action::Observe)) => match step {
            "shipping" => Some(Motion::Ship),
            "void_shipping" => Some(Motion::VoidShip),
            "receiving" if event.disposition() == Some("returned") => Some(Motion::Return),
            "receiving" => Some(Motion::Receive),
            "destroying" => Some(Motion::Destroy),
            _ => None,
        },
        (EventKind::Aggregation, ItemRole::Child, Some(Action::Add)) => Some(Motion::Pack),
        (EventKind::Aggregation, ItemRole::Child, Some(Action::Delete)) => Some(Motion::Unpack),
        _ => None,
    }
}

/// Whether an event empties its container without saying what comes out.
pub(super) fn empties_container(event: &Event) -> bool {
    event.kind() == EventKind::Aggregation
        && event.action() == Some(Action::Delete)
        && event.items().iter().all(|item| item.role != ItemRole::Child)
}

/// Whether an event does what things on hold may not do: leave, be sold, used, or packed.
pub(super) fn passes_on(event: &Event, role: ItemRole) -> bool {
    let is_homeward = event.disposition().is_some_and(|word| HOMEWARD.contains(&word));
    let is_packing = motion(event, role) == Some(Motion::Pack);
    let leaves = event.biz_step().is_some_and(|step| OUTBOUND.contains(&step));
    role == ItemRole::Input || (!is_homeward && (is_packing || leaves))
}

/// The state of a serial number after a motion.
///
/// # Errors
/// The code of the rule that it breaks.
pub(super) fn next_serial(state: Serial, motion: Motion) -> Result<Serial, &'static str> {
    match (state, motion) {
        (Serial::Unknown, Motion::Make) => Ok(Serial::Live),
        (_, Motion::Make) => Err("lots.serial_taken"),
        (Serial::Live, Motion::Sell) => Ok(Serial::Sold),
        (Serial::Sold, Motion::Return) => Ok(Serial::Live),
        (Serial::Live, Motion::Use | Motion::Destroy) => Ok(Serial::Ended),
        (Serial::Unknown, Motion::Sell | Motion::Use | Motion::Destroy) => {
            Err("lots.serial_unknown")
        }
        (_, Motion::Sell | Motion::Use | Motion::Destroy) => Err("lots.serial_gone"),
        (state, _) => Ok(state),
    }
}

/// The state of a serial number before a motion that made it what it is; `None` where it is not
/// what the motion makes of it.
pub(super) fn previous_serial(state: Serial, motion: Motion) -> Option<Serial> {
    match (state, motion) {
        (Serial::Live, Motion::Make) => Some(Serial::Unknown),
        (Serial::Sold, Motion::Sell) | (Serial::Ended, Motion::Use | Motion::Destroy) => {
            Some(Serial::Live)
        }
        (Serial::Live, Motion::Return) => Some(Serial::Sold),
        (_, Motion::Make | Motion::Sell | Motion::Use | Motion::Destroy | Motion::Return) => None,
        (state, _) => Some(state),
    }
}

/// An amount of a product in smallest units of its dimension.
///
/// # Errors
/// The code and the rule that it breaks.
pub(super) fn units(
    rules: &Rules,
    quantity: Option<&str>,
    unit: Option<&str>,
) -> Result<u128, (&'static str, String)> {
    let dimension = rules.dimension.0;
    let Some(quantity) = quantity else {
        let rule = "an amount of a product in the books has a quantity".to_owned();
        return Err(("lots.quantity_required", rule));
    };
    let amount = Amount::read(quantity, unit)
        .map_err(|error| ("lots.quantity_invalid", format!("{error}; `{quantity}` is not")))?;
    if amount.dimension == dimension {
        return Ok(amount.units);
    }
    if amount.dimension == Dimension::Count && rules.content != 0 {
        let units = amount.units.checked_mul(rules.content).filter(|units| *units <= AMOUNT_MAX);
        return units
            .ok_or_else(|| ("lots.quantity_invalid", "the amount is too large".to_owned()));
    }
    let usual = dimension.usual_unit().unwrap_or("pieces");
    Err(("lots.unit_mismatch", format!("amounts of this product are given in units of {usual}")))
}

/// How much has to go into a transformation for so much to come out; rounded up to a smallest unit.
pub(super) fn needed(units: u128, yield_basis_points: u32) -> u128 {
    // At most 10^33 times 10^4, which is below 2^128.
    (units * WHOLE).div_ceil(u128::from(yield_basis_points.max(1)))
}

/// The field of the event that names its item at this index.
pub(super) fn field_of(event: &Event, index: usize) -> String {
    let items = event.items();
    let Some(item) = items.get(index) else { return String::new() };
    let is_amount = |index: usize| items[index].quantity.is_some() || items[index].uom.is_some();
    let is_class = is_amount(index) || item.id.is_class();
    let list = match (item.role, is_class) {
        (ItemRole::Parent, _) => return "parentID".to_owned(),
        (ItemRole::Object, false) => "epcList",
        (ItemRole::Object, true) => "quantityList",
        (ItemRole::Child, false) => "childEPCs",
        (ItemRole::Child, true) => "childQuantityList",
        (ItemRole::Input, false) => "inputEPCList",
        (ItemRole::Input, true) => "inputQuantityList",
        (ItemRole::Output, false) => "outputEPCList",
        (ItemRole::Output, true) => "outputQuantityList",
    };
    let before = (0..index).filter(|other| {
        let is_other_class = is_amount(*other) || items[*other].id.is_class();
        items[*other].role == item.role && is_other_class == is_class
    });
    format!("{list}[{}]", before.count())
}

/// Where the things of an event are seen: the last eight bytes of the hash of the place.
pub(super) fn place_of(event: &Event) -> Option<u64> {
    let place = event.biz_location().or(event.read_point())?;
    let hash = super::types::key(place);
    Some(u64::from_be_bytes(hash[24..].try_into().expect("eight bytes")))
}

/// What an event sees of a serial number in it.
pub(super) fn seen(event: &Event, role: ItemRole, place: u64) -> Sighting {
    let step = event.biz_step().unwrap_or_default();
    let is_sold = motion(event, role) == Some(Motion::Sell);
    let is_packed = motion(event, role) == Some(Motion::Pack);
    Sighting {
        time_ms: u64::try_from(event.event_time_ms()).unwrap_or(0).max(1),
        place,
        is_moving: is_packed || OUTBOUND.contains(&step) || step == "transporting",
        is_arrival: INBOUND.contains(&step),
        is_sold,
        event: event.hash().0.into(),
    }
}

/// What is wrong with a sighting after another: 1 two places at once, 2 sold twice, 0 nothing.
pub(super) fn alarm(last: &Sighting, new: &Sighting, clone_seconds: u32) -> u8 {
    if last.time_ms == 0 || last.event == new.event {
        return 0;
    }
    if last.is_sold && new.is_sold {
        return 2;
    }
    let (earlier, later) = if new.time_ms >= last.time_ms { (last, new) } else { (new, last) };
    let apart_ms = later.time_ms - earlier.time_ms;
    // Recorded late: that it moved before the later sighting may be on its way, too.
    let may_have_moved = earlier.is_moving || (later == last && later.is_arrival);
    let is_close = apart_ms < u64::from(clone_seconds) * 1_000;
    u8::from(earlier.place != later.place && is_close && !may_have_moved)
}

/// The number of an identifier that begins with its company prefix, digits only: of a GTIN without
/// its indicator, of an SSCC without its extension digit.
pub(super) fn company_digits(id: &Identifier) -> Option<&str> {
    let rest = id.as_str().strip_prefix("https://id.gs1.org/")?;
    let (ai, rest) = rest.split_once('/')?;
    let value = rest.split('/').next()?;
    let digits = match ai {
        "01" | "00" | "8003" | "8006" => value.get(1..)?,
        "253" | "255" | "401" | "402" | "414" | "417" | "8004" | "8010" => value,
        _ => return None,
    };
    let end = digits.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    (end >= *PREFIX_DIGITS.start()).then(|| &digits[..end])
}

/// The key of a company prefix: its digits behind a 1, so that zeros in front count.
pub(super) fn prefix_key(digits: &str) -> u64 {
    format!("1{digits}").parse().expect("at most twelve digits")
}

/// Whether a text is a company prefix.
pub(super) fn is_prefix(text: &str) -> bool {
    PREFIX_DIGITS.contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && !text.starts_with("00000")
        && !"00000".starts_with(text)
}

/// A GTIN of 14 digits.
pub(super) fn gtin(text: &str) -> Option<Gtin> {
    let is_number = text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_right = is_number && qiao_epcis::check_digit(&text[..13]) == text.chars().last();
    is_right.then(|| text.parse().ok().map(Gtin::new)).flatten()
}

/// Whether later rules of a product are at least as strong in what the books rest on.
pub(super) fn keeps_books(before: &Rules, after: &Rules) -> bool {
    !before.is_balanced
        || (after.is_balanced
            && after.dimension == before.dimension
            && after.content == before.content)
}

/// Which bucket is short, in words.
pub(super) fn bucket_words(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Outside => "nowhere",
        Bucket::Made => "made",
        Bucket::Held => "with the party",
        Bucket::Transit => "on its way to the party",
        Bucket::Packed => "in the container",
        Bucket::Sold => "sold",
        Bucket::Used => "used",
        Bucket::Destroyed => "destroyed",
        Bucket::Yield => "left of what went into the transformation",
    }
}

/// A breach with its field.
pub(super) fn breach(event: &Event, index: usize, code: &'static str, rule: String) -> Breach {
    Breach { code, field: field_of(event, index), rule }
}
