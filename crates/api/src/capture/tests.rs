//! Dividing events, and remembering jobs.

use std::time::Duration;

use alloy_primitives::{B256, Bytes};
use alloy_sol_types::SolCall as _;
use qiao_epcis::EventHash;
use qiao_modules::traceability::{EVENT_BYTES_MAX, EVENTS_MAX, ITraceability};

use super::{
    CaptureError, Captured, ErrorBehaviour, JobLimits, Jobs,
    chunks::{CALLDATA_BYTES_MAX, Chunk, divide},
};

fn bodies(count: usize, bytes: usize) -> Vec<Bytes> {
    (0..count).map(|nth| Bytes::from(vec![b'a' + (nth % 26) as u8; bytes])).collect()
}

fn counts(chunks: &[Chunk]) -> Vec<usize> {
    chunks.iter().map(|chunk| chunk.events.len()).collect()
}

#[test]
fn events_are_divided_by_number_and_by_bytes_in_their_order() {
    let many = divide(bodies(2 * EVENTS_MAX + 1, 10)).unwrap();
    assert_eq!(counts(&many), [EVENTS_MAX, EVENTS_MAX, 1]);
    assert_eq!(many.iter().map(|chunk| chunk.first).collect::<Vec<_>>(), [0, 1_000, 2_000]);
    let long = divide(bodies(50, 60_000)).unwrap();
    assert_eq!(counts(&long), [24, 24, 2]);
    let bodies = bodies(80, 49_999);
    let chunks = divide(bodies.clone()).unwrap();
    assert!(chunks.iter().all(|chunk| chunk.calldata(1).len() <= CALLDATA_BYTES_MAX));
    let together: Vec<Bytes> = chunks.into_iter().flat_map(|chunk| chunk.events).collect();
    assert_eq!(together, bodies);
    assert!(divide(Vec::new()).unwrap().is_empty());
}

#[test]
fn an_event_beyond_the_modules_bound_is_named() {
    let mut events = bodies(3, 10);
    events.push(Bytes::from(vec![b' '; EVENT_BYTES_MAX + 1]));
    match divide(events) {
        Err(CaptureError::EventTooLarge { event, bytes }) => {
            assert_eq!((event, bytes), (3, EVENT_BYTES_MAX + 1));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_calldata_is_the_call_that_the_module_reads() {
    let chunk = divide(bodies(3, 45)).unwrap().remove(0);
    let call = ITraceability::captureCall::abi_decode(&chunk.calldata(7)).unwrap();
    assert_eq!((call.party, call.events), (7, chunk.events.clone()));
    let (first, second) = chunk.halve();
    assert_eq!((first.events.len(), second.first, second.events.len()), (1, 1, 2));
}

fn jobs(running_max: usize, kept_max: usize) -> Jobs {
    Jobs::new(JobLimits { running_max, kept_max, kept_for: Duration::from_secs(60) })
}

#[test]
fn a_job_tells_what_its_transactions_did() {
    let jobs = jobs(1, 1);
    let id = jobs
        .begin(
            7,
            vec![EventHash([1; 32]), EventHash([2; 32])],
            ErrorBehaviour::Rollback,
            Vec::new(),
        )
        .unwrap();
    assert!(
        jobs.begin(7, Vec::new(), ErrorBehaviour::Rollback, Vec::new()).is_none(),
        "one job at a time"
    );
    jobs.sent(&id, B256::repeat_byte(9));
    let captured = Captured { transaction: B256::repeat_byte(9), captured: 1, duplicates: 1 };
    jobs.settled(&id, captured);
    let running = jobs.get(&id).unwrap();
    assert!(running.running && running.success && running.finished_at.is_none());
    jobs.finish(&id, Ok(()));
    let ended = jobs.get(&id).unwrap();
    assert!(!ended.running && ended.success && ended.finished_at.is_some());
    assert_eq!((ended.party, ended.events, ended.captured, ended.duplicates), (7, 2, 1, 1));
    assert_eq!(ended.transactions, [B256::repeat_byte(9)]);
}

#[test]
fn a_failed_job_says_why() {
    let jobs = jobs(1, 1);
    let id = jobs.begin(1, Vec::new(), ErrorBehaviour::Rollback, Vec::new()).unwrap();
    jobs.finish(&id, Err(CaptureError::NoSigner));
    let ended = jobs.get(&id).unwrap();
    assert!(!ended.success);
    assert_eq!(ended.errors[0].code, "capture.no_signer");
    assert_eq!(ended.capture_errors, ended.errors);
}

#[test]
fn the_oldest_finished_jobs_are_forgotten_and_running_ones_never() {
    let jobs = jobs(2, 3);
    let running = jobs.begin(1, Vec::new(), ErrorBehaviour::Rollback, Vec::new()).unwrap();
    let ids: Vec<String> = (0..5)
        .map(|_| {
            let id = jobs.begin(1, Vec::new(), ErrorBehaviour::Rollback, Vec::new()).unwrap();
            jobs.finish(&id, Ok(()));
            id
        })
        .collect();
    assert!(jobs.get(&running).is_some());
    let known: Vec<bool> = ids.iter().map(|id| jobs.get(id).is_some()).collect();
    assert_eq!(known, [false, false, true, true, true]);
    let (page, next) = jobs.page(None, 2);
    assert_eq!(page.iter().map(|job| &job.capture_id).collect::<Vec<_>>(), [&ids[4], &ids[3]]);
    let (page, next) = jobs.page(next.as_deref(), 2);
    assert_eq!(page.iter().map(|job| &job.capture_id).collect::<Vec<_>>(), [&ids[2], &running]);
    assert_eq!(next, None);
}
