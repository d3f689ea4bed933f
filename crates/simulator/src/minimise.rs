//! A failing run with as few faults as possible, so that a person sees what it takes.

use std::collections::BTreeSet;

/// Leaves out one fault after another, the last first, as long as the rest still `fails`.
///
/// What is left fails, and without any one of its faults it does not, unless leaving that one out made
/// another superfluous.
pub fn minimise(faults: BTreeSet<u64>, fails: impl Fn(&BTreeSet<u64>) -> bool) -> BTreeSet<u64> {
    let mut left = faults.clone();
    for fault in faults.into_iter().rev() {
        let mut fewer = left.clone();
        fewer.remove(&fault);
        if fails(&fewer) {
            left = fewer;
        }
    }
    left
}
