//! Windows of time and amounts.

use proptest::prelude::*;

use crate::trace::life::{Window, WindowSet, amount_from};

#[test]
fn amounts_are_exact() {
    assert_eq!(amount_from("12.5"), Some(12_500_000_000));
    assert_eq!(amount_from("0"), Some(0));
    assert_eq!(amount_from("0.000000001"), Some(1));
    for unreadable in ["", ".5", "-1", "1e3", "1.0000000001", "x"] {
        assert_eq!(amount_from(unreadable), None, "{unreadable}");
    }
}

proptest! {
    #[test]
    fn a_set_of_windows_gives_each_instant_once(
        windows in proptest::collection::vec((0_i64..40, 0_i64..10), 1..30)
    ) {
        let mut set = WindowSet::default();
        let mut seen = [0_u32; 50];
        for (from, length) in &windows {
            for window in set.add(Window { from: *from, until: from + length }) {
                for instant in window.from..=window.until {
                    seen[instant as usize] += 1;
                }
            }
        }
        for (instant, count) in seen.iter().enumerate() {
            let instant = instant as i64;
            let covered =
                windows.iter().any(|(from, len)| (*from..=from + len).contains(&instant));
            prop_assert_eq!(*count, u32::from(covered));
        }
    }

    #[test]
    fn windows_that_reach_to_the_ends_of_time_do_not_overflow(
        windows in proptest::collection::vec((any::<i64>(), any::<i64>()), 1..10)
    ) {
        let mut set = WindowSet::default();
        for (a, b) in windows {
            set.add(Window { from: a.min(b), until: a.max(b) });
            set.add(Window::ALWAYS);
            let again = set.add(Window { from: a.min(b), until: a.max(b) });
            prop_assert!(again.is_empty());
        }
    }
}
