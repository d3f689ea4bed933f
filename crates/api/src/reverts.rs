//! Revert data in words: Solidity's `Error(string)`, and the refusals of the native modules.

use alloy_sol_types::decode_revert_reason;
use qiao_modules::refusals;

/// Why a call reverted, if its data says so in a way that is known here: the string of a
/// `require`, or a module's stable code with its cause and arguments.
pub fn words(output: &[u8]) -> Option<String> {
    if let Some(refusal) = refusals().find(output) {
        let arguments = refusal.arguments(output);
        let arguments: Vec<String> =
            arguments.into_iter().map(|(name, value)| format!("{name} {value}")).collect();
        let cause = refusal.cause.trim_end_matches('.');
        return Some(match arguments.as_slice() {
            [] => format!("{}: {cause}", refusal.code),
            arguments => format!("{}: {cause} ({})", refusal.code, arguments.join(", ")),
        });
    }
    let reason = decode_revert_reason(output)?;
    Some(reason.strip_prefix("revert: ").unwrap_or(&reason).to_owned())
}
