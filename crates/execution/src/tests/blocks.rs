//! What stands in a block, what it does, and what makes it invalid.

use alloy_consensus::TxType;
use alloy_eips::eip2935::{HISTORY_STORAGE_ADDRESS, HISTORY_STORAGE_CODE};
use alloy_primitives::{Address, B256, Bytes, U256, bytes, hex, keccak256};
use alloy_sol_types::{SolCall as _, SolError as _, SolEvent as _};
use qiao_types::{AccountState, ExecutedReceipt, GenesisAccount, StateKey};

use super::chain::*;
use crate::{Rejection, build_block};

#[tokio::test]
async fn a_transfer_moves_value_and_costs_no_fee() {
    let mut chain = Chain::new();
    let recipient = Address::repeat_byte(7);
    let tx = changed(&member(), 0, |tx| {
        tx.value = ETHER;
        tx.max_fee_per_gas = 30_000_000_000;
        tx.max_priority_fee_per_gas = 1_000_000_000;
    });
    let executed = chain.advance(&[tx]).await;
    assert_eq!(executed.gas_used, 21_000);
    assert!(executed.receipts[0].succeeded());
    assert_eq!(chain.balance(recipient), ETHER);
    assert_eq!(chain.balance(member().address()), U256::from(9) * ETHER);
    assert_eq!(chain.account(member().address()).unwrap_or_default().nonce, 1);
    assert_eq!(chain.account(Address::repeat_byte(0xbe)), None, "the beneficiary earns nothing");
}

#[tokio::test]
async fn an_empty_block_changes_only_the_parent_hash_ring() {
    let mut chain = Chain::new();
    let parent_hash = chain.parent_hash;
    let executed = chain.advance(&[]).await;
    assert_eq!(executed.changes.len(), 1);
    let change = &executed.changes[0];
    assert_eq!(change.key, StateKey::storage(HISTORY_STORAGE_ADDRESS, U256::ZERO));
    assert_eq!((&change.before, &change.after), (&None, &Some(parent_hash.0.into())));
    assert_eq!(executed.receipts_root, alloy_consensus::constants::EMPTY_RECEIPTS);
}

#[tokio::test]
async fn changes_name_what_was_there_before_and_are_sorted_by_key() {
    let mut chain = Chain::new();
    let before = chain.state.clone();
    let txs = [
        pay(&member(), 0, Address::repeat_byte(7), ETHER),
        create(&deployer(), 0, token_code(5)),
        pay(&member(), 1, Address::repeat_byte(8), ETHER),
    ];
    let executed = chain.advance(&txs).await;
    assert!(executed.changes.windows(2).all(|pair| pair[0].key < pair[1].key));
    for change in &executed.changes {
        assert_eq!(change.before.as_ref(), before.get(&change.key));
        assert_ne!(change.before, change.after);
    }
}

#[tokio::test]
async fn what_was_changed_back_within_the_block_is_no_change() {
    let mut chain = Chain::new();
    // PUSH0, CALLDATALOAD, PUSH0, SSTORE: the slot 0 becomes the calldata.
    let code = installing(&[0x5f, 0x35, 0x5f, 0x55]);
    let contract = chain.advance(&[create(&deployer(), 0, code)]).await.receipts[0]
        .contract_address
        .expect("a contract was created");
    let one = Bytes::from(U256::ONE.to_be_bytes::<32>());
    let zero = Bytes::from(U256::ZERO.to_be_bytes::<32>());
    let txs = [send(&member(), 0, contract, one.clone()), send(&member(), 1, contract, zero)];
    let executed = chain.advance(&txs).await;
    let slot = StateKey::storage(contract, U256::ZERO);
    assert!(executed.changes.iter().all(|change| change.key != slot));
    let executed = chain.advance(&[send(&member(), 2, contract, one)]).await;
    assert!(executed.changes.iter().any(|change| change.key == slot));
}

#[tokio::test]
async fn a_revert_keeps_the_nonce_and_the_reason() {
    let (mut chain, token) = Chain::with_token(1_000).await;
    let executed = chain.advance(&[token_transfer(&member(), 0, token, token, 5)]).await;
    let receipt = &executed.receipts[0];
    assert!(!receipt.succeeded());
    let reason = InsufficientBalance {
        account: member().address(),
        balance: U256::ZERO,
        needed: U256::from(5),
    };
    assert_eq!(receipt.output, Bytes::from(reason.abi_encode()));
    assert!(receipt.logs().is_empty());
    assert_eq!(executed.changes.len(), 2, "the sender's nonce and the parent hash");
    assert_eq!(chain.account(member().address()).unwrap_or_default().nonce, 1);
}

