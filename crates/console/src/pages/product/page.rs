//! The page itself: what a shopper reads on a phone.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use qiao_api::goods;
use qiao_goods::{
    GS1,
    journey::{Journey, Names, Standing, Step, Stop, StopKind},
};

use super::{resolver::Asked, shown};
use crate::{
    console::{Console, Trouble},
    drawing::temperature,
    shell::PublicPage,
    words,
};

/// Shows a thing, or answers a program.
pub(super) async fn show(console: &Console, asked: &Asked) -> Result<Response, Trouble> {
    let names = console.settings.names;
    let journey = goods::journey(&*console.chain, &asked.id, names).await?;
    let name = console.labels.thing(asked.id.as_str());
    let Some(journey) = journey else {
        return unrecorded(console, asked, &name.kind);
    };
    if asked.is_json {
        let mut response = Json(journey).into_response();
        asked.name_links(response.headers_mut());
        return Ok(response);
    }
    let is_hidden = names == Names::Hidden;
    let kind = if is_hidden { "Product" } else { name.kind.as_str() };
    let body = html! {
        div.lead {
            p.crumb { (console.status().network) }
            h1 { (kind) }
            @if !name.number.is_empty() { p { (name.number) } }
        }
        (banner(console, &journey))
        (label(&journey))
        (timeline(console, &journey))
        (temperatures(&journey))
        (certificates(console, &journey))
        (verify(console, asked, &journey))
        (more(asked))
    };
    let title =
        if is_hidden { name.number.clone() } else { console.labels.line(asked.id.as_str()) };
    let mut response = PublicPage { title: &title, body }.render(&console.status());
    asked.name_links(response.headers_mut());
    Ok(response)
}

/// A product without its lot, a place, or a thing of which only links are known.
fn unrecorded(console: &Console, asked: &Asked, kind: &str) -> Result<Response, Trouble> {
    let id = asked.id.as_str();
    let path = id.strip_prefix(GS1).unwrap_or(id);
    let is_product = path.starts_with("01/") && path.split('/').count() == 2;
    let is_place = path.starts_with("414/") || path.starts_with("417/");
    let is_named =
        is_product && !kind.starts_with("GTIN ") || is_place && !kind.starts_with("GLN ");
    let has_links = asked.links.iter().any(|link| link.link_type != "gs1:traceability");
    let may_name = console.settings.names == Names::Told;
    if !(has_links || is_named && may_name) || asked.is_json {
        return Err(Trouble::Missing(format!("Nobody has recorded anything about {path}.")));
    }
    let body = html! {
        div.lead {
            p.crumb { (console.status().network) }
            h1 { (kind) }
            p.whole.soft { (id) }
        }
        @if is_product {
            section.card aria-labelledby="lot" {
                header { h2 id="lot" { "Which one do you have?" } }
                div.pad {
                    p.soft { "The lot or the serial number stands near the date on the pack." }
                    form.fill action=(asked.path) {
                        label for="lot-field" { "Lot" }
                        input id="lot-field" name="lot" autocomplete="off" maxlength="20";
                        label for="serial" { "or serial number" }
                        input id="serial" name="serial" autocomplete="off" maxlength="20";
                        button { "Show its journey" }
                    }
                }
            }
        }
        (more(asked))
    };
    let mut response = PublicPage { title: kind, body }.render(&console.status());
    asked.name_links(response.headers_mut());
    Ok(response)
}

/// Trouble, on a page without the console's navigation.
pub(super) fn trouble(console: &Console, trouble: &Trouble) -> Response {
    let (code, title, text) = match trouble {
        Trouble::Missing(text) => {
            (StatusCode::NOT_FOUND, "Nothing is known of this", text.as_str())
        }
        Trouble::Unclear(text) => {
            (StatusCode::BAD_REQUEST, "That could not be read", text.as_str())
        }
        Trouble::Refused(text, _) => (StatusCode::CONFLICT, "That is refused", text.as_str()),
        Trouble::Failed(reason) => {
            tracing::warn!(%reason, "a journey could not be told");
            let text = "The node could not answer. Try again in a moment.";
            (StatusCode::SERVICE_UNAVAILABLE, "Something is in the way", text)
        }
    };
    let body = html! {
        div.lead {
            h1 { (title) }
            p { (text) }
            p.soft { "Check the code on the pack. What was recorded a moment ago may need a second." }
        }
    };
    PublicPage { title, body }.render_as(code, &console.status())
}

