//! The clock that is set back.

use super::*;

#[test]
fn a_clock_is_behind_by_what_it_was_set_back() {
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let second = Duration::from_secs(1);
    assert_eq!(behind(at(5_000), at(5_001), second), Duration::ZERO);
    assert_eq!(behind(at(5_000), at(8_601), second), Duration::ZERO);
    assert_eq!(behind(at(5_000), at(1_401), second), Duration::from_secs(3_600));
    assert_eq!(behind(at(5_000), at(5_000), second), second);
}
