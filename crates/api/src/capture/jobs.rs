//! Capture jobs: bounded in number, and remembered for a stated time.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use alloy_primitives::B256;
use jiff::Timestamp;
use qiao_epcis::EventHash;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CaptureError, Captured};

/// Event hashes remembered over all jobs; the oldest finished jobs are forgotten beyond it.
const HASHES_KEPT_MAX: usize = 500_000;

/// The name of a job; later jobs have greater names.
pub type JobId = String;

/// How many jobs there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobLimits {
    /// Jobs under way at one time.
    pub running_max: usize,
    /// Finished jobs that are remembered.
    pub kept_max: usize,
    /// Finished jobs are remembered for so long.
    pub kept_for: Duration,
}

/// A capture job as the EPCIS binding shows it, and what it did on the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaptureJob {
    /// The job's name.
    #[serde(rename = "captureID")]
    pub capture_id: JobId,
    /// When the document was accepted.
    pub created_at: String,
    /// When the last transaction was final, or the job failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// Whether transactions are still awaited.
    pub running: bool,
    /// Whether nothing failed so far.
    pub success: bool,
    /// `rollback` where the document was taken as a whole, `proceed` where its valid events were.
    pub capture_error_behaviour: String,
    /// What failed, as the binding calls it.
    pub errors: Vec<JobError>,
    /// The same once more, under the name that tells it from errors of the request.
    pub capture_errors: Vec<JobError>,
    /// The organisation for which the events are captured.
    pub party: u64,
    /// Events in the document.
    pub events: usize,
    /// Events that were new to the chain.
    pub captured: usize,
    /// Events that were on the chain before.
    pub duplicates: usize,
    /// The transactions, in order.
    #[schema(value_type = Vec<String>)]
    pub transactions: Vec<B256>,
    /// The events' hashes (CBV 2.0 Event Hash ID), in the order of the document.
    pub event_hashes: Vec<String>,
}

/// What failed in a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobError {
    /// Stable code.
    pub code: String,
    /// What happened.
    pub detail: String,
    /// The event's position in the document, from 0, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<usize>,
    /// The field of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// What becomes of a document in which some events are not valid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ErrorBehaviour {
    /// Nothing is captured.
    #[default]
    Rollback,
    /// The others are.
    Proceed,
}

impl ErrorBehaviour {
    /// As the header of the binding has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Proceed => "proceed",
        }
    }
}

/// All jobs of a node.
pub struct Jobs {
    limits: JobLimits,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    numbered: u64,
    running: usize,
    hashes: usize,
    jobs: BTreeMap<JobId, Entry>,
}

struct Entry {
    hashes: Vec<EventHash>,
    party: u64,
    created: SystemTime,
    finished: Option<SystemTime>,
    behaviour: ErrorBehaviour,
    errors: Vec<JobError>,
    captured: usize,
    duplicates: usize,
    transactions: Vec<B256>,
}

impl Jobs {
    /// No jobs yet.
    pub fn new(limits: JobLimits) -> Self {
        Self { limits, known: Mutex::default() }
    }

    /// Whether another job may begin.
    pub fn has_room(&self) -> bool {
        self.lock().running < self.limits.running_max
    }

    /// Begins a job; `None` when too many are under way.
    pub fn begin(
        &self,
        party: u64,
        hashes: Vec<EventHash>,
        behaviour: ErrorBehaviour,
        errors: Vec<JobError>,
    ) -> Option<JobId> {
        let mut known = self.lock();
        if known.running >= self.limits.running_max {
            return None;
        }
        let created = SystemTime::now();
        known.numbered += 1;
        known.running += 1;
        known.hashes += hashes.len();
        let id = format!("{:011x}{:05x}", unix_ms(created), known.numbered & 0xf_ffff);
        let entry = Entry {
            hashes,
            party,
            created,
            finished: None,
            behaviour,
            errors,
            captured: 0,
            duplicates: 0,
            transactions: Vec::new(),
        };
        known.jobs.insert(id.clone(), entry);
        self.forget_old(&mut known);
        Some(id)
    }

