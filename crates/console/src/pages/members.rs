//! `/members`: the organisations, their accounts and what these may do.

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use qiao_indexer::{IndexedAccount, IndexedOrganisation};
use qiao_types::U256;

use crate::{
    console::{Console, Trouble},
    decoding::role_name,
    shell::{Page, Section},
    words,
};

const SHOWN_MAX: usize = 200;

/// `GET /members`.
pub(crate) async fn page(State(console): State<Console>) -> Response {
    let made = made(&console).await;
    console.answer(made)
}

async fn made(console: &Console) -> Result<Response, Trouble> {
    let organisations = console.chain.index().organisations().await?;
    let total = organisations.len();
    let mut cards = Vec::new();
    for organisation in organisations.iter().take(SHOWN_MAX) {
        let accounts = console.chain.index().accounts(organisation.id).await?;
        cards.push(card(console, organisation, &accounts));
    }
    let body = html! {
        div.lead {
            h1 { "Members" }
            p.soft {
                (words::count(total as u64, "organisation", "organisations"))
                " may write to this chain. Those that validate agree on every block."
            }
        }
        div.grid { @for card in &cards { (card) } }
        @if total > SHOWN_MAX { p.soft { "The first " (SHOWN_MAX) " are shown." } }
    };
    Ok(Page { title: "Members", section: Section::Members, body }.render(&console.status()))
}

fn card(
    console: &Console,
    organisation: &IndexedOrganisation,
    accounts: &[IndexedAccount],
) -> Markup {
    let genesis = console.chain.genesis();
    let validates = genesis.validators.iter().any(|one| one.organisation == organisation.id);
    html! {
        section.card aria-labelledby={ "member-" (organisation.id) } {
            header {
                h2 id={ "member-" (organisation.id) } { (organisation.name) }
                span.tags {
                    @if validates { span.tag.good { "validator" } }
                    @if organisation.frozen.is_some() { span.tag.alarm { "frozen" } }
                }
            }
            div.pad {
                p.soft.small {
                    "No. " (organisation.id)
                    @if let Some(gln) = &organisation.gln { " · GLN " span.number { (gln) } }
                    @if organisation.since_block > 0 {
                        " · since block " a href={ "/blocks/" (organisation.since_block) } {
                            (words::number(organisation.since_block))
                        }
                    }
                }
                @if let Some(reason) = &organisation.frozen { p { "Frozen: " (reason) } }
            }
            ul.rows {
                @for account in accounts.iter().take(SHOWN_MAX) {
                    li {
                        a.hash href={ "/accounts/" (account.address) } title=(account.address) {
                            (words::short_address(&account.address))
                        }
                        span.tags {
                            @for role in &account.roles {
                                span.tag { (role_name(U256::from(*role))) }
                            }
                            @if account.roles.is_empty() { span.tag { "no role" } }
                            @if account.frozen.is_some() { span.tag.alarm { "frozen" } }
                        }
                    }
                }
            }
        }
    }
}
