//! What is to be done: read from a form, tried out, shown in words, and signed after it was confirmed.

use std::time::Duration;

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use axum::{
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use qiao_api::{
    finance::{FinanceError, words as finance},
    sending::{Order, SendError, Trial},
};
use qiao_module_kit::money::Currency;

use super::{pieces::money_words, seat::Seat};
use crate::{
    console::Trouble,
    forms::Fields,
    pages::{contracts::signing::require_own, told::why_card},
    shell::{Page, Section},
    words,
};

mod assets;
mod bank;
mod fees;
mod goods;
mod holder;
mod loans;
mod sealed;

pub(super) use sealed::slip_name;

/// A transaction is waited for so long; then its page says that it waits.
const WAIT: Duration = Duration::from_secs(15);

/// An act that was read from a form.
pub(super) struct Planned {
    /// What it is, in a sentence without a period.
    title: String,
    /// What will be signed, by name.
    facts: Vec<(&'static str, String)>,
    module: Address,
    data: Bytes,
    /// The page of the desk to come back to.
    back: String,
    /// The section of the page that asks for the confirmation.
    section: Section,
    /// Fields that the confirmation adds to those of the form, so that what is signed is what was shown.
    fixed: Vec<(&'static str, String)>,
    /// What the browser keeps, under a name: nobody can make it anew.
    slip: Option<(String, String)>,
}

impl Planned {
    pub(super) fn new(
        title: impl Into<String>,
        module: Address,
        call: &impl SolCall,
        back: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            facts: Vec::new(),
            module,
            data: call.abi_encode().into(),
            back: back.into(),
            section: Section::Desks,
            fixed: Vec::new(),
            slip: None,
        }
    }

    /// It is about goods, not about money.
    #[must_use]
    pub(super) fn of_goods(mut self) -> Self {
        self.section = Section::Goods;
        self
    }

    #[must_use]
    pub(super) fn fact(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.facts.push((name, value.into()));
        self
    }

    fn order(&self) -> Order {
        Order { to: Some(self.module), data: self.data.clone(), ..Order::default() }
    }
}

/// A form under reading.
pub(super) struct Form<'a> {
    pub(super) seat: &'a Seat,
    pub(super) fields: &'a Fields,
}

impl Form<'_> {
    /// A field that must be there.
    pub(super) fn text(&self, name: &'static str) -> Result<&str, Trouble> {
        let text = self.fields.get(name).map(str::trim).filter(|text| !text.is_empty());
        text.ok_or_else(|| FinanceError::input(name, "must not be empty").into())
    }

    /// A whole number.
    pub(super) fn number(&self, name: &'static str) -> Result<u64, Trouble> {
        let number = self.text(name)?.parse();
        number.map_err(|_| FinanceError::input(name, "must be a number").into())
    }

    /// An organisation by name or number.
    pub(super) fn party(&self, name: &'static str) -> Result<u64, Trouble> {
        let found = self.seat.names.find(self.text(name)?);
        found.ok_or_else(|| {
            FinanceError::input(name, "must be the name or the number of one member").into()
        })
    }

    /// A decimal amount of a currency.
    pub(super) fn amount(&self, name: &'static str, currency: u16) -> Result<u64, Trouble> {
        let currency = Currency::from_number(currency).unwrap_or_default();
        Ok(finance::read_money(name, currency, self.text(name)?)?)
    }

    /// A currency by its letters.
    pub(super) fn currency(&self, name: &'static str) -> Result<u16, Trouble> {
        Ok(finance::read_currency(name, self.text(name)?)?.number())
    }

    /// An amount in words.
    pub(super) fn money(&self, currency: u16, amount: u64) -> String {
        money_words(currency, amount)
    }
}

async fn planned(seat: &Seat, fields: &Fields) -> Result<Planned, Trouble> {
    let form = Form { seat, fields };
    let name = form.text("act")?;
    if let Some(planned) = holder::read(&form, name).await? {
        return Ok(planned);
    }
    if let Some(planned) = goods::read(&form, name).await? {
        return Ok(planned);
    }
    if let Some(planned) = loans::read(&form, name).await? {
        return Ok(planned);
    }
    if let Some(planned) = fees::read(&form, name).await? {
        return Ok(planned);
    }
    if let Some(planned) = sealed::read(&form, name).await? {
        return Ok(planned);
    }
    if let Some(planned) = assets::read(&form, name)? {
        return Ok(planned);
    }
    let planned = bank::read(&form, name).await?;
    planned.ok_or_else(|| Trouble::Unclear(format!("There is no act “{name}”.")))
}

