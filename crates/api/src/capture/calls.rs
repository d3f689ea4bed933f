//! What a capture asks the chain's modules, and reading their answers.

use alloy_primitives::{Address, Bytes, Log, address};
use alloy_sol_types::{SolCall, SolError as _, SolEvent as _, decode_revert_reason, sol};
use qiao_execution::{CallError, CallRequest, CallStatus};

use super::CaptureError;
use crate::{Chain, ChainFailure, calling};

/// The address of the `traceability` module.
pub const TRACEABILITY: Address = address!("0x5169616f00000000000000000000000000000002");

/// The address of the `members` module.
const MEMBERS: Address = address!("0x5169616f00000000000000000000000000000001");

/// Gas beyond what the trial used, as a share: states may differ when the transaction executes.
const GAS_MARGIN_DIVISOR: u64 = 4;

/// The number of an organisation on the chain.
pub type Organisation = u64;

sol! {
    interface ITraceability {
        event Captured(bytes32 indexed eventHash, uint64 indexed party, address indexed capturer, uint32 position, bytes32[] identifiers);
        error NotAuthorised(address capturer, uint64 party);
        error TooManyEvents(uint64 count, uint64 max);
        error EventRefused(uint64 position, string code, string field, string rule);
        error NotTopLevel();
        function capture(uint64 party, bytes[] calldata events) external returns (bytes32[] memory eventHashes, uint32 captured);
        function maySpeakFor(address capturer, uint64 party) external view returns (bool);
    }

    interface IMembers {
        function organisationOf(address account) external view returns (uint64);
    }
}

/// How a trial of a capture ended.
pub(super) enum Trial {
    /// The chain would take it, with this gas limit.
    Takes {
        /// The gas limit.
        gas: u64,
    },
    /// It needs more gas than a block has.
    TooMuchGas,
}

/// The organisation of an account.
pub(super) async fn organisation_of(
    chain: &dyn Chain,
    account: Address,
) -> Result<Organisation, CaptureError> {
    match view(chain, MEMBERS, IMembers::organisationOfCall { account }).await? {
        0 => Err(CaptureError::NoOrganisation(account)),
        organisation => Ok(organisation),
    }
}

/// Whether an account may capture for an organisation.
pub(super) async fn may_speak_for(
    chain: &dyn Chain,
    capturer: Address,
    party: u64,
) -> Result<bool, CaptureError> {
    view(chain, TRACEABILITY, ITraceability::maySpeakForCall { capturer, party }).await
}

/// Executes a capture on the newest state without changing it.
pub(super) async fn try_capture(
    chain: &dyn Chain,
    from: Address,
    data: Bytes,
) -> Result<Trial, CaptureError> {
    let request = CallRequest { from, to: Some(TRACEABILITY), data, ..Default::default() };
    let gas_max = chain.execution().block_gas_limit;
    let outcome = match calling::at_head(chain, request).await {
        Ok(outcome) => outcome,
        Err(error) => return Err(refused(error)),
    };
    match outcome.status {
        CallStatus::Success => {
            let gas = outcome.gas_used.saturating_add(outcome.gas_used / GAS_MARGIN_DIVISOR);
            Ok(Trial::Takes { gas: gas.saturating_add(50_000).min(gas_max) })
        }
        CallStatus::Reverted => Err(CaptureError::Refused { reason: reason(&outcome.output) }),
        CallStatus::Halted(reason) if reason.starts_with("out of gas") => Ok(Trial::TooMuchGas),
        CallStatus::Halted(reason) => Err(CaptureError::Refused { reason }),
    }
}

/// How many events the logs of a transaction tell as newly captured.
pub(super) fn captured(logs: &[Log]) -> usize {
    let topic = ITraceability::Captured::SIGNATURE_HASH;
    logs.iter()
        .filter(|log| log.address == TRACEABILITY && log.topics().first() == Some(&topic))
        .count()
}

/// Revert data in words.
pub(super) fn reason(output: &[u8]) -> String {
    if let Ok(error) = ITraceability::EventRefused::abi_decode(output) {
        let (position, field, rule, code) = (error.position, error.field, error.rule, error.code);
        return format!("event {position}: `{field}`: {rule} ({code})");
    }
    if let Ok(error) = ITraceability::NotAuthorised::abi_decode(output) {
        return format!("`{}` may not capture for organisation `{}`", error.capturer, error.party);
    }
    match decode_revert_reason(output) {
        Some(reason) => reason,
        None => format!("revert data {}", Bytes::copy_from_slice(output)),
    }
}

async fn view<C: SolCall>(
    chain: &dyn Chain,
    to: Address,
    call: C,
) -> Result<C::Return, CaptureError> {
    let data = call.abi_encode().into();
    let request = CallRequest { to: Some(to), data, ..Default::default() };
    let outcome = calling::at_head(chain, request).await.map_err(refused)?;
    if outcome.status != CallStatus::Success {
        return Err(CaptureError::Refused { reason: reason(&outcome.output) });
    }
    C::abi_decode_returns(&outcome.output).map_err(|error| {
        CaptureError::Chain(ChainFailure::Store(format!("module answered nonsense: {error}")))
    })
}

fn refused(error: CallError) -> CaptureError {
    match error {
        CallError::State(unavailable) => CaptureError::Chain(unavailable.into()),
        CallError::Fatal(reason) => CaptureError::Chain(ChainFailure::Store(reason)),
        other => CaptureError::Refused { reason: other.to_string() },
    }
}
