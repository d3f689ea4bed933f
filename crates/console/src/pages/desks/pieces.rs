//! Pieces of several pages: amounts, bars, parts, and the forms of acts.

use maud::{Markup, html};
use qiao_api::finance::{
    exposure::Bucket,
    vouchers::{Part, Voucher},
    words as finance,
};

use super::seat::Seat;
use crate::words;

/// An amount with its currency.
pub(super) fn money(currency: u16, amount: u64) -> Markup {
    html! {
        span.number.nowrap {
            (finance::currency_code(currency)) " " (finance::money(currency, amount))
        }
    }
}

/// An amount with its currency, as text.
pub(super) fn money_words(currency: u16, amount: u64) -> String {
    format!("{} {}", finance::currency_code(currency), finance::money(currency, amount))
}

/// A day, `YYYY-MM-DD`, as people read it, with how far off it is.
pub(super) fn day(due: u32, today: u32) -> Markup {
    let text = day_words(due);
    let left = match (finance::days_between(today, due), finance::days_between(due, today)) {
        (0, 0) => "today".to_owned(),
        (0, past) => format!("{} ago", words::count(u64::from(past), "day", "days")),
        (left, _) => format!("in {}", words::count(u64::from(left), "day", "days")),
    };
    html! { time.nowrap datetime=(finance::day(due)) title=(left) { (text) } }
}

/// A day as `31 Mar 2027`.
pub(super) fn day_words(day: u32) -> String {
    let month = MONTHS.get((day / 100 % 100).saturating_sub(1) as usize).copied().unwrap_or("?");
    format!("{} {} {}", day % 100, month.get(..3).unwrap_or(month), day / 10_000)
}

/// The months.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A bar of what is used of a limit.
pub(super) fn usage(used: u64, limit: u64, label: &str) -> Markup {
    bar(used, limit, label, share(used, limit) >= 90)
}

/// A bar of a part of a whole.
pub(super) fn bar(part: u64, whole: u64, label: &str, is_tight: bool) -> Markup {
    let share = share(part, whole);
    html! {
        svg.meter.tight[is_tight] viewBox="0 0 100 8" preserveAspectRatio="none" role="img"
            aria-label={ (label) ": " (share) " of 100" } {
            rect.rest x="0" y="0" width="100" height="8" rx="2" {}
            rect x="0" y="0" width=(share) height="8" rx="2" {}
        }
    }
}

/// Hundredths of a whole; 100 at most, and where the whole is nothing.
pub(super) fn share(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return if part == 0 { 0 } else { 100 };
    }
    let share = u128::from(part) * 100 / u128::from(whole);
    u64::try_from(share.min(100)).unwrap_or(100)
}

/// Amounts by heading as bars; those of nothing are left out.
pub(super) fn buckets(currency: u16, buckets: &[Bucket]) -> Markup {
    let most = buckets.iter().map(|one| one.amount).max().unwrap_or(0);
    html! {
        ul.bars {
            @for one in buckets.iter().filter(|one| one.amount > 0) {
                li {
                    span.main { (one.name) }
                    span.aside { (money(currency, one.amount)) }
                    (bar(one.amount, most, &one.name, false))
                }
            }
        }
    }
}

/// The state of a part as a tag.
pub(super) fn part_tag(part: &Part) -> Markup {
    let name = part.beneficiary.as_ref().map(|party| party.name.clone()).unwrap_or_default();
    html! {
        @if part.frozen { span.tag.alarm { "frozen" } " " }
        @match (part.voucher_state, part.state) {
            ("overdue", _) => span.tag.alarm { "overdue" },
            (_, "free") => span.tag.good { "free" },
            (_, "locked") => span.tag.warn { "for sale to " (name) },
            (_, "pledged") => span.tag.warn { "pledged to " (name) },
            (_, state) => span.tag { (state) },
        }
    }
}

/// The state of a voucher as a tag.
pub(super) fn voucher_tag(voucher: &Voucher) -> Markup {
    let tone = match voucher.state {
        "live" => "good",
        "offered" => "warn",
        "overdue" => "alarm",
        _ => "",
    };
    html! { span class={ "tag " (tone) } { (voucher.state) } }
}

