//! Subscriptions by WebSocket: reports on the connection on which they were asked for.
//!
//! `GET /epcis/queries/{name}/events` or `…/subscriptions` with `Upgrade: websocket`. Each report is one
//! text message with an `EPCISQueryDocument`. Nothing is kept: whoever comes back says with
//! `initialRecordTime` where to go on.

use std::time::Duration;

use axum::{
    extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use jiff::Timestamp;
use qiao_epcis::XmlForm;
use tokio::{sync::OwnedSemaphorePermit, time};

use super::{
    deliver::{Recorded, is_due},
    routes::{controls, initial, parameters as own_parameters, unbounded},
    schedule::Schedule,
    store::NamedQuery,
};
use crate::chain::Head;
use crate::rest::{
    Context,
    answer::{self, Asked},
    events::Parameters,
    headers::{Media, Wish},
    hidden,
    problem::Problem,
    sight::Viewer,
};
use crate::sharing::{Shown, Sight};

/// How often schedules are looked at.
const TICK: Duration = Duration::from_secs(1);

/// A client that takes a report for longer than this is dropped.
const PATIENCE: Duration = Duration::from_secs(30);

/// Ticks after which a silent connection is asked whether it is still there.
const PING_TICKS: u32 = 20;

/// Ticks without a word of the client after which it is gone.
const SILENT_TICKS_MAX: u32 = 60;

/// Bytes of a message of the client: there is nothing that it would have to say.
const MESSAGE_BYTES_MAX: usize = 4 * 1024;

/// When reports are wanted.
#[derive(Debug, Clone)]
pub(super) struct Controls {
    stream: bool,
    schedule: Option<Schedule>,
    report_if_empty: bool,
    /// From which time of recording on.
    since: String,
}

/// How a conversation ends: a code of RFC 6455 and why.
type End = (u16, String);

impl Controls {
    /// From the parameters of the request, as `POST …/subscriptions` has them in its body.
    pub(super) fn read(parameters: &Parameters, head: &Head) -> Result<Self, Box<Problem>> {
        let mut schedule = Schedule::default();
        let (mut has_schedule, mut stream, mut report_if_empty, mut from) =
            (false, false, false, None);
        for (name, value) in parameters {
            let field = match name.as_str() {
                "stream" => {
                    stream = truth(name, value)?;
                    continue;
                }
                "reportIfEmpty" => {
                    report_if_empty = truth(name, value)?;
                    continue;
                }
                "initialRecordTime" => {
                    from = Some(value.as_str());
                    continue;
                }
                "second" => &mut schedule.second,
                "minute" => &mut schedule.minute,
                "hour" => &mut schedule.hour,
                "dayOfMonth" => &mut schedule.day_of_month,
                "month" => &mut schedule.month,
                "dayOfWeek" => &mut schedule.day_of_week,
                other => {
                    let detail =
                        format!("`{}` is no parameter of a subscription", crate::rest::cut(other));
                    return Err(Problem::new(
                        StatusCode::BAD_REQUEST,
                        "epcis.query_parameter",
                        detail,
                    )
                    .kind(
                        "epcisException:QueryParameterException",
                        "query parameter not understood",
                    ));
                }
            };
            *field = Some(value.clone());
            has_schedule = true;
        }
        let schedule = has_schedule.then_some(schedule);
        controls(stream, schedule.as_ref())?;
        Ok(Self { stream, schedule, report_if_empty, since: initial(from, head)? })
    }
}

fn truth(name: &str, value: &str) -> Result<bool, Box<Problem>> {
    value.parse().map_err(|_| {
        let detail = format!("`{name}` is `true` or `false`");
        Problem::new(StatusCode::BAD_REQUEST, "epcis.query_parameter", detail)
    })
}

/// Turns the request into a conversation.
pub(super) fn upgrade(
    context: Context,
    viewer: Viewer,
    query: NamedQuery,
    parameters: &Parameters,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Box<Problem>> {
    unbounded(&query)?;
    hidden::check(&viewer.sight(&*context.chain), &own_parameters(&query)?)?;
    let controls = Controls::read(parameters, &context.chain.head())?;
    let Ok(place) = context.sockets.clone().try_acquire_owned() else {
        let detail = "this node serves no more subscriptions by WebSocket at one time";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "rest.too_many_sockets", detail)
            .hint("ask another node, or subscribe with a URL"));
    };
    let mut response = upgrade
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .on_upgrade(move |socket| converse(context, viewer, query, controls, socket, place));
    // The layer that names versions on answers also names them here; this one is about the protocol.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn converse(
    context: Context,
    viewer: Viewer,
    query: NamedQuery,
    controls: Controls,
    mut socket: WebSocket,
    _place: OwnedSemaphorePermit,
) {
    let (code, reason) = report_on(&context, &viewer, &query, controls, &mut socket).await;
    let frame = CloseFrame { code, reason: reason.into() };
    let _ = time::timeout(PATIENCE, socket.send(Message::Close(Some(frame)))).await;
}