#[tokio::test]
async fn a_token_moves_and_leaves_its_event() {
    let (mut chain, token) = Chain::with_token(1_000).await;
    let to = member().address();
    let executed = chain.advance(&[token_transfer(&deployer(), 1, token, to, 300)]).await;
    let receipt = &executed.receipts[0];
    let event = Transfer::decode_log(&receipt.logs()[0]).expect("the event is a transfer");
    assert_eq!((event.from, event.to, event.value), (deployer().address(), to, U256::from(300)));
    assert_eq!(chain.token_balance(token, to).await, U256::from(300));
    assert_eq!(chain.token_balance(token, deployer().address()).await, U256::from(700));
    assert_eq!(executed.logs_bloom, *receipt.envelope.logs_bloom());
    assert!(!executed.logs_bloom.is_zero());
}

#[tokio::test]
async fn receipts_count_gas_up_and_know_their_type() {
    let chain = Chain::new();
    let txs = [
        pay(&member(), 0, Address::repeat_byte(7), ETHER),
        delegate(&member(), 1, &signer(3), Address::repeat_byte(6)),
    ];
    let executed = chain.execute(&txs).await.expect("the block is valid");
    let types: Vec<TxType> = executed.receipts.iter().map(|r| r.envelope.tx_type()).collect();
    assert_eq!(types, [TxType::Eip1559, TxType::Eip7702]);
    let sum: u64 = executed.receipts.iter().map(|receipt| receipt.gas_used).sum();
    assert_eq!(executed.receipts[1].envelope.cumulative_gas_used(), sum);
    assert_eq!(executed.gas_used, sum);
}

#[tokio::test]
async fn an_account_takes_over_the_code_that_it_authorizes() {
    let (mut chain, token) = Chain::with_token(1_000).await;
    let authority = signer(3);
    let executed = chain.advance(&[delegate(&member(), 0, &authority, token)]).await;
    // The call after the authorization reaches the token's code without a function: a revert.
    assert!(!executed.receipts[0].succeeded());
    let account = chain.account(authority.address()).unwrap_or_default();
    let code = chain.state.get(&StateKey::code(account.code_hash)).expect("the code is stored");
    assert_eq!(code[..3], [0xef, 0x01, 0x00]);
    assert_eq!(&code[3..], token.as_slice());
    assert_eq!(account.nonce, 1);
    // The authority may go on sending transactions of its own (EIP-3607 exempts delegations).
    let executed = chain.advance(&[pay(&authority, 1, Address::repeat_byte(7), ETHER)]).await;
    assert!(executed.receipts[0].succeeded());
}

#[tokio::test]
async fn nonces_must_be_in_sequence() {
    let chain = Chain::new();
    let to = Address::repeat_byte(7);
    let reason = chain.refusal(pay(&member(), 1, to, ETHER)).await;
    assert_eq!(reason, Rejection::NonceTooHigh { nonce: 1, expected: 0 });
    let twice = [pay(&member(), 0, to, ETHER), pay(&member(), 0, to, ETHER)];
    let error = chain.execute(&twice).await.expect_err("the nonce is used twice");
    assert!(error.is_invalid_block());
    assert_eq!(
        error.to_string(),
        format!(
            "transaction 1 (`{}`) is invalid: nonce too low: next nonce 1, tx nonce 0",
            twice[1].hash()
        )
    );
}

#[tokio::test]
async fn nobody_sends_what_he_does_not_have() {
    let chain = Chain::new();
    let value = U256::from(11) * ETHER;
    let reason = chain.refusal(pay(&member(), 0, Address::repeat_byte(7), value)).await;
    assert_eq!(reason, Rejection::InsufficientFunds { balance: U256::from(10) * ETHER, value });
}

#[tokio::test]
async fn a_transaction_for_another_chain_is_refused() {
    let chain = Chain::new();
    let tx = changed(&member(), 0, |tx| tx.chain_id = 1);
    assert_eq!(chain.refusal(tx).await, Rejection::WrongChain { expected: CHAIN_ID });
}

#[tokio::test]
async fn gas_limits_are_checked_from_above_and_below() {
    let chain = Chain::new();
    let tx = changed(&member(), 0, |tx| tx.gas_limit = 20_999);
    let too_low = Rejection::IntrinsicGasTooLow { gas_limit: 20_999, needed: 21_000 };
    assert_eq!(chain.refusal(tx).await, too_low);
    let limit = chain.config.block_gas_limit;
    let txs = [
        pay(&member(), 0, Address::repeat_byte(7), ETHER),
        changed(&member(), 1, |tx| tx.gas_limit = limit),
    ];
    let error = chain.execute(&txs).await.expect_err("the second does not fit any more");
    assert!(error.to_string().contains("exceeds block gas limit"), "{error}");
    let whole = changed(&member(), 0, |tx| tx.gas_limit = limit);
    assert!(chain.execute(&[whole]).await.is_ok(), "one transaction may use the whole block");
}

