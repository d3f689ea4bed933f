//! Calls and estimates.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::{SolCall as _, SolError as _};

use super::chain::*;
use crate::{AccountOverride, CallError, CallRequest, CallStatus, Rejection, call, estimate_gas};

fn transfer(from: Address, token: Address, value: u64) -> CallRequest {
    let to = Address::repeat_byte(7);
    let data = transferCall { to, value: U256::from(value) }.abi_encode().into();
    CallRequest { from, to: Some(token), data, ..Default::default() }
}

#[tokio::test]
async fn a_call_answers_and_changes_nothing() {
    let (chain, token) = Chain::with_token(1_000).await;
    let outcome = chain.call(transfer(deployer().address(), token, 10)).await;
    assert_eq!(outcome.status, CallStatus::Success);
    assert_eq!(outcome.logs.len(), 1);
    assert_eq!(chain.token_balance(token, deployer().address()).await, U256::from(1_000));
}

#[tokio::test]
async fn a_call_that_reverts_gives_the_reason() {
    let (chain, token) = Chain::with_token(1_000).await;
    let outcome = chain.call(transfer(member().address(), token, 10)).await;
    let needed = U256::from(10);
    let reason = InsufficientBalance { account: member().address(), balance: U256::ZERO, needed };
    assert_eq!(outcome.status, CallStatus::Reverted);
    assert_eq!(outcome.output, Bytes::from(reason.abi_encode()));
}

#[tokio::test]
async fn a_call_may_run_on_a_state_that_is_otherwise() {
    let (chain, token) = Chain::with_token(1_000).await;
    let poor = Address::repeat_byte(0x50);
    let paying = CallRequest {
        from: poor,
        to: Some(Address::repeat_byte(7)),
        value: ETHER,
        ..Default::default()
    };
    let env = chain.next_env();
    let error = call(&chain.config, &env, &chain.state, paying.clone()).await;
    let (balance, value) = (U256::ZERO, ETHER);
    assert_eq!(error, Err(CallError::Rejected(Rejection::InsufficientFunds { balance, value })));
    let rich = AccountOverride { balance: Some(ETHER), ..Default::default() };
    let overrides = BTreeMap::from([(poor, rich)]);
    assert_eq!(chain.call(CallRequest { overrides, ..paying }).await.status, CallStatus::Success);

    // Slot 0 of the token is its total supply.
    let asked =
        CallRequest { to: Some(token), data: bytes4("totalSupply()"), ..Default::default() };
    let one_slot = BTreeMap::from([(U256::ZERO, U256::from(5))]);
    let diff = AccountOverride { state_diff: one_slot.clone(), ..Default::default() };
    let overrides = BTreeMap::from([(token, diff)]);
    let supply = chain.call(CallRequest { overrides, ..asked.clone() }).await.output;
    assert_eq!(U256::from_be_slice(&supply), U256::from(5));
    let whole = AccountOverride { state: Some(BTreeMap::new()), ..Default::default() };
    let overrides = BTreeMap::from([(token, whole)]);
    let supply = chain.call(CallRequest { overrides, ..asked.clone() }).await.output;
    assert_eq!(U256::from_be_slice(&supply), U256::ZERO);
    let code = Some(Bytes::from_static(&[0x60, 0x07, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]));
    let other = AccountOverride { code, ..Default::default() };
    let overrides = BTreeMap::from([(token, other)]);
    let supply = chain.call(CallRequest { overrides, ..asked }).await.output;
    assert_eq!(U256::from_be_slice(&supply), U256::from(7));
}

fn bytes4(signature: &str) -> Bytes {
    Bytes::copy_from_slice(&alloy_primitives::keccak256(signature)[..4])
}

#[tokio::test]
async fn an_estimate_suffices_and_is_close() {
    let (chain, token) = Chain::with_token(1_000).await;
    let env = chain.next_env();
    let estimate = |request| estimate_gas(&chain.config, &env, &chain.state, request);
    let plain = CallRequest {
        from: member().address(),
        to: Some(Address::repeat_byte(7)),
        value: ETHER,
        ..Default::default()
    };
    assert_eq!(estimate(plain).await, Ok(21_000));
    let request = transfer(deployer().address(), token, 10);
    let gas = estimate(request.clone()).await.expect("the transfer succeeds");
    let used = chain.call(CallRequest { gas: Some(gas), ..request }).await;
    assert_eq!(used.status, CallStatus::Success);
    assert!(gas >= used.gas_used && gas <= used.gas_used + used.gas_used / 20, "{gas}");
    let creation =
        CallRequest { from: deployer().address(), data: token_code(1), ..Default::default() };
    let gas = estimate(creation.clone()).await.expect("the creation succeeds");
    assert_eq!(
        chain.call(CallRequest { gas: Some(gas), ..creation }).await.status,
        CallStatus::Success
    );
}

#[tokio::test]
async fn an_estimate_says_why_there_is_none() {
    let (chain, token) = Chain::with_token(1_000).await;
    let env = chain.next_env();
    let estimate = |request| estimate_gas(&chain.config, &env, &chain.state, request);
    let reverted = estimate(transfer(member().address(), token, 10)).await;
    assert!(matches!(reverted, Err(CallError::Reverted { output }) if output.len() == 100));
    let cramped = CallRequest { gas: Some(22_000), ..transfer(deployer().address(), token, 10) };
    assert_eq!(
        estimate(cramped).await,
        Err(CallError::GasRequiredExceedsAllowance { allowance: 22_000 })
    );
    // INVALID as creation code.
    let broken = CallRequest { data: Bytes::from_static(&[0xfe]), ..Default::default() };
    assert!(matches!(estimate(broken).await, Err(CallError::Halted { .. })));
}
