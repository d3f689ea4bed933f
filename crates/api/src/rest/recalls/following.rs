//! Recalls that were declared: how they stand, what those who were told do, and the end.

use axum::{
    Json,
    body::Body,
    extract::{OriginalUri, Path},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use qiao_modules::recall::{
    self,
    IRecall::{self, acknowledgeCall, answerCall, endCall},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    recalls::{self, Line, Notice, Recall, RecallError, Report, Sent},
    rest::{
        extract::Parameters,
        finance::acting::{Acted, Acting, For, json},
        imports::sheet_file,
        pages::{self, Paging},
        problem::Problem,
    },
};

/// A recall with what it calls back and whom it told.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecallShown {
    #[serde(flatten)]
    recall: Recall,
    /// What is called back, and on hold until the end.
    things: Vec<String>,
    /// Who was told, those who are overdue first; for a key of one organisation its own notice.
    told: Vec<Notice>,
}

/// A notice with its lines.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NoticeShown {
    #[serde(flatten)]
    notice: Notice,
    /// How much of what, and what became of it.
    things: Vec<Line>,
}

/// What became of affected things.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AnswerGiven {
    /// At most 200 of them.
    outcomes: Vec<OutcomeGiven>,
}

/// What became of one thing; decimal numbers of the unit, what is absent is nothing.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OutcomeGiven {
    /// The thing, as the notice names it.
    thing: String,
    /// A code of UN/ECE Recommendation 20; absent for pieces.
    #[serde(default)]
    unit: String,
    /// Still there, on hold.
    #[serde(default)]
    held: String,
    /// Sent back.
    #[serde(default)]
    returned: String,
    /// Destroyed.
    #[serde(default)]
    destroyed: String,
    /// Sold to consumers.
    #[serde(default)]
    sold: String,
}

/// Why a recall ends.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CloseGiven {
    /// In words; at most 1,024 bytes.
    text: String,
}

/// Nothing more is to be said.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Recalls, the newest first.
#[utoipa::path(
    get,
    operation_id = "recalls",
    path = "/recalls",
    tag = "recalls",
    params(Paging, For),
    responses((status = 200, body = Vec<Recall>))
)]
pub(super) async fn list(
    acting: Acting,
    Parameters(paging): Parameters<Paging>,
) -> Result<Response, Box<Problem>> {
    let length = paging.length(&acting.context.limits)?;
    let before = paging.next_page_token.as_deref().map(|token| {
        token.parse::<u64>().map_err(|_| {
            let detail = format!("`{}` is no token of this list", crate::rest::cut(token));
            Problem::new(StatusCode::BAD_REQUEST, "rest.page_token", detail)
        })
    });
    let before = before.transpose()?;
    let page = recalls::list(acting.chain(), &acting.names, before, length).await?;
    let mut response = Json(page.recalls).into_response();
    if let Some(next) = page.next {
        let kept = [("as".to_owned(), acting.desk.organisation.to_string())];
        pages::link(&mut response, "/recalls", &kept, length, &next.to_string());
    }
    Ok(response)
}

/// One recall with its notices and their acknowledgements.
#[utoipa::path(
    get,
    operation_id = "recall",
    path = "/recalls/{recall}",
    tag = "recalls",
    params(("recall" = u64, Path), For),
    responses(
        (status = 200, body = RecallShown),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    acting: Acting,
    Path(number): Path<u64>,
) -> Result<Json<RecallShown>, Box<Problem>> {
    let report = recalls::report(acting.chain(), &acting.names, number).await?;
    let things = recalls::things(acting.chain(), number).await?;
    let (recall, mut told) = (report.recall, report.notices);
    if !acting.sees_all(recall.declarer.organisation) {
        told.retain(|notice| notice.party.organisation == acting.desk.organisation);
    }
    Ok(Json(RecallShown { recall, things, told }))
}

async fn reported(acting: &Acting, number: u64) -> Result<Report, RecallError> {
    let report = recalls::report(acting.chain(), &acting.names, number).await?;
    match acting.sees_all(report.recall.declarer.organisation) {
        true => Ok(report),
        false => Err(RecallError::Unknown { what: "report of recall", number }),
    }
}