    /// A transaction of the job is in the pool.
    pub fn sent(&self, id: &str, transaction: B256) {
        if let Some(entry) = self.lock().jobs.get_mut(id) {
            entry.transactions.push(transaction);
        }
    }

    /// A transaction of the job is final.
    pub fn settled(&self, id: &str, captured: Captured) {
        if let Some(entry) = self.lock().jobs.get_mut(id) {
            entry.captured += captured.captured;
            entry.duplicates += captured.duplicates;
        }
    }

    /// The job has ended.
    pub fn finish(&self, id: &str, result: Result<(), CaptureError>) {
        let mut known = self.lock();
        let Some(entry) = known.jobs.get_mut(id) else { return };
        entry.finished = Some(SystemTime::now());
        entry.errors.extend(result.err().map(|error| JobError {
            code: error.code().to_owned(),
            detail: error.to_string(),
            event: None,
            field: None,
        }));
        known.running -= 1;
        self.forget_old(&mut known);
    }

    /// A job, if it is still remembered.
    pub fn get(&self, id: &str) -> Option<CaptureJob> {
        let mut known = self.lock();
        self.forget_old(&mut known);
        known.jobs.get(id).map(|entry| shown(id, entry))
    }

    /// Jobs from the newest on, the first one before `before`; and the name from which the next
    /// page goes on. The lists of hashes are left out.
    pub fn page(&self, before: Option<&str>, length: usize) -> (Vec<CaptureJob>, Option<JobId>) {
        let mut known = self.lock();
        self.forget_old(&mut known);
        let end = before.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let older = known.jobs.range::<str, _>((std::ops::Bound::Unbounded, end)).rev();
        let mut page: Vec<CaptureJob> = older
            .take(length + 1)
            .map(|(id, entry)| CaptureJob { event_hashes: Vec::new(), ..shown(id, entry) })
            .collect();
        let more = page.len() > length;
        page.truncate(length);
        let next = if more { page.last().map(|job| job.capture_id.clone()) } else { None };
        (page, next)
    }

    fn forget_old(&self, known: &mut Known) {
        let now = SystemTime::now();
        loop {
            let finished = known.jobs.len() - known.running;
            let oldest = known.jobs.iter().find(|(_, entry)| entry.finished.is_some());
            let Some((id, entry)) = oldest else { return };
            let is_old = entry.finished.is_some_and(|finished| {
                now.duration_since(finished).is_ok_and(|age| age > self.limits.kept_for)
            });
            let are_many = finished > self.limits.kept_max || known.hashes > HASHES_KEPT_MAX;
            if !is_old && !are_many {
                return;
            }
            let (id, hashes) = (id.clone(), entry.hashes.len());
            known.hashes -= hashes;
            known.jobs.remove(&id);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // A panic elsewhere leaves counters and map in step: nothing in between can fail.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shown(id: &str, entry: &Entry) -> CaptureJob {
    CaptureJob {
        capture_id: id.to_owned(),
        created_at: time(entry.created),
        finished_at: entry.finished.map(time),
        running: entry.finished.is_none(),
        success: entry.errors.is_empty(),
        capture_error_behaviour: entry.behaviour.name().to_owned(),
        errors: entry.errors.clone(),
        capture_errors: entry.errors.clone(),
        party: entry.party,
        events: entry.hashes.len(),
        captured: entry.captured,
        duplicates: entry.duplicates,
        transactions: entry.transactions.clone(),
        event_hashes: entry.hashes.iter().map(ToString::to_string).collect(),
    }
}

fn unix_ms(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis())
}

fn time(time: SystemTime) -> String {
    let ms = i64::try_from(unix_ms(time)).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).map(|time| format!("{time:.3}")).unwrap_or_default()
}