/// What speaks against the thing. The state of the chain comes first: a recall or a hold there is in force
/// for everybody. Where it has none, what somebody recorded about it is told.
fn banner(console: &Console, journey: &Journey) -> Markup {
    match journey.stops.as_slice() {
        [] => said(&journey.standing),
        stops => html! { @for stop in stops { (stopped(console, journey, stop)) } },
    }
}

fn stopped(console: &Console, journey: &Journey, stop: &Stop) -> Markup {
    let since = words::local_instant(stop.since_ms, "+00:00");
    let by = stop.party.as_ref().map(|party| format!(" by {party}")).unwrap_or_default();
    let is_of_part = !stop.thing.is_empty() && stop.thing != journey.id;
    let part = html! {
        @if is_of_part { p { "It is made of " (console.labels.line(&stop.thing)) "." } }
        @if !stop.text.is_empty() { p { (stop.text) } }
    };
    match stop.kind {
        StopKind::Recall => html! {
            div.state.alarm role="alert" {
                span.dot {}
                div {
                    p { "Recalled" (by) " on " (since) ": " (stop.reason) "." }
                    (part)
                    p { "Do not eat or use it. Bring it back to where you bought it." }
                }
            }
        },
        StopKind::Hold => html! {
            div.state.waiting role="alert" {
                span.dot {}
                div {
                    p { "Held back" (by) " since " (since) ": " (stop.reason) "." }
                    (part)
                    p { "Do not use it until it is released." }
                }
            }
        },
    }
}

/// What the events say.
fn said(standing: &Standing) -> Markup {
    let since = |ms: i64, zone: &str| words::local_instant(ms, zone);
    let by = |party: &Option<String>| {
        party.as_ref().map(|party| format!(" by {party}")).unwrap_or_default()
    };
    match standing {
        Standing::Clear => html! {
            div.state { span.dot {} p { "No recall and no hold is recorded for it." } }
        },
        Standing::Held { party, since_ms, time_zone } => html! {
            div.state.waiting role="alert" {
                span.dot {}
                div {
                    p { "Held back" (by(party)) " since " (since(*since_ms, time_zone)) "." }
                    p { "Do not use it until it is released." }
                }
            }
        },
        Standing::Alarm { disposition, party, since_ms, time_zone } => html! {
            div.state.alarm role="alert" {
                span.dot {}
                div {
                    p { (shown::alarm(disposition)) (by(party)) " on " (since(*since_ms, time_zone)) "." }
                    p { "Do not eat or use it. Bring it back to where you bought it." }
                }
            }
        },
    }
}

fn label(journey: &Journey) -> Markup {
    html! {
        @if !journey.facts.is_empty() {
            section.card aria-labelledby="label" {
                header { h2 id="label" { "On the label" } }
                dl.facts {
                    @for fact in &journey.facts {
                        div { dt { (shown::fact(&fact.name)) } dd { (fact.value) } }
                    }
                }
            }
        }
    }
}

