//! `evm_*`, `hardhat_*` and `anvil_*`.

use std::{future::Future, sync::Arc};

use alloy_primitives::{Address, B256, Bytes, U64, U256};
use jsonrpsee::{
    IntoResponse, Methods, RpcModule,
    types::{ErrorObjectOwned, Params},
};
use qiao_api::{
    Chain as _,
    rpc::errors::{INVALID_PARAMS, error},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{failed, one, optional, refused, required};
use crate::DevChain;

type Answer<T> = Result<T, ErrorObjectOwned>;

/// Seconds between blocks that are made at once.
const INTERVAL_SECONDS: u64 = 1;

/// The methods that change the chain.
pub(super) fn methods(chain: Arc<DevChain>) -> Methods {
    let mut all = Table(RpcModule::new(chain));
    clock(&mut all);
    history(&mut all);
    accounts(&mut all);
    mining(&mut all);
    descriptions(&mut all);
    all.0.into()
}

/// Methods under several names each.
struct Table(RpcModule<Arc<DevChain>>);

impl Table {
    fn add<T, F, W>(&mut self, names: &[&'static str], answer: F)
    where
        T: IntoResponse + Serialize + Clone + Send + 'static,
        F: Fn(Params<'static>, Arc<DevChain>) -> W + Clone + Send + Sync + 'static,
        W: Future<Output = Answer<T>> + Send,
    {
        let (first, others) = names.split_first().expect("a method has a name");
        let registered = self.0.register_async_method(first, move |params, chain, _| {
            let (answer, chain) = (answer.clone(), Arc::clone(&*chain));
            async move { answer(params, chain).await }
        });
        registered.expect("method names are distinct");
        for name in others {
            self.0.register_alias(name, first).expect("method names are distinct");
        }
    }
}

/// A number as tools write it: hexadecimal, decimal, or as a number.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
struct Number(U256);

impl Number {
    fn get(self) -> u64 {
        self.0.saturating_to()
    }
}

fn clock(all: &mut Table) {
    all.add(&["evm_increaseTime", "anvil_increaseTime"], |params, chain| async move {
        Ok(chain.increase_time(one::<Number>(&params)?.get()))
    });
    all.add(
        &["evm_setNextBlockTimestamp", "anvil_setNextBlockTimestamp"],
        |params, chain| async move {
            let timestamp = one::<Number>(&params)?.get();
            chain.set_next_timestamp(timestamp).map_err(refused)?;
            Ok(timestamp.to_string())
        },
    );
    all.add(&["evm_setTime", "anvil_setTime"], |params, chain| async move {
        Ok(chain.set_time(one::<Number>(&params)?.get()))
    });
}

fn history(all: &mut Table) {
    all.add(&["evm_snapshot", "anvil_snapshot"], |_, chain| async move {
        Ok(format!("{:#x}", chain.snapshot().await))
    });
    all.add(&["evm_revert", "anvil_revert"], |params, chain| async move {
        chain.revert(one::<Number>(&params)?.get()).await.map_err(failed)
    });
    all.add(&["hardhat_reset", "anvil_reset"], |params, chain| async move {
        // Parameters would name a network to fork.
        if optional::<Value>(&mut params.sequence())?
            .is_some_and(|asked| asked["forking"].is_object())
        {
            return Err(error(INVALID_PARAMS, "forking is not supported"));
        }
        chain.reset().await.map_err(failed)?;
        Ok(true)
    });
}

fn mining(all: &mut Table) {
    all.add(&["evm_mine"], |params, chain| async move {
        let asked: Option<Value> = optional(&mut params.sequence())?;
        let mut count = 1;
        if let Some(asked) = asked {
            let number = |value: &Value| serde_json::from_value::<Number>(value.clone()).ok();
            count = number(&asked["blocks"]).map_or(1, Number::get);
            let timestamp = number(&asked).or_else(|| number(&asked["timestamp"]));
            // Hardhat takes 0 for "no matter when".
            if let Some(timestamp) = timestamp.map(Number::get).filter(|time| *time > 0) {
                chain.set_next_timestamp(timestamp).map_err(refused)?;
            }
        }
        chain.mine(count, INTERVAL_SECONDS).await.map_err(refused)?;
        Ok("0x0".to_owned())
    });
    all.add(&["hardhat_mine", "anvil_mine"], |params, chain| async move {
        let mut params = params.sequence();
        let count = optional::<Number>(&mut params)?.map_or(1, Number::get);
        let interval = optional::<Number>(&mut params)?.map_or(INTERVAL_SECONDS, Number::get);
        chain.mine(count, interval).await.map_err(refused)?;
        Ok(true)
    });
    all.add(&["evm_setAutomine", "anvil_setAutomine"], |params, chain| async move {
        let is_automining = one(&params)?;
        chain.control().is_automining = is_automining;
        Ok(true)
    });
    all.add(&["hardhat_getAutomine", "anvil_getAutomine"], |_, chain| async move {
        Ok(chain.control().is_automining)
    });
    all.add(&["evm_setIntervalMining", "anvil_setIntervalMining"], |params, _| async move {
        if one::<Number>(&params)?.get() > 0 {
            return Err(error(INVALID_PARAMS, "blocks at intervals are not supported"));
        }
        Ok(true)
    });
    all.add(&["evm_setBlockGasLimit", "anvil_setBlockGasLimit"], |params, chain| async move {
        chain.control().gas_limit = one::<Number>(&params)?.get();
        Ok(true)
    });
    all.add(&["hardhat_setCoinbase", "anvil_setCoinbase"], |params, chain| async move {
        chain.control().beneficiary = one::<Address>(&params)?;
        Ok(true)
    });
    all.add(&["hardhat_dropTransaction", "anvil_dropTransaction"], |params, chain| async move {
        Ok(chain.forget(&one::<B256>(&params)?))
    });
    all.add(&["hardhat_setPrevRandao", "anvil_setPrevRandao"], |params, chain| async move {
        // Hardhat takes it as a number, without leading zeros.
        chain.control().prev_randao = Some(one::<Number>(&params)?.0.into());
        Ok(true)
    });
    let names = &[
        "hardhat_setNextBlockBaseFeePerGas",
        "anvil_setNextBlockBaseFeePerGas",
        "hardhat_setMinGasPrice",
        "anvil_setMinGasPrice",
    ];
    all.add(names, |params, _| async move {
        // Nothing is charged here, whatever the base fee: it stays 0.
        one::<Number>(&params).map(|_| true)
    });
}

fn accounts(all: &mut Table) {
    all.add(&["hardhat_setBalance", "anvil_setBalance"], |params, chain| async move {
        let mut params = params.sequence();
        let (account, balance) =
            (required::<Address>(&mut params)?, required::<Number>(&mut params)?);
        chain.set_balance(account, balance.0).await.map_err(failed)?;
        Ok(true)
    });
    all.add(&["anvil_addBalance", "hardhat_addBalance"], |params, chain| async move {
        let mut params = params.sequence();
        let (account, amount) =
            (required::<Address>(&mut params)?, required::<Number>(&mut params)?);
        chain.add_balance(account, amount.0).await.map_err(failed)?;
        Ok(true)
    });
    all.add(
        &["hardhat_setNonce", "anvil_setNonce", "evm_setAccountNonce"],
        |params, chain| async move {
            let mut params = params.sequence();
            let (account, nonce) =
                (required::<Address>(&mut params)?, required::<Number>(&mut params)?);
            chain.set_nonce(account, nonce.get()).await.map_err(refused)?;
            Ok(true)
        },
    );
    all.add(&["hardhat_setCode", "anvil_setCode"], |params, chain| async move {
        let mut params = params.sequence();
        let (account, code) = (required::<Address>(&mut params)?, required::<Bytes>(&mut params)?);
        chain.set_code(account, code).await.map_err(failed)?;
        Ok(true)
    });
    all.add(&["hardhat_setStorageAt", "anvil_setStorageAt"], |params, chain| async move {
        let mut params = params.sequence();
        let (account, slot) = (required::<Address>(&mut params)?, required::<Number>(&mut params)?);
        let value = required::<Number>(&mut params)?;
        chain.set_storage(account, slot.0, value.0.into()).await.map_err(failed)?;
        Ok(true)
    });
    all.add(
        &["hardhat_impersonateAccount", "anvil_impersonateAccount"],
        |params, chain| async move {
            chain.control().impersonated.insert(one::<Address>(&params)?);
            Ok(true)
        },
    );
    all.add(
        &["hardhat_stopImpersonatingAccount", "anvil_stopImpersonatingAccount"],
        |params, chain| async move {
            Ok(chain.control().impersonated.remove(&one::<Address>(&params)?))
        },
    );
    all.add(&["anvil_autoImpersonateAccount"], |params, chain| async move {
        chain.control().impersonates_all = one(&params)?;
        Ok(true)
    });
}

fn descriptions(all: &mut Table) {
    all.add(&["hardhat_metadata", "anvil_metadata"], |_, chain| async move {
        let head = chain.head();
        Ok(json!({
            "clientVersion": chain.client_version(),
            "chainId": chain.genesis().chain_id,
            "latestBlockNumber": head.number,
            "latestBlockHash": head.hash,
            "instanceId": chain.genesis().fingerprint(),
        }))
    });
    all.add(&["anvil_nodeInfo"], |_, chain| async move {
        let head = chain.head();
        Ok(json!({
            "currentBlockNumber": U64::from(head.number),
            "currentBlockTimestamp": head.timestamp_ms / 1_000,
            "currentBlockHash": head.hash,
            "hardFork": "osaka",
            "environment": { "chainId": U64::from(chain.genesis().chain_id), "baseFee": "0x0" },
        }))
    });
    all.add(
        &["hardhat_setLoggingEnabled", "anvil_setLoggingEnabled"],
        |_, _| async move { Ok(true) },
    );
}
