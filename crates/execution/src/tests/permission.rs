//! Who may send transactions and who may create contracts.

use alloy_primitives::{Address, Bytes, U256, keccak256};
use alloy_sol_types::SolCall as _;
use qiao_modules::members::{self, IMembers::*};

use super::chain::*;
use qiao_types::StateKey;

use crate::{
    Rejection, build_block, genesis_changes,
    predeploys::{CREATE2_DEPLOYER, MULTICALL3},
    sender_standing,
};

fn freeze(account: Address) -> Bytes {
    freezeAccountCall { account, reason: "fraud".into() }.abi_encode().into()
}

#[tokio::test]
async fn only_members_send_transactions() {
    let chain = Chain::new();
    let sender = stranger().address();
    let reason = chain.refusal(pay(&stranger(), 0, Address::repeat_byte(7), ETHER)).await;
    assert_eq!(reason, Rejection::SenderNotActive { sender });
}

#[tokio::test]
async fn only_deployers_create_contracts_by_transaction() {
    let chain = Chain::new();
    let sender = member().address();
    let reason = chain.refusal(create(&member(), 0, token_code(1))).await;
    assert_eq!(reason, Rejection::MayNotDeploy { sender });
    assert!(chain.execute(&[create(&deployer(), 0, token_code(1))]).await.is_ok());
}

#[tokio::test]
async fn a_freeze_takes_effect_within_the_block() {
    let mut chain = Chain::new();
    let to = Address::repeat_byte(7);
    let sender = member().address();
    let candidates = vec![
        pay(&member(), 0, to, ETHER),
        send(&regulator(), 0, members::ADDRESS, freeze(sender)),
        pay(&member(), 1, to, ETHER),
        pay(&deployer(), 0, to, ETHER),
    ];
    let env = chain.next_env();
    let built = build_block(&chain.config, &env, &chain.state, candidates.clone(), 1 << 20)
        .await
        .expect("the state can be read");
    assert_eq!(built.transactions.len(), 3);
    assert!(built.executed.receipts.iter().all(|receipt| receipt.succeeded()));
    let frozen = (candidates[2].hash(), Rejection::SenderNotActive { sender });
    assert_eq!(built.dropped, [frozen]);
    chain.advance(&built.transactions).await;
    let reason = chain.refusal(pay(&member(), 1, to, ETHER)).await;
    assert_eq!(reason, Rejection::SenderNotActive { sender });
}

#[tokio::test]
async fn a_role_granted_earlier_in_the_block_counts() {
    let chain = Chain::new();
    let account = member().address();
    let grant = grantRoleCall { account, role: 5 }.abi_encode().into();
    let txs = [send(&regulator(), 0, members::ADDRESS, grant), create(&member(), 0, token_code(1))];
    let executed = chain.execute(&txs).await.expect("the role counts from here on");
    assert!(executed.receipts.iter().all(|receipt| receipt.succeeded()));
}

#[tokio::test]
async fn a_standing_tells_what_an_account_may_do() {
    let mut chain = Chain::new();
    let freezing = send(&regulator(), 0, members::ADDRESS, freeze(signer(3).address()));
    chain.advance(&[pay(&member(), 0, Address::repeat_byte(7), ETHER), freezing]).await;
    let ask = |address| sender_standing(&chain.config, &chain.state, address);
    let standing = ask(member().address()).await.expect("the state can be read");
    assert_eq!((standing.nonce, standing.balance), (1, U256::from(9) * ETHER));
    assert_eq!((standing.active, standing.may_deploy, standing.reason), (true, false, None));
    let standing = ask(deployer().address()).await.expect("the state can be read");
    assert!(standing.active && standing.may_deploy);
    for sender in [signer(3).address(), stranger().address()] {
        let standing = ask(sender).await.expect("the state can be read");
        assert_eq!((standing.active, standing.may_deploy), (false, false));
        assert_eq!(standing.reason, Some(Rejection::SenderNotActive { sender }));
    }
}

#[tokio::test]
async fn modules_answer_calls_and_contracts_find_them() {
    let chain = Chain::new();
    let data = organisationCountCall {}.abi_encode().into();
    let to = Some(members::ADDRESS);
    let outcome = chain.call(crate::CallRequest { to, data, ..Default::default() }).await;
    assert_eq!(U256::from_be_slice(&outcome.output), U256::ONE);
    assert!(chain.account(members::ADDRESS).is_some_and(|account| account.nonce == 1));
}

#[test]
fn a_genesis_that_a_module_refuses_gives_the_reason() {
    let mut genesis = genesis(Default::default());
    genesis.organisations[0].id = 7;
    let error = genesis_changes(&genesis).expect_err("numbers leave no gaps");
    assert!(error.to_string().contains("organisation `7`"), "{error}");
    let mut genesis = self::genesis(Default::default());
    genesis.accounts.insert(members::ADDRESS, Default::default());
    let error = genesis_changes(&genesis).expect_err("the address is taken");
    assert!(error.to_string().contains("the module's own"), "{error}");
}

#[tokio::test]
async fn a_standing_takes_a_few_reads() {
    let chain = Chain::new();
    let source = super::misses::Counting::of(&chain.state);
    let standing = sender_standing(&chain.config, &source, member().address()).await;
    assert!(standing.is_ok_and(|standing| standing.active));
    assert!(source.reads() <= 3, "{} reads", source.reads());
}

/// Calldata of the deterministic deployer: a salt and creation code.
fn deterministic(salt: u8) -> Bytes {
    [&[salt; 32][..], &installing(&[0x5f, 0x5f, 0xf3])].concat().into()
}

#[tokio::test]
async fn the_deterministic_deployer_serves_only_deployers() {
    let mut chain = Chain::new();
    let factory = CREATE2_DEPLOYER;
    let executed = chain.advance(&[send(&deployer(), 0, factory, deterministic(1))]).await;
    assert!(executed.receipts[0].succeeded());
    let executed = chain.advance(&[send(&member(), 0, factory, deterministic(2))]).await;
    assert!(!executed.receipts[0].succeeded());
}

#[tokio::test]
async fn no_detour_leads_to_the_deterministic_deployer() {
    let mut chain = Chain::new();
    let call = Call3 { target: CREATE2_DEPLOYER, allowFailure: true, callData: deterministic(1) };
    let through_multicall = aggregate3Call { calls: vec![call] }.abi_encode().into();
    let txs = [
        send(&member(), 0, MULTICALL3, through_multicall),
        // The account takes over the deployer's code and then calls itself.
        delegate(&member(), 1, &signer(3), CREATE2_DEPLOYER),
        send(&member(), 2, signer(3).address(), deterministic(2)),
    ];
    let executed = chain.advance(&txs).await;
    assert!(executed.receipts[0].succeeded(), "the failure within was allowed");
    assert!(!executed.receipts[2].succeeded());
    let code = StateKey::code(keccak256([0x5f, 0x5f, 0xf3]));
    assert_eq!(chain.state.get(&code), None, "nothing was created");
}
