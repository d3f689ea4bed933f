//! What the commands of supply-chain finance and of recalls share: for whom they ask, amounts, and what was done.

use std::path::Path;
use std::process::ExitCode;

use qiao_api::finance::{FinanceError, words};
use serde_json::Value;

use crate::client::{Client, NodeArguments};
use crate::failure::Failure;
use crate::output::{Output, number};

/// Which node is asked, and for whom.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct DeskArguments {
    /// The organisation for which it is done, by its number; the key's, or the node's own, if absent.
    #[arg(long = "as", value_name = "ORGANISATION")]
    organisation: Option<u64>,
    #[command(flatten)]
    node: NodeArguments,
}

/// A client that speaks for one organisation.
pub struct Desk {
    client: Client,
    organisation: Option<u64>,
}

impl DeskArguments {
    /// A client of the node that speaks for the organisation.
    pub fn desk(&self) -> Result<Desk, Failure> {
        Ok(Desk { client: self.node.client()?, organisation: self.organisation })
    }

    /// The home folder that was named.
    pub fn home(&self) -> Option<&Path> {
        self.node.home.as_deref()
    }

    /// The organisation for which it is done: the one that was named, or that whose desk opens by itself.
    pub fn organisation_or_own(&self) -> Result<u64, Failure> {
        if let Some(organisation) = self.organisation {
            return Ok(organisation);
        }
        let desks = self.node.client()?.get("/finance/desks")?;
        let is_own = |desk: &&Value| desk.get("own").and_then(Value::as_bool) == Some(true);
        let desks = list(&desks);
        let only = if desks.len() == 1 { desks.first() } else { None };
        let desk = desks.iter().find(is_own).or(only);
        desk.map(|desk| count(desk, "organisation")).ok_or_else(|| {
            Failure::usage("this node acts for several organisations")
                .with_hint("name one with `--as ORGANISATION`; `qiao finance desks` lists them")
        })
    }
}

impl Desk {
    /// A path with the organisation in its query.
    fn path(&self, path: &str) -> String {
        let Some(organisation) = self.organisation else { return path.to_owned() };
        let joint = if path.contains('?') { '&' } else { '?' };
        format!("{path}{joint}as={organisation}")
    }

    /// Asks.
    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        self.client.get(&self.path(path))
    }

    /// Asks for a file.
    pub fn file(&self, path: &str) -> Result<Vec<u8>, Failure> {
        self.client.file(&self.path(path))
    }

    /// Does something.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let answer = self.client.post(&self.path(path), &[], body.to_string().as_bytes())?;
        Ok(answer.body)
    }

    /// Sends a table as it is; the answer also where a row has a problem.
    pub fn upload(&self, path: &str, bytes: &[u8]) -> Result<(u16, Value), Failure> {
        let answer = self.client.upload(&self.path(path), bytes)?;
        Ok((answer.status, answer.body))
    }

    /// Sets something.
    pub fn put(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        Ok(self.client.put(&self.path(path), body.to_string().as_bytes())?.body)
    }

    /// A decimal amount in the currency of a part, in the minor unit.
    pub fn amount_of_part(&self, part: u64, decimal: &str) -> Result<u64, Failure> {
        let seen = self.get(&format!("/finance/parts/{part}"))?;
        let code = seen.pointer("/part/currency").and_then(Value::as_str).unwrap_or_default();
        amount("amount", code, decimal)
    }
}

/// A decimal amount of a currency in its minor unit.
pub fn amount(field: &str, code: &str, decimal: &str) -> Result<u64, Failure> {
    let currency = words::read_currency("currency", code).map_err(|error| wrong(&error))?;
    words::read_money(field, currency, decimal).map_err(|error| wrong(&error))
}

/// What was typed breaks a rule.
pub fn wrong(error: &FinanceError) -> Failure {
    Failure::usage(error.to_string())
}

/// An amount in the minor unit, as people read it: `CNY 1,234.50`.
pub fn shown(value: &Value, name: &str) -> String {
    let minor = value.get(name).and_then(Value::as_u64).unwrap_or_default();
    money(minor, text(value, "currency"))
}

/// An amount in the minor unit of a currency, as people read it.
pub fn money(minor: u64, code: &str) -> String {
    match words::read_currency("currency", code) {
        Ok(currency) => format!("{code} {}", words::money(currency.number(), minor)),
        Err(_) => number(minor),
    }
}

/// A text of an answer.
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A number of an answer.
pub fn count(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}

/// The name of a party of an answer.
pub fn party<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).map_or("-", |party| text(party, "name"))
}

/// The entries of an answer.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Seconds since the epoch as people read them.
pub fn time(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|at| jiff::Timestamp::from_second(at).ok());
    time.map_or("-".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// Tells what was done: the number of what came to be on stdout, the place on stderr.
pub fn done(output: &Output, acted: &Value, what: &str, next: &str) -> Result<ExitCode, Failure> {
    if acted.get("block").is_none() {
        let failure =
            Failure::environment("the transaction is in the pool, but not final after 20 s");
        let failure = failure.with_hint("`qiao doctor` says why");
        return Err(Failure { detail: Some(acted.clone()), ..failure });
    }
    if output.json {
        output.document(acted);
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(made) = acted.get("number").and_then(Value::as_u64) {
        output.line(&made.to_string());
    }
    let (block, hash) = (count(acted, "block"), text(acted, "transaction"));
    output.say(&format!("{what}, final in block {} ({hash})", number(block)));
    output.next(next);
    Ok(ExitCode::SUCCESS)
}

/// Writes a file that a node made.
pub fn save(output: &Output, path: &Path, bytes: &[u8]) -> Result<ExitCode, Failure> {
    std::fs::write(path, bytes)
        .map_err(|cause| Failure::environment(format!("`{}`: {cause}", path.display())))?;
    if output.json {
        output.document(&serde_json::json!({ "file": path, "bytes": bytes.len() }));
    } else {
        output.line(&path.display().to_string());
    }
    Ok(ExitCode::SUCCESS)
}
