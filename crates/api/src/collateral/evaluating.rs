//! What an appointed evaluator does: answers members for blinded identities, so many a day, and notes
//! who asked.
//!
//! It sees an organisation and a number of identities, never an identity. Each answer is one guess that
//! the asker could make; that is why there is a measure a day, and a log that outlives the process.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    sync::{Mutex, PoisonError},
};

use alloy_primitives::{Address, B256, Signature};
use qiao_module_kit::calendar::DAY_SECONDS;
use qiao_oprf::{BATCH_MAX, Evaluator, OprfError};
use serde::{Deserialize, Serialize};

use super::{EvaluationAnswer, EvaluationRequest};

/// Clocks of members may be apart by so much.
const CLOCK_MS_MAX: u64 = 5 * 60 * 1_000;

/// Who may ask: what the chain knows of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    /// Its organisation.
    pub organisation: u64,
    /// Whether neither it nor its organisation is frozen, and it signs in matters of money.
    pub may_sign: bool,
}

/// Why an evaluator does not answer.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// The signature is not the account's.
    #[error("the signature is not that of account `{0}`")]
    Signature(Address),
    /// The time is too far from this node's.
    #[error("the request was made {ahead_ms} ms from this node's time")]
    Time {
        /// How far.
        ahead_ms: u64,
    },
    /// The account signs for nobody.
    #[error("account `{0}` is not an active member with the role of a signer")]
    NotSigner(Address),
    /// The secret of this key is not here.
    #[error("this node does not hold the secret of `{0}`")]
    OtherKey(B256),
    /// The organisation has asked enough today.
    #[error("organisation {organisation} may have {left} more answers today, not {asked}")]
    Exhausted {
        /// Who asks.
        organisation: u64,
        /// How many were asked for.
        asked: u64,
        /// How many are left.
        left: u64,
    },
    /// The question is none.
    #[error("{0}")]
    Question(#[from] OprfError),
    /// The log cannot be written, so nothing is answered.
    #[error("the log of evaluations cannot be written: {0}")]
    Log(#[from] std::io::Error),
}

impl EvaluationError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Signature(_) => "evaluation.signature",
            Self::Time { .. } => "evaluation.time",
            Self::NotSigner(_) => "evaluation.not_signer",
            Self::OtherKey(_) => "evaluation.other_key",
            Self::Exhausted { .. } => "evaluation.exhausted",
            Self::Question(_) => "evaluation.malformed",
            Self::Log(_) => "node.failure",
        }
    }
}

/// One line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    time_ms: u64,
    organisation: u64,
    account: Address,
    identities: u64,
}

/// The secrets of an evaluator, its measure and its log.
#[derive(Debug)]
pub struct EvaluatorDesk {
    evaluators: Vec<Evaluator>,
    per_day: u64,
    ledger: Mutex<Ledger>,
}

/// How many answers an organisation had on the newest day.
#[derive(Debug)]
struct Ledger {
    log: File,
    day: u64,
    answered: BTreeMap<u64, u64>,
}

impl EvaluatorDesk {
    /// With these secrets and a measure a day for each organisation; the log is read to know who had
    /// how many answers today.
    ///
    /// # Errors
    /// The log cannot be opened or read.
    pub fn open(evaluators: Vec<Evaluator>, per_day: u64, log: &Path) -> std::io::Result<Self> {
        let mut ledger = Ledger {
            log: fs::OpenOptions::new().create(true).append(true).open(log)?,
            day: 0,
            answered: BTreeMap::new(),
        };
        for line in BufReader::new(File::open(log)?).lines() {
            // A line that a crash cut off was answered to nobody.
            let Ok(entry) = serde_json::from_str::<Entry>(&line?) else { continue };
            ledger.count(&entry);
        }
        Ok(Self { evaluators, per_day, ledger: Mutex::new(ledger) })
    }

    /// The public keys of the secrets that are here.
    pub fn public_keys(&self) -> Vec<B256> {
        self.evaluators.iter().map(|one| B256::from(one.public_key().to_bytes())).collect()
    }

    /// Answers a member; `asker` says what the chain knows of the account that asks.
    ///
    /// # Errors
    /// [`EvaluationError`] says why nothing is answered. What is refused is not counted.
    pub fn evaluate(
        &self,
        request: &EvaluationRequest,
        asker: Option<Asker>,
        genesis: B256,
        now_ms: u64,
    ) -> Result<EvaluationAnswer, EvaluationError> {
        let ahead_ms = request.time_ms.abs_diff(now_ms);
        if ahead_ms > CLOCK_MS_MAX {
            return Err(EvaluationError::Time { ahead_ms });
        }
        if !(1..=BATCH_MAX).contains(&request.blinded.len()) {
            return Err(OprfError::Count.into());
        }
        let signature = Signature::from_raw(&request.signature).ok();
        let digest = request.digest(genesis);
        let signer = signature.and_then(|one| one.recover_address_from_prehash(&digest).ok());
        if signer != Some(request.account) {
            return Err(EvaluationError::Signature(request.account));
        }
        let asker = asker.filter(|asker| asker.may_sign);
        let asker = asker.ok_or(EvaluationError::NotSigner(request.account))?;
        let evaluator =
            self.evaluators.iter().find(|one| one.public_key().to_bytes() == request.public_key.0);
        let evaluator = evaluator.ok_or(EvaluationError::OtherKey(request.public_key))?;
        let answer = evaluator.evaluate(&request.elements())?;
        self.note(Entry {
            time_ms: now_ms,
            organisation: asker.organisation,
            account: request.account,
            identities: request.blinded.len() as u64,
        })?;
        Ok(answer.into())
    }

    /// Counts and logs, before anything is answered.
    fn note(&self, entry: Entry) -> Result<(), EvaluationError> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let (organisation, asked) = (entry.organisation, entry.identities);
        let had = if ledger.day == day(entry.time_ms) {
            ledger.answered.get(&organisation).copied().unwrap_or(0)
        } else {
            0
        };
        let left = self.per_day.saturating_sub(had);
        if asked > left {
            return Err(EvaluationError::Exhausted { organisation, asked, left });
        }
        let mut line = serde_json::to_string(&entry).map_err(std::io::Error::other)?;
        line.push('\n');
        ledger.log.write_all(line.as_bytes())?;
        ledger.log.sync_data()?;
        ledger.count(&entry);
        Ok(())
    }
}

impl Ledger {
    fn count(&mut self, entry: &Entry) {
        let day = day(entry.time_ms);
        if day > self.day {
            self.day = day;
            self.answered.clear();
        }
        if day == self.day {
            let answered = self.answered.entry(entry.organisation).or_default();
            *answered = answered.saturating_add(entry.identities);
        }
    }
}

fn day(time_ms: u64) -> u64 {
    time_ms / 1_000 / DAY_SECONDS
}
