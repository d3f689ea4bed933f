//! For whom a request asks and signs, and what is answered when a module was called.

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, Query},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use crate::{
    door::Granted,
    finance::{Access, Desk, FinanceError, names::Names},
    rest::{Context, body, failed, problem::Problem},
    sending::SendError,
};

/// Whom a request speaks for.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct For {
    /// The organisation for which it is asked or done, by its number, where the key does not say so. The
    /// node's own if absent.
    #[serde(rename = "as")]
    organisation: Option<u64>,
}

/// The desk of a request, and the names of all organisations.
pub(in crate::rest) struct Acting {
    pub(in crate::rest) context: Context,
    pub(in crate::rest) desk: Desk,
    pub(in crate::rest) names: Names,
    /// Which desks are open to whoever asks.
    pub(in crate::rest) access: Access,
}

/// What whoever asks may see.
pub(in crate::rest) fn access(parts: &Parts) -> Access {
    Access::of(parts.extensions.get::<Granted>())
}

impl FromRequestParts<Context> for Acting {
    type Rejection = Box<Problem>;

    async fn from_request_parts(
        parts: &mut Parts,
        context: &Context,
    ) -> Result<Self, Self::Rejection> {
        let Query(For { organisation }) =
            Query::<For>::from_request_parts(parts, context).await.map_err(|rejection| {
                let detail = crate::rest::cut(&rejection.body_text());
                Problem::new(StatusCode::BAD_REQUEST, "rest.query", detail)
            })?;
        let access = access(parts);
        let desk = context.desks.open(access, organisation).await.map_err(refused)?;
        let names = Names::load(&*context.chain).await.map_err(|error| refused(error.into()))?;
        Ok(Self { context: context.clone(), desk, names, access })
    }
}

/// What a call of a module became.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::rest) struct Acted {
    /// The transaction.
    #[schema(value_type = String)]
    pub(in crate::rest) transaction: B256,
    /// The block in which it is final; absent where it is not final yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::rest) block: Option<u64>,
    /// The number of what came to be: a voucher, a part, a request, a financing, a loan, an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::rest) number: Option<u64>,
}

impl Acting {
    pub(in crate::rest) fn chain(&self) -> &dyn crate::Chain {
        &*self.context.chain
    }

    /// Calls a module that returns nothing.
    pub(in crate::rest) async fn act<C: SolCall>(
        &self,
        module: Address,
        call: C,
    ) -> Result<Response, Box<Problem>> {
        let done = self.desk.act(module, call).await.map_err(refused)?;
        Ok(answer(Acted { transaction: done.transaction, block: done.block, number: None }))
    }

    /// Calls a module that returns the number of what came to be.
    pub(in crate::rest) async fn make<C: SolCall<Return = u64>>(
        &self,
        module: Address,
        call: C,
    ) -> Result<Response, Box<Problem>> {
        let done = self.desk.act(module, call).await.map_err(refused)?;
        let number = Some(done.returned);
        Ok(answer(Acted { transaction: done.transaction, block: done.block, number }))
    }
}

fn answer(acted: Acted) -> Response {
    let status = if acted.block.is_some() { StatusCode::OK } else { StatusCode::ACCEPTED };
    (status, Json(acted)).into_response()
}

/// Reads a request's JSON; nothing counts as an empty object.
pub(in crate::rest) async fn json<T: DeserializeOwned>(
    context: &Context,
    headers: &HeaderMap,
    request_body: Body,
) -> Result<T, Box<Problem>> {
    let has_type = headers.contains_key(header::CONTENT_TYPE);
    if has_type {
        body::check(headers, &context.limits)?;
    }
    let whole = body::read(request_body, &context.limits, &context.bodies).await?;
    let bytes: &[u8] = if whole.bytes.is_empty() { b"{}" } else { &whole.bytes };
    serde_json::from_slice(bytes).map_err(|error| {
        let detail = format!("the body cannot be read: {error}");
        Problem::new(StatusCode::BAD_REQUEST, "rest.malformed", detail)
    })
}

/// A file to keep.
pub(in crate::rest) fn file(media_type: &str, name: &str, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    if let Ok(media_type) = HeaderValue::from_str(media_type) {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    if let Ok(place) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, place);
    }
    response
}

/// What went wrong, as a problem document.
pub(in crate::rest) fn refused(error: FinanceError) -> Box<Problem> {
    use FinanceError::{Index, Input, NoDesk, Nobody, NotRegulator, Send, Unknown, View};
    let status = match &error {
        View(crate::finance::ViewError::Refused { .. }) => StatusCode::CONFLICT,
        View(crate::finance::ViewError::Failed(_)) | Send(SendError::Chain(_)) => {
            return failed(error);
        }
        Index(qiao_indexer::IndexError::PageToken(token)) => {
            let detail = format!("`{}` is no token of this list", crate::rest::cut(token));
            return Problem::new(StatusCode::BAD_REQUEST, "rest.page_token", detail);
        }
        Index(_) => return failed(error),
        Send(SendError::NoSigner) => StatusCode::NOT_IMPLEMENTED,
        Send(_) => StatusCode::CONFLICT,
        NoDesk { .. } | NotRegulator => StatusCode::FORBIDDEN,
        Unknown { .. } => StatusCode::NOT_FOUND,
        Nobody | Input { .. } => StatusCode::BAD_REQUEST,
    };
    let mut problem = Problem::new(status, error.code(), error.to_string());
    if let Some(output) = error.refusal() {
        problem = problem.refusal(output);
    }
    problem.hint = error.hint();
    problem
}

impl From<FinanceError> for Box<Problem> {
    fn from(error: FinanceError) -> Self {
        refused(error)
    }
}

pub(in crate::rest) use crate::rest::extract::Parameters as Asked;

/// Defines the handlers of calls: the route's number and a JSON body make a call of a module.
macro_rules! calls {
    ($(
        $(#[doc = $doc:literal])+
        $verb:ident $name:ident $path:literal $key:literal $body:ident
            => $module:expr, |$id:ident, $given:ident| $call:expr;
    )+) => {$(
        $(#[doc = $doc])+
        #[utoipa::path(
            post,
            path = $path,
            tag = "finance",
            params(($key = u64, Path), $crate::rest::finance::acting::For),
            request_body(content = $body),
            responses(
                (status = 200, description = "Final", body = $crate::rest::finance::acting::Acted),
                (status = 202, description = "Not final yet", body = $crate::rest::finance::acting::Acted),
                (status = 400, body = $crate::rest::Problem, content_type = "application/problem+json"),
                (status = 403, body = $crate::rest::Problem, content_type = "application/problem+json"),
                (status = 409, body = $crate::rest::Problem, content_type = "application/problem+json"),
            )
        )]
        pub(in crate::rest) async fn $name(
            acting: $crate::rest::finance::acting::Acting,
            axum::extract::Path($id): axum::extract::Path<u64>,
            headers: axum::http::HeaderMap,
            body: axum::body::Body,
        ) -> Result<axum::response::Response, Box<$crate::rest::Problem>> {
            let $given: $body =
                $crate::rest::finance::acting::json(&acting.context, &headers, body).await?;
            acting.$verb($module, $call).await
        }
    )+};
}

pub(super) use calls;
