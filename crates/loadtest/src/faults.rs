//! One validator is killed while the load goes on, and comes back.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::Options;
use crate::rpc::Rpc;
use crate::validators::Validators;

/// How long a validator that came back may take to catch up.
const CATCH_UP_MAX: Duration = Duration::from_secs(60);

/// Between two looks at it.
const LOOK: Duration = Duration::from_millis(10);

/// What was done to a validator, with instants from the start of the measured part.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Its position.
    pub validator: usize,
    /// When it was killed.
    pub killed: Duration,
    /// When it was started again.
    pub restarted: Option<Return>,
}

/// How a validator came back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Return {
    /// When its process was started.
    pub at: Duration,
    /// How long until it answered.
    pub answered_after: Option<Duration>,
    /// How long until it had the newest block of another validator.
    pub caught_up_after: Option<Duration>,
}

/// Kills the last validator and starts it again, as the options say. `start` is where the measured
/// part begins.
pub fn run(options: &Options, validators: &Validators, start: Instant) -> Result<Option<Fault>> {
    let Some(kill) = options.kill else { return Ok(None) };
    let validator = validators.all().len() - 1;
    sleep_until(start + kill);
    validators.kill(validator)?;
    let mut fault = Fault { validator, killed: start.elapsed(), restarted: None };
    let Some(restart) = options.restart else { return Ok(Some(fault)) };
    sleep_until(start + restart);
    let (at, launched) = (start.elapsed(), Instant::now());
    validators.launch(validator)?;
    let mut back = Return { at, answered_after: None, caught_up_after: None };
    let height = |position: usize| Rpc::new(&validators.all()[position].rpc).height().ok();
    while back.caught_up_after.is_none() && launched.elapsed() < CATCH_UP_MAX {
        // The other one first: whoever has its block later had caught up with it.
        let newest = height(0);
        if let Some(own) = height(validator) {
            back.answered_after.get_or_insert(launched.elapsed());
            back.caught_up_after = (newest <= Some(own)).then(|| launched.elapsed());
        }
        std::thread::sleep(LOOK);
    }
    fault.restarted = Some(back);
    Ok(Some(fault))
}

/// Sleeps until an instant.
pub fn sleep_until(instant: Instant) {
    std::thread::sleep(instant.saturating_duration_since(Instant::now()));
}