#[tokio::test]
async fn a_block_reads_the_hashes_of_its_ancestors() {
    let mut chain = Chain::new();
    // BLOCKHASH(calldata): PUSH0, CALLDATALOAD, BLOCKHASH, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN.
    let runtime = [0x5f, 0x35, 0x40, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];
    let contract = chain.advance(&[create(&deployer(), 0, installing(&runtime))]).await.receipts[0]
        .contract_address
        .expect("a contract was created");
    let hash_of_1 = chain.parent_hash;
    chain.advance(&[]).await;
    let hash_of_2 = chain.parent_hash;
    let ask = |nonce: u64, number: u64| {
        let input = U256::from(number).to_be_bytes::<32>();
        send(&member(), nonce, contract, Bytes::from(input))
    };
    let asked = [ask(0, 0), ask(1, 1), ask(2, 2), ask(3, 3), ask(4, 400)];
    let executed = chain.advance(&asked).await;
    let answers: Vec<&Bytes> = executed.receipts.iter().map(|receipt| &receipt.output).collect();
    let expected = [keccak256("genesis"), hash_of_1, hash_of_2, B256::ZERO, B256::ZERO];
    assert_eq!(answers, expected.map(|hash| Bytes::from(hash.0)).iter().collect::<Vec<_>>());
    // The history contract of EIP-2935 answers the same.
    let request = crate::CallRequest {
        to: Some(HISTORY_STORAGE_ADDRESS),
        data: U256::ONE.to_be_bytes::<32>().into(),
        ..Default::default()
    };
    assert_eq!(chain.call(request).await.output, Bytes::from(hash_of_1.0));
}

#[tokio::test]
async fn the_parents_hash_is_the_randomness() {
    let mut chain = Chain::new();
    // PREVRANDAO, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN.
    let code = installing(&[0x44, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]);
    let executed = chain.advance(&[create(&deployer(), 0, code)]).await;
    let contract = executed.receipts[0].contract_address.expect("a contract was created");
    let parent_hash = chain.parent_hash;
    let executed = chain.advance(&[send(&member(), 0, contract, Bytes::new())]).await;
    assert_eq!(executed.receipts[0].output, Bytes::from(parent_hash.0));
}

#[tokio::test]
async fn the_same_code_is_stored_once_and_stays() {
    let mut chain = Chain::new();
    let runtime = [0x5f, 0x5f, 0xf3];
    let key = StateKey::code(keccak256(runtime));
    let tx = |nonce| create(&deployer(), nonce, installing(&runtime));
    let executed = chain.advance(&[tx(0), tx(1)]).await;
    assert_eq!(executed.changes.iter().filter(|change| change.key == key).count(), 1);
    let executed = chain.advance(&[tx(2)]).await;
    assert!(executed.receipts[0].succeeded());
    assert!(executed.changes.iter().all(|change| change.key != key));
}

#[tokio::test]
async fn a_contract_that_destroys_itself_as_it_is_made_leaves_nothing() {
    let mut chain = Chain::new();
    // PUSH1 1, PUSH0, SSTORE, CALLER, SELFDESTRUCT as creation code.
    let code = bytes!("60015f5533ff");
    let executed = chain.advance(&[create(&deployer(), 0, code)]).await;
    assert!(executed.receipts[0].succeeded());
    let contract = executed.receipts[0].contract_address.expect("it existed for a moment");
    assert_eq!(chain.account(contract), None);
    assert_eq!(executed.changes.len(), 2, "the sender's nonce and the parent hash");
}

#[tokio::test]
async fn long_output_is_cut() {
    let mut chain = Chain::new();
    // PUSH2 0x2000, PUSH0, RETURN: 8 KiB of zeros.
    let code = installing(&[0x61, 0x20, 0x00, 0x5f, 0xf3]);
    let executed = chain.advance(&[create(&deployer(), 0, code)]).await;
    let contract = executed.receipts[0].contract_address.expect("a contract was created");
    let executed = chain.advance(&[send(&member(), 0, contract, Bytes::new())]).await;
    assert_eq!(executed.receipts[0].output.len(), ExecutedReceipt::OUTPUT_BYTES_MAX);
}

