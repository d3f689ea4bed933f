//! Stories and invariants of `members`.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, address};
use alloy_sol_types::{SolCall, SolError};
use proptest::prelude::*;
use qiao_module_kit::{conformance, genesis_storage, testing::Sandbox};
use qiao_types::{Genesis, GenesisMember, GenesisOrganisation, GenesisValidator, RoleName};

use super::{ADDRESS, IMembers::*, rules, types::*};
use crate::{MODULES, fixtures};

const RETAILER_ADMIN: Address = address!("00000000000000000000000000000000000000a1");
const RETAILER_CLERK: Address = address!("00000000000000000000000000000000000000a2");
const REGULATOR: Address = address!("00000000000000000000000000000000000000b1");
const REGULATOR_ADMIN: Address = address!("00000000000000000000000000000000000000b2");
const FARM_ADMIN: Address = address!("00000000000000000000000000000000000000c1");
const FARM_CLERK: Address = address!("00000000000000000000000000000000000000c2");
const STRANGER: Address = address!("00000000000000000000000000000000000000ff");

const RETAILER: u64 = 1;
const AUTHORITY: u64 = 2;
const FARM: u64 = 3;
const FARM_GLN: &str = "4012345000016";

fn genesis() -> Genesis {
    let member = |address, roles: &[RoleName]| GenesisMember { address, roles: roles.to_vec() };
    Genesis {
        organisations: vec![
            GenesisOrganisation {
                id: RETAILER,
                name: "Harbour Retail".to_owned(),
                gln: Some("9521141111116".to_owned()),
                accounts: vec![
                    member(RETAILER_ADMIN, &[RoleName::Admin, RoleName::Validator]),
                    member(RETAILER_CLERK, &[RoleName::Capturer]),
                ],
            },
            GenesisOrganisation {
                id: AUTHORITY,
                name: "Market Authority".to_owned(),
                gln: None,
                accounts: vec![
                    member(REGULATOR, &[RoleName::Regulator]),
                    member(REGULATOR_ADMIN, &[RoleName::Admin]),
                ],
            },
        ],
        ..fixtures::genesis()
    }
}

fn chain() -> Sandbox {
    Sandbox::new(MODULES, &genesis())
}

/// The farm joins with its admin and gets the number 3.
fn chain_with_farm() -> Sandbox {
    let mut chain = chain();
    let call = register("Green Farm", FARM_GLN, FARM_ADMIN);
    assert_eq!(chain.call(RETAILER_ADMIN, ADDRESS, call).unwrap(), FARM);
    chain
}

fn register(name: &str, gln: &str, admin: Address) -> registerOrganisationCall {
    registerOrganisationCall { name: name.to_owned(), gln: gln.to_owned(), admin }
}

fn grant(account: Address, role: Role) -> grantRoleCall {
    grantRoleCall { account, role: role.number() }
}

fn revoke(account: Address, role: Role) -> revokeRoleCall {
    revokeRoleCall { account, role: role.number() }
}

fn freeze(account: Address) -> freezeAccountCall {
    freezeAccountCall { account, reason: "under investigation".to_owned() }
}

fn freeze_organisation(organisation: u64) -> freezeOrganisationCall {
    freezeOrganisationCall { organisation, reason: "licence withdrawn".to_owned() }
}

#[track_caller]
fn accepts<C: SolCall>(chain: &mut Sandbox, sender: Address, call: C) -> C::Return {
    match chain.call(sender, ADDRESS, call) {
        Ok(answer) => answer,
        Err(refused) => panic!("`{}` was refused: {refused:?}", C::SIGNATURE),
    }
}

#[track_caller]
fn refuses<C: SolCall, E: SolError>(chain: &mut Sandbox, sender: Address, call: C, error: E) {
    chain.refuses(sender, ADDRESS, call, error);
}

fn is_active(chain: &mut Sandbox, account: Address) -> bool {
    accepts(chain, STRANGER, isActiveCall { account })
}

fn has_role(chain: &mut Sandbox, account: Address, role: Role) -> bool {
    accepts(chain, STRANGER, hasRoleCall { account, role: role.number() })
}