/// Parts as rows that lead to their pages.
pub(super) fn part_rows(seat: &Seat, parts: &[Part]) -> Markup {
    html! {
        ul.rows {
            @for part in parts {
                li {
                    div.main {
                        a href=(seat.path(&format!("parts/{}", part.part))) {
                            (money(part.currency_number, part.amount))
                        }
                        span.line {
                            "owed by " (part.issuer.name) ", due " (day(part.due_number, seat.today()))
                        }
                    }
                    div.aside { (part_tag(part)) span.line { "part " (part.part) } }
                }
            }
        }
    }
}

/// Vouchers as rows that lead to their pages.
pub(super) fn voucher_rows(seat: &Seat, vouchers: &[Voucher], is_issuer: bool) -> Markup {
    html! {
        ul.rows {
            @for one in vouchers {
                li {
                    div.main {
                        a href=(seat.path(&format!("vouchers/{}", one.voucher))) {
                            (money(one.currency_number, one.amount))
                        }
                        span.line {
                            @if is_issuer { "to " (one.creditor.name) } @else { "from " (one.issuer.name) }
                            ", due " (day(one.due_number, seat.today()))
                        }
                    }
                    div.aside { (voucher_tag(one)) span.line { "voucher " (one.voucher) } }
                }
            }
        }
    }
}

/// The beginning of a form that leads to the confirmation of an act: `fields` go along unseen.
pub(super) fn act(seat: &Seat, name: &str, fields: &[(&str, u64)], inner: Markup) -> Markup {
    html! {
        form.fill method="post" action=(seat.path("confirm")) {
            input type="hidden" name="seal" value=(seat.console.seal.word());
            input type="hidden" name="act" value=(name);
            @for (field, value) in fields { input type="hidden" name=(field) value=(value); }
            (inner)
        }
    }
}

/// A form of one button.
pub(super) fn button(seat: &Seat, name: &str, field: &str, number: u64, label: &str) -> Markup {
    act(seat, name, &[(field, number)], html! { button.plain { (label) } })
}

/// A field for an organisation, with the names to choose from.
pub(super) fn party_field(seat: &Seat, id: &str, label: &str) -> Markup {
    let list = format!("{id}-list");
    html! {
        label for=(id) { (label) }
        input id=(id) name="to" list=(list) required autocomplete="off" placeholder="Name or number";
        datalist id=(list) {
            @for (number, name) in seat.names.all().filter(|(number, _)| *number != seat.desk.organisation) {
                option value=(name) { (number) }
            }
        }
    }
}

/// A field for an amount of a part, with a slider where scripts run.
pub(super) fn amount_field(id: &str, currency: u16, amount: u64) -> Markup {
    let decimal = finance::money(currency, amount).replace(',', "");
    html! {
        label for=(id) { "Amount in " (finance::currency_code(currency)) " of " (finance::money(currency, amount)) }
        div.slide data-slide {
            input id=(id) name="amount" inputmode="decimal" required value=(decimal);
            input.range type="range" min="0" max=(decimal) step="any" value=(decimal) hidden
                aria-label="Share of the part";
        }
    }
}

/// A line of tiles: heading, value, what it means.
pub(super) fn tiles(tiles: &[(&str, Markup, Markup)]) -> Markup {
    html! {
        dl.tiles {
            @for (heading, value, meaning) in tiles {
                div.card.tile {
                    dt { (heading) }
                    dd.value.amount { (value) }
                    dd { (meaning) }
                }
            }
        }
    }
}

/// Sums of amounts by currency, each on a line of its own; a dash where there is none.
pub(super) fn sums(amounts: impl Iterator<Item = (u16, u64)>) -> Markup {
    let mut sums: std::collections::BTreeMap<u16, u64> = std::collections::BTreeMap::new();
    for (currency, amount) in amounts {
        let sum = sums.entry(currency).or_default();
        *sum = sum.saturating_add(amount);
    }
    html! {
        @if sums.is_empty() { "–" }
        @for (currency, sum) in &sums { span.line { (money(*currency, *sum)) } }
    }
}
