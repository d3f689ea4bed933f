//! What the transactions do.
//!
//! Each kind of call is a file of its own with one [`Action`] and has one line in [`ACTIONS`]. A
//! workload is a round of actions that every sender goes through again and again.

mod capture;
mod erc20;
mod grant_role;
mod issue_voucher;
mod signing;
mod transfer;

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes, U256, keccak256};
use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

#[cfg(test)]
pub(crate) use capture::event;
pub(crate) use erc20::{creation_code, runtime_code, slot_of_balance, transferCall};
pub use grant_role::clerks;
pub(crate) use signing::{Fees, Sender, Signed, cost, sign, sign_all};

use crate::random::mix;

/// A kind of call.
pub trait Action: Sync {
    /// Its name in reports; a call of a module is called `module.call`.
    fn name(&self) -> &'static str;

    /// The call of one turn. Whatever was called before it, it must not be refused.
    fn call(&self, scene: &Scene, turn: &Turn) -> Call;

    /// What the first sender calls before each run. It supervises, signs, and runs the senders' organisation.
    fn prepare(&self, _scene: &Scene) -> Vec<Call> {
        Vec::new()
    }

    /// The calls that bring a sender's things into the state in which its turns begin, after an
    /// earlier run left them in another. Whether they succeed does not matter.
    fn settle(&self, _scene: &Scene, _sender: u64) -> Vec<Call> {
        Vec::new()
    }
}

/// Every kind of call. Those with a dot in their name are calls of modules.
pub static ACTIONS: &[&dyn Action] = &[
    &transfer::Transfer,
    &erc20::Erc20,
    &grant_role::GrantRole,
    &issue_voucher::IssueVoucher,
    &capture::Capture,
];

/// The call that the workload *module* makes if none is named.
pub const MODULE_DEFAULT: &str = "members.grantRole";

/// The call that the workload *receivables* makes.
const RECEIVABLES: &str = "receivables.issue";

/// The round of the workload *mixed*.
const MIXED: [&str; 10] = [
    "transfer", "erc20", "module", "transfer", "erc20", "module", "transfer", "erc20", "module",
    "capture",
];

/// A round of actions, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// Its name on the command line.
    pub name: String,
    round: Vec<String>,
}

impl Workload {
    /// The workload of a name: an action's, *receivables*, *module* or *mixed*. `module` names the call
    /// that the latter two make.
    pub fn named(name: &str, module: &str) -> Result<Self> {
        let is_call = ACTIONS.iter().any(|action| action.name() == module && module.contains('.'));
        if !is_call {
            let calls: Vec<_> = ACTIONS.iter().map(|action| action.name()).collect();
            let calls: Vec<_> = calls.into_iter().filter(|name| name.contains('.')).collect();
            bail!("no call of a module is named `{module}`; there are: {}", calls.join(", "));
        }
        let names = match name {
            "mixed" => MIXED.to_vec(),
            "receivables" => vec![RECEIVABLES],
            name => vec![name],
        };
        let round = names.iter().map(|name| if *name == "module" { module } else { name });
        let round: Vec<String> = round.map(str::to_string).collect();
        if let Some(unknown) = round.iter().find(|name| action(name).is_none()) {
            bail!("no workload is named `{unknown}`");
        }
        Ok(Self { name: name.to_string(), round })
    }

    /// The different actions of the round.
    pub fn actions(&self) -> Vec<&'static dyn Action> {
        let is_used = |action: &&&dyn Action| self.round.iter().any(|name| name == action.name());
        ACTIONS.iter().filter(is_used).copied().collect()
    }

    /// What a sender does in the `index`-th transaction of the run. Each sender begins at another
    /// place of the round.
    pub fn turn(&self, sender: u64, first_nonce: u64, index: u64) -> (&'static dyn Action, Turn) {
        let length = self.round.len() as u64;
        let name = |index: u64| &self.round[((index % length + sender % length) % length) as usize];
        let named = name(index);
        let before = (0..index % length).filter(|earlier| name(*earlier) == named).count() as u64;
        let in_a_round = self.round.iter().filter(|name| *name == named).count() as u64;
        let turn = Turn {
            sender,
            first_nonce,
            nonce: first_nonce + index,
            repetition: index / length * in_a_round + before,
        };
        (action(named).expect("the constructor checked the names"), turn)
    }
}

fn action(name: &str) -> Option<&'static dyn Action> {
    ACTIONS.iter().find(|action| action.name() == name).copied()
}

/// Which transaction of a run is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The sender's number.
    pub sender: u64,
    /// The sender's first nonce of this run.
    pub first_nonce: u64,
    /// The transaction's nonce.
    pub nonce: u64,
    /// How often the sender made this kind of call before in this run.
    pub repetition: u64,
}

impl Turn {
    /// A number that no other transaction of this seed has, not even in another run.
    pub fn number(&self) -> u64 {
        (self.sender << 40) | self.nonce
    }
}

/// Recipient, value and input of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The account that is called.
    pub to: Address,
    /// Wei that go with the call.
    pub value: U256,
    /// The call's input.
    pub input: Bytes,
}

/// The stage on which the transactions of a run act.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scene {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The ERC-20 contract.
    pub token: Address,
    /// The organisation of the senders.
    pub party: u64,
    /// Events per capture.
    pub events: u64,
    /// Accounts among which the recipients are.
    pub accounts: u64,
    /// The first so many of them receive nine of ten transfers; 0 for none.
    pub hot: u64,
    /// Everything random follows from it.
    pub seed: u64,
    /// Seconds since the Unix epoch when the run was prepared.
    pub now_unix: u64,
    /// What is paid for gas.
    pub fees: Fees,
    /// Gas that a transaction may use, by action.
    pub gas: BTreeMap<String, u64>,
}

impl Scene {
    /// The recipient of a transfer.
    pub fn recipient(&self, turn: &Turn) -> Address {
        let drawn = mix(mix(self.seed) ^ turn.number());
        let is_hot = self.hot > 0 && !drawn.is_multiple_of(10);
        let among = if is_hot { self.hot } else { self.accounts.max(1) };
        account(self.seed, mix(drawn) % among)
    }
}

/// The `index`-th account among which transfers go. Nobody has its key.
pub fn account(seed: u64, index: u64) -> Address {
    Address::from_slice(&keccak256(format!("qiao bench account {seed} {index}"))[12..])
}