/// Story: a supplier joins, its admin hires a clerk who captures, and the clerk leaves.
#[test]
fn a_supplier_joins_and_its_clerk_leaves() {
    let mut chain = chain();

    // The retailer, who runs a validator, registers the farm with the farm's own admin.
    let farm = accepts(&mut chain, RETAILER_ADMIN, register("Green Farm", FARM_GLN, FARM_ADMIN));
    assert_eq!(farm, 3);
    assert_eq!(
        chain.events::<OrganisationRegistered>(),
        [OrganisationRegistered {
            organisation: farm,
            name: "Green Farm".to_owned(),
            gln: FARM_GLN.to_owned(),
        }]
    );
    assert_eq!(accepts(&mut chain, STRANGER, organisationByGlnCall { gln: FARM_GLN.into() }), farm);

    // The farm's admin adds a clerk, who may then capture events.
    accepts(&mut chain, FARM_ADMIN, addAccountCall { account: FARM_CLERK });
    accepts(&mut chain, FARM_ADMIN, grant(FARM_CLERK, Role::Capturer));
    assert!(has_role(&mut chain, FARM_CLERK, Role::Capturer));
    assert!(is_active(&mut chain, FARM_CLERK));
    let shown = accepts(&mut chain, STRANGER, organisationCall { id: farm });
    assert_eq!((shown.accounts, shown.frozen, shown.name.as_str()), (2, false, "Green Farm"));

    // The clerk leaves: the right is taken, the account frozen. Its history stays.
    accepts(&mut chain, FARM_ADMIN, revoke(FARM_CLERK, Role::Capturer));
    accepts(&mut chain, FARM_ADMIN, freeze(FARM_CLERK));
    assert!(!is_active(&mut chain, FARM_CLERK));
    assert_eq!(accepts(&mut chain, STRANGER, organisationOfCall { account: FARM_CLERK }), farm);
}

/// Story: the regulator stops a supplier at once and later lets it go on.
#[test]
fn a_regulator_stops_a_supplier_and_lets_it_go_on() {
    let mut chain = chain_with_farm();
    accepts(&mut chain, REGULATOR, freeze_organisation(FARM));
    assert!(!is_active(&mut chain, FARM_ADMIN));
    let shown = accepts(&mut chain, STRANGER, organisationCall { id: FARM });
    assert!(shown.frozen);
    accepts(&mut chain, REGULATOR, unfreezeOrganisationCall { organisation: FARM });
    assert!(is_active(&mut chain, FARM_ADMIN));
}

#[test]
fn i1_an_account_belongs_to_one_organisation_at_most() {
    let mut chain = chain_with_farm();
    let account = RETAILER_CLERK;
    let taken = || AlreadyMember { account, organisation: RETAILER };
    refuses(&mut chain, FARM_ADMIN, addAccountCall { account }, taken());
    refuses(&mut chain, RETAILER_ADMIN, addAccountCall { account }, taken());
    refuses(&mut chain, RETAILER_ADMIN, register("Other", "", account), taken());
    for account in [Address::ZERO, ADDRESS] {
        refuses(&mut chain, FARM_ADMIN, addAccountCall { account }, InvalidAccount { account });
    }
}

#[test]
fn i2_every_organisation_keeps_an_admin() {
    let mut chain = chain_with_farm();
    let last = || LastAdmin { organisation: FARM };
    refuses(&mut chain, FARM_ADMIN, revoke(FARM_ADMIN, Role::Admin), last());
    accepts(&mut chain, FARM_ADMIN, addAccountCall { account: FARM_CLERK });
    accepts(&mut chain, FARM_ADMIN, grant(FARM_CLERK, Role::Admin));
    accepts(&mut chain, FARM_ADMIN, revoke(FARM_ADMIN, Role::Admin));
    refuses(&mut chain, FARM_CLERK, revoke(FARM_CLERK, Role::Admin), last());
}

