//! What the tests of all modules begin with.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes};
use qiao_types::{
    Genesis, GenesisMember, GenesisOrganisation, Parameters, RoleName, StateCommitment,
};

/// A genesis without organisations.
pub(crate) fn genesis() -> Genesis {
    Genesis {
        chain_id: 1,
        name: "test".to_owned(),
        timestamp_ms: 1_800_000_000_000,
        parameters: Parameters::default(),
        organisations: Vec::new(),
        validators: Vec::new(),
        accounts: BTreeMap::new(),
        imported: None,
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 0,
        },
    }
}

/// A contract that passes its calldata on to `target` and reverts with what it got.
pub(crate) fn forwarder(target: Address) -> Bytes {
    let copy_calldata = [0x36, 0x5f, 0x5f, 0x37];
    let arguments = [0x5f, 0x5f, 0x36, 0x5f, 0x5f, 0x73];
    let call_and_revert = [0x5a, 0xf1, 0x3d, 0x5f, 0x5f, 0x3e, 0x3d, 0x5f, 0xfd];
    [&copy_calldata[..], &arguments, target.as_slice(), &call_and_revert].concat().into()
}

/// A genesis with one organisation per account, of which it is the admin; the last is a regulator.
pub(crate) fn trade_genesis(accounts: &[Address]) -> Genesis {
    let organisation = |(id, address): (u64, &Address)| {
        let mut roles = vec![RoleName::Admin];
        if id == accounts.len() as u64 {
            roles.push(RoleName::Regulator);
        }
        GenesisOrganisation {
            id,
            name: format!("Organisation {id}"),
            gln: None,
            accounts: vec![GenesisMember { address: *address, roles }],
        }
    };
    Genesis { organisations: (1..).zip(accounts).map(organisation).collect(), ..genesis() }
}
