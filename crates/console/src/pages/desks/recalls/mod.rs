//! `/desks/{organisation}/recalls`: from a suspect lot to the report of its recall, for one organisation.
//!
//! The drill and the declaration are one way: what would be signed is found, planned, tried out and
//! timed, and nothing of it is published unless somebody then signs it.

mod check;
mod list;
mod notice;
mod one;
mod pieces;
mod suspect;

use std::collections::BTreeSet;

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use qiao_api::{
    finance::{Access, FinanceError, ViewError, view},
    recalls::{self, RecallError},
    sending::SendError,
};
use qiao_epcis::Identifier;
use qiao_modules::lots::{self, ILots};

use super::seat::{Asker, Seat};
use crate::{
    console::{Console, Trouble},
    forms::Fields,
    pages::search::encoded,
    shell::{Page, Section},
};

/// The pages of recalls.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/quality/recalls", get(enter))
        .route("/quality/recalls/{recall}", get(enter_one))
        .route("/desks/{organisation}/recalls", get(list::page))
        .route("/desks/{organisation}/recalls/new", get(suspect::page))
        .route("/desks/{organisation}/recalls/check", get(check::page))
        .route("/desks/{organisation}/recalls/sign", post(check::sign))
        .route("/desks/{organisation}/recalls/{recall}", get(one::page))
        .route("/desks/{organisation}/recalls/{recall}/notify", post(one::notify))
        .route("/desks/{organisation}/recalls/{recall}/notices/{party}", get(notice::page))
}

/// `GET /quality/recalls?thing=…`: leads to the desk that has to do with it: the owner's of the thing, else
/// the node's own.
async fn enter(
    State(console): State<Console>,
    Asker(access): Asker,
    uri: axum::http::Uri,
) -> Response {
    let query = Fields::read(uri.query().unwrap_or_default());
    let thing = query.get("thing").map(str::trim).filter(|thing| !thing.is_empty());
    let made = led(&console, access, thing, None).await;
    console.answer(made)
}

/// `GET /quality/recalls/{recall}`: leads to the recall at the node's own desk.
async fn enter_one(
    State(console): State<Console>,
    Asker(access): Asker,
    Path(recall): Path<u64>,
) -> Response {
    let made = led(&console, access, None, Some(recall)).await;
    console.answer(made)
}

async fn led(
    console: &Console,
    access: Access,
    thing: Option<&str>,
    recall: Option<u64>,
) -> Result<Response, Trouble> {
    let desks = console.desks.open_to(access).await?;
    let owner = match thing.map(recalls::identifier) {
        Some(Ok(id)) => {
            let call = ILots::ownerOfCall { id: id.as_str().to_owned() };
            view(&*console.chain, lots::ADDRESS, call).await.map_err(FinanceError::from)?
        }
        _ => 0,
    };
    let owned = desks.iter().find(|desk| desk.organisation == owner);
    let desk = owned.or_else(|| desks.iter().find(|desk| desk.is_own)).or(desks.first());
    let desk = desk.ok_or_else(|| {
        Trouble::Refused(
            "This node acts for no organisation.".to_owned(),
            "Recalls are declared and answered by a node with an account.".to_owned(),
        )
    })?;
    let folder = format!("/desks/{}/recalls", desk.organisation);
    let path = match (thing, recall) {
        (Some(thing), _) => format!("{folder}/new?thing={}", encoded(thing)),
        (None, Some(recall)) => format!("{folder}/{recall}"),
        (None, None) => folder,
    };
    Ok(Redirect::to(&path).into_response())
}

impl Seat {
    /// A page of the desk about goods. `rest` is where other desks have the same page.
    pub(super) async fn goods_page(&self, title: &str, rest: &str, body: Markup) -> Response {
        let desks = self.console.desks.open_to(self.access).await.unwrap_or_default();
        let traders = self.traders();
        let open: Vec<_> =
            desks.iter().filter(|desk| traders.contains(&desk.organisation)).collect();
        let body = html! {
            div.lead {
                p.crumb {
                    a href="/goods" { "Goods" } " › " a href=(self.path("recalls")) { "Recalls" }
                    " › " (self.desk.name)
                }
                h1 { (title) }
            }
            @if open.len() > 1 {
                details.card.pad {
                    summary { "Acting for " (self.desk.name) }
                    nav.choices aria-label="Act for another organisation" {
                        @for desk in &open {
                            @let is_here = desk.organisation == self.desk.organisation;
                            a href={ "/desks/" (desk.organisation) "/" (rest) }
                                aria-current=[is_here.then_some("page")] { (desk.name) }
                        }
                    }
                }
            }
            (self.done())
            (body)
            (super::as_of(&self.console))
        };
        let whole = format!("{title} · {}", self.desk.name);
        Page { title: &whole, section: Section::Goods, body }.render(&self.console.status())
    }

    /// Organisations that trade goods: those with a Global Location Number; all where nobody has one.
    fn traders(&self) -> BTreeSet<u64> {
        let all = &self.console.chain.genesis().organisations;
        let traders: BTreeSet<u64> =
            all.iter().filter(|one| one.gln.is_some()).map(|one| one.id).collect();
        if traders.is_empty() { all.iter().map(|one| one.id).collect() } else { traders }
    }

    /// Whether the desk sees all of a recall that an organisation declared.
    fn sees_all(&self, declarer: u64) -> bool {
        let is_bound = matches!(self.access, Access::Only(_));
        !is_bound || self.desk.is_regulator || self.desk.organisation == declarer
    }
}

/// The thing that a page is about.
fn thing(fields: &Fields) -> Result<Identifier, Trouble> {
    let text = fields.get("thing").map(str::trim).unwrap_or_default();
    if text.is_empty() {
        return Err(Trouble::Unclear("Name a lot, an item, a case or a pallet.".to_owned()));
    }
    recalls::identifier(text)
        .map_err(|rule| Trouble::Unclear(format!("“{text}” is not an identifier: {rule}.")))
}

impl From<RecallError> for Trouble {
    fn from(error: RecallError) -> Self {
        let hint = error.hint().unwrap_or_default();
        match error {
            RecallError::Unknown { what, number } => {
                Self::Missing(format!("There is no {what} {number} that this desk sees."))
            }
            RecallError::NothingKnown { thing } => {
                Self::Missing(format!("Nobody has recorded anything about {thing}."))
            }
            RecallError::Input { field, rule } => {
                Self::Unclear(format!("“{}” {rule}.", crate::decoding::spelled(&field)))
            }
            RecallError::NotOwn { .. } => Self::Refused(format!("{error}."), hint),
            RecallError::View(error @ ViewError::Refused { .. }) => {
                FinanceError::View(error).into()
            }
            RecallError::View(error) => Self::Failed(error.to_string()),
            RecallError::Index(error) => error.into(),
            RecallError::Send(error @ SendError::Chain(_)) => Self::Failed(error.to_string()),
            RecallError::Send(error) => FinanceError::Send(error).into(),
        }
    }
}
