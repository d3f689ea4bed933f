//! The decisions of `contracts`, without state.

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolError as _;
use qiao_module_kit::reverting_code;

use super::{
    abi::IContracts::ContractFrozen,
    types::{ProposalAct, ProposalState},
};

/// Bytes of a contract's name.
pub const NAME_BYTES_MAX: usize = 128;
/// Bytes of the reason for a freeze.
pub const REASON_BYTES_MAX: usize = 512;
/// The shortest vote: validators must have seen the proposal.
pub const VOTE_SECONDS_MIN: u64 = 60;
/// The longest vote: 30 days.
pub const VOTE_SECONDS_MAX: u64 = 30 * 24 * 60 * 60;

/// From, act, to. What is not listed is refused.
pub const TRANSITIONS: &[(ProposalState, ProposalAct, ProposalState)] = &[
    (ProposalState::None, ProposalAct::Proposed, ProposalState::Open),
    (ProposalState::Open, ProposalAct::ApprovedByTooFew, ProposalState::Open),
    (ProposalState::Open, ProposalAct::ApprovedByMoreThanHalf, ProposalState::Carried),
    (ProposalState::Open, ProposalAct::WithdrawnByOne, ProposalState::Open),
    (ProposalState::Open, ProposalAct::WithdrawnByTheLast, ProposalState::Abandoned),
];

/// The state after an act; `None` if the act is not possible.
pub fn after(state: ProposalState, act: ProposalAct) -> Option<ProposalState> {
    TRANSITIONS.iter().find(|(from, by, _)| *from == state && *by == act).map(|(_, _, to)| *to)
}

/// What an approval that makes `approvals` of `voters` is.
pub fn approval(approvals: u32, voters: u32) -> ProposalAct {
    if u64::from(approvals) * 2 > u64::from(voters) {
        ProposalAct::ApprovedByMoreThanHalf
    } else {
        ProposalAct::ApprovedByTooFew
    }
}

/// What a withdrawal that leaves `approvals` is.
pub fn withdrawal(approvals: u32) -> ProposalAct {
    if approvals == 0 { ProposalAct::WithdrawnByTheLast } else { ProposalAct::WithdrawnByOne }
}

/// The code of a frozen contract: it refuses every call and says which contract is frozen, also to
/// who runs it for a proxy.
pub fn frozen_code(target: Address) -> Bytes {
    reverting_code(&ContractFrozen { target }.abi_encode())
}
