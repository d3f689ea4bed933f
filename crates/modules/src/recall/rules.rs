//! The decisions of `recall`, without state.

use super::types::{Fate, Line, Recall, Total};

/// Lines of one call.
pub const LINES_MAX: usize = 200;
/// Lines of one notice.
pub const NOTICE_LINES_MAX: u32 = 10_000;
/// Organisations that one recall tells.
pub const NOTICES_MAX: u32 = 10_000;
/// Bytes of the text of a recall.
pub const TEXT_BYTES_MAX: usize = 1_024;
/// The shortest time to acknowledge, in seconds.
pub const DEADLINE_SECONDS_MIN: u64 = 3_600;
/// The longest.
pub const DEADLINE_SECONDS_MAX: u64 = 366 * 86_400;

/// Whether a recall was declared and is not over.
pub(super) fn is_open(recall: &Recall) -> bool {
    recall.declared_at != 0 && recall.ended_at == 0
}

/// Whether a level is one.
pub(super) fn is_level(level: u8) -> bool {
    (1..=3).contains(&level)
}

/// Everything that is accounted for; `None` beyond all bounds.
pub(super) fn accounted(fate: &Fate) -> Option<u128> {
    [fate.held, fate.returned, fate.destroyed, fate.sold]
        .iter()
        .try_fold(0u128, |sum, part| sum.checked_add(*part))
}

/// A total without what a line said before and with what it says then. Amounts of lines are bounded
/// by 10^30 and their number by 2^32, so that no sum passes 2^128.
pub(super) fn moved(total: &Total, before: &Line, after: &Line) -> Total {
    let by = |sum: u128, before: u128, after: u128| sum.saturating_sub(before) + after;
    Total {
        affected: by(total.affected, before.affected, after.affected),
        held: by(total.held, before.held, after.held),
        returned: by(total.returned, before.returned, after.returned),
        destroyed: by(total.destroyed, before.destroyed, after.destroyed),
        sold: by(total.sold, before.sold, after.sold),
    }
}
