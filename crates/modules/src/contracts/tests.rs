//! Stories and invariants of `contracts`.

use alloy_primitives::{Address, B256, Bytes, U256, address, keccak256};
use alloy_sol_types::{SolCall, SolError, SolEvent};
use proptest::prelude::*;
use qiao_module_kit::{conformance, testing::Sandbox};
use qiao_types::{Genesis, GenesisMember, GenesisOrganisation, RoleName};

use super::{ADDRESS, Creation, IContracts::*, creation_slot, rules, types::ProposalState};
use crate::{
    MODULES, fixtures,
    members::IMembers::{NotAdmin, NotMember},
};

/// Admins of the three organisations that run validators.
const VOTERS: [Address; 3] = [
    address!("00000000000000000000000000000000000000a1"),
    address!("00000000000000000000000000000000000000a2"),
    address!("00000000000000000000000000000000000000a3"),
];
const REGULATOR: Address = address!("00000000000000000000000000000000000000b1");
const OWNER: Address = address!("00000000000000000000000000000000000000c1");
const DEVELOPER: Address = address!("00000000000000000000000000000000000000c2");
const CLERK: Address = address!("00000000000000000000000000000000000000c3");
const OTHER_ADMIN: Address = address!("00000000000000000000000000000000000000d1");
const STRANGER: Address = address!("00000000000000000000000000000000000000ff");

/// Two contracts of the exchange, and one of somebody else.
const EXCHANGE: Address = address!("0000000000000000000000000000000000000e01");
const REPAIRED: Address = address!("0000000000000000000000000000000000000e02");
const FOREIGN: Address = address!("0000000000000000000000000000000000000e03");

const OWNERS_ORGANISATION: u64 = 5;
const START: u64 = 1_800_000_000;
const DAY: u64 = 24 * 60 * 60;

/// A contract that keeps the word that it is called with, and answers without calldata with the word
/// and `version` added up.
fn code(version: u8) -> Bytes {
    [
        &[0x36, 0x60, 0x0f, 0x57, 0x5f, 0x54, 0x60, version, 0x01, 0x5f, 0x52][..],
        &[0x60, 0x20, 0x5f, 0xf3, 0x5b, 0x5f, 0x35, 0x5f, 0x55, 0x00],
    ]
    .concat()
    .into()
}

fn genesis() -> Genesis {
    let member = |address, roles: &[RoleName]| GenesisMember { address, roles: roles.to_vec() };
    let organisation = |id, accounts| GenesisOrganisation {
        id,
        name: format!("Organisation {id}"),
        gln: None,
        accounts,
    };
    let mut organisations: Vec<GenesisOrganisation> = (1u64..)
        .zip(VOTERS)
        .map(|(id, voter)| {
            organisation(id, vec![member(voter, &[RoleName::Admin, RoleName::Validator])])
        })
        .collect();
    let admins = [RoleName::Admin, RoleName::Deployer];
    let regulator = vec![
        member(REGULATOR, &[RoleName::Regulator]),
        member(address!("00000000000000000000000000000000000000b2"), &[RoleName::Admin]),
    ];
    organisations.push(organisation(4, regulator));
    organisations.push(organisation(
        OWNERS_ORGANISATION,
        vec![
            member(OWNER, &admins),
            member(DEVELOPER, &[RoleName::Deployer]),
            member(CLERK, &[RoleName::Admin]),
        ],
    ));
    organisations.push(organisation(6, vec![member(OTHER_ADMIN, &admins)]));
    Genesis { organisations, ..fixtures::genesis() }
}

fn created(chain: &mut Sandbox, target: Address, creator: Address) {
    let creation = Creation { creator, block: 7 };
    chain.set_slot(ADDRESS, creation_slot(target), creation.to_slot());
}