#[tokio::test]
async fn a_proposal_takes_what_fits_and_is_valid() {
    let chain = Chain::new();
    let to = Address::repeat_byte(7);
    let candidates = vec![
        pay(&member(), 0, to, ETHER),
        pay(&member(), 2, to, ETHER),
        pay(&deployer(), 0, to, U256::from(100) * ETHER),
        create(&deployer(), 0, token_code(1)),
        pay(&member(), 1, to, ETHER),
        pay(&member(), 1, to, U256::from(2) * ETHER),
        changed(&signer(3), 0, |tx| tx.gas_limit = 2_000_000_000),
    ];
    let env = chain.next_env();
    let bytes_max = 400;
    let built = build_block(&chain.config, &env, &chain.state, candidates.clone(), bytes_max)
        .await
        .expect("the state can be read");
    let hash = |position: usize| candidates[position].hash();
    let taken: Vec<B256> = built.transactions.iter().map(|tx| tx.hash()).collect();
    assert_eq!(taken, [hash(0), hash(4)], "2 waits for its predecessor, 3 is too long");
    let dropped: Vec<(B256, &str)> =
        built.dropped.iter().map(|(hash, reason)| (*hash, reason.code())).collect();
    let expected = [
        (hash(2), "execution.insufficient_funds"),
        (hash(5), "execution.nonce_too_low"),
        (hash(6), "execution.gas_limit_exceeds_block"),
    ];
    assert_eq!(dropped, expected);
    let replayed = chain.execute(&built.transactions).await.expect("what was built is valid");
    assert_eq!(replayed, built.executed);
}

#[tokio::test]
async fn genesis_holds_the_contracts_that_tools_expect_and_no_empty_account() {
    let empty = Address::repeat_byte(1);
    let chain = Chain::with_accounts([(empty, GenesisAccount::default())]);
    assert_eq!(chain.account(empty), None);
    let history = chain.account(HISTORY_STORAGE_ADDRESS).unwrap_or_default();
    let code_hash = keccak256(HISTORY_STORAGE_CODE.as_ref());
    assert_eq!(history, AccountState { nonce: 1, balance: U256::ZERO, code_hash });
    assert!(chain.state.get(&StateKey::code(code_hash)).is_some());
}

#[tokio::test]
async fn the_deterministic_deployer_creates_where_create2_says() {
    let mut chain = Chain::new();
    let deployer_contract = crate::predeploys::CREATE2_DEPLOYER;
    let init_code = installing(&[0x5f, 0x5f, 0xf3]);
    let salt = B256::repeat_byte(3);
    let input = [salt.as_slice(), &init_code].concat();
    let executed = chain.advance(&[send(&deployer(), 0, deployer_contract, input.into())]).await;
    let expected = deployer_contract.create2(salt, keccak256(&init_code));
    assert_eq!(executed.receipts[0].output, Bytes::copy_from_slice(expected.as_slice()));
    assert!(chain.account(expected).is_some());
}

#[tokio::test]
async fn many_calls_go_in_one() {
    let (mut chain, token) = Chain::with_token(1_000).await;
    let multicall = crate::predeploys::MULTICALL3;
    let account = deployer().address();
    let ask = |target, call_data: Vec<u8>| Call3 {
        target,
        allowFailure: true,
        callData: call_data.into(),
    };
    let calls = vec![
        ask(token, balanceOfCall { account }.abi_encode()),
        ask(token, transferCall { to: account, value: U256::ONE }.abi_encode()),
        ask(multicall, getEthBalanceCall { addr: member().address() }.abi_encode()),
    ];
    let data = aggregate3Call { calls }.abi_encode().into();
    let request = crate::CallRequest { to: Some(multicall), data, ..Default::default() };
    let output = chain.call(request).await.output;
    let results = aggregate3Call::abi_decode_returns(&output).expect("the answer is a list");
    let succeeded: Vec<bool> = results.iter().map(|result| result.success).collect();
    assert_eq!(succeeded, [true, false, true], "the contract has no tokens to transfer");
    assert_eq!(U256::from_be_slice(&results[0].returnData), U256::from(1_000));
    assert_eq!(U256::from_be_slice(&results[2].returnData), U256::from(10) * ETHER);
    // The code of block 0 is what its creation code installs.
    let creation_code = hex::decode(crate::predeploys::MULTICALL3_CREATION_CODE.trim());
    let creation_code = creation_code.expect("the file is hexadecimal").into();
    let executed = chain.advance(&[create(&deployer(), 1, creation_code)]).await;
    let created = executed.receipts[0].contract_address.expect("a contract was created");
    let code_hash = |address| chain.account(address).unwrap_or_default().code_hash;
    assert_eq!(code_hash(created), code_hash(multicall));
}
