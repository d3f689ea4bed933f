//! Organisations and accounts follow the genesis and the members' logs.

use alloy_primitives::{Address, B256, Log, TxKind};
use alloy_sol_types::SolEvent;
use qiao_modules::members::{self, IMembers};
use qiao_types::{
    Genesis, GenesisMember, GenesisOrganisation, Parameters, RoleName, StateCommitment,
};

use crate::testing::{ChainBuilder, empty_index};

fn genesis() -> Genesis {
    let member = GenesisMember {
        address: Address::repeat_byte(1),
        roles: vec![RoleName::Admin, RoleName::Deployer],
    };
    Genesis {
        chain_id: 1,
        name: "test".into(),
        timestamp_ms: 0,
        parameters: Parameters::default(),
        organisations: vec![GenesisOrganisation {
            id: 1,
            name: "Farm".into(),
            gln: Some("9521000000008".into()),
            accounts: vec![member],
        }],
        validators: Vec::new(),
        accounts: Default::default(),
        imported: None,
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 0,
        },
    }
}

fn log(event: impl SolEvent) -> Log {
    Log { address: members::ADDRESS, data: event.encode_log_data() }
}

#[tokio::test]
async fn organisations_and_accounts_follow_the_logs() {
    let index = empty_index().await;
    index.apply_genesis(&genesis()).await.unwrap();
    index.apply_genesis(&genesis()).await.unwrap();
    let farm = index.organisations().await.unwrap().remove(0);
    assert_eq!((farm.id, farm.name.as_str(), farm.accounts), (1, "Farm", 1));
    assert_eq!(farm.gln.as_deref(), Some("9521000000008"));
    assert_eq!(index.accounts(1).await.unwrap()[0].roles, [1, 5]);

    let (admin, clerk) = (Address::repeat_byte(2), Address::repeat_byte(3));
    let by = Address::repeat_byte(9);
    let mut chain = ChainBuilder::new();
    let registered = IMembers::OrganisationRegistered {
        organisation: 2,
        name: "Carrier".into(),
        gln: String::new(),
    };
    let logs = vec![
        log(registered),
        log(IMembers::AccountAdded { organisation: 2, account: admin }),
        log(IMembers::RoleGranted { organisation: 2, account: admin, role: 1 }),
        log(IMembers::AccountAdded { organisation: 2, account: clerk }),
        log(IMembers::RoleGranted { organisation: 2, account: clerk, role: 3 }),
        log(IMembers::RoleGranted { organisation: 2, account: clerk, role: 5 }),
        log(IMembers::RoleRevoked { organisation: 2, account: clerk, role: 5 }),
        log(IMembers::AccountFrozen { account: clerk, by, reason: "lost key".into() }),
        log(IMembers::OrganisationFrozen { organisation: 2, by, reason: "audit".into() }),
    ];
    chain.transaction(TxKind::Call(members::ADDRESS), vec![1, 2, 3, 4], true, logs);
    index.apply(&chain.block()).await.unwrap();

    let carrier = index.organisations().await.unwrap().remove(1);
    assert_eq!((carrier.name.as_str(), carrier.accounts, carrier.since_block), ("Carrier", 2, 1));
    assert_eq!((carrier.gln, carrier.frozen.as_deref()), (None, Some("audit")));
    let found = index.account(clerk).await.unwrap().expect("the clerk has an account");
    assert_eq!(
        (found.roles.as_slice(), found.frozen.as_deref()),
        ([3].as_slice(), Some("lost key"))
    );
    assert_eq!(index.account(by).await.unwrap(), None);

    let logs = vec![
        log(IMembers::AccountUnfrozen { account: clerk, by }),
        log(IMembers::OrganisationUnfrozen { organisation: 2, by }),
    ];
    chain.transaction(TxKind::Call(members::ADDRESS), vec![1, 2, 3, 4], true, logs);
    index.apply(&chain.block()).await.unwrap();
    assert_eq!(index.account(clerk).await.unwrap().unwrap().frozen, None);
    assert_eq!(index.organisations().await.unwrap()[1].frozen, None);
}
