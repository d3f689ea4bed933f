//! Keeps a page up to date: after each final block, at most once a second, the part that changes
//! is made again and sent as a server-sent event.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Query, State},
    http::{HeaderName, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, stream};
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};

use crate::{
    console::Console,
    pages::{blocks, overview},
};

const INTERVAL: Duration = Duration::from_secs(1);

/// A silent chain is looked at again after this long, so that the page says that it is silent.
const SILENCE_MAX: Duration = Duration::from_secs(4);

/// Which page wants to stay up to date.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Overview,
    Blocks,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    page: Kind,
}

/// `GET /live?page=overview`.
pub(crate) async fn stream(
    State(console): State<Console>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let Ok(place) = console.live_pages.clone().try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many live pages\n").into_response();
    };
    let events = events(console, wanted.page, place);
    let buffering = (HeaderName::from_static("x-accel-buffering"), "no");
    ([buffering], Sse::new(events).keep_alive(KeepAlive::default())).into_response()
}

/// One event per look; `place` is held for as long as the stream lives.
fn events<P: Send + 'static>(
    console: Console,
    kind: Kind,
    place: P,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let heads = console.chain.heads();
    let start = (console, heads, Instant::now(), place);
    stream::unfold(start, move |(console, mut heads, last, place)| async move {
        sleep_until(last + INTERVAL).await;
        let changed = tokio::time::timeout_at(last + SILENCE_MAX, heads.changed()).await;
        if let Ok(Err(_)) = changed {
            return None; // The node is stopping.
        }
        let now = Instant::now();
        let made = match kind {
            Kind::Overview => overview::changing(&console).await,
            Kind::Blocks => blocks::changing(&console).await,
        };
        let event = match made {
            Ok(markup) => Event::default().event("page").data(markup.into_string()),
            Err(_) => Event::default().comment("not readable at this moment"),
        };
        Some((Ok(event), (console, heads, now, place)))
    })
}