#[test]
fn i3_only_regulators_and_validators_admins_register_organisations() {
    let mut chain = chain_with_farm();
    let call = || register("Other", "", STRANGER);
    refuses(&mut chain, STRANGER, call(), NotMember { account: STRANGER });
    refuses(&mut chain, FARM_ADMIN, call(), NotRegistrar { caller: FARM_ADMIN });
    refuses(&mut chain, RETAILER_CLERK, call(), NotRegistrar { caller: RETAILER_CLERK });
    refuses(&mut chain, REGULATOR_ADMIN, call(), NotRegistrar { caller: REGULATOR_ADMIN });
    assert_eq!(accepts(&mut chain, REGULATOR, call()), 4);
    assert_eq!(accepts(&mut chain, STRANGER, organisationCountCall {}), 4);
}

#[test]
fn i4_an_admin_changes_accounts_of_its_own_organisation_only() {
    let mut chain = chain_with_farm();
    let account = RETAILER_CLERK;
    let foreign = || ForeignAccount { account, organisation: RETAILER };
    refuses(&mut chain, FARM_ADMIN, grant(account, Role::Deployer), foreign());
    refuses(&mut chain, FARM_ADMIN, revoke(account, Role::Capturer), foreign());
    refuses(&mut chain, FARM_ADMIN, freeze(account), foreign());
    refuses(&mut chain, FARM_ADMIN, unfreezeAccountCall { account }, foreign());
    let nobody = NotMember { account: STRANGER };
    refuses(&mut chain, FARM_ADMIN, grant(STRANGER, Role::Deployer), nobody);
    let not_admin = NotAdmin { caller: RETAILER_CLERK };
    refuses(&mut chain, RETAILER_CLERK, grant(account, Role::Admin), not_admin);
}

#[test]
fn i5_validators_and_regulators_come_from_the_genesis_only() {
    let mut chain = chain();
    for role in [Role::Validator, Role::Regulator] {
        let fixed = || RoleFixedAtGenesis { role: role.number() };
        refuses(&mut chain, RETAILER_ADMIN, grant(RETAILER_CLERK, role), fixed());
        refuses(&mut chain, RETAILER_ADMIN, revoke(RETAILER_ADMIN, role), fixed());
    }
    for role in [0, 7, 255] {
        let call = grantRoleCall { account: RETAILER_CLERK, role };
        refuses(&mut chain, RETAILER_ADMIN, call, UnknownRole { role });
    }
}

#[test]
fn i6_what_a_regulator_froze_only_a_regulator_unfreezes() {
    let mut chain = chain();
    let account = RETAILER_CLERK;
    let unfreeze = || unfreezeAccountCall { account };
    accepts(&mut chain, RETAILER_ADMIN, freeze(account));
    accepts(&mut chain, RETAILER_ADMIN, unfreeze());
    accepts(&mut chain, RETAILER_ADMIN, freeze(account));
    accepts(&mut chain, REGULATOR, freeze(account));
    refuses(&mut chain, RETAILER_ADMIN, unfreeze(), FrozenByRegulator { account });
    refuses(&mut chain, REGULATOR, freeze(account), AlreadyFrozen {});
    accepts(&mut chain, REGULATOR, unfreeze());
    refuses(&mut chain, REGULATOR, unfreeze(), NotFrozen {});
}

#[test]
fn i7_nobody_freezes_itself() {
    let mut chain = chain();
    for caller in [RETAILER_ADMIN, REGULATOR] {
        refuses(&mut chain, caller, freeze(caller), OwnFreeze { caller });
    }
    let own = OwnFreeze { caller: REGULATOR };
    refuses(&mut chain, REGULATOR, freeze_organisation(AUTHORITY), own);
}

#[test]
fn i8_the_frozen_change_nothing() {
    let mut chain = chain_with_farm();
    accepts(&mut chain, REGULATOR, freeze(RETAILER_ADMIN));
    accepts(&mut chain, REGULATOR, freeze_organisation(FARM));
    for account in [RETAILER_ADMIN, FARM_ADMIN] {
        let frozen = || NotActive { account };
        refuses(&mut chain, account, addAccountCall { account: STRANGER }, frozen());
        refuses(&mut chain, account, grant(account, Role::Deployer), frozen());
        refuses(&mut chain, account, register("Other", "", STRANGER), frozen());
        refuses(&mut chain, account, freeze(account), frozen());
        refuses(&mut chain, account, freeze_organisation(FARM), frozen());
    }
    let call = unfreezeOrganisationCall { organisation: FARM };
    refuses(&mut chain, REGULATOR_ADMIN, call, NotRegulator { caller: REGULATOR_ADMIN });
}

