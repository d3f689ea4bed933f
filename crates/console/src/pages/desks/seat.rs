//! Sitting down at a desk: who asks, for whom, and the frame of the desk's pages.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
    response::Response,
};
use maud::{Markup, html};
use qiao_api::{
    door::Granted,
    finance::{Access, Desk, FinanceError, ViewError, names::Names},
    reverts,
    sending::SendError,
};

use crate::{
    console::{Console, Trouble},
    forms::Fields,
    shell::{Page, Section},
    words,
};

/// What whoever asks may see.
pub(super) struct Asker(pub(super) Access);

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(Access::of(parts.extensions.get::<Granted>())))
    }
}

/// A desk that whoever asks may sit down at.
pub(super) struct Seat {
    pub(super) console: Console,
    pub(super) desk: Desk,
    pub(super) names: Names,
    /// Which desks are open to whoever asks.
    pub(super) access: Access,
    /// The query of the page.
    pub(super) query: Fields,
}

impl FromRequestParts<Console> for Seat {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Response> {
        let access = Access::of(parts.extensions.get::<Granted>());
        let query = Fields::read(parts.uri.query().unwrap_or_default());
        let params = RawPathParams::from_request_parts(parts, console).await;
        let organisation = params.ok().and_then(|params| {
            let mut named = params.iter().filter(|(name, _)| *name == "organisation");
            named.next().and_then(|(_, number)| number.parse::<u64>().ok())
        });
        let sitting = async {
            let unclear =
                || Trouble::Unclear("A desk has the number of an organisation.".to_owned());
            let organisation = organisation.ok_or_else(unclear)?;
            let desk = console.desks.open(access, Some(organisation)).await?;
            let names = Names::load(&*console.chain).await?;
            Ok::<_, Trouble>((desk, names))
        };
        match sitting.await {
            Ok((desk, names)) => Ok(Self { console: console.clone(), desk, names, access, query }),
            Err(trouble) => Err(console.trouble(&trouble)),
        }
    }
}

/// The tabs of a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Payables,
    Wallet,
    Bank,
    Loans,
    Money,
    Collateral,
    Tariffs,
    Regulator,
}

const TABS: [(Tab, &str, &str); 7] = [
    (Tab::Wallet, "wallet", "Wallet"),
    (Tab::Payables, "payables", "Payables"),
    (Tab::Bank, "bank", "Bank"),
    (Tab::Loans, "loans", "Loans"),
    (Tab::Money, "money", "Money"),
    (Tab::Collateral, "collateral", "Collateral"),
    (Tab::Tariffs, "tariffs", "Fees"),
];

impl Seat {
    /// A path of the desk.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/desks/{}/{rest}", self.desk.organisation)
    }

    /// A path of a file that REST makes for the desk.
    pub(super) fn file(&self, rest: &str) -> String {
        let joint = if rest.contains('?') { '&' } else { '?' };
        format!("/finance/{rest}{joint}as={}", self.desk.organisation)
    }

    /// Whether something was done on the page before this one.
    pub(super) fn done(&self) -> Markup {
        let hash =
            self.query.get("done").and_then(|hash| hash.parse::<alloy_primitives::B256>().ok());
        html! {
            @if let Some(hash) = hash {
                div.state role="status" {
                    span.dot {}
                    p { "Done, and final. " a href={ "/transactions/" (hash) } { "The transaction" } }
                }
            }
        }
    }

    /// A page of the desk.
    pub(super) fn page(&self, title: &str, tab: Tab, body: Markup) -> Response {
        let tabs: Vec<(Tab, &str, &str)> = match self.desk.is_regulator {
            true => {
                vec![(Tab::Regulator, "regulator", "Regulator"), (Tab::Tariffs, "tariffs", "Fees")]
            }
            false => TABS.to_vec(),
        };
        let body = html! {
            div.lead {
                p.crumb { a href="/desks" { "Desks" } " › " (self.desk.name) }
                h1 { (title) }
            }
            nav.choices aria-label="Parts of the desk" {
                @for (name, path, label) in tabs {
                    a href=(self.path(path)) aria-current=[(name == tab).then_some("page")] {
                        (label)
                    }
                }
            }
            (self.done())
            (body)
            (super::as_of(&self.console))
        };
        let whole = format!("{title} · {}", self.desk.name);
        let page = Page { title: &whole, section: Section::Desks, body };
        page.render(&self.console.status())
    }

    /// Makes a page or shows the trouble.
    pub(super) fn answer(&self, made: Result<Response, Trouble>) -> Response {
        self.console.answer(made)
    }

    /// The day of the newest block where the packs of rules apply, `YYYYMMDD`.
    pub(super) fn today(&self) -> u32 {
        let head = self.console.chain.head().timestamp_ms.max(words::now_ms());
        qiao_api::finance::words::today(head)
    }
}

impl From<FinanceError> for Trouble {
    fn from(error: FinanceError) -> Self {
        let hint = error.hint().unwrap_or_default();
        match &error {
            FinanceError::Unknown { what, number } => {
                Self::Missing(format!("There is no {what} {number} that this desk sees."))
            }
            FinanceError::Input { field, rule } => {
                Self::Unclear(format!("“{}” {rule}.", crate::decoding::spelled(field)))
            }
            FinanceError::NoDesk { .. } => Self::Refused(
                "That desk is not open to you.".to_owned(),
                "A key of the organisation opens it.".to_owned(),
            ),
            FinanceError::Nobody | FinanceError::NotRegulator => {
                Self::Refused(format!("{error}."), hint)
            }
            FinanceError::View(ViewError::Refused { output })
            | FinanceError::Send(SendError::Reverted { output }) => {
                let words = reverts::words(output).unwrap_or_else(|| error.to_string());
                Self::Refused(format!("{words}."), hint)
            }
            FinanceError::Send(SendError::Chain(_))
            | FinanceError::View(ViewError::Failed(_))
            | FinanceError::Index(_) => Self::Failed(error.to_string()),
            FinanceError::Send(_) => Self::Refused(format!("{error}."), hint),
        }
    }
}
