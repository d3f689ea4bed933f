//! `/login`: where a browser gives its key, and gives it back. It tells nothing of the node.

use axum::{
    extract::{Query, rejection::QueryRejection},
    response::{Html, IntoResponse, Response},
};
use maud::{DOCTYPE, html};
use serde::Deserialize;

use crate::assets;

/// Where the reader wanted to go, and whether the last key was not known.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    next: String,
    #[serde(default)]
    wrong: bool,
}

/// `GET /login`. The listener takes the form: no page learns the key.
pub(crate) async fn page(asked: Result<Query<Asked>, QueryRejection>) -> Response {
    let Asked { next, wrong } = asked.map(|Query(asked)| asked).unwrap_or_default();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Log in · Qiao" }
                link rel="stylesheet" href=(assets::style_path());
                link rel="icon" type="image/svg+xml" href=(assets::icon_path());
            }
            body {
                main id="content" {
                    div.lead {
                        h1 { "This node asks for a key" }
                        p.soft {
                            "Its operator makes one with " code { "qiao key add" }
                            ". This browser keeps it for twelve hours."
                        }
                    }
                    @if wrong {
                        div.state.alarm role="alert" { p { "That key is not known here." } }
                    }
                    form.search action="/login" method="post" {
                        label.visually-hidden for="key" { "Key" }
                        input id="key" type="password" name="key" required
                            autocomplete="current-password" placeholder="qiao_…";
                        input type="hidden" name="next" value=(next);
                        button { "Log in" }
                    }
                    form action="/logout" method="post" {
                        p.soft { "Done with this browser? " button { "Log out" } }
                    }
                }
            }
        }
    };
    Html(page.into_string()).into_response()
}