fn chain() -> Sandbox {
    let mut chain = Sandbox::new(MODULES, &genesis());
    chain.at_block(8, START);
    let contracts = [(EXCHANGE, DEVELOPER, 1), (REPAIRED, DEVELOPER, 2), (FOREIGN, OTHER_ADMIN, 3)];
    for (target, creator, version) in contracts {
        chain.install(target, code(version));
        created(&mut chain, target, creator);
    }
    chain
}

/// The exchange is declared as upgradeable.
fn declared() -> Sandbox {
    let mut chain = chain();
    accepts(&mut chain, DEVELOPER, declare(EXCHANGE, true));
    chain
}

fn declare(target: Address, upgradeable: bool) -> declareCall {
    declareCall { target, name: "Pork exchange".to_owned(), upgradeable }
}

fn upgrade() -> upgradeCall {
    upgradeCall { target: EXCHANGE, implementation: REPAIRED }
}

fn freeze(target: Address) -> freezeCall {
    freezeCall { target, reason: "pays twice".to_owned() }
}

fn unfreeze(target: Address) -> unfreezeCall {
    unfreezeCall { target }
}

fn propose(freezes: bool) -> proposeCall {
    proposeCall { target: EXCHANGE, freezes, reason: "pays twice".to_owned(), voteSeconds: DAY }
}

