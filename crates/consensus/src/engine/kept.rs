//! Certificates, of which none is taken away.
//!
//! The engine prunes state and archive together. The state must be pruned, or every overwritten
//! value stays on disk; blocks and certificates must not, or nobody could prove what happened.

use commonware_consensus::{
    marshal::store::Certificates, simplex::types::Finalization, types::Height,
};
use commonware_runtime::Handle;
use commonware_storage::archive::Identifier;

/// An archive that ignores requests to prune.
pub(super) struct Kept<A>(pub(super) A);

impl<A: Certificates> Certificates for Kept<A> {
    type BlockDigest = A::BlockDigest;
    type Commitment = A::Commitment;
    type Scheme = A::Scheme;
    type Error = A::Error;

    async fn put(
        self,
        height: Height,
        digest: A::BlockDigest,
        finalization: &Finalization<A::Scheme, A::Commitment>,
    ) -> Result<Self, A::Error> {
        self.0.put(height, digest, finalization).await.map(Self)
    }

    async fn sync(self) -> Result<Self, A::Error> {
        self.0.sync().await.map(Self)
    }

    async fn start_sync(self) -> Result<(Self, Handle<()>), A::Error> {
        let (archive, handle) = self.0.start_sync().await?;
        Ok((Self(archive), handle))
    }

    async fn get(
        &self,
        id: Identifier<'_, A::BlockDigest>,
    ) -> Result<Option<Finalization<A::Scheme, A::Commitment>>, A::Error> {
        self.0.get(id).await
    }

    async fn has(&self, height: Height) -> Result<bool, A::Error> {
        self.0.has(height).await
    }

    async fn prune(self, _: Height) -> Result<Self, A::Error> {
        Ok(self)
    }

    fn last_index(&self) -> Option<Height> {
        self.0.last_index()
    }

    fn ranges_from(&self, from: Height) -> impl Iterator<Item = (Height, Height)> {
        self.0.ranges_from(from)
    }
}
