//! When a schedule is due.

use super::Schedule;

fn schedule(json: &str) -> Schedule {
    serde_json::from_str(json).unwrap()
}

fn is_due(schedule: &Schedule, time: &str) -> bool {
    schedule.is_due(time.parse().unwrap())
}

#[test]
fn a_schedule_is_due_at_the_start_of_what_it_names() {
    let morning = schedule(r#"{"hour": "1", "minute": "5"}"#);
    assert_eq!(morning.problem(), None);
    assert!(is_due(&morning, "2026-03-04T01:05:00.7Z"));
    for time in ["2026-03-04T01:05:01Z", "2026-03-04T02:05:00Z", "2026-03-04T01:06:00Z"] {
        assert!(!is_due(&morning, time), "{time}");
    }
    let monthly = schedule(r#"{"month": "[3-5],9"}"#);
    assert!(is_due(&monthly, "2026-04-01T00:00:00Z") && is_due(&monthly, "2026-09-01T00:00:00Z"));
    assert!(!is_due(&monthly, "2026-04-02T00:00:00Z"));
    let weekly = schedule(r#"{"dayOfWeek": "1"}"#);
    assert!(is_due(&weekly, "2026-03-02T00:00:00Z") && !is_due(&weekly, "2026-03-03T00:00:00Z"));
    let often = schedule(r#"{"second": "0,30"}"#);
    assert!(is_due(&often, "2026-03-04T11:22:30Z") && !is_due(&often, "2026-03-04T11:22:31Z"));
}

#[test]
fn what_is_no_schedule_is_refused() {
    for json in [
        "{}",
        r#"{"second": "60"}"#,
        r#"{"hour": "a"}"#,
        r#"{"month": "0"}"#,
        r#"{"dayOfWeek": "[5-3]"}"#,
        r#"{"minute": ""}"#,
    ] {
        assert!(schedule(json).problem().is_some(), "{json}");
    }
}