/// `POST /desks/{organisation}/confirm`: shows what would be signed.
pub(super) async fn confirm(seat: Seat, headers: HeaderMap, body: String) -> Response {
    let fields = Fields::read(&body);
    let made = confirmed(&seat, &headers, &fields).await;
    seat.answer(made)
}

async fn confirmed(seat: &Seat, headers: &HeaderMap, fields: &Fields) -> Result<Response, Trouble> {
    require_own(&seat.console, headers, fields)?;
    let planned = planned(seat, fields).await?;
    match seat.desk.submitter().try_out(&planned.order()).await {
        Ok(trial) => Ok(shown(seat, &planned, fields, &trial)),
        Err(SendError::Reverted { output }) => Ok(refused(seat, &planned, &output)),
        Err(error) => Err(FinanceError::from(error).into()),
    }
}

fn shown(seat: &Seat, planned: &Planned, fields: &Fields, trial: &Trial) -> Response {
    let body = html! {
        p.crumb { a href=(seat.path(&planned.back)) { "← Back, without signing" } }
        div.lead {
            h1 { (planned.title) "?" }
            p.soft { "It was tried out on the newest state and would succeed. Nothing is sent yet." }
        }
        section.card aria-labelledby="signed" {
            header { h2 id="signed" { "What will be signed" } }
            (facts(planned))
            dl.facts {
                div {
                    dt { "Signed by" }
                    dd { (seat.desk.name) " " span.whole.soft { (trial.account) } }
                }
                div {
                    dt { "Data" }
                    dd {
                        details {
                            summary { (words::bytes(planned.data.len() as u64)) }
                            span.whole { (planned.data) }
                        }
                    }
                }
            }
            @if let Some((name, value)) = &planned.slip { (slip(name, value)) }
            form.fill.pad method="post" action=(seat.path("sign")) {
                @for (name, value) in fields.pairs() {
                    input type="hidden" name=(name) value=(value);
                }
                @for (name, value) in &planned.fixed {
                    input type="hidden" name=(name) value=(value);
                }
                button { "Sign and send" }
            }
        }
    };
    let page = Page { title: "Confirm", section: planned.section, body };
    page.render(&seat.console.status())
}

/// What has to be kept until later; the browser keeps it where scripts run.
fn slip(name: &str, value: &str) -> Markup {
    html! {
        div.fill.pad {
            label for="slip" { "Keep this: without it the bid cannot be shown" }
            input id="slip" readonly value=(value) data-keep=(name);
            p.soft.small { "This browser keeps it, too." }
        }
    }
}

fn facts(planned: &Planned) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in &planned.facts { div { dt { (name) } dd { (value) } } }
        }
    }
}

/// The page for what would be refused.
fn refused(seat: &Seat, planned: &Planned, output: &[u8]) -> Response {
    let body = html! {
        p.crumb { a href=(seat.path(&planned.back)) { "← Back" } }
        div.lead {
            h1 { (planned.title) ": refused" }
            p.soft { "It was tried out on the newest state, and would be refused. Nothing was sent." }
        }
        (why_card(&seat.console, None, output))
        section.card aria-labelledby="wanted" {
            header { h2 id="wanted" { "What was wanted" } }
            (facts(planned))
        }
    };
    let page = Page { title: "Refused", section: planned.section, body };
    page.render_as(StatusCode::CONFLICT, &seat.console.status())
}

/// `POST /desks/{organisation}/sign`: signs what was confirmed, with the desk's account.
pub(super) async fn sign(seat: Seat, headers: HeaderMap, body: String) -> Response {
    let fields = Fields::read(&body);
    let made = signed(&seat, &headers, &fields).await;
    seat.answer(made)
}

async fn signed(seat: &Seat, headers: &HeaderMap, fields: &Fields) -> Result<Response, Trouble> {
    require_own(&seat.console, headers, fields)?;
    let planned = planned(seat, fields).await?;
    let submitter = seat.desk.submitter();
    let trial = match submitter.try_out(&planned.order()).await {
        Ok(trial) => trial,
        Err(SendError::Reverted { output }) => return Ok(refused(seat, &planned, &output)),
        Err(error) => return Err(FinanceError::from(error).into()),
    };
    let failed = |error: SendError| Trouble::from(FinanceError::from(error));
    let sent = submitter.send(planned.order(), trial.gas).await.map_err(failed)?;
    let settled = submitter.settle(&sent, WAIT).await.map_err(failed)?;
    let hash = sent.hash();
    let path = match settled {
        Some((block, position)) if block.receipts[position].succeeded() => {
            seat.path(&format!("{}?done={hash}", planned.back))
        }
        _ => format!("/transactions/{hash}"),
    };
    Ok(Redirect::to(&path).into_response())
}
