//! `/desks/{organisation}/collateral`: whether an asset is financed already, what is left of it, and what
//! this desk claims.

use std::collections::BTreeMap;

use axum::{http::HeaderMap, response::Response};
use maud::{Markup, html};
use qiao_api::{
    collateral::{
        checking::{self, Check, Light, Wanted},
        owned::{self, OwnAsset, OwnClaim},
    },
    finance::{FinanceError, words as finance},
};
use qiao_module_kit::{
    money::Currency,
    uniqueness::{KINDS, Kind},
};

use super::{
    pieces::{act, button, money, usage},
    seat::{Seat, Tab},
};
use crate::{
    console::Trouble, decoding::spelled, forms::Fields, pages::contracts::signing::require_own,
    words,
};

/// The kind with which the form begins.
const FIRST_KIND: &str = "customs_declaration";

/// `GET /desks/{organisation}/collateral`.
pub(super) async fn page(seat: Seat) -> Response {
    let made = made(&seat, None).await;
    seat.answer(made)
}

/// `POST /desks/{organisation}/collateral`: checks an asset. What it is stays out of paths and logs.
pub(super) async fn check(seat: Seat, headers: HeaderMap, body: String) -> Response {
    let made = checked(&seat, &headers, &Fields::read(&body)).await;
    seat.answer(made)
}

/// What was asked and what the check says.
struct Asked {
    kind: &'static Kind,
    identity: BTreeMap<String, String>,
    is_private: bool,
    check: Check,
}

async fn checked(seat: &Seat, headers: &HeaderMap, fields: &Fields) -> Result<Response, Trouble> {
    require_own(&seat.console, headers, fields)?;
    let name = fields.get("kind").unwrap_or(FIRST_KIND);
    let kind = Kind::named(name).ok_or_else(|| {
        FinanceError::input("kind", "must be a kind of assets that is known here")
    })?;
    let typed = |name: &str| fields.get(name).unwrap_or_default().trim().to_owned();
    let identity: BTreeMap<String, String> =
        kind.parts.iter().map(|part| (part.name.to_owned(), typed(part.name))).collect();
    let is_private = fields.get("how") != Some("open");
    let wanted = Wanted {
        kind: kind.name.to_owned(),
        identity: identity.clone(),
        amount: 0,
        currency: None,
    };
    let found = checking::check(&seat.console.chain, &[wanted], is_private).await;
    let (_, checks) = found.map_err(|error| {
        let hint = "A regulator appoints the evaluators; `qiao collateral evaluators` names them. An open key \
                    needs none, but whoever reads the chain can guess what it stands for.";
        Trouble::Refused(format!("No private key: {error}."), hint.to_owned())
    })?;
    let check = checks.into_iter().next().expect("one asset was checked");
    made(seat, Some(Asked { kind, identity, is_private, check })).await
}

async fn made(seat: &Seat, asked: Option<Asked>) -> Result<Response, Trouble> {
    let own = owned::of(&*seat.console.chain, seat.desk.account).await?;
    let kind = match &asked {
        Some(asked) => asked.kind,
        None => seat.query.get("kind").and_then(Kind::named).unwrap_or(&KINDS[1]),
    };
    let body = html! {
        nav.choices aria-label="Kinds of assets" {
            @for one in KINDS {
                a href=(seat.path(&format!("collateral?kind={}", one.name)))
                    aria-current=[(one == kind).then_some("page")] { (spelled(one.name)) }
            }
        }
        div.columns.even {
            (question(seat, kind, asked.as_ref()))
            @match &asked {
                Some(asked) => (answer(seat, asked)),
                None => (explained()),
            }
        }
        div.columns.even { (claims(seat, &own.claims)) (registered(&own.registered)) }
    };
    Ok(seat.page("Collateral", Tab::Collateral, body))
}

fn question(seat: &Seat, kind: &Kind, asked: Option<&Asked>) -> Markup {
    let typed = |name: &str| asked.and_then(|asked| asked.identity.get(name).cloned());
    let is_open = asked.is_some_and(|asked| !asked.is_private);
    html! {
        section.card aria-labelledby="check" {
            header { h2 id="check" { "Is it financed already?" } }
            div.pad {
                form.fill method="post" action=(seat.path("collateral")) {
                    input type="hidden" name="seal" value=(seat.console.seal.word());
                    input type="hidden" name="kind" value=(kind.name);
                    @for part in kind.parts {
                        label for=(part.name) { (spelled(part.name)) ": " (part.doc) }
                        input id=(part.name) name=(part.name) required autocomplete="off" value=[typed(part.name)];
                    }
                    label for="how" { "Its key is" }
                    select id="how" name="how" {
                        option value="private" selected[!is_open] { "private: made with the appointed evaluators" }
                        option value="open" selected[is_open] { "open: a hash that others can guess" }
                    }
                    button { "Check it" }
                }
            }
        }
    }
}

fn explained() -> Markup {
    html! {
        section.card aria-labelledby="how-it-works" {
            header { h2 id="how-it-works" { "What the answer tells" } }
            div.pad.stack {
                p { "Whether somebody registered it, its value, and what is left of it. Of who holds the rest, nothing." }
                p { "Spaces, punctuation and case do not matter. The evaluators who help to make the key learn that \
                     this node asks, not what for." }
            }
        }
    }
}

