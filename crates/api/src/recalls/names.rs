//! Identifiers in any notation, and identifiers behind the hashes by which modules know things.

use std::collections::BTreeMap;

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, B256, Log, keccak256};
use alloy_sol_types::{SolCall, SolEvent};
use qiao_epcis::Identifier;
use qiao_goods::GS1;
use qiao_indexer::LogFilter;
use qiao_modules::{
    lots::{self, ILots},
    recall::{self, IRecall},
};

use super::RecallError;
use crate::{Chain, ChainFailure, finance::ViewError};

/// Logs that one question walks at most.
const LOGS_MAX: u32 = 20_000;

/// Reads an identifier as people have it: an EPC URN, a GS1 Digital Link of any domain or its path, what
/// stands below a bar code as in `(01)09521002000368(10)M0318`, or 18, 14 or 13 digits.
///
/// # Errors
/// It is none; the error is the rule.
pub fn identifier(text: &str) -> Result<Identifier, String> {
    let text = text.trim();
    let uri = of_label(text).unwrap_or_else(|| text.to_owned());
    Identifier::parse(&uri).map_err(|error| error.to_string())
}

fn of_label(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    if let Some(rest) = compact.strip_prefix('(') {
        let mut path = String::new();
        for part in rest.split('(') {
            let (key, value) = part.split_once(')')?;
            path.push_str(&format!("/{key}/{value}"));
        }
        return Some(format!("https://id.gs1.org{path}"));
    }
    if compact.bytes().all(|byte| byte.is_ascii_digit()) {
        let key = match compact.len() {
            18 => "00",
            14 => "01",
            13 => "414",
            _ => return None,
        };
        return Some(format!("{GS1}{key}/{compact}"));
    }
    let path = compact.trim_start_matches('/');
    let (key, _) = path.split_once('/')?;
    key.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("{GS1}{path}"))
}

/// The hash under which modules know a thing.
pub(super) fn key(id: &str) -> B256 {
    keccak256(id.as_bytes())
}

/// The logs of one kind that `lots` or `recall` wrote, oldest first, with the transaction of each.
pub(super) async fn logs<E: SolEvent>(
    chain: &dyn Chain,
    address: Address,
    number: u64,
) -> Result<Vec<(E, B256)>, RecallError> {
    let filter = LogFilter {
        from_block: 0,
        to_block: chain.head().number,
        addresses: vec![address],
        topics: [vec![E::SIGNATURE_HASH], vec![topic(number)], vec![], vec![]],
        limit: LOGS_MAX,
    };
    let mut found = Vec::new();
    for place in chain.index().logs(&filter).await? {
        let block = chain.block_by_number(place.block).await.map_err(failed)?;
        let log: Option<Log> = block.as_ref().and_then(|block| {
            let receipt = block.receipts.get(place.position as usize)?;
            receipt.logs().get(place.index_in_receipt as usize).cloned()
        });
        let read = log.and_then(|log| E::decode_log(&log).ok());
        found.extend(read.map(|log| (log.data, place.transaction)));
    }
    Ok(found)
}

fn topic(number: u64) -> B256 {
    B256::left_padding_from(&number.to_be_bytes())
}

fn failed(failure: ChainFailure) -> RecallError {
    ViewError::Failed(failure.to_string()).into()
}

/// Identifiers by hash.
pub(super) type Names = BTreeMap<B256, String>;

fn add(names: &mut Names, texts: impl IntoIterator<Item = String>) {
    for text in texts {
        if let Ok(id) = Identifier::parse(&text) {
            names.insert(key(id.as_str()), id.as_str().to_owned());
        }
    }
}

/// The things of a recall and of its notices.
pub(super) async fn of_recall(chain: &dyn Chain, number: u64) -> Result<Names, RecallError> {
    let mut names = Names::new();
    add(&mut names, things_of(chain, number).await?);
    for (notified, _) in logs::<IRecall::Notified>(chain, recall::ADDRESS, number).await? {
        add(&mut names, notified.lines.into_iter().map(|line| line.thing));
    }
    Ok(names)
}

/// What a recall calls back, as its declarer wrote it.
pub(super) async fn things_of(chain: &dyn Chain, number: u64) -> Result<Vec<String>, RecallError> {
    let declared = logs::<IRecall::Declared>(chain, recall::ADDRESS, number).await?;
    Ok(declared.into_iter().next().map(|(declared, _)| declared.things).unwrap_or_default())
}

/// The things of a hold, as far as the transaction that made it says: a hold that a contract made has
/// hashes only.
pub(super) async fn of_hold(chain: &dyn Chain, number: u64) -> Result<Names, RecallError> {
    let mut names = Names::new();
    for (_, transaction) in logs::<ILots::HeldBack>(chain, lots::ADDRESS, number).await? {
        let found = chain.transaction(transaction).await.map_err(failed)?;
        let Some((block, position)) = found else { continue };
        let Some(transaction) = block.block.transactions.get(position) else { continue };
        let input = transaction.envelope().input();
        if let Ok(call) = ILots::holdBackCall::abi_decode(input) {
            add(&mut names, call.things);
        } else if let Ok(call) = IRecall::declareCall::abi_decode(input) {
            add(&mut names, call.things);
        }
    }
    Ok(names)
}
