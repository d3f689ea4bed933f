//! The pack of rules that is in force from the first block on.

use qiao_module_kit::{Context, GenesisRefused};
use qiao_types::Genesis;

use super::{rules, storage};

/// Puts the pack of rules into force.
///
/// # Errors
/// None.
pub(super) fn write(context: &mut Context<'_>, _: &Genesis) -> Result<(), GenesisRefused> {
    storage::set_pack(context, rules::PACK_AT_GENESIS).expect("the genesis can be written");
    Ok(())
}
