//! What the genesis of a network under load holds: the ERC-20 contract, the senders, and the
//! accounts among which transfers go.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes, U256};

use crate::Accounts;
use crate::workload::{account, runtime_code, slot_of_balance};

/// Where the ERC-20 contract is.
pub const TOKEN: Address = Address::repeat_byte(0xbe);

/// An account of the genesis.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holding {
    /// Balance in wei.
    pub balance: U256,
    /// Code.
    pub code: Bytes,
    /// Storage.
    pub storage: BTreeMap<U256, U256>,
}

/// Every account and what it holds; `accounts` of them receive transfers.
pub fn holdings(seed: u64, senders: &Accounts, accounts: u64) -> BTreeMap<Address, Holding> {
    let balance = U256::from(10).pow(U256::from(24));
    let mut holdings = BTreeMap::new();
    let mut storage = BTreeMap::new();
    let recipients = (0..accounts).map(|index| account(seed, index));
    for address in senders.addresses().into_iter().chain(recipients) {
        holdings.insert(address, Holding { balance, ..Holding::default() });
        storage.insert(slot_of_balance(address), balance);
    }
    // The contract's first variable: the supply.
    storage.insert(U256::ZERO, balance * U256::from(holdings.len()));
    let token = Holding { balance: U256::ZERO, code: runtime_code(), storage };
    holdings.insert(TOKEN, token);
    holdings
}
