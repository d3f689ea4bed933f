//! Contracts as property: who created them, and that stopping one stops it everywhere.

use alloy_primitives::{Address, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolError as _};
use qiao_modules::contracts::{self, IContracts::*};
use qiao_types::StateKey;

use super::chain::*;
use crate::{CallRequest, CallStatus, predeploys::CREATE2_DEPLOYER};

async fn show(chain: &Chain, target: Address) -> Contract {
    let data = contractOfCall { target }.abi_encode().into();
    let to = Some(contracts::ADDRESS);
    let outcome = chain.call(CallRequest { to, data, ..Default::default() }).await;
    contractOfCall::abi_decode_returns(&outcome.output).expect("the module answers")
}

fn freeze(target: Address) -> Bytes {
    freezeCall { target, reason: "fraud".into() }.abi_encode().into()
}

fn unfreeze(target: Address) -> Bytes {
    unfreezeCall { target }.abi_encode().into()
}

/// Runtime code that calls `target` in this way with its calldata and gives back what it gets.
fn passing_on(target: Address, opcode: u8) -> Vec<u8> {
    let copy = [0x36, 0x5f, 0x5f, 0x37];
    let value: &[u8] = if opcode == 0xf4 { &[] } else { &[0x5f] };
    let arguments = [&[0x5f, 0x5f, 0x36, 0x5f][..], value, &[0x73]].concat();
    let answer = [0x5a, opcode, 0x3d, 0x5f, 0x5f, 0x3e];
    let last = u8::try_from(copy.len() + arguments.len() + 20 + answer.len() + 7).unwrap();
    let end = [0x60, last, 0x57, 0x3d, 0x5f, 0xfd, 0x00, 0x5b, 0x3d, 0x5f, 0xf3];
    [&copy[..], &arguments, target.as_slice(), &answer, &end].concat()
}

#[tokio::test]
async fn the_sender_of_a_transaction_is_the_creator_of_its_contracts() {
    let (chain, token) = Chain::with_token(5).await;
    let shown = show(&chain, token).await;
    assert_eq!((shown.creator, shown.organisation), (deployer().address(), 1));
    assert_eq!(shown.createdInBlock, 1);
    let code = chain.account(token).expect("it exists").code_hash;
    assert_eq!(shown.codeHash, code);

    // A contract that another contract creates belongs to whoever sent the transaction.
    let mut chain = chain;
    let creation = installing(&[0x5f, 0x5f, 0xf3]);
    let input: Bytes = [&[7; 32][..], &creation].concat().into();
    chain.advance(&[send(&deployer(), 1, CREATE2_DEPLOYER, input)]).await;
    let made = CREATE2_DEPLOYER.create2_from_code([7; 32], &creation);
    let shown = show(&chain, made).await;
    assert_eq!((shown.creator, shown.createdInBlock), (deployer().address(), 2));

    // Contracts of the genesis and plain accounts have none.
    for nobody in [CREATE2_DEPLOYER, member().address(), contracts::ADDRESS] {
        assert_eq!(show(&chain, nobody).await.creator, Address::ZERO);
    }
}

#[tokio::test]
async fn a_creation_that_fails_leaves_no_creator() {
    let mut chain = Chain::new();
    let executed = chain.advance(&[create(&deployer(), 0, Bytes::from_static(&[0xfe]))]).await;
    assert!(!executed.receipts[0].succeeded());
    let address = deployer().address().create(0);
    assert_eq!(show(&chain, address).await.creator, Address::ZERO);
    // What destroys itself while it is created never was.
    let executed =
        chain.advance(&[create(&deployer(), 1, Bytes::from_static(&[0x5f, 0xff]))]).await;
    assert!(executed.receipts[0].succeeded());
    let address = deployer().address().create(1);
    assert_eq!(show(&chain, address).await.creator, Address::ZERO);
}