fn approve(proposal: u64) -> approveCall {
    approveCall { proposal }
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

#[track_caller]
fn emits<E: SolEvent + PartialEq + std::fmt::Debug>(chain: &Sandbox, event: E) {
    assert_eq!(chain.events::<E>(), [event]);
}

fn show(chain: &mut Sandbox, target: Address) -> Contract {
    accepts(chain, STRANGER, contractOfCall { target })
}

/// What a contract answers; `None` if it is frozen.
fn ask(chain: &mut Sandbox, target: Address) -> Option<u64> {
    let done = chain.send(STRANGER, target, Bytes::new());
    if done.is_refused {
        assert_eq!(done.output, Bytes::from(ContractFrozen { target }.abi_encode()));
        return None;
    }
    Some(U256::from_be_slice(&done.output).to())
}

fn keep(chain: &mut Sandbox, target: Address, word: u64) {
    let done = chain.send(STRANGER, target, B256::from(U256::from(word)).into());
    assert!(!done.is_refused);
}

/// Story: a contract pays twice, its owner stops it, deploys a repaired one, and it goes on.
#[test]
fn a_broken_exchange_is_stopped_repaired_and_goes_on() {
    let mut chain = chain();

    // The developer who deployed the exchange says what it is and that it may be repaired.
    accepts(&mut chain, DEVELOPER, declare(EXCHANGE, true));
    emits(
        &chain,
        ContractDeclared {
            target: EXCHANGE,
            organisation: OWNERS_ORGANISATION,
            name: "Pork exchange".to_owned(),
            upgradeable: true,
        },
    );
    keep(&mut chain, EXCHANGE, 40);
    assert_eq!(ask(&mut chain, EXCHANGE), Some(41));

    // It pays twice: an admin stops it at once. Nothing gets through, not even ether.
    accepts(&mut chain, CLERK, freeze(EXCHANGE));
    assert_eq!(ask(&mut chain, EXCHANGE), None);
    assert!(chain.send_value(STRANGER, EXCHANGE, Bytes::new(), U256::ONE).is_refused);
    let held = accepts(&mut chain, STRANGER, freezeOfCall { target: EXCHANGE, authority: 1 });
    assert_eq!((held.by, held.since, held.reason.as_str()), (CLERK, START, "pays twice"));

    // The regulator looks into it and holds it too; the owner cannot go on before it says so.
    accepts(&mut chain, REGULATOR, freeze(EXCHANGE));
    accepts(&mut chain, CLERK, unfreeze(EXCHANGE));
    assert_eq!(ask(&mut chain, EXCHANGE), None);
    refuses(&mut chain, CLERK, unfreeze(EXCHANGE), NotFrozenBy { target: EXCHANGE, authority: 1 });
    accepts(&mut chain, REGULATOR, unfreeze(EXCHANGE));
    assert_eq!(ask(&mut chain, EXCHANGE), Some(41));

    // The repaired code takes over, with everything that the exchange remembers.
    accepts(&mut chain, OWNER, upgrade());
    emits(
        &chain,
        ContractUpgraded {
            target: EXCHANGE,
            implementation: REPAIRED,
            codeHashBefore: keccak256(code(1)),
            codeHashAfter: keccak256(code(2)),
        },
    );
    assert_eq!(ask(&mut chain, EXCHANGE), Some(42));
}

/// Story: the validators stop a contract whose owner does not answer.
#[test]
fn validators_stop_a_contract_whose_owner_does_not_answer() {
    let mut chain = declared();
    assert_eq!(accepts(&mut chain, STRANGER, voterCountCall {}), 3);
    let proposal = accepts(&mut chain, VOTERS[0], propose(true));
    assert_eq!(proposal, 1);
    assert_eq!(ask(&mut chain, EXCHANGE), Some(1), "one of three is not enough");
    accepts(&mut chain, VOTERS[2], approve(proposal));
    emits(&chain, ProposalCarried { proposal, target: EXCHANGE });
    assert_eq!(ask(&mut chain, EXCHANGE), None);
    let shown = accepts(&mut chain, STRANGER, proposalCall { id: proposal });
    assert_eq!((shown.state, shown.approvals), (ProposalState::Carried as u8, 2));

    // Neither the owner nor a regulator lifts what the validators decided.
    let not_held = |authority| NotFrozenBy { target: EXCHANGE, authority };
    refuses(&mut chain, OWNER, unfreeze(EXCHANGE), not_held(1));
    refuses(&mut chain, REGULATOR, unfreeze(EXCHANGE), not_held(2));
    let proposal = accepts(&mut chain, VOTERS[1], propose(false));
    accepts(&mut chain, VOTERS[0], approve(proposal));
    assert_eq!(ask(&mut chain, EXCHANGE), Some(1));
}

#[test]
fn i1_a_contract_belongs_to_the_organisation_of_its_creator() {
    let mut chain = chain();
    let shown = show(&mut chain, EXCHANGE);
    assert_eq!((shown.organisation, shown.creator), (OWNERS_ORGANISATION, DEVELOPER));
    assert_eq!((shown.createdInBlock, shown.codeHash), (7, keccak256(code(1))));
    let foreign = || NotOwner { target: EXCHANGE, organisation: OWNERS_ORGANISATION };
    refuses(&mut chain, OTHER_ADMIN, declare(EXCHANGE, true), foreign());
    refuses(&mut chain, OTHER_ADMIN, freeze(EXCHANGE), foreign());
    refuses(&mut chain, STRANGER, freeze(EXCHANGE), NotMember { account: STRANGER });
    let target = STRANGER;
    for sender in [OWNER, REGULATOR] {
        refuses(&mut chain, sender, freeze(target), UnknownContract { target });
        let target = ADDRESS;
        refuses(&mut chain, sender, freeze(target), UnknownContract { target });
    }
    assert_eq!(show(&mut chain, STRANGER).codeHash, B256::ZERO);
}

#[test]
fn i1_a_contract_that_a_stranger_created_belongs_to_nobody() {
    let mut chain = chain();
    created(&mut chain, EXCHANGE, STRANGER);
    assert_eq!(show(&mut chain, EXCHANGE).organisation, 0);
    let foreign = || NotOwner { target: EXCHANGE, organisation: 0 };
    refuses(&mut chain, OWNER, declare(EXCHANGE, true), foreign());
    refuses(&mut chain, STRANGER, declare(EXCHANGE, true), foreign());
    accepts(&mut chain, REGULATOR, freeze(EXCHANGE));
}

#[test]
fn i2_only_the_calls_of_this_module_change_code() {
    let mut chain = declared();
    accepts(&mut chain, OWNER, renounceUpgradesCall { target: EXCHANGE });
    let proposal = accepts(&mut chain, VOTERS[0], propose(true));
    accepts(&mut chain, VOTERS[0], withdrawCall { proposal });
    refuses(
        &mut chain,
        OTHER_ADMIN,
        freeze(EXCHANGE),
        NotOwner { target: EXCHANGE, organisation: OWNERS_ORGANISATION },
    );
    assert_eq!(show(&mut chain, EXCHANGE).codeHash, keccak256(code(1)));
    assert_eq!(ask(&mut chain, EXCHANGE), Some(1));
}

#[test]
fn i2_a_refused_frame_leaves_the_code_as_it_was() {
    let mut chain = declared();
    // A contract that calls the module and reverts: the owner's own, acting as a member.
    let forwarder = address!("0000000000000000000000000000000000000f01");
    chain.install(forwarder, fixtures::forwarder(ADDRESS));
    use crate::members::IMembers::{addAccountCall, grantRoleCall};
    let members = crate::members::ADDRESS;
    chain.call(OWNER, members, addAccountCall { account: forwarder }).unwrap();
    chain.call(OWNER, members, grantRoleCall { account: forwarder, role: 1 }).unwrap();
    let done = chain.send(STRANGER, forwarder, freeze(EXCHANGE).abi_encode().into());
    assert!(done.is_refused && done.output.is_empty(), "the freeze went through and was undone");
    assert_eq!(ask(&mut chain, EXCHANGE), Some(1));
    assert!(!accepts(&mut chain, STRANGER, isFrozenCall { target: EXCHANGE }));
}

#[test]
fn i3_only_what_is_declared_upgradeable_is_upgraded() {
    let mut chain = chain();
    let not_upgradeable = || NotUpgradeable { target: EXCHANGE };
    refuses(&mut chain, OWNER, upgrade(), not_upgradeable());
    accepts(&mut chain, OWNER, declare(EXCHANGE, true));
    refuses(&mut chain, OWNER, declare(EXCHANGE, false), DeclaredAlready { target: EXCHANGE });
    let not_admin = NotAdmin { caller: DEVELOPER };
    refuses(&mut chain, DEVELOPER, upgrade(), not_admin);
    refuses(&mut chain, CLERK, upgrade(), NotDeployer { caller: CLERK });
    refuses(
        &mut chain,
        OTHER_ADMIN,
        upgrade(),
        NotOwner { target: EXCHANGE, organisation: OWNERS_ORGANISATION },
    );
    let nowhere = upgradeCall { target: EXCHANGE, implementation: STRANGER };
    refuses(&mut chain, OWNER, nowhere, UnknownContract { target: STRANGER });
    accepts(&mut chain, OWNER, upgrade());
    let (target, implementation) = (EXCHANGE, REPAIRED);
    refuses(&mut chain, OWNER, upgrade(), SameCode { target, implementation });
    accepts(&mut chain, CLERK, renounceUpgradesCall { target: EXCHANGE });
    refuses(&mut chain, CLERK, renounceUpgradesCall { target: EXCHANGE }, not_upgradeable());
    refuses(&mut chain, OWNER, upgrade(), not_upgradeable());
    refuses(&mut chain, OWNER, declare(EXCHANGE, true), DeclaredAlready { target: EXCHANGE });
}

#[test]
fn i4_the_last_unfreeze_restores_code_and_storage() {
    let mut chain = declared();
    keep(&mut chain, EXCHANGE, 99);
    let storage = chain.storage(EXCHANGE);
    let frozen = |chain: &mut Sandbox| {
        assert_eq!(ask(chain, EXCHANGE), None);
        assert_eq!(show(chain, EXCHANGE).codeHash, keccak256(code(1)));
    };
    for _ in 0..2 {
        accepts(&mut chain, OWNER, freeze(EXCHANGE));
        frozen(&mut chain);
        accepts(&mut chain, REGULATOR, freeze(EXCHANGE));
        frozen(&mut chain);
        accepts(&mut chain, REGULATOR, unfreeze(EXCHANGE));
        frozen(&mut chain);
        accepts(&mut chain, OWNER, unfreeze(EXCHANGE));
        assert_eq!(ask(&mut chain, EXCHANGE), Some(100));
        assert_eq!(chain.storage(EXCHANGE), storage);
        let gone = accepts(&mut chain, STRANGER, freezeOfCall { target: EXCHANGE, authority: 1 });
        assert_eq!((gone.by, gone.since, gone.reason.as_str()), (Address::ZERO, 0, ""));
    }
}

#[test]
fn i5_a_freeze_is_lifted_only_with_its_own_authority() {
    let mut chain = declared();
    accepts(&mut chain, REGULATOR, freeze(EXCHANGE));
    let again = FrozenAlready { target: EXCHANGE, authority: 2 };
    refuses(&mut chain, REGULATOR, freeze(EXCHANGE), again);
    refuses(&mut chain, OWNER, unfreeze(EXCHANGE), NotFrozenBy { target: EXCHANGE, authority: 1 });
    let lifting = NotFrozenBy { target: EXCHANGE, authority: 3 };
    refuses(&mut chain, VOTERS[0], propose(false), lifting);
    accepts(&mut chain, OWNER, freeze(EXCHANGE));
    accepts(&mut chain, REGULATOR, unfreeze(EXCHANGE));
    let held = NotFrozenBy { target: EXCHANGE, authority: 2 };
    refuses(&mut chain, REGULATOR, unfreeze(EXCHANGE), held);
    assert_eq!(show(&mut chain, EXCHANGE).frozenBy, 2, "the owner holds it");
}

#[test]
fn i6_an_organisation_has_one_vote() {
    let mut chain = declared();
    refuses(&mut chain, OWNER, propose(true), NotVoter { caller: OWNER });
    refuses(&mut chain, STRANGER, propose(true), NotMember { account: STRANGER });
    let proposal = accepts(&mut chain, VOTERS[0], propose(true));
    refuses(&mut chain, OWNER, approve(proposal), NotVoter { caller: OWNER });
    let twice = ApprovedAlready { proposal, organisation: 1 };
    refuses(&mut chain, VOTERS[0], approve(proposal), twice);
    let never = NotApproved { proposal, organisation: 2 };
    refuses(&mut chain, VOTERS[1], withdrawCall { proposal }, never);

    // A second admin of the same organisation votes for the same organisation.
    use crate::members::IMembers::{addAccountCall, grantRoleCall};
    let members = crate::members::ADDRESS;
    chain.call(VOTERS[0], members, addAccountCall { account: STRANGER }).unwrap();
    chain.call(VOTERS[0], members, grantRoleCall { account: STRANGER, role: 1 }).unwrap();
    let twice = ApprovedAlready { proposal, organisation: 1 };
    refuses(&mut chain, STRANGER, approve(proposal), twice);
    accepts(&mut chain, STRANGER, withdrawCall { proposal });
    emits(&chain, ApprovalWithdrawn { proposal, organisation: 1, by: STRANGER, approvals: 0 });
    let closed = ProposalClosed { proposal, state: 3, until: START + DAY };
    refuses(&mut chain, VOTERS[1], approve(proposal), closed);
}

#[test]
fn i7_a_proposal_takes_effect_in_its_time_and_once() {
    let mut chain = declared();
    let proposal = accepts(&mut chain, VOTERS[0], propose(true));
    let late = accepts(&mut chain, VOTERS[1], propose(true));
    chain.at_block(9, START + DAY);
    accepts(&mut chain, VOTERS[1], approve(proposal));
    assert_eq!(ask(&mut chain, EXCHANGE), None);
    let carried = ProposalClosed { proposal, state: 2, until: START + DAY };
    refuses(&mut chain, VOTERS[2], approve(proposal), carried);
    // The other one asks for the same: it cannot take effect a second time.
    let again = FrozenAlready { target: EXCHANGE, authority: 3 };
    refuses(&mut chain, VOTERS[0], approve(late), again);
    chain.at_block(10, START + DAY + 1);
    let expired = ProposalClosed { proposal: late, state: 1, until: START + DAY };
    refuses(&mut chain, VOTERS[0], approve(late), expired);
    refuses(&mut chain, VOTERS[0], approve(9), UnknownProposal { proposal: 9 });
    let call = proposeCall { voteSeconds: 1, ..propose(false) };
    let (min, max) = (rules::VOTE_SECONDS_MIN, rules::VOTE_SECONDS_MAX);
    refuses(&mut chain, VOTERS[0], call, InvalidVoteTime { voteSeconds: 1, min, max });
}

#[test]
fn i7_half_of_the_voters_is_not_more_than_half() {
    use super::types::ProposalAct::{ApprovedByMoreThanHalf, ApprovedByTooFew};
    for (approvals, voters, act) in [
        (1, 1, ApprovedByMoreThanHalf),
        (1, 2, ApprovedByTooFew),
        (2, 4, ApprovedByTooFew),
        (3, 4, ApprovedByMoreThanHalf),
        (u32::MAX, u32::MAX, ApprovedByMoreThanHalf),
    ] {
        assert_eq!(rules::approval(approvals, voters), act, "{approvals} of {voters}");
    }
}

#[test]
fn i8_a_frozen_contract_is_not_upgraded_and_upgrades_nobody() {
    let mut chain = declared();
    accepts(&mut chain, REGULATOR, freeze(EXCHANGE));
    refuses(&mut chain, OWNER, upgrade(), ContractFrozen { target: EXCHANGE });
    accepts(&mut chain, REGULATOR, unfreeze(EXCHANGE));
    accepts(&mut chain, REGULATOR, freeze(REPAIRED));
    refuses(&mut chain, OWNER, upgrade(), ContractFrozen { target: REPAIRED });
}

const PEOPLE: [Address; 12] = [
    VOTERS[0],
    VOTERS[1],
    VOTERS[2],
    REGULATOR,
    OWNER,
    DEVELOPER,
    CLERK,
    OTHER_ADMIN,
    STRANGER,
    EXCHANGE,
    REPAIRED,
    FOREIGN,
];

#[derive(Debug, Clone)]
enum Attempt {
    Declare { target: usize, upgradeable: bool },
    Renounce { target: usize },
    Upgrade { target: usize, implementation: usize },
    Freeze { target: usize },
    Unfreeze { target: usize },
    Propose { target: usize, freezes: bool },
    Approve { proposal: u64 },
    Withdraw { proposal: u64 },
}

const TARGETS: [Address; 3] = [EXCHANGE, REPAIRED, FOREIGN];

fn attempt() -> impl Strategy<Value = Attempt> {
    let target = 0..TARGETS.len();
    prop_oneof![
        1 => (target.clone(), any::<bool>())
            .prop_map(|(target, upgradeable)| Attempt::Declare { target, upgradeable }),
        1 => target.clone().prop_map(|target| Attempt::Renounce { target }),
        3 => (target.clone(), target.clone())
            .prop_map(|(target, implementation)| Attempt::Upgrade { target, implementation }),
        3 => target.clone().prop_map(|target| Attempt::Freeze { target }),
        3 => target.clone().prop_map(|target| Attempt::Unfreeze { target }),
        2 => (target, any::<bool>())
            .prop_map(|(target, freezes)| Attempt::Propose { target, freezes }),
        3 => (0u64..6).prop_map(|proposal| Attempt::Approve { proposal }),
        1 => (0u64..6).prop_map(|proposal| Attempt::Withdraw { proposal }),
    ]
}

fn input(attempt: &Attempt) -> Vec<u8> {
    match *attempt {
        Attempt::Declare { target, upgradeable } => {
            declare(TARGETS[target], upgradeable).abi_encode()
        }
        Attempt::Renounce { target } => {
            renounceUpgradesCall { target: TARGETS[target] }.abi_encode()
        }
        Attempt::Upgrade { target, implementation } => {
            upgradeCall { target: TARGETS[target], implementation: TARGETS[implementation] }
                .abi_encode()
        }
        Attempt::Freeze { target } => freeze(TARGETS[target]).abi_encode(),
        Attempt::Unfreeze { target } => unfreeze(TARGETS[target]).abi_encode(),
        Attempt::Propose { target, freezes } => {
            proposeCall { target: TARGETS[target], ..propose(freezes) }.abi_encode()
        }
        Attempt::Approve { proposal } => approve(proposal).abi_encode(),
        Attempt::Withdraw { proposal } => withdrawCall { proposal }.abi_encode(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is tried in whichever order: a contract runs the code that its last upgrade gave it,
    /// or stands still, and says truly which.
    #[test]
    fn i4_code_is_true_after_any_sequence_of_calls(
        attempts in proptest::collection::vec((0..PEOPLE.len(), attempt()), 1..60)
    ) {
        let mut chain = chain();
        let mut truth = [code(1), code(2), code(3)].map(keccak256);
        for (by, attempt) in &attempts {
            chain.send(PEOPLE[*by], ADDRESS, input(attempt).into());
            for upgraded in chain.events::<ContractUpgraded>() {
                let at = TARGETS.iter().position(|one| *one == upgraded.target).unwrap();
                prop_assert_eq!(upgraded.codeHashBefore, truth[at]);
                truth[at] = upgraded.codeHashAfter;
            }
            for (at, target) in TARGETS.into_iter().enumerate() {
                let shown = show(&mut chain, target);
                prop_assert_eq!(shown.codeHash, truth[at]);
                prop_assert!(shown.declared || !shown.upgradeable, "I3");
                let version = ask(&mut chain, target);
                prop_assert_eq!(version.is_none(), shown.frozenBy != 0);
                let runs = version.map(|one| keccak256(code(u8::try_from(one).unwrap())));
                prop_assert!(runs.is_none_or(|hash| hash == truth[at]));
            }
        }
    }
}

conformance! {
    module: super::super::MODULE,
    calls: IContractsCalls, errors: IContractsErrors, events: IContractsEvents,
    chain: declared,
    people: &PEOPLE,
    gas: gas,
    transitions: (rules::TRANSITIONS, ProposalState::ALL),
}

/// What the calls of the stories cost.
fn gas(chain: &mut Sandbox) -> Vec<(&'static str, u64)> {
    let mut calls = Vec::new();
    let mut pay = |name, sender, input: Vec<u8>| {
        let done = chain.send(sender, ADDRESS, input.into());
        assert!(!done.is_refused, "{name}");
        calls.push((name, done.gas_used));
    };
    pay("declare", OTHER_ADMIN, declare(FOREIGN, false).abi_encode());
    pay("freeze by its owner", OWNER, freeze(EXCHANGE).abi_encode());
    pay("freeze by a regulator too", REGULATOR, freeze(EXCHANGE).abi_encode());
    pay("unfreeze by the regulator", REGULATOR, unfreeze(EXCHANGE).abi_encode());
    pay("unfreeze by its owner", OWNER, unfreeze(EXCHANGE).abi_encode());
    pay("upgrade", OWNER, upgrade().abi_encode());
    pay("renounceUpgrades", OWNER, renounceUpgradesCall { target: EXCHANGE }.abi_encode());
    pay("propose", VOTERS[0], propose(true).abi_encode());
    pay("approve, carried", VOTERS[1], approve(1).abi_encode());
    pay("propose again", VOTERS[0], propose(false).abi_encode());
    pay("withdraw", VOTERS[0], withdrawCall { proposal: 2 }.abi_encode());
    pay("contractOf", STRANGER, contractOfCall { target: EXCHANGE }.abi_encode());
    pay("isFrozen", STRANGER, isFrozenCall { target: EXCHANGE }.abi_encode());
    calls
}
