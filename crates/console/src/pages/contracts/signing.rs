//! What is to be signed is tried out and shown, and signed only after it was confirmed.

use std::time::Duration;

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use qiao_api::sending::{Order, SendError, Trial};
use qiao_types::{Address, Bytes, U256};

use super::parsed;
use crate::{
    console::{Console, Trouble},
    decoding::spelled,
    forms::Fields,
    interfaces::interface_of,
    pages::told::{told_values, why_card},
    shell::{Page, Section},
    words,
};

/// A transaction is waited for so long; then its page says that it waits.
const WAIT: Duration = Duration::from_secs(5);

/// `POST /contracts/{address}/confirm`: shows what a call would do and be.
pub(crate) async fn confirm(
    State(console): State<Console>,
    Path(wanted): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let fields = Fields::read(&body);
    let made = confirmed(&console, &wanted, &headers, &fields).await;
    console.answer(made)
}

async fn confirmed(
    console: &Console,
    wanted: &str,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<Response, Trouble> {
    require_own(console, headers, fields)?;
    let to = parsed(wanted)?;
    let Some(known) = interface_of(console, to).await? else {
        return Err(Trouble::Missing(format!("What the contract {to} can do is not known here.")));
    };
    let signature = fields.get("f").unwrap_or_default();
    let data = known.abi.encode(signature, &fields.all("a"));
    let data = data.map_err(|error| Trouble::Unclear(format!("{error}.")))?;
    let told = known.abi.call(&data);
    let order = Order { to: Some(to), data, value: wei(fields)? };
    let what = html! {
        h1 { (told.as_ref().map(|told| spelled(&told.name)).unwrap_or_default()) " at " (known.name) }
    };
    let values = html! {
        @if let Some(told) = told { (told_values(console, told.values)) }
    };
    let back = format!("/contracts/{to}");
    match console.submitter.try_out(&order).await {
        Ok(trial) => Ok(show(console, &what, &values, &order, &trial, &back)),
        Err(SendError::Reverted { output }) => {
            let why = why_card(console, Some(&known.abi), &output);
            Ok(refusal(console, &what, &why, &back))
        }
        Err(error) => Err(trouble(&error)),
    }
}

/// The page that asks for a confirmation.
pub(super) fn show(
    console: &Console,
    what: &Markup,
    values: &Markup,
    order: &Order,
    trial: &Trial,
    back: &str,
) -> Response {
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    let organisation = console.organisation_of(trial.account).unwrap_or("an organisation");
    let body = html! {
        p.crumb { a href=(back) { "← Back, without signing" } }
        div.lead {
            (what)
            p.soft { "It was tried out on the newest state and would succeed. Nothing is sent yet." }
        }
        section.card aria-labelledby="signed" {
            header { h2 id="signed" { "What will be signed" } }
            (values)
            dl.facts {
                (fact("Account", html! {
                    (organisation) " " span.whole.soft { (trial.account) }
                }))
                @match order.to {
                    Some(to) => (fact("To", html! { span.whole { (to) } })),
                    None => (fact("To", html! { "nobody: it creates a contract" })),
                }
                @if order.value > U256::ZERO {
                    (fact("Value", html! { (words::coins(order.value)) }))
                }
                (fact("Gas allowed", html! { span.number { (words::number(trial.gas)) } "; free" }))
                (fact("Data", html! {
                    details {
                        summary { (words::bytes(order.data.len() as u64)) }
                        span.whole { (order.data) }
                    }
                }))
            }
            form.fill.pad method="post" action="/sign" {
                input type="hidden" name="seal" value=(console.seal.word());
                @if let Some(to) = order.to { input type="hidden" name="to" value=(to); }
                input type="hidden" name="data" value=(order.data);
                input type="hidden" name="value" value=(order.value);
                button { "Sign and send" }
            }
        }
    };
    let page = Page { title: "Confirm", section: Section::Contracts, body };
    page.render(&console.status())
}

/// The page for what would be refused.
pub(super) fn refusal(console: &Console, what: &Markup, why: &Markup, back: &str) -> Response {
    let body = html! {
        p.crumb { a href=(back) { "← Back" } }
        div.lead {
            (what)
            p.soft { "It was tried out on the newest state, and would be refused. Nothing was sent." }
        }
        (why)
    };
    let page = Page { title: "Refused", section: Section::Contracts, body };
    page.render_as(axum::http::StatusCode::CONFLICT, &console.status())
}

/// `POST /sign`: signs what was confirmed, with the node's account.
pub(crate) async fn sign(
    State(console): State<Console>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let fields = Fields::read(&body);
    let made = signed(&console, &headers, &fields).await;
    console.answer(made)
}

async fn signed(
    console: &Console,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<Response, Trouble> {
    require_own(console, headers, fields)?;
    let to = fields.get("to").map(parsed).transpose()?;
    let data: Bytes = fields
        .get("data")
        .unwrap_or_default()
        .parse()
        .map_err(|_| Trouble::Unclear("The data is not hexadecimal.".to_owned()))?;
    let order = Order { to, data, value: wei(fields)? };
    let is_creation = order.to.is_none();
    let trial = console.submitter.try_out(&order).await.map_err(|error| trouble(&error))?;
    let sent = console.submitter.send(order, trial.gas).await.map_err(|error| trouble(&error))?;
    let settled = console.submitter.settle(&sent, WAIT).await.map_err(|error| trouble(&error))?;
    let created: Option<Address> = settled
        .filter(|_| is_creation)
        .and_then(|(block, position)| block.receipts[position].contract_address);
    let path = match created {
        Some(contract) => format!("/contracts/{contract}"),
        None => format!("/transactions/{}", sent.hash()),
    };
    Ok(Redirect::to(&path).into_response())
}

/// Refuses a form that no page of this process made.
pub(crate) fn require_own(
    console: &Console,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<(), Trouble> {
    if console.seal.accepts(fields, headers) {
        return Ok(());
    }
    Err(Trouble::Refused(
        "The form does not come from a page of this node.".to_owned(),
        "Open the page again: after a restart of the node, forms that were open are not taken."
            .to_owned(),
    ))
}

fn wei(fields: &Fields) -> Result<U256, Trouble> {
    let text = fields.get("value").unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(U256::ZERO);
    }
    text.parse().map_err(|_| Trouble::Unclear(format!("“{text}” is not a number of wei.")))
}

/// Why something was not sent, as a page.
pub(super) fn trouble(error: &SendError) -> Trouble {
    match error {
        SendError::Chain(_) => Trouble::Failed(error.to_string()),
        _ => Trouble::Refused(format!("{error}."), format!("Code {}.", error.code())),
    }
}
