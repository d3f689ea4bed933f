//! What an account registered and claimed: the chain does not tell whose a claim is, but who sent the
//! transaction knows.

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use qiao_indexer::PageRequest;
use qiao_modules::collateral::{
    ADDRESS,
    ICollateral::{AssetRegistered, ClaimReserved, assetCall, claimCall},
};

use crate::{
    Chain,
    finance::{FinanceError, views, words},
    sending::SendError,
};

/// Transactions of an account that are looked through, the newest first.
const LOOKED_THROUGH_MAX: usize = 500;

/// A claim that the account made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnClaim {
    /// Its number.
    pub claim: u64,
    /// The asset, and what is left of it.
    pub asset: OwnAsset,
    /// How much is reserved or used, in the minor unit.
    pub amount: u64,
    /// When a reservation ends, in seconds since the Unix epoch.
    pub until: u64,
    /// `reserved`, `used` or `released`.
    pub state: &'static str,
}

/// An asset that the account registered or claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAsset {
    /// Its key.
    pub key: B256,
    /// What it is worth, in the minor unit.
    pub value: u64,
    /// What nobody reserved or used of it.
    pub left: u64,
    /// The currency by its number of ISO 4217.
    pub currency: u16,
}

/// What an account did with assets, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owned {
    /// The assets that it registered.
    pub registered: Vec<OwnAsset>,
    /// The claims that it made.
    pub claims: Vec<OwnClaim>,
}

/// What an account registered and claimed in its newest transactions.
///
/// # Errors
/// The node cannot answer.
pub async fn of(chain: &dyn Chain, account: Address) -> Result<Owned, FinanceError> {
    let (mut keys, mut claims) = (Vec::new(), Vec::new());
    let mut looked = 0;
    let mut request = PageRequest::first(PageRequest::LIMIT_MAX);
    loop {
        let page = chain.index().transactions_from(account, &request).await?;
        looked += page.items.len();
        for transaction in &page.items {
            let found = chain.transaction(transaction.hash).await;
            let found = found.map_err(|failure| FinanceError::Send(SendError::Chain(failure)))?;
            let Some((block, position)) = found else { continue };
            let Some(receipt) = block.receipts.get(position) else { continue };
            for log in receipt.logs().iter().filter(|log| log.address == ADDRESS) {
                if let Ok(event) = AssetRegistered::decode_log_data(&log.data) {
                    keys.push(event.asset);
                } else if let Ok(event) = ClaimReserved::decode_log_data(&log.data) {
                    claims.push(event.claim);
                }
            }
        }
        match page.next {
            Some(next) if looked < LOOKED_THROUGH_MAX => {
                request = PageRequest::after(next, PageRequest::LIMIT_MAX);
            }
            _ => break,
        }
    }
    let registered = assets(chain, &keys).await?;
    let calls = claims.iter().map(|id| claimCall { id: *id });
    let found = views(chain, ADDRESS, calls).await?;
    let keys: Vec<B256> = found.iter().map(|claim| claim.asset).collect();
    let assets = assets(chain, &keys).await?;
    let claims = claims.into_iter().zip(found).zip(assets);
    let claims = claims.map(|((claim, found), asset)| OwnClaim {
        claim,
        asset,
        amount: found.amount,
        until: found.until,
        state: words::word(&words::CLAIM_STATES, found.state),
    });
    Ok(Owned { registered, claims: claims.collect() })
}

async fn assets(chain: &dyn Chain, keys: &[B256]) -> Result<Vec<OwnAsset>, FinanceError> {
    let found = views(chain, ADDRESS, keys.iter().map(|key| assetCall { key: *key })).await?;
    let assets = keys.iter().zip(found).map(|(key, asset)| OwnAsset {
        key: *key,
        value: asset.value,
        left: asset.left,
        currency: asset.currency,
    });
    Ok(assets.collect())
}
