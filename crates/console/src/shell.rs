//! The frame around every page: head, navigation, footer.

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};
use qiao_api::NodeStatus;

use crate::{assets, words};

/// The sections of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    Blocks,
    Trace,
    Goods,
    Events,
    Members,
    Contracts,
    Desks,
    None,
}

const SECTIONS: [(Section, &str, &str); 8] = [
    (Section::Overview, "/", "Overview"),
    (Section::Trace, "/trace", "Trace"),
    (Section::Goods, "/goods", "Goods"),
    (Section::Events, "/events", "Events"),
    (Section::Blocks, "/blocks", "Blocks"),
    (Section::Members, "/members", "Members"),
    (Section::Contracts, "/contracts", "Contracts"),
    (Section::Desks, "/desks", "Finance"),
];

/// A whole page.
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    pub(crate) section: Section,
    pub(crate) body: Markup,
}

impl Page<'_> {
    /// The page with its frame.
    pub(crate) fn render(&self, node: &NodeStatus) -> Response {
        self.render_as(StatusCode::OK, node)
    }

    /// The page with its frame, under a status of its own.
    pub(crate) fn render_as(&self, code: StatusCode, node: &NodeStatus) -> Response {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                (head(self.title, node))
                body {
                    a.skip href="#content" { "Skip to content" }
                    (header(self.section, node))
                    main id="content" { (self.body) }
                    (footer(node))
                }
            }
        };
        (code, Html(page.into_string())).into_response()
    }
}

/// A page for everybody, without the console around it.
pub(crate) struct PublicPage<'a> {
    pub(crate) title: &'a str,
    pub(crate) body: Markup,
}

impl PublicPage<'_> {
    /// The page with its frame.
    pub(crate) fn render(&self, node: &NodeStatus) -> Response {
        self.render_as(StatusCode::OK, node)
    }

    /// The page with its frame, under a status of its own.
    pub(crate) fn render_as(&self, code: StatusCode, node: &NodeStatus) -> Response {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                (head(self.title, node))
                body.public {
                    a.skip href="#content" { "Skip to content" }
                    header.bar { div {
                        span.brand { (assets::mark()) span { "Qiao" small { (node.network) } } }
                    } }
                    main id="content" { (self.body) }
                    footer { div {
                        span { "Told by the records of the network’s members, as this node has them" }
                        a href="/" { "For members" }
                    } }
                }
            }
        };
        (code, Html(page.into_string())).into_response()
    }
}

fn head(title: &str, node: &NodeStatus) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) " · " (node.network) }
            link rel="stylesheet" href=(assets::style_path());
            link rel="icon" type="image/svg+xml" href=(assets::icon_path());
            script type="module" src=(assets::script_path()) {}
        }
    }
}

fn header(section: Section, node: &NodeStatus) -> Markup {
    html! {
        header.bar {
            div {
                a.brand href="/" {
                    (assets::mark())
                    span { "Qiao" small { (node.network) } }
                }
                nav aria-label="Sections" {
                    ul {
                        @for (name, href, label) in SECTIONS {
                            li {
                                a href=(href) aria-current=[(name == section).then_some("page")] {
                                    (label)
                                }
                            }
                        }
                    }
                }
                form.search.find role="search" action="/search" {
                    label.visually-hidden for="find" { "Find a block, transaction, account, contract, member or product" }
                    input id="find" type="search" name="q" autocomplete="off"
                        placeholder="Block, address, name, product…";
                    button { "Find" }
                }
            }
        }
    }
}

fn footer(node: &NodeStatus) -> Markup {
    html! {
        footer {
            div {
                span { "Answered by " (node.node) " of " (node.organisation) }
                span { "Chain " (node.chain_id) }
                span { "Genesis " span.hash title=(node.genesis) { (words::short(&node.genesis)) } }
                span { (node.version) }
            }
        }
    }
}
