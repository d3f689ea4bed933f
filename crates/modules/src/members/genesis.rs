//! The members of the beginning, from the genesis file.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::Address;
use qiao_module_kit::{Context, GenesisRefused, Outcome};
use qiao_types::{Genesis, GenesisOrganisation, RoleName};

use super::{
    NAME, rules, storage,
    types::{Freeze, Membership, OrganisationId, Profile, Role, Roles, Standing},
};

/// Writes the organisations of the genesis file.
///
/// # Errors
/// Every rule that the file breaks, in the order of the file.
pub(super) fn write(context: &mut Context<'_>, genesis: &Genesis) -> Result<(), GenesisRefused> {
    let problems = problems(genesis);
    if !problems.is_empty() {
        return Err(GenesisRefused { module: NAME, problems });
    }
    write_organisations(context, genesis).expect("a genesis without problems can be written");
    Ok(())
}

fn write_organisations(context: &mut Context<'_>, genesis: &Genesis) -> Outcome<()> {
    let count = u64::try_from(genesis.organisations.len()).expect("the list is in memory");
    storage::set_organisation_count(context, count)?;
    for organisation in &genesis.organisations {
        let id = OrganisationId::new(organisation.id);
        let gln = organisation.gln.clone().unwrap_or_default();
        storage::set_profile(context, id, &Profile { name: organisation.name.clone(), gln })?;
        storage::set_standing(context, id, &standing(organisation))?;
        for member in &organisation.accounts {
            let roles = member.roles.iter().copied().map(Role::from);
            let roles = roles.fold(Roles::default(), Roles::with);
            let membership = Membership { organisation: id, roles, freeze: Freeze::None };
            storage::set_membership(context, member.address, &membership)?;
        }
    }
    Ok(())
}

fn standing(organisation: &GenesisOrganisation) -> Standing {
    Standing {
        is_frozen: false,
        accounts: u32::try_from(organisation.accounts.len()).expect("checked against the limit"),
        admins: with_role(organisation, RoleName::Admin),
        validators: with_role(organisation, RoleName::Validator),
    }
}

fn with_role(organisation: &GenesisOrganisation, role: RoleName) -> u32 {
    let holders = organisation.accounts.iter().filter(|member| member.roles.contains(&role));
    u32::try_from(holders.count()).expect("checked against the limit")
}

fn problems(genesis: &Genesis) -> Vec<String> {
    let mut problems = Vec::new();
    let count = genesis.organisations.len();
    if count == 0 {
        problems.push("there is no organisation".to_owned());
    }
    if u64::try_from(count).is_ok_and(|count| count > rules::ORGANISATIONS_MAX) {
        problems.push(format!("more than {} organisations", rules::ORGANISATIONS_MAX));
        return problems;
    }
    let mut ids = BTreeSet::new();
    let mut glns = BTreeMap::new();
    let mut homes = BTreeMap::new();
    for organisation in &genesis.organisations {
        let id = organisation.id;
        if !ids.insert(id) {
            problems.push(format!("organisation `{id}` is listed twice"));
        } else if id == 0 || id > count as u64 {
            problems.push(format!(
                "organisation `{id}` has a number outside 1..={count}; numbers leave no gaps"
            ));
        }
        check_profile(organisation, &mut glns, &mut problems);
        check_accounts(organisation, &mut homes, &mut problems);
    }
    check_validators(genesis, &mut problems);
    problems
}

fn check_profile<'a>(
    organisation: &'a GenesisOrganisation,
    glns: &mut BTreeMap<&'a str, u64>,
    problems: &mut Vec<String>,
) {
    let id = organisation.id;
    if let Some(rule) = rules::broken_text_rule(&organisation.name, rules::NAME_BYTES_MAX) {
        problems.push(format!("the name of organisation `{id}` {rule}"));
    }
    let Some(gln) = organisation.gln.as_deref() else { return };
    if gln.is_empty() {
        problems.push(format!("the GLN of organisation `{id}` is empty; leave it out instead"));
    } else if let Some(rule) = rules::broken_gln_rule(gln) {
        problems.push(format!("the GLN `{gln}` of organisation `{id}` {rule}"));
    } else if let Some(other) = glns.insert(gln, id) {
        problems.push(format!("the GLN `{gln}` belongs to the organisations `{other}` and `{id}`"));
    }
}

fn check_accounts(
    organisation: &GenesisOrganisation,
    homes: &mut BTreeMap<Address, u64>,
    problems: &mut Vec<String>,
) {
    let id = organisation.id;
    let accounts_max = usize::try_from(rules::ACCOUNTS_MAX).expect("usize has 32 bits or more");
    if organisation.accounts.len() > accounts_max {
        problems.push(format!("organisation `{id}` has more than {accounts_max} accounts"));
        return;
    }
    if !organisation.accounts.iter().any(|member| member.roles.contains(&RoleName::Admin)) {
        problems.push(format!("organisation `{id}` has no account with the role `admin`"));
    }
    for member in &organisation.accounts {
        let account = member.address;
        if !rules::can_act(account) {
            problems.push(format!("account `{account}` of organisation `{id}` cannot act"));
        }
        match homes.insert(account, id) {
            Some(other) if other == id => {
                problems.push(format!("organisation `{id}` lists account `{account}` twice"));
            }
            Some(other) => problems
                .push(format!("account `{account}` is in two organisations, `{other}` and `{id}`")),
            None => {}
        }
    }
}

fn check_validators(genesis: &Genesis, problems: &mut Vec<String>) {
    for validator in &genesis.validators {
        let (name, id) = (&validator.name, validator.organisation);
        let Some(organisation) = genesis.organisation(id) else {
            problems.push(format!("validator `{name}` names an unknown organisation `{id}`"));
            continue;
        };
        let account = validator.account;
        let member = organisation.accounts.iter().find(|member| member.address == account);
        match member {
            None => problems.push(format!(
                "account `{account}` of validator `{name}` is not in organisation `{id}`"
            )),
            Some(member) if !member.roles.contains(&RoleName::Validator) => problems.push(format!(
                "account `{account}` of validator `{name}` has not the role `validator`"
            )),
            Some(_) => {}
        }
    }
}
