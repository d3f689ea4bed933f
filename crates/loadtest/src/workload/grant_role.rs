//! A cheap call of a native module: an admin gives one of its clerks a role, and takes it back with
//! a later call. Two accounts are looked up, one slot is written, one event emitted.

use alloy_primitives::{Address, U256, keccak256};
use alloy_sol_types::SolCall as _;
use qiao_modules::members::{self, IMembers};

use super::{Action, Call, Scene, Turn};

/// `grantRole` and `revokeRole` of the module `members`, in turns.
#[derive(Debug)]
pub struct GrantRole;

/// Clerks of each sender. Nobody has their keys.
const CLERKS: u64 = 4;

/// The role of a capturer.
const CAPTURER: u8 = 3;

impl Action for GrantRole {
    fn name(&self) -> &'static str {
        "members.grantRole"
    }

    fn call(&self, scene: &Scene, turn: &Turn) -> Call {
        let account = clerk(scene.seed, turn.sender, turn.repetition % CLERKS);
        let input = if (turn.repetition / CLERKS).is_multiple_of(2) {
            IMembers::grantRoleCall { account, role: CAPTURER }.abi_encode()
        } else {
            IMembers::revokeRoleCall { account, role: CAPTURER }.abi_encode()
        };
        Call { to: members::ADDRESS, value: U256::ZERO, input: input.into() }
    }

    /// Whom an earlier run left with the role loses it.
    fn settle(&self, scene: &Scene, sender: u64) -> Vec<Call> {
        let revoke = |account: Address| {
            let input = IMembers::revokeRoleCall { account, role: CAPTURER }.abi_encode();
            Call { to: members::ADDRESS, value: U256::ZERO, input: input.into() }
        };
        clerks(scene.seed, sender).map(revoke).collect()
    }
}

/// The clerks of a sender: accounts of its organisation without a role.
pub fn clerks(seed: u64, sender: u64) -> impl Iterator<Item = Address> {
    (0..CLERKS).map(move |clerk_number| clerk(seed, sender, clerk_number))
}

fn clerk(seed: u64, sender: u64, clerk: u64) -> Address {
    Address::from_slice(&keccak256(format!("qiao bench clerk {seed} {sender} {clerk}"))[12..])
}