#[test]
fn i9_a_gln_belongs_to_one_organisation() {
    let mut chain = chain_with_farm();
    let call = register("Other", FARM_GLN, STRANGER);
    let taken = GlnTaken { gln: FARM_GLN.to_owned(), organisation: FARM };
    refuses(&mut chain, REGULATOR, call, taken);
    for (gln, rule) in
        [("4012345000017", "has a wrong check digit"), ("401234500001", "must have 13 digits")]
    {
        let invalid = InvalidGln { gln: gln.to_owned(), rule: rule.to_owned() };
        refuses(&mut chain, REGULATOR, register("Other", gln, STRANGER), invalid);
    }
    // Without a number two organisations do not collide.
    accepts(&mut chain, REGULATOR, register("Other", "", STRANGER));
    accepts(&mut chain, REGULATOR, register("Another", "", FARM_CLERK));
}

#[test]
fn texts_of_people_keep_to_their_rules() {
    let mut chain = chain();
    for (name, rule) in [
        ("", "must not be empty"),
        (" Farm", "must not begin or end with a space"),
        ("Farm\n", "must not contain control characters"),
    ] {
        let invalid = InvalidText { field: "name".to_owned(), rule: rule.to_owned() };
        refuses(&mut chain, REGULATOR, register(name, "", STRANGER), invalid);
    }
    let rule = "must have at most 128 bytes".to_owned();
    let invalid = InvalidText { field: "name".to_owned(), rule };
    refuses(&mut chain, REGULATOR, register(&"x".repeat(129), "", STRANGER), invalid);
    accepts(&mut chain, REGULATOR, register(&"绿".repeat(42), "", STRANGER));

    let call = freezeAccountCall { account: RETAILER_CLERK, reason: String::new() };
    let rule = "must not be empty".to_owned();
    let invalid = InvalidText { field: "reason".to_owned(), rule };
    refuses(&mut chain, REGULATOR, call, invalid);
}

#[test]
fn what_is_unknown_is_shown_as_nothing() {
    let mut chain = chain();
    assert_eq!(accepts(&mut chain, STRANGER, organisationOfCall { account: STRANGER }), 0);
    assert_eq!(accepts(&mut chain, STRANGER, organisationCall { id: 9 }).id, 0);
    assert_eq!(accepts(&mut chain, STRANGER, accountCall { account: STRANGER }).organisation, 0);
    assert!(!accepts(&mut chain, STRANGER, hasRoleCall { account: RETAILER_ADMIN, role: 9 }));
    let unknown = UnknownOrganisation { organisation: 9 };
    refuses(&mut chain, REGULATOR, freeze_organisation(9), unknown);
}

#[test]
fn a_genesis_that_breaks_rules_is_refused_with_every_reason() {
    let mut broken = genesis();
    broken.organisations[0].gln = Some("9521141111117".to_owned());
    broken.organisations[1].id = 7;
    broken.organisations[1].accounts =
        vec![GenesisMember { address: RETAILER_CLERK, roles: vec![RoleName::Regulator] }];
    broken.validators = vec![
        validator("one", 9, RETAILER_ADMIN),
        validator("two", RETAILER, STRANGER),
        validator("three", RETAILER, RETAILER_CLERK),
    ];
    let refused = genesis_storage(MODULES, &broken).unwrap_err();
    assert_eq!(
        refused.problems,
        [
            "the GLN `9521141111117` of organisation `1` has a wrong check digit".to_owned(),
            "organisation `7` has a number outside 1..=2; numbers leave no gaps".to_owned(),
            "organisation `7` has no account with the role `admin`".to_owned(),
            format!("account `{RETAILER_CLERK}` is in two organisations, `1` and `7`"),
            "validator `one` names an unknown organisation `9`".to_owned(),
            format!("account `{STRANGER}` of validator `two` is not in organisation `1`"),
            format!("account `{RETAILER_CLERK}` of validator `three` has not the role `validator`"),
        ]
    );
    let empty = Genesis { organisations: Vec::new(), ..genesis() };
    let refused = genesis_storage(MODULES, &empty).unwrap_err();
    assert_eq!(refused.problems, ["there is no organisation"]);
}

