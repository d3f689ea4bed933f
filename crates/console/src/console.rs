//! What every page can reach, and what a page answers when it cannot be made.

use std::sync::Arc;

use axum::{
    extract::rejection::QueryRejection,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::html;
use qiao_api::{Chain, ChainFailure, NodeStatus, finance::Desks, sending::Submitter};
use qiao_execution::CallError;
use qiao_goods::journey::Names;
use qiao_indexer::IndexError;
use qiao_types::{Address, GenesisMember};
use tokio::sync::Semaphore;

use crate::{
    decoding::Decoder,
    labels::Labels,
    security::Seal,
    shell::{Page, Section},
};

/// Pages that may be kept up to date at one time; more are asked to come back later.
const LIVE_PAGES_MAX: usize = 256;

/// What every page can reach.
#[derive(Clone)]
pub(crate) struct Console {
    pub(crate) chain: Arc<dyn Chain>,
    pub(crate) labels: Arc<Labels>,
    pub(crate) decoder: Arc<Decoder>,
    pub(crate) live_pages: Arc<Semaphore>,
    pub(crate) submitter: Arc<Submitter>,
    pub(crate) desks: Arc<Desks>,
    pub(crate) seal: Arc<Seal>,
    pub(crate) settings: Arc<Settings>,
}

/// What an operator decides about the pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whose names the journey of a thing tells.
    pub names: Names,
    /// Where everybody reaches the pages of things: `https://id.example.com`. None where they are reached
    /// as they are called.
    pub public_url: Option<String>,
}

/// Why a page cannot be shown.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// There is no such thing: what it is, and what may help.
    Missing(String),
    /// The address or the form does not make sense.
    Unclear(String),
    /// The node could not answer.
    Failed(String),
    /// The rules say no: the reason, and what may help.
    Refused(String, String),
}

impl Console {
    pub(crate) fn new(chain: Arc<dyn Chain>, settings: Settings) -> Self {
        let labels = Arc::new(Labels::of(Arc::clone(&chain)));
        let decoder = Arc::new(Decoder::new());
        let live_pages = Arc::new(Semaphore::new(LIVE_PAGES_MAX));
        let submitter = Arc::new(Submitter::new(Arc::clone(&chain)));
        let desks = Arc::new(Desks::new(Arc::clone(&chain)));
        let (seal, settings) = (Arc::new(Seal::new()), Arc::new(settings));
        Self { chain, labels, decoder, live_pages, submitter, desks, seal, settings }
    }

    pub(crate) fn status(&self) -> NodeStatus {
        self.chain.status()
    }

    /// Whether validators vote on the blocks: what a developer's chain says cannot be proved.
    pub(crate) fn is_voted(&self) -> bool {
        !self.chain.status().validators.is_empty()
    }

    /// The name of the organisation to which an account belonged at the beginning.
    pub(crate) fn organisation_of(&self, account: Address) -> Option<&str> {
        let mut organisations = self.chain.genesis().organisations.iter();
        let has = |member: &GenesisMember| member.address == account;
        let organisation =
            organisations.find(|organisation| organisation.accounts.iter().any(has))?;
        Some(&organisation.name)
    }

    /// Shows trouble as a page.
    pub(crate) fn trouble(&self, trouble: &Trouble) -> Response {
        let (code, title, text, hint) = match trouble {
            Trouble::Missing(text) => (
                StatusCode::NOT_FOUND,
                "Not found",
                text,
                "Only what is final is shown here: what was sent a moment ago may need a second.",
            ),
            Trouble::Unclear(text) => (
                StatusCode::BAD_REQUEST,
                "That could not be read",
                text,
                "Check the identifier for missing or extra characters.",
            ),
            Trouble::Refused(text, hint) => {
                let code = StatusCode::CONFLICT;
                return self.trouble_page(code, "That is refused", text, hint);
            }
            Trouble::Failed(text) => {
                tracing::warn!(reason = %text, "a page could not be made");
                let sentence = "The node could not answer.".to_owned();
                return self.trouble_page(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Something is in the way",
                    &sentence,
                    "Try again in a moment. If it stays, `qiao doctor` on the node says why.",
                );
            }
        };
        self.trouble_page(code, title, text, hint)
    }

    fn trouble_page(&self, code: StatusCode, title: &str, text: &str, hint: &str) -> Response {
        let body = html! {
            div.lead {
                h1 { (title) }
                p { (text) }
                p.soft { (hint) }
            }
            nav.choices aria-label="Ways on" {
                a href="/" { "Overview" }
                a href="/trace" { "Trace a product" }
                a href="/blocks" { "Recent blocks" }
            }
        };
        Page { title, section: Section::None, body }.render_as(code, &self.status())
    }

    /// Makes a page or shows the trouble.
    pub(crate) fn answer(&self, made: Result<Response, Trouble>) -> Response {
        made.unwrap_or_else(|trouble| self.trouble(&trouble))
    }
}

impl From<ChainFailure> for Trouble {
    fn from(failure: ChainFailure) -> Self {
        Self::Failed(failure.to_string())
    }
}

/// Any path that is no page.
pub(crate) async fn no_such_page(
    axum::extract::State(console): axum::extract::State<Console>,
    uri: axum::http::Uri,
) -> Response {
    let text = format!("There is no page at {}.", uri.path());
    console.trouble(&Trouble::Missing(text)).into_response()
}

impl From<QueryRejection> for Trouble {
    fn from(rejection: QueryRejection) -> Self {
        Self::Unclear(rejection.body_text())
    }
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<IndexError> for Trouble {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::PageToken(token) => {
                Self::Unclear(format!("“{token}” does not lead to a page of this list."))
            }
            other => Self::Failed(other.to_string()),
        }
    }
}
