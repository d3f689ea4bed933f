//! Fetching the state from peers instead of replaying blocks: not offered yet.

use std::{convert::Infallible, future::pending};

use commonware_cryptography::sha256::Digest;
use commonware_glue::stateful::db::{AttachableResolver, Shared};
use commonware_storage::qmdb::{
    any::ordered::variable::Operation,
    sync::{Request, Source, source},
};

use crate::{database::Family, value::StateValue};

/// The source of a node that catches up by replaying blocks. No sync is ever started, so nobody
/// asks it; if somebody did, the answer would never come.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReplayOnly;

impl Source for ReplayOnly {
    type Family = Family;
    type Digest = Digest;
    type Op = Operation<Family, Digest, StateValue>;
    type Error = Infallible;

    async fn serve(&self, _: Request<Family>) -> source::Result<Self> {
        pending().await
    }
}

impl<D: Send + Sync + 'static> AttachableResolver<D> for ReplayOnly {
    async fn attach_database(&self, _: Shared<D>) {}
}