fn validator(name: &str, organisation: u64, account: Address) -> GenesisValidator {
    GenesisValidator {
        organisation,
        name: name.to_owned(),
        network_key: Default::default(),
        vote_key: Default::default(),
        possession: Default::default(),
        account,
        address: "127.0.0.1:1".to_owned(),
    }
}

/// What somebody may try in the property test.
#[derive(Debug, Clone)]
enum Attempt {
    Add { by: usize, account: usize },
    Grant { by: usize, account: usize, role: u8 },
    Revoke { by: usize, account: usize, role: u8 },
    Freeze { by: usize, account: usize },
    Unfreeze { by: usize, account: usize },
}

const PEOPLE: [Address; 6] =
    [RETAILER_ADMIN, RETAILER_CLERK, REGULATOR, REGULATOR_ADMIN, FARM_CLERK, STRANGER];

fn attempt() -> impl Strategy<Value = Attempt> {
    let person = 0..PEOPLE.len();
    prop_oneof![
        (person.clone(), person.clone()).prop_map(|(by, account)| Attempt::Add { by, account }),
        (person.clone(), person.clone(), 0..7u8).prop_map(|(by, account, role)| Attempt::Grant {
            by,
            account,
            role
        }),
        (person.clone(), person.clone(), 0..7u8).prop_map(|(by, account, role)| Attempt::Revoke {
            by,
            account,
            role
        }),
        (person.clone(), person.clone()).prop_map(|(by, account)| Attempt::Freeze { by, account }),
        (person.clone(), person).prop_map(|(by, account)| Attempt::Unfreeze { by, account }),
    ]
}

fn try_it(chain: &mut Sandbox, attempt: &Attempt) {
    let reason = "test".to_owned();
    let (by, input) = match *attempt {
        Attempt::Add { by, account } => {
            (by, addAccountCall { account: PEOPLE[account] }.abi_encode())
        }
        Attempt::Grant { by, account, role } => {
            (by, grantRoleCall { account: PEOPLE[account], role }.abi_encode())
        }
        Attempt::Revoke { by, account, role } => {
            (by, revokeRoleCall { account: PEOPLE[account], role }.abi_encode())
        }
        Attempt::Freeze { by, account } => {
            (by, freezeAccountCall { account: PEOPLE[account], reason }.abi_encode())
        }
        Attempt::Unfreeze { by, account } => {
            (by, unfreezeAccountCall { account: PEOPLE[account] }.abi_encode())
        }
    };
    chain.send(PEOPLE[by], ADDRESS, input.into());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn i10_counts_are_true_after_any_sequence_of_calls(
        attempts in proptest::collection::vec(attempt(), 1..60)
    ) {
        let mut chain = chain();
        let mut homes = BTreeMap::new();
        for attempt in &attempts {
            try_it(&mut chain, attempt);
            for person in PEOPLE {
                let home = accepts(&mut chain, STRANGER, organisationOfCall { account: person });
                let before = homes.insert(person, home);
                prop_assert!(before.is_none_or(|before| before == 0 || before == home), "I1");
            }
        }
        for id in [RETAILER, AUTHORITY] {
            let members: Vec<_> = PEOPLE
                .into_iter()
                .map(|account| accepts(&mut chain, STRANGER, accountCall { account }))
                .filter(|account| account.organisation == id)
                .collect();
            let shown = accepts(&mut chain, STRANGER, organisationCall { id });
            prop_assert_eq!(shown.accounts as usize, members.len(), "I10");
            let admins = members.iter().filter(|member| member.roles & 2 != 0).count();
            prop_assert!(admins >= 1, "I2");
        }
    }

    #[test]
    fn a_changed_digit_never_makes_a_valid_gln(index in 0usize..13, digit in 0u8..10) {
        let mut gln = FARM_GLN.as_bytes().to_vec();
        let is_same = gln[index] == b'0' + digit;
        gln[index] = b'0' + digit;
        let gln = String::from_utf8(gln).unwrap();
        prop_assert_eq!(rules::broken_gln_rule(&gln).is_none(), is_same);
    }
}

