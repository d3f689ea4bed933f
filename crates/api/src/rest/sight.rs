//! Who asks, as far as it decides what is seen.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};

use super::Context;
use crate::{
    Chain,
    door::{Granted, Right},
    sharing::Sight,
};

/// Who asks; what it sees is looked up each time, so that a changed profile, and a key that was taken
/// out, count at once, on an open WebSocket too.
#[derive(Debug, Clone)]
pub(super) struct Viewer(Option<Granted>);

impl Viewer {
    /// What it sees now.
    pub(super) fn sight(&self, chain: &dyn Chain) -> Sight {
        match self.0.as_ref().and_then(Granted::partner) {
            None => Sight::Own,
            Some(profile) => Sight::of_partner(chain, &profile),
        }
    }

    /// Whether who asks may still ask: a key that was taken out may not.
    pub(super) fn may_ask(&self) -> bool {
        self.0.as_ref().is_none_or(|granted| granted.may(Right::Read) == Some(true))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Viewer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get().cloned()))
    }
}

impl FromRequestParts<Context> for Sight {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Infallible> {
        let viewer = Viewer::from_request_parts(parts, context).await?;
        Ok(viewer.sight(&*context.chain))
    }
}
