//! Votes without a network: certificates for the tests of those who check them.

use commonware_codec::Encode as _;
use commonware_consensus::{
    simplex::types::{Finalization, Finalize, Proposal},
    types::{Epoch, Round, View},
};
use commonware_parallel::Sequential;
use commonware_utils::iter::NonEmpty;
use qiao_types::{B256, Bytes, Genesis};

use crate::{
    block::to_digest,
    keys::ValidatorKeys,
    scheme::{Committee, CommitteeError},
};

/// The certificate that these validators give a block; `None` if they are no quorum.
pub fn certify(
    genesis: &Genesis,
    voters: &[ValidatorKeys],
    block: B256,
) -> Result<Option<Bytes>, CommitteeError> {
    let committee = Committee::from_genesis(genesis)?;
    let round = Round::new(Epoch::zero(), View::new(1));
    let proposal = Proposal::new(round, View::zero(), to_digest(&block));
    let schemes: Vec<_> = voters.iter().map(|keys| committee.scheme(keys).0).collect();
    let votes: Vec<_> =
        schemes.iter().filter_map(|scheme| Finalize::sign(scheme, proposal.clone())).collect();
    let (Some(scheme), Some(votes)) = (schemes.first(), NonEmpty::try_new(votes.iter())) else {
        return Ok(None);
    };
    let certificate = Finalization::from_finalizes(scheme, votes, &Sequential);
    Ok(certificate.ok().map(|certificate| Bytes::from(certificate.encode().to_vec())))
}