fn light(check: &Check) -> Markup {
    let (tone, word) = match check.light {
        Light::Green => ("good", "free"),
        Light::Amber => ("warn", "partly financed"),
        Light::Red => ("alarm", "financed"),
        Light::Grey => ("", "not known"),
    };
    html! { span class={ "tag " (tone) } { span.dot {} (word) } }
}

fn answer(seat: &Seat, asked: &Asked) -> Markup {
    let check = &asked.check;
    let currency = check.currency.and_then(Currency::from_code).unwrap_or_default();
    html! {
        section.card aria-labelledby="answer" {
            header { h2 id="answer" { "The answer" } (light(check)) }
            dl.facts {
                div { dt { "In words" } dd { (check.reason) } }
                @if let (Some(value), Some(left)) = (check.value, check.left) {
                    div { dt { "Value" } dd { (money(currency.number(), value)) } }
                    div { dt { "Left" } dd {
                        strong { (money(currency.number(), left)) }
                        (usage(value.saturating_sub(left), value, "financed or reserved"))
                    } }
                }
                @if let Some(key) = check.key {
                    div { dt { "Key" } dd { span.whole { (key) } } }
                }
            }
            @if let Some(key) = check.key {
                div.pad {
                    @match check.left {
                        Some(left) if left > 0 => (reserve(seat, key, currency, left)),
                        Some(_) => {},
                        None => (register(seat, key)),
                    }
                }
            }
        }
    }
}

fn hidden_key(key: alloy_primitives::B256) -> Markup {
    html! { input type="hidden" name="key" value=(key); }
}

fn reserve(seat: &Seat, key: alloy_primitives::B256, currency: Currency, left: u64) -> Markup {
    let decimal = finance::money(currency.number(), left).replace(',', "");
    act(
        seat,
        "reserve",
        &[],
        html! {
            (hidden_key(key))
            input type="hidden" name="currency" value=(currency.code());
            label for="amount" { "Reserve in " (currency.code()) }
            input id="amount" name="amount" inputmode="decimal" required value=(decimal);
            button { "Reserve it for a day" }
        },
    )
}

fn register(seat: &Seat, key: alloy_primitives::B256) -> Markup {
    html! {
        details {
            summary { "Register it, as a registrar" }
            (act(seat, "register-asset", &[], html! {
                (hidden_key(key))
                label for="currency" { "Currency" }
                input id="currency" name="currency" value="CNY" required maxlength="3";
                label for="value" { "Value" }
                input id="value" name="value" inputmode="decimal" required placeholder="100000.00";
                button { "Register it" }
            }))
        }
    }
}

fn short(key: alloy_primitives::B256) -> String {
    words::short(&key)
}

fn claims(seat: &Seat, claims: &[OwnClaim]) -> Markup {
    html! {
        section.card aria-labelledby="claims" {
            header { h2 id="claims" { "What you claim" } span.soft.small { (claims.len()) } }
            @if claims.is_empty() { p.empty { "Nothing. Reserve a part of an asset before you finance it." } }
            ul.rows {
                @for one in claims {
                    li {
                        div.main {
                            strong { (money(one.asset.currency, one.amount)) }
                            span.line {
                                "asset " span.hash title=(one.asset.key) { (short(one.asset.key)) } ", "
                                (money(one.asset.currency, one.asset.left)) " of "
                                (money(one.asset.currency, one.asset.value)) " left"
                            }
                            @if one.state == "reserved" {
                                span.line { "until " (words::instant(one.until * 1_000)) }
                            }
                        }
                        div.aside.acts {
                            @match one.state {
                                "reserved" => {
                                    span.tag.warn { "reserved" }
                                    (button(seat, "take-claim", "claim", one.claim, "Finance it"))
                                    (release(seat, one))
                                },
                                "used" => { span.tag.good { "financed" } (release(seat, one)) },
                                state => span.tag { (state) },
                            }
                        }
                    }
                }
            }
        }
    }
}

fn release(seat: &Seat, claim: &OwnClaim) -> Markup {
    let currency = u64::from(claim.asset.currency);
    let fields = [("claim", claim.claim), ("units", claim.amount), ("currency", currency)];
    act(seat, "release-claim", &fields, html! { button.plain { "Release" } })
}

fn registered(assets: &[OwnAsset]) -> Markup {
    html! {
        section.card aria-labelledby="registered" {
            header { h2 id="registered" { "What you registered" } span.soft.small { (assets.len()) } }
            @if assets.is_empty() { p.empty { "Nothing. A regulator licenses registrars: customs, land offices, banks." } }
            ul.rows {
                @for one in assets {
                    li {
                        div.main {
                            strong { (money(one.currency, one.left)) " left" }
                            span.line {
                                "of " (money(one.currency, one.value)) ", asset "
                                span.hash title=(one.key) { (short(one.key)) }
                            }
                            (usage(one.value.saturating_sub(one.left), one.value, "financed or reserved"))
                        }
                    }
                }
            }
        }
    }
}
