//! `/contracts/deploy`: from an artifact to a contract.

use std::collections::BTreeMap;

use axum::{extract::State, http::HeaderMap, response::Response};
use maud::{Markup, html};
use qiao_api::{
    contracts::{Abi, Artifact, abi::Parameter},
    sending::{Order, SendError},
};
use qiao_types::{Bytes, U256};
use serde_json::Value;

use super::{
    functions::example,
    signing::{refusal, require_own, show, trouble},
};
use crate::{
    console::{Console, Trouble},
    decoding::spelled,
    forms::Fields,
    pages::told::why_card,
    shell::{Page, Section},
    words,
};

/// `GET /contracts/deploy`.
pub(crate) async fn begin(State(console): State<Console>) -> Response {
    let has_signer = console.chain.signer().is_some();
    let body = html! {
        p.crumb { a href="/contracts" { "Contracts" } }
        div.lead {
            h1 { "Deploy a contract" }
            p.soft {
                "From the artifact that Foundry (" code { "out/Token.sol/Token.json" } ") or Hardhat ("
                code { "artifacts/contracts/Token.sol/Token.json" } ") writes. It is signed by this node's "
                "account, and belongs to its organisation."
            }
        }
        @if has_signer {
            section.card {
                form.fill.pad method="post" action="/contracts/deploy" data-file-form {
                    input type="hidden" name="seal" value=(console.seal.word());
                    label.from-file for="file" hidden { "Artifact, a JSON file" }
                    input.from-file id="file" type="file" accept=".json,application/json" hidden;
                    label for="artifact" { "Its text" }
                    textarea id="artifact" name="artifact" rows="8" spellcheck="false" required
                        placeholder="{ \"abi\": […], \"bytecode\": … }" {}
                    button { "Go on" }
                }
            }
        } @else { p { "This node has no account to sign with." } }
    };
    Page { title: "Deploy a contract", section: Section::Contracts, body }.render(&console.status())
}

/// `POST /contracts/deploy`: asks for the constructor's arguments.
pub(crate) async fn arguments(
    State(console): State<Console>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let fields = Fields::read(&body);
    let made = asked(&console, &headers, &fields);
    console.answer(made)
}

fn asked(console: &Console, headers: &HeaderMap, fields: &Fields) -> Result<Response, Trouble> {
    require_own(console, headers, fields)?;
    let unclear =
        |error: &dyn std::fmt::Display| Trouble::Unclear(format!("The artifact: {error}."));
    let text = fields.get("artifact").unwrap_or_default();
    let value: Value = serde_json::from_str(text).map_err(|error| unclear(&error))?;
    let artifact = Artifact::read(&value).map_err(|error| unclear(&error))?;
    let abi = Abi::read(&artifact.abi).map_err(|error| unclear(&error))?;
    let code = artifact.linked(&BTreeMap::new()).map_err(|error| {
        Trouble::Unclear(format!(
            "The artifact: {error}; `qiao contract deploy --library` links it."
        ))
    })?;
    let name = artifact.name.clone().unwrap_or_else(|| "A contract".to_owned());
    let constructor: Vec<&Value> = artifact
        .abi
        .as_array()
        .into_iter()
        .flatten()
        .filter(|item| item.get("type").and_then(Value::as_str) == Some("constructor"))
        .collect();
    let constructor = serde_json::to_string(&constructor).unwrap_or_default();
    let body = html! {
        p.crumb { a href="/contracts/deploy" { "← Another artifact" } }
        div.lead {
            h1 { (name) }
            p.soft { (words::bytes(code.len() as u64)) " of code." }
        }
        section.card aria-labelledby="arguments" {
            header { h2 id="arguments" { "Its constructor" } }
            form.fill.pad method="post" action="/contracts/deploy/confirm" {
                input type="hidden" name="seal" value=(console.seal.word());
                input type="hidden" name="name" value=(name);
                input type="hidden" name="code" value=(code);
                input type="hidden" name="abi" value=(constructor);
                (constructor_fields(&abi.constructor()))
                button { "Try out…" }
            }
        }
    };
    let page = Page { title: "Deploy a contract", section: Section::Contracts, body };
    Ok(page.render(&console.status()))
}

fn constructor_fields(parameters: &[Parameter]) -> Markup {
    html! {
        @if parameters.is_empty() { p.soft { "It takes no arguments." } }
        @for (at, parameter) in parameters.iter().enumerate() {
            @let label = match parameter.name.as_str() {
                "" => format!("Argument {}", at + 1),
                name => spelled(name),
            };
            label for={ "c-" (at) } { (label) " " code { (parameter.kind) } }
            input id={ "c-" (at) } name="a" placeholder=(example(&parameter.kind)) autocomplete="off"
                spellcheck="false";
        }
    }
}

/// `POST /contracts/deploy/confirm`.
pub(crate) async fn confirm(
    State(console): State<Console>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let fields = Fields::read(&body);
    let made = confirmed(&console, &headers, &fields).await;
    console.answer(made)
}

async fn confirmed(
    console: &Console,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<Response, Trouble> {
    require_own(console, headers, fields)?;
    let unclear = |text: String| Trouble::Unclear(text);
    let abi = fields.get("abi").unwrap_or_default();
    let abi: Value = serde_json::from_str(abi).map_err(|error| unclear(error.to_string()))?;
    let abi = Abi::read(&abi).map_err(|error| unclear(format!("{error}.")))?;
    let given = fields.all("a");
    let arguments = abi.encode_constructor(&given).map_err(|error| unclear(format!("{error}.")))?;
    let code: Result<Bytes, _> = fields.get("code").unwrap_or_default().parse();
    let code = code.map_err(|_| unclear("The code is not hexadecimal.".to_owned()))?;
    let data = [code.as_ref(), arguments.as_ref()].concat().into();
    let order = Order { to: None, data, value: U256::ZERO };
    let what = html! { h1 { "Deploy " (fields.get("name").unwrap_or("a contract")) } };
    let values = html! {
        dl.facts {
            @for (parameter, value) in abi.constructor().iter().zip(&given) {
                div { dt { (spelled(&parameter.name)) } dd { (value) } }
            }
        }
    };
    match console.submitter.try_out(&order).await {
        Ok(trial) => Ok(show(console, &what, &values, &order, &trial, "/contracts/deploy")),
        Err(SendError::Reverted { output }) => {
            let why = why_card(console, None, &output);
            Ok(refusal(console, &what, &why, "/contracts/deploy"))
        }
        Err(error) => Err(trouble(&error)),
    }
}
