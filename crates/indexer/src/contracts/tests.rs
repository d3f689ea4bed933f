//! Contracts are listed and found by name.

use alloy_primitives::{Address, Log, TxKind};
use alloy_sol_types::SolEvent as _;
use qiao_modules::contracts::{self, IContracts::ContractDeclared};

use crate::PageRequest;
use crate::testing::{ChainBuilder, empty_index};

fn declared(target: Address, name: &str) -> Log {
    let event =
        ContractDeclared { target, organisation: 1, name: name.to_owned(), upgradeable: false };
    Log { address: contracts::ADDRESS, data: event.encode_log_data() }
}

#[tokio::test]
async fn deployments_are_listed_newest_first_and_failed_ones_are_not() {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    chain.transaction(TxKind::Create, vec![0x60], true, vec![]);
    chain.transaction(TxKind::Create, vec![0x60], false, vec![]);
    chain.transaction(TxKind::Call(Address::repeat_byte(2)), vec![], true, vec![]);
    index.apply(&chain.block()).await.unwrap();
    chain.transaction(TxKind::Create, vec![0x60], true, vec![]);
    index.apply(&chain.block()).await.unwrap();

    let created = Address::repeat_byte(0xcc);
    let first = index.deployments(&PageRequest::first(1)).await.unwrap();
    assert_eq!(first.items, [created]);
    let second = index.deployments(&PageRequest::after(first.next.unwrap(), 1)).await.unwrap();
    assert_eq!((second.items, second.next), (vec![created], None));
}

#[tokio::test]
async fn contracts_are_found_by_a_part_of_their_name() {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    let [exchange, token] = [1, 2].map(Address::repeat_byte);
    let logs = vec![declared(exchange, "Pork Exchange"), declared(token, "Pork token")];
    chain.transaction(TxKind::Call(contracts::ADDRESS), vec![], true, logs);
    index.apply(&chain.block()).await.unwrap();

    let found = index.contracts_named("pork", 10).await.unwrap();
    let names: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["Pork token", "Pork Exchange"]);
    let found = index.contracts_named("exchange", 10).await.unwrap();
    assert_eq!(found, [(exchange, "Pork Exchange".to_owned())]);
    assert_eq!(index.contracts_named("%", 10).await.unwrap(), []);
}

#[tokio::test]
async fn what_an_account_sent_is_listed_newest_first() {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.push(chain.transaction(TxKind::Call(Address::ZERO), vec![], true, vec![]));
        index.apply(&chain.block()).await.unwrap();
    }
    sent.reverse();
    let page = index.transactions_from(chain.sender(), &PageRequest::first(2)).await.unwrap();
    let hashes: Vec<_> = page.items.iter().map(|one| one.hash).collect();
    assert_eq!(hashes, sent[..2]);
    let rest = PageRequest::after(page.next.unwrap(), 2);
    let page = index.transactions_from(chain.sender(), &rest).await.unwrap();
    assert_eq!((page.items[0].hash, page.items.len(), page.next), (sent[2], 1, None));
    let stranger = Address::repeat_byte(9);
    let none = index.transactions_from(stranger, &PageRequest::first(2)).await.unwrap();
    assert!(none.items.is_empty());
}
