//! Calldata of the modules: no bytes from anybody make a module panic or stop the node. The selector is
//! mostly that of a function, since nobody guesses four bytes of a hash.

#![no_main]

use std::{collections::BTreeMap, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use qiao_module_kit::{Interface, testing::Sandbox};
use qiao_modules::{
    MODULES,
    members::{self, IMembers},
};
use qiao_types::{
    Address, B256, Genesis, GenesisMember, GenesisOrganisation, Parameters, RoleName,
    StateCommitment,
};

/// Gas of one call; a capture of its greatest list stays below.
const GAS_LIMIT: u64 = 500_000_000;

/// The selectors of each module's functions.
static SELECTORS: LazyLock<Vec<Vec<[u8; 4]>>> = LazyLock::new(|| {
    let selectors = |source| {
        let interface = Interface::read(source).expect("the modules' tests read it too");
        interface.functions.iter().map(|function| interface.selector(&function.item)).collect()
    };
    MODULES.iter().map(|module| selectors(module.source)).collect()
});

fuzz_target!(|input: (u8, u8, u8, &[u8])| {
    let (module, function, sender, rest) = input;
    let number = usize::from(module) % MODULES.len();
    let module = &MODULES[number];
    let selectors = &SELECTORS[number];
    let selector = selectors.get(usize::from(function) % (selectors.len() + 1));
    let calldata = [selector.map_or(&[][..], |selector| selector), rest].concat();
    let mut chain = Sandbox::new(MODULES, &genesis());
    // Both admins sign in matters of money, so that calls come further than the signature.
    for admin in [account(0), account(2)] {
        let call = IMembers::grantRoleCall { account: admin, role: 6 };
        chain.call(admin, members::ADDRESS, call).expect("an admin grants the role of signer");
    }
    chain.send_with_gas(account(sender % 4), module.address, calldata.into(), GAS_LIMIT);
});

fn account(number: u8) -> Address {
    Address::with_last_byte(0xa0 + number)
}

/// Two organisations: one with an admin and a capturer, one with a regulator.
fn genesis() -> Genesis {
    let member = |number, roles: &[RoleName]| GenesisMember {
        address: account(number),
        roles: roles.to_vec(),
    };
    let organisation = |id, accounts| GenesisOrganisation {
        id,
        name: format!("Member {id}"),
        gln: None,
        accounts,
    };
    Genesis {
        chain_id: 1,
        name: "fuzz".to_owned(),
        timestamp_ms: 1_800_000_000_000,
        parameters: Parameters::default(),
        organisations: vec![
            organisation(1, vec![member(0, &[RoleName::Admin]), member(1, &[RoleName::Capturer])]),
            organisation(2, vec![member(2, &[RoleName::Admin, RoleName::Regulator])]),
        ],
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
