//! What a capture asks the chain's modules, and reading their answers.

use alloy_primitives::{Address, B256, Bytes, Log};
use alloy_sol_types::{SolCall, SolError as _, SolEvent as _};
use qiao_execution::{CallError, CallRequest, CallStatus};
use qiao_modules::{
    members::{self, IMembers},
    traceability::{self, ITraceability},
};

use super::CaptureError;
use crate::{Chain, ChainFailure, calling, reverts};

/// Gas beyond what the trial used, as a share: states may differ when the transaction executes.
const GAS_MARGIN_DIVISOR: u64 = 4;

/// The number of an organisation on the chain.
pub type Organisation = u64;

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
pub(crate) async fn organisation_of(
    chain: &dyn Chain,
    account: Address,
) -> Result<Organisation, CaptureError> {
    match view(chain, members::ADDRESS, IMembers::organisationOfCall { account }).await? {
        0 => Err(CaptureError::NoOrganisation(account)),
        organisation => Ok(organisation),
    }
}

/// The key for which others seal what an organisation may read; `None` where it announced none.
pub(crate) async fn sealing_key(
    chain: &dyn Chain,
    organisation: Organisation,
) -> Result<Option<B256>, CaptureError> {
    let announced =
        view(chain, members::ADDRESS, IMembers::sealingKeyCall { organisation }).await?;
    Ok((announced.number > 0).then_some(announced.key))
}

/// Whether an account may capture for an organisation.
pub(super) async fn may_speak_for(
    chain: &dyn Chain,
    capturer: Address,
    party: u64,
) -> Result<bool, CaptureError> {
    view(chain, traceability::ADDRESS, ITraceability::maySpeakForCall { capturer, party }).await
}

/// Executes a capture on the newest state without changing it. `first` is the position of its
/// first event in the document.
pub(super) async fn try_capture(
    chain: &dyn Chain,
    from: Address,
    data: Bytes,
    first: usize,
) -> Result<Trial, CaptureError> {
    let request = CallRequest { from, to: Some(traceability::ADDRESS), data, ..Default::default() };
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
        CallStatus::Reverted => Err(reverted(&outcome.output, first)),
        CallStatus::Halted(reason) if reason.starts_with("out of gas") => Ok(Trial::TooMuchGas),
        CallStatus::Halted(reason) => Err(CaptureError::Refused { reason }),
    }
}

/// How many events the logs of a transaction tell as newly captured.
pub(super) fn captured(logs: &[Log]) -> usize {
    let topic = ITraceability::Captured::SIGNATURE_HASH;
    logs.iter()
        .filter(|log| log.address == traceability::ADDRESS && log.topics().first() == Some(&topic))
        .count()
}

/// Revert data in words.
pub(super) fn reason(output: &[u8]) -> String {
    reverts::words(output)
        .unwrap_or_else(|| format!("revert data {}", Bytes::copy_from_slice(output)))
}

/// Why a trial reverted; the module counts events within the transaction, the sender within the
/// document.
fn reverted(output: &[u8], first: usize) -> CaptureError {
    match ITraceability::EventRefused::abi_decode(output) {
        Ok(refused) => CaptureError::EventRefused {
            event: first + usize::try_from(refused.position).unwrap_or(0),
            code: refused.code,
            field: refused.field,
            rule: refused.rule,
        },
        Err(_) => CaptureError::Refused { reason: reason(output) },
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