#[tokio::test]
async fn a_freeze_stops_every_way_into_a_contract_until_it_is_lifted() {
    let (mut chain, token) = Chain::with_token(100).await;
    let code = chain.account(token).expect("it exists").code_hash;
    let by_call = passing_on(token, 0xf1);
    let by_delegate = passing_on(token, 0xf4);
    let executed = chain
        .advance(&[
            create(&deployer(), 1, installing(&by_call)),
            create(&deployer(), 2, installing(&by_delegate)),
        ])
        .await;
    let proxies = executed.receipts.iter().map(|receipt| receipt.contract_address.unwrap());
    let ways: Vec<Address> = proxies.chain([token]).collect();
    let balance = |to| CallRequest {
        to: Some(to),
        data: balanceOfCall { account: deployer().address() }.abi_encode().into(),
        ..Default::default()
    };
    for way in &ways {
        assert_eq!(chain.call(balance(*way)).await.status, CallStatus::Success);
    }

    // The transfer before it in the block still counts, the one after it does not.
    let to = Address::repeat_byte(7);
    let executed = chain
        .advance(&[
            token_transfer(&deployer(), 3, token, to, 1),
            send(&regulator(), 0, contracts::ADDRESS, freeze(token)),
            token_transfer(&deployer(), 4, token, to, 1),
            pay(&deployer(), 5, token, U256::ONE),
        ])
        .await;
    let done: Vec<bool> = executed.receipts.iter().map(|one| one.succeeded()).collect();
    assert_eq!(done, [true, true, false, false]);
    let refusal = Bytes::from(ContractFrozen { target: token }.abi_encode());
    assert_eq!(executed.receipts[2].output, refusal);
    for way in &ways {
        let outcome = chain.call(balance(*way)).await;
        assert_eq!((outcome.status, outcome.output), (CallStatus::Reverted, refusal.clone()));
    }
    assert_ne!(chain.account(token).expect("it exists").code_hash, code);

    // The code was kept, and comes back with all that the contract holds.
    assert!(chain.state.get(&StateKey::code(code)).is_some());
    chain.advance(&[send(&regulator(), 1, contracts::ADDRESS, unfreeze(token))]).await;
    assert_eq!(chain.account(token).expect("it exists").code_hash, code);
    assert_eq!(chain.token_balance(token, to).await, U256::ONE);
}

#[tokio::test]
async fn freezing_and_unfreezing_within_a_block_changes_no_code() {
    let (mut chain, token) = Chain::with_token(1).await;
    let before = chain.account(token);
    let executed = chain
        .advance(&[
            send(&regulator(), 0, contracts::ADDRESS, freeze(token)),
            send(&regulator(), 1, contracts::ADDRESS, unfreeze(token)),
        ])
        .await;
    assert!(executed.receipts.iter().all(|receipt| receipt.succeeded()));
    assert_eq!(chain.account(token), before);
}

#[tokio::test]
async fn a_contract_is_frozen_in_the_block_but_not_in_the_transaction_that_creates_it() {
    let mut chain = Chain::new();
    let token = deployer().address().create(0);
    let executed = chain
        .advance(&[
            send(&regulator(), 0, contracts::ADDRESS, freeze(token)),
            create(&deployer(), 0, token_code(1)),
            send(&regulator(), 1, contracts::ADDRESS, freeze(token)),
            token_transfer(&deployer(), 1, token, Address::repeat_byte(7), 1),
            send(&regulator(), 2, contracts::ADDRESS, unfreeze(token)),
            token_transfer(&deployer(), 2, token, Address::repeat_byte(7), 1),
        ])
        .await;
    let unknown = UnknownContract { target: token }.abi_encode();
    assert_eq!(executed.receipts[0].output, Bytes::from(unknown));
    let done: Vec<bool> = executed.receipts.iter().map(|one| one.succeeded()).collect();
    assert_eq!(done, [false, true, true, false, true, true]);
    assert_eq!(chain.token_balance(token, Address::repeat_byte(7)).await, U256::ONE);
}

#[tokio::test]
async fn an_upgrade_keeps_the_storage() {
    let mut chain = Chain::new();
    // Both answer with the slot 0, which the first creation sets to 5, and their version added.
    let runtime = |version| [0x5f, 0x54, 0x60, version, 0x01, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];
    let length = u8::try_from(runtime(0).len()).unwrap();
    let setting = [0x60, 5, 0x5f, 0x55, 0x60, length, 0x80, 0x60, 13, 0x5f, 0x39, 0x5f, 0xf3];
    let with_storage: Bytes = [&setting[..], &runtime(10)].concat().into();
    let role = |role| {
        let account = regulator().address();
        qiao_modules::members::IMembers::grantRoleCall { account, role }.abi_encode().into()
    };
    let executed = chain
        .advance(&[
            send(&regulator(), 0, qiao_modules::members::ADDRESS, role(5)),
            create(&regulator(), 1, with_storage),
            create(&regulator(), 2, installing(&runtime(20))),
        ])
        .await;
    let made: Vec<_> = executed.receipts.iter().filter_map(|one| one.contract_address).collect();
    assert_eq!(made.len(), 2);
    let (old, new) = (made[0], made[1]);
    let declare = declareCall { target: old, name: "Store".into(), upgradeable: true };
    let upgrade = upgradeCall { target: old, implementation: new };
    let ask = CallRequest { to: Some(old), ..Default::default() };
    assert_eq!(U256::from_be_slice(&chain.call(ask.clone()).await.output), U256::from(15));
    let executed = chain
        .advance(&[
            send(&regulator(), 3, contracts::ADDRESS, declare.abi_encode().into()),
            send(&regulator(), 4, contracts::ADDRESS, upgrade.abi_encode().into()),
        ])
        .await;
    assert!(executed.receipts.iter().all(|receipt| receipt.succeeded()));
    assert_eq!(U256::from_be_slice(&chain.call(ask).await.output), U256::from(25));
    let hash = chain.account(old).expect("it exists").code_hash;
    assert_eq!(hash, keccak256(runtime(20)));
}