fn timeline(console: &Console, journey: &Journey) -> Markup {
    let day = |step: &Step| words::local_day(step.from_ms, &step.time_zone);
    html! {
        section.card aria-labelledby="journey" {
            header { h2 id="journey" { "Its journey" } }
            @if journey.steps_left_out > 0 {
                p.empty { (journey.steps_left_out) " earlier steps are not shown." }
            }
            @for steps in journey.steps.chunk_by(|left, right| day(left) == day(right)) {
                h3.day { (day(&steps[0])) }
                ol.timeline {
                    @for step in steps {
                        li.alarm[step.is_alarm] {
                            span.when { (words::local_time(step.from_ms, &step.time_zone)) " " }
                            span.what { (shown::sentence(console, step)) }
                            @if step.place.is_some() || step.party.is_some() {
                                div.soft.small {
                                    @if let Some(place) = &step.place { (console.labels.place(place)) }
                                    @if step.place.is_some() && step.party.is_some() { " · " }
                                    @if let Some(party) = &step.party { (party) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn temperatures(journey: &Journey) -> Markup {
    html! {
        @if journey.temperatures.len() > 1 {
            section.card aria-labelledby="cold" {
                header { h2 id="cold" { "How cold it was kept" } }
                div.pad { (temperature::journey(&journey.temperatures)) }
            }
        }
    }
}

fn certificates(console: &Console, journey: &Journey) -> Markup {
    html! {
        @if !journey.certificates.is_empty() {
            section.card aria-labelledby="certificates" {
                header { h2 id="certificates" { "Certificates and tests" } }
                ul.rows {
                    @for one in &journey.certificates {
                        li {
                            div.main {
                                @if one.id.starts_with("https://") && !one.id.starts_with(GS1) {
                                    a href=(one.id) rel="noreferrer" { (shown::certificate(one)) }
                                } @else { strong { (shown::certificate(one)) } }
                                span.line { (shown::issuer(console, one)) }
                            }
                            div.aside { span.line { (words::local_short(one.time_ms, &one.time_zone)) } }
                        }
                    }
                }
            }
        }
    }
}

/// What it takes to believe the page.
fn verify(console: &Console, asked: &Asked, journey: &Journey) -> Markup {
    if !console.is_voted() {
        return html! {
            section.card aria-labelledby="verify" {
                header { h2 id="verify" { "Can this be trusted?" } }
                div.pad { p.soft { "This is a developer's chain without validators: nothing proves it." } }
            }
        };
    }
    let path = asked.id.as_str().strip_prefix(GS1).unwrap_or_default();
    let proof = format!("/proofs/journeys/{path}");
    let status = console.status();
    html! {
        section.card aria-labelledby="verify" data-verify=(proof) data-genesis=(status.genesis) {
            header { h2 id="verify" { "Can this be trusted?" } }
            div.pad {
                p {
                    (words::count(journey.events.len() as u64, "record", "records"))
                    " of this journey are on a ledger that " (status.validators.len())
                    " organisations keep together. None of them can change a record alone."
                }
                p.fill-line {
                    button.primary type="button" data-verify-button hidden { "Verify" }
                    a.second href=(proof) download="journey-proof.json" { "Download the proof" }
                }
                div.verdict data-verdict aria-live="polite" hidden {}
                details {
                    summary { "Check it yourself" }
                    p { "With the program " code { "qiao" } " and the network's genesis file, which you take \
                         from somebody whom you trust:" }
                    pre { code { "qiao verify journey-proof.json --genesis genesis.json" } }
                    p.soft.small {
                        "The proof holds the votes of the validators and, for each record, that it was \
                         captured and when. It does not tell what a record says: members of the network \
                         compare that with its Event Hash ID."
                    }
                    @if console.settings.names == Names::Told {
                        p { a href="/genesis.json" download="genesis.json" { "The genesis file as this node has it" } }
                    }
                    ul.list.small {
                        @for event in &journey.events { li.whole { (event) } }
                    }
                }
            }
        }
    }
}

/// Further links that the brand owner registered.
fn more(asked: &Asked) -> Markup {
    let links: Vec<_> =
        asked.links.iter().filter(|link| link.link_type != "gs1:traceability").collect();
    html! {
        nav.card aria-label="More about it" {
            header { h2 { "More about it" } }
            ul.rows {
                @for link in links {
                    li { div.main {
                        a href=(link.href) rel="noreferrer" { (link.title) }
                        span.line { (shown::link_type(&link.link_type)) }
                    } }
                }
                li { div.main {
                    a href={ (asked.path) "?linkType=linkset" } { "All links, for programs" }
                    span.line { "linkset of RFC 9264" }
                } }
            }
        }
    }
}
