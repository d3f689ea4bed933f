//! Who has a vote, from the genesis file: the role of validators is given there only.

use qiao_module_kit::{Context, GenesisRefused};
use qiao_types::{Genesis, GenesisOrganisation, RoleName};

use super::storage;

/// Counts the organisations that run validators.
///
/// # Errors
/// None.
pub(super) fn write(context: &mut Context<'_>, genesis: &Genesis) -> Result<(), GenesisRefused> {
    let voters = genesis.organisations.iter().filter(|one| runs_validator(one)).count();
    let voters = u32::try_from(voters).expect("members bounds the number of organisations");
    storage::set_voters(context, voters).expect("the journal of a genesis takes everything");
    Ok(())
}

fn runs_validator(organisation: &GenesisOrganisation) -> bool {
    organisation.accounts.iter().any(|member| member.roles.contains(&RoleName::Validator))
}