#[test]
fn what_a_farm_may_read_is_sealed_for_the_key_that_it_announced_last() {
    let mut chain = chain_with_farm();
    let none = accepts(&mut chain, STRANGER, sealingKeyCall { organisation: FARM });
    assert_eq!((none.number, none.key), (0, B256::ZERO));
    let first = announceSealingKeyCall { key: B256::repeat_byte(1) };
    assert_eq!(accepts(&mut chain, FARM_ADMIN, first.clone()), 1);
    refuses(&mut chain, FARM_ADMIN, first, InvalidSealingKey { key: B256::repeat_byte(1) });
    let second = announceSealingKeyCall { key: B256::repeat_byte(2) };
    assert_eq!(accepts(&mut chain, FARM_ADMIN, second), 2);
    let shown = accepts(&mut chain, STRANGER, sealingKeyCall { organisation: FARM });
    assert_eq!((shown.number, shown.key), (2, B256::repeat_byte(2)));
}

#[test]
fn i11_only_an_admin_announces_a_sealing_key_and_only_for_its_own_organisation() {
    let mut chain = chain_with_farm();
    let call = || announceSealingKeyCall { key: B256::repeat_byte(7) };
    refuses(&mut chain, RETAILER_CLERK, call(), NotAdmin { caller: RETAILER_CLERK });
    refuses(&mut chain, STRANGER, call(), NotMember { account: STRANGER });
    let zero = announceSealingKeyCall { key: B256::ZERO };
    refuses(&mut chain, FARM_ADMIN, zero, InvalidSealingKey { key: B256::ZERO });
    accepts(&mut chain, RETAILER_ADMIN, call());
    let shown = accepts(&mut chain, STRANGER, sealingKeyCall { organisation: FARM });
    assert_eq!(shown.number, 0);
}

conformance! {
    module: super::super::MODULE,
    calls: IMembersCalls, errors: IMembersErrors, events: IMembersEvents,
    chain: chain_with_farm,
    people: &PEOPLE,
    gas: gas,
    transitions: (rules::TRANSITIONS, Freeze::ALL),
}

/// What the calls of the stories cost.
fn gas(chain: &mut Sandbox) -> Vec<(&'static str, u64)> {
    let mut calls = Vec::new();
    let mut pay = |name, sender, input: Vec<u8>| {
        let done = chain.send(sender, ADDRESS, input.into());
        assert!(!done.is_refused, "{name}");
        calls.push((name, done.gas_used));
    };
    let call = register("Cold Carrier", "4012345000023", STRANGER);
    pay("registerOrganisation", REGULATOR, call.abi_encode());
    pay("addAccount", FARM_ADMIN, addAccountCall { account: FARM_CLERK }.abi_encode());
    pay("grantRole capturer", FARM_ADMIN, grant(FARM_CLERK, Role::Capturer).abi_encode());
    pay("grantRole admin", FARM_ADMIN, grant(FARM_CLERK, Role::Admin).abi_encode());
    pay("revokeRole admin", FARM_ADMIN, revoke(FARM_CLERK, Role::Admin).abi_encode());
    pay("freezeAccount", FARM_ADMIN, freeze(FARM_CLERK).abi_encode());
    let call = unfreezeAccountCall { account: FARM_CLERK };
    pay("unfreezeAccount", FARM_ADMIN, call.abi_encode());
    pay("freezeOrganisation", REGULATOR, freeze_organisation(FARM).abi_encode());
    let call = unfreezeOrganisationCall { organisation: FARM };
    pay("unfreezeOrganisation", REGULATOR, call.abi_encode());
    let call = announceSealingKeyCall { key: B256::repeat_byte(1) };
    pay("announceSealingKey", FARM_ADMIN, call.abi_encode());
    pay("isActive", STRANGER, isActiveCall { account: FARM_CLERK }.abi_encode());
    pay("hasRole", STRANGER, hasRoleCall { account: FARM_CLERK, role: 3 }.abi_encode());
    pay("organisation", STRANGER, organisationCall { id: FARM }.abi_encode());
    calls
}