/// How well a recall works: who was told, who took note in time, and what is accounted for and recovered.
#[utoipa::path(
    get,
    operation_id = "recall_report",
    path = "/recalls/{recall}/report",
    tag = "recalls",
    params(("recall" = u64, Path), For),
    responses(
        (status = 200, body = Report),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn report(
    acting: Acting,
    Path(number): Path<u64>,
) -> Result<Json<Report>, Box<Problem>> {
    Ok(Json(reported(&acting, number).await?))
}

/// The same as a table: `report.csv` or `report.xlsx`.
#[utoipa::path(
    get,
    operation_id = "recall_report_file",
    path = "/recalls/{recall}/report.xlsx",
    tag = "recalls",
    params(("recall" = u64, Path), For),
    responses(
        (status = 200, description = "the file"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn report_file(
    acting: Acting,
    Path(number): Path<u64>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Box<Problem>> {
    let report = reported(&acting, number).await?;
    let kind = if uri.path().ends_with(".csv") { "csv" } else { "xlsx" };
    Ok(sheet_file(&recalls::report_sheet(&report), &format!("recall-{number}.{kind}")))
}

/// The notice to one organisation, with how much of what it was told, and what it answered.
#[utoipa::path(
    get,
    operation_id = "recall_notice",
    path = "/recalls/{recall}/notices/{party}",
    tag = "recalls",
    params(("recall" = u64, Path), ("party" = u64, Path), For),
    responses(
        (status = 200, body = NoticeShown),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn notice(
    acting: Acting,
    Path((number, party)): Path<(u64, u64)>,
) -> Result<Json<NoticeShown>, Box<Problem>> {
    let (chain, names) = (acting.chain(), &acting.names);
    let recall = recalls::one(chain, names, number).await?;
    let is_own = party == acting.desk.organisation;
    let is_seen = is_own || acting.sees_all(recall.declarer.organisation);
    let notice = recalls::notice_to(chain, names, number, party).await?.filter(|_| is_seen);
    let unknown = RecallError::Unknown { what: "notice to organisation", number: party };
    let notice = notice.ok_or(unknown)?;
    Ok(Json(NoticeShown { notice, things: recalls::lines(chain, number, party).await? }))
}

/// Looks again at what a recall concerns, and tells those whom it did not tell yet, or of more than it
/// told.
#[utoipa::path(
    post,
    operation_id = "notify_recall",
    path = "/recalls/{recall}/notify",
    tag = "recalls",
    params(("recall" = u64, Path), For),
    request_body(content = Nothing),
    responses(
        (status = 200, description = "Who was told now; nobody where nothing moved", body = Vec<Sent>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn notify(
    acting: Acting,
    Path(number): Path<u64>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Vec<Sent>>, Box<Problem>> {
    let Nothing {} = json(&acting.context, &headers, body).await?;
    let recall = recalls::one(acting.chain(), &acting.names, number).await?;
    if !acting.sees_all(recall.declarer.organisation) {
        return Err(RecallError::Unknown { what: "recall", number }.into());
    }
    Ok(Json(recalls::notify(acting.chain(), &acting.desk, number).await?))
}

/// Takes note of a recall, for an organisation that was told.
#[utoipa::path(
    post,
    operation_id = "acknowledge_recall",
    path = "/recalls/{recall}/acknowledge",
    tag = "recalls",
    params(("recall" = u64, Path), For),
    request_body(content = Nothing),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn acknowledge(
    acting: Acting,
    Path(id): Path<u64>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let Nothing {} = json(&acting.context, &headers, body).await?;
    acting.act(recall::ADDRESS, acknowledgeCall { id }).await
}

/// Says what became of affected things; a later answer takes the place of an earlier one.
#[utoipa::path(
    post,
    operation_id = "answer_recall",
    path = "/recalls/{recall}/answer",
    tag = "recalls",
    params(("recall" = u64, Path), For),
    request_body(content = AnswerGiven),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn answer(
    acting: Acting,
    Path(id): Path<u64>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let given: AnswerGiven = json(&acting.context, &headers, body).await?;
    let outcomes = given.outcomes.into_iter().map(OutcomeGiven::call).collect::<Result<_, _>>()?;
    acting.act(recall::ADDRESS, answerCall { id, outcomes }).await
}

impl OutcomeGiven {
    fn call(self) -> Result<IRecall::Outcome, RecallError> {
        let told = |rule| RecallError::input("thing", format!("`{}`: {rule}", self.thing));
        let thing = recalls::identifier(&self.thing).map_err(told)?.as_str().to_owned();
        Ok(IRecall::Outcome {
            thing,
            unit: self.unit,
            held: self.held,
            returned: self.returned,
            destroyed: self.destroyed,
            sold: self.sold,
        })
    }
}

/// Ends a recall and the hold on its things.
#[utoipa::path(
    post,
    operation_id = "close_recall",
    path = "/recalls/{recall}/close",
    tag = "recalls",
    params(("recall" = u64, Path), For),
    request_body(content = CloseGiven),
    responses(
        (status = 200, description = "Final", body = Acted),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn close(
    acting: Acting,
    Path(id): Path<u64>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Box<Problem>> {
    let CloseGiven { text } = json(&acting.context, &headers, body).await?;
    acting.act(recall::ADDRESS, endCall { id, text }).await
}
