//! `/collateral/…`: whether an asset is financed already, and claims on what is left of it.

use alloy_primitives::B256;
use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use qiao_module_kit::money::Currency;
use qiao_modules::collateral::{ADDRESS, ICollateral};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use super::{Context, body, problem::Problem, transactions};
use crate::{
    collateral::{
        EvaluationAnswer, EvaluationRequest,
        asking::{self, AskError},
        checking::{self, ASSETS_MAX, Check, IdentityProblem, Named, Wanted},
        evaluating::EvaluationError,
    },
    finance::{self, Done},
};

/// A reservation runs so long where nobody says otherwise.
const RESERVATION_SECONDS: u64 = 86_400;

/// Assets to check.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Checking {
    /// Whether keys are made with the appointed evaluators, so that the chain does not tell which asset
    /// is meant; `true` if absent.
    #[serde(default = "yes")]
    private: bool,
    /// The assets, at most 1,000.
    assets: Vec<Wanted>,
}

/// What a check says.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checked {
    /// The appointment under which the keys were made; 0 for open keys.
    appointment: u64,
    /// One for each asset, in order.
    checks: Vec<Check>,
}

/// An asset and its value.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Registration {
    /// Whether its key is made with the evaluators; `true` if absent.
    #[serde(default = "yes")]
    private: bool,
    /// The asset.
    asset: Named,
    /// What it is worth, in the minor unit.
    value: u64,
    /// The letters of the currency.
    currency: String,
}

/// What became of a registration.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Registered {
    /// The key under which it is on the chain.
    #[schema(value_type = String)]
    key: B256,
    /// Whether it was not registered before.
    is_new: bool,
    #[serde(flatten)]
    done: Sent,
}

/// A part of an asset that is to be kept for this member.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Reservation {
    /// Whether its key is made with the evaluators; `true` if absent.
    #[serde(default = "yes")]
    private: bool,
    /// The asset.
    asset: Named,
    /// How much, in the minor unit.
    amount: u64,
    /// The letters of the currency.
    currency: String,
    /// Seconds from now until which it is kept: a day if absent, at most seven.
    #[serde(default)]
    seconds: Option<u64>,
}

/// A claim that was made.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reserved {
    /// Its number.
    claim: u64,
    /// The key of the asset.
    #[schema(value_type = String)]
    key: B256,
    #[serde(flatten)]
    done: Sent,
}

/// A claim.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Claim {
    /// Its number.
    claim: u64,
    /// The key of the asset.
    #[schema(value_type = String)]
    key: B256,
    /// How much, in the minor unit.
    amount: u64,
    /// When a reservation ends, in seconds since the Unix epoch.
    until: u64,
    /// `reserved`, `used` or `released`.
    state: &'static str,
}

/// How much of a claim is given back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Release {
    /// In the minor unit.
    amount: u64,
}

/// A call that was sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sent {
    /// The transaction.
    #[schema(value_type = String)]
    transaction: B256,
    /// The block in which it is final; absent where it is not final yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<u64>,
}

/// Who helps to make private keys.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Appointed {
    /// The number of the appointment; 0 before the first.
    appointment: u64,
    /// Who was appointed.
    evaluators: Vec<AppointedEvaluator>,
}

/// An appointed evaluator.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AppointedEvaluator {
    /// Its organisation.
    organisation: u64,
    /// The public key of its secret.
    #[schema(value_type = String)]
    public_key: B256,
    /// Where it is asked.
    url: String,
    /// Whether it is this node.
    is_here: bool,
}

const fn yes() -> bool {
    true
}