/// Reports until one of the two ends it.
async fn report_on(
    context: &Context,
    viewer: &Viewer,
    query: &NamedQuery,
    mut controls: Controls,
    socket: &mut WebSocket,
) -> End {
    let mut heads = context.chain.heads();
    // What there is already is reported at once.
    heads.mark_changed();
    let mut ticks = time::interval(TICK);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let (mut looked_at, mut silent) = (Timestamp::now(), 0);
    loop {
        let mut is_time = false;
        tokio::select! {
            changed = heads.changed(), if controls.stream => {
                if changed.is_err() {
                    return (close_code::AWAY, "the node is stopping".to_owned());
                }
                is_time = true;
            }
            _ = ticks.tick() => {
                let now = Timestamp::now();
                is_time = is_due(controls.schedule.as_ref(), looked_at, now);
                looked_at = now;
                silent += 1;
                if silent > SILENT_TICKS_MAX {
                    return (close_code::POLICY, "no word from the client".to_owned());
                }
                let asks = silent % PING_TICKS == 0;
                if asks && let Err(end) = send(socket, Message::Ping(Default::default())).await {
                    return end;
                }
            }
            message = socket.recv() => match message {
                None | Some(Ok(Message::Close(_))) => return (close_code::NORMAL, String::new()),
                Some(Err(error)) => return (close_code::PROTOCOL, error.to_string()),
                Some(Ok(_)) => silent = 0,
            }
        }
        if !viewer.may_ask() {
            return (close_code::POLICY, "the key opens nothing any more".to_owned());
        }
        if !is_time {
            continue;
        }
        let sight = viewer.sight(&*context.chain);
        if let Err(end) = report(context, (query, &sight), &mut controls, socket).await {
            return end;
        }
    }
}

/// Sends what was recorded since the last report.
async fn report(
    context: &Context,
    (query, sight): (&NamedQuery, &Sight),
    controls: &mut Controls,
    socket: &mut WebSocket,
) -> Result<(), End> {
    let failed = |reason: String| (close_code::ERROR, reason);
    let hides = own_parameters(query).and_then(|asked| hidden::check(sight, &asked));
    hides.map_err(|problem| (close_code::POLICY, problem.detail))?;
    let wants_empty = controls.report_if_empty && controls.schedule.is_some();
    let mut is_told = false;
    let Some(mut recorded) = Recorded::since(context, query, &controls.since).map_err(failed)?
    else {
        // No block since the last report.
        if wants_empty {
            let none = sight.show(&*context.chain, Vec::new()).await;
            let text = text(query, none).await.map_err(failed)?;
            send(socket, Message::Text(text.into())).await?;
        }
        return Ok(());
    };
    loop {
        let page = match recorded.next(context).await {
            Ok(Some(page)) => page,
            Ok(None) => break,
            Err(error) if error.is_passing() => return Ok(()),
            Err(error) => {
                tracing::error!(%error, "a subscription by WebSocket failed");
                return Err(failed("the node could not answer; its log says why".to_owned()));
            }
        };
        let is_empty = page.is_empty();
        if !is_empty || wants_empty && !is_told {
            let page = sight.show(&*context.chain, page).await;
            let text = text(query, page).await.map_err(failed)?;
            send(socket, Message::Text(text.into())).await?;
            is_told = true;
        }
    }
    controls.since = recorded.until().to_owned();
    Ok(())
}

async fn text(query: &NamedQuery, events: Shown) -> Result<String, String> {
    let wish = Wish { media: Media::JsonLd, xml: XmlForm::default(), links: false };
    let asked = Asked { query: query.name.clone(), subscription: Some("websocket".to_owned()) };
    let written = tokio::task::spawn_blocking(move || answer::text(&events, wish, &asked)).await;
    match written {
        Ok(text) => text.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), End> {
    match time::timeout(PATIENCE, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err((close_code::ERROR, error.to_string())),
        Err(_) => Err((close_code::POLICY, "a report was not taken in time".to_owned())),
    }
}