/// Checks assets before they are financed: a light for each, and what is left. Of who holds the rest
/// nothing is told.
#[utoipa::path(
    post,
    operation_id = "check_collateral",
    path = "/collateral/checks",
    tag = "collateral",
    request_body(content = Checking),
    responses(
        (status = 200, body = Checked),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "No evaluators are appointed, or one refuses", body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "An evaluator does not answer, or not truly", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn check(
    State(context): State<Context>,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Json<Checked>, Box<Problem>> {
    let wanted: Checking = read(&context, &headers, request_body).await?;
    if !(1..=ASSETS_MAX).contains(&wanted.assets.len()) {
        let detail = format!("`assets` must be 1 to {ASSETS_MAX}, not {}", wanted.assets.len());
        return Err(Problem::new(StatusCode::BAD_REQUEST, "collateral.assets", detail));
    }
    let checked = checking::check(&context.chain, &wanted.assets, wanted.private).await;
    let (appointment, checks) = checked.map_err(|error| unasked(&error))?;
    Ok(Json(Checked { appointment, checks }))
}

/// Registers an asset with its value, as a registrar.
#[utoipa::path(
    post,
    operation_id = "register_collateral",
    path = "/collateral/assets",
    tag = "collateral",
    request_body(content = Registration),
    responses(
        (status = 200, body = Registered),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn register(
    State(context): State<Context>,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Json<Registered>, Box<Problem>> {
    let wanted: Registration = read(&context, &headers, request_body).await?;
    let currency = currency(&wanted.currency)?;
    let asset = key(&context, &wanted.asset, wanted.private).await?;
    let call = ICollateral::registerCall { asset, value: wanted.value, currency };
    let done = finance::act(&context.submitter, ADDRESS, call).await;
    let done = done.map_err(|error| transactions::refused(&error))?;
    Ok(Json(Registered { key: asset, is_new: done.returned, done: sent(&done) }))
}

/// Keeps a part of an asset for this member, before it finances it.
#[utoipa::path(
    post,
    operation_id = "reserve_collateral",
    path = "/collateral/claims",
    tag = "collateral",
    request_body(content = Reservation),
    responses(
        (status = 200, body = Reserved),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "More than is left; the rest is told", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn reserve(
    State(context): State<Context>,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Json<Reserved>, Box<Problem>> {
    let wanted: Reservation = read(&context, &headers, request_body).await?;
    let currency = currency(&wanted.currency)?;
    let asset = key(&context, &wanted.asset, wanted.private).await?;
    let seconds = wanted.seconds.unwrap_or(RESERVATION_SECONDS);
    let until = (context.chain.head().timestamp_ms / 1_000).saturating_add(seconds);
    let call = ICollateral::reserveCall { asset, amount: wanted.amount, currency, until };
    let done = finance::act(&context.submitter, ADDRESS, call).await;
    let done = done.map_err(|error| transactions::refused(&error))?;
    Ok(Json(Reserved { claim: done.returned, key: asset, done: sent(&done) }))
}

/// A claim; whose it is is not told.
#[utoipa::path(
    get,
    operation_id = "claim",
    path = "/collateral/claims/{claim}",
    tag = "collateral",
    params(("claim" = u64, Path)),
    responses(
        (status = 200, body = Claim),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn claim(
    State(context): State<Context>,
    Path(id): Path<u64>,
) -> Result<Json<Claim>, Box<Problem>> {
    let found = finance::view(&*context.chain, ADDRESS, ICollateral::claimCall { id }).await;
    let found = found.map_err(super::failed)?;
    let state = match found.state {
        1 => "reserved",
        2 => "used",
        3 => "released",
        _ => {
            let detail = format!("there is no claim {id}");
            return Err(Problem::new(StatusCode::NOT_FOUND, "collateral.no_claim", detail));
        }
    };
    let (key, amount, until) = (found.asset, found.amount, found.until);
    Ok(Json(Claim { claim: id, key, amount, until, state }))
}

/// Uses what was reserved: the asset is financed.
#[utoipa::path(
    post,
    operation_id = "take_claim",
    path = "/collateral/claims/{claim}/take",
    tag = "collateral",
    params(("claim" = u64, Path)),
    responses(
        (status = 200, body = Sent),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn take(
    State(context): State<Context>,
    Path(claim): Path<u64>,
) -> Result<Json<Sent>, Box<Problem>> {
    let done = finance::act(&context.submitter, ADDRESS, ICollateral::takeCall { claim }).await;
    Ok(Json(sent(&done.map_err(|error| transactions::refused(&error))?)))
}

/// Makes an amount of a claim available again.
#[utoipa::path(
    post,
    operation_id = "release_claim",
    path = "/collateral/claims/{claim}/release",
    tag = "collateral",
    params(("claim" = u64, Path)),
    request_body(content = Release),
    responses(
        (status = 200, body = Sent),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn release(
    State(context): State<Context>,
    Path(claim): Path<u64>,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Json<Sent>, Box<Problem>> {
    let Release { amount } = read(&context, &headers, request_body).await?;
    let call = ICollateral::releaseCall { claim, amount };
    let done = finance::act(&context.submitter, ADDRESS, call).await;
    Ok(Json(sent(&done.map_err(|error| transactions::refused(&error))?)))
}

/// Who helps to make private keys.
#[utoipa::path(
    get,
    operation_id = "evaluators",
    path = "/collateral/evaluators",
    tag = "collateral",
    responses((status = 200, body = Appointed))
)]
pub(super) async fn evaluators(
    State(context): State<Context>,
) -> Result<Json<Appointed>, Box<Problem>> {
    let found = asking::appointment(&*context.chain).await.map_err(super::failed)?;
    let own = context.chain.evaluator().map(|desk| desk.public_keys()).unwrap_or_default();
    let appointment = found.as_ref().map_or(0, |found| found.number);
    let evaluators = found.into_iter().flat_map(|found| found.evaluators);
    let evaluators = evaluators.map(|evaluator| AppointedEvaluator {
        is_here: own.contains(&evaluator.publicKey),
        organisation: evaluator.organisation,
        public_key: evaluator.publicKey,
        url: evaluator.url,
    });
    Ok(Json(Appointed { appointment, evaluators: evaluators.collect() }))
}

/// Answers another member's node for blinded identities, as an evaluator. The request is signed by the
/// member's account, so it needs no key of this node.
#[utoipa::path(
    post,
    operation_id = "evaluate",
    path = "/collateral/evaluations",
    tag = "collateral",
    request_body(content = EvaluationRequest),
    responses(
        (status = 200, body = EvaluationAnswer),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "This node is no evaluator", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Enough for today", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn evaluate(
    State(context): State<Context>,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Json<EvaluationAnswer>, Box<Problem>> {
    if context.chain.evaluator().is_none() {
        let detail = "this node holds no secret of an evaluator";
        return Err(Problem::new(StatusCode::NOT_FOUND, "evaluation.no_evaluator", detail));
    }
    let request: EvaluationRequest = read(&context, &headers, request_body).await?;
    let asker = asking::asker(&*context.chain, request.account).await.map_err(super::failed)?;
    let chain = std::sync::Arc::clone(&context.chain);
    let evaluated = tokio::task::spawn_blocking(move || {
        let desk = chain.evaluator().expect("it was there before");
        desk.evaluate(&request, asker, chain.genesis().fingerprint(), asking::now_ms())
    });
    let answer = evaluated.await.map_err(super::failed)?;
    answer.map(Json).map_err(|error| unevaluated(&error))
}

async fn read<T: DeserializeOwned>(
    context: &Context,
    headers: &HeaderMap,
    request_body: Body,
) -> Result<T, Box<Problem>> {
    body::check(headers, &context.limits)?;
    let whole = body::read(request_body, &context.limits, &context.bodies).await?;
    serde_json::from_slice(&whole.bytes).map_err(|error| {
        let detail = format!("the request cannot be read: {error}");
        Problem::new(StatusCode::BAD_REQUEST, "collateral.malformed", detail)
    })
}

async fn key(context: &Context, asset: &Named, is_private: bool) -> Result<B256, Box<Problem>> {
    let open = checking::open_key(&asset.kind, &asset.identity);
    let open = open.map_err(|problem| unnamed(&problem))?;
    let keys = checking::keys(&context.chain, vec![open], is_private).await;
    let (_, keys) = keys.map_err(|error| unasked(&error))?;
    Ok(keys.first().copied().expect("one key for one asset"))
}

fn currency(code: &str) -> Result<u16, Box<Problem>> {
    let known = Currency::from_code(code).map(Currency::number);
    known.ok_or_else(|| {
        let detail = format!("`{}` is no currency that is known here", super::cut(code));
        Problem::new(StatusCode::BAD_REQUEST, "collateral.asset_currency", detail)
    })
}

fn sent<R>(done: &Done<R>) -> Sent {
    Sent { transaction: done.transaction, block: done.block }
}

fn unnamed(problem: &IdentityProblem) -> Box<Problem> {
    Problem::new(StatusCode::BAD_REQUEST, checking::INVALID_IDENTITY, problem.to_string())
}

/// Why there is no private key.
fn unasked(error: &AskError) -> Box<Problem> {
    let (status, hint) = match error {
        AskError::NobodyAppointed => (
            StatusCode::CONFLICT,
            "a regulator appoints evaluators; `\"private\": false` uses open keys, which members can guess",
        ),
        AskError::NoSigner => (StatusCode::NOT_IMPLEMENTED, "configure `account_key_file`"),
        AskError::Refused { .. } => (StatusCode::CONFLICT, "the evaluator's answer says why"),
        AskError::Silent { .. } => {
            (StatusCode::BAD_GATEWAY, "all evaluators must answer; ask again when it is back")
        }
        AskError::False { .. } => (
            StatusCode::BAD_GATEWAY,
            "tell the regulator: another secret would let a double financing pass",
        ),
        AskError::View(_) | AskError::Failed(_) => return super::failed(error),
    };
    Problem::new(status, error.code(), error.to_string()).hint(hint)
}

fn unevaluated(error: &EvaluationError) -> Box<Problem> {
    let status = match error {
        EvaluationError::Signature(_) | EvaluationError::NotSigner(_) => StatusCode::FORBIDDEN,
        EvaluationError::Time { .. } | EvaluationError::Question(_) => StatusCode::BAD_REQUEST,
        EvaluationError::OtherKey(_) => StatusCode::NOT_FOUND,
        EvaluationError::Exhausted { .. } => StatusCode::TOO_MANY_REQUESTS,
        EvaluationError::Log(_) => return super::failed(error),
    };
    Problem::new(status, error.code(), error.to_string())
}
