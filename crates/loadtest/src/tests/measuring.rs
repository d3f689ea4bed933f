//! Histograms, schedules, slices of time, and what the kernel tells.

use std::time::Duration;

use crate::histogram::Histogram;
use crate::schedule::{Arrivals, Schedule};
use crate::timeline::{Timeline, Window};
use crate::usage::{Disk, Sockets, Usage, ticks};

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn histogram(times: impl IntoIterator<Item = Duration>) -> Histogram {
    let mut histogram = Histogram::default();
    times.into_iter().for_each(|time| histogram.record(time));
    histogram
}

#[test]
fn quantiles_are_at_most_a_bucket_above_the_true_ones() {
    let times = histogram((1..=1_000).map(ms));
    assert_eq!((times.count(), times.max_ms()), (1_000, 1_000.0));
    for (per_mille, exact) in [(500, 500.0), (900, 900.0), (990, 990.0), (999, 999.0)] {
        let found = times.quantile_ms(per_mille).unwrap();
        assert!(found >= exact && found <= exact * 1.008 + 0.01, "{per_mille}: {found}");
    }
    assert_eq!(times.quantile_ms(1_000), Some(1_000.0));
    assert_eq!(Histogram::default().quantile_ms(500), None);
    assert_eq!(histogram([ms(7)]).quantile_ms(1), Some(7.0));
}

#[test]
fn every_time_lies_in_a_bucket_that_ends_above_it() {
    let mut micros = 0;
    while micros < u64::MAX / 3 {
        let found = histogram([Duration::from_micros(micros), Duration::MAX]);
        let quantile = found.quantile_ms(500).unwrap() * 1_000.0;
        let exact = micros as f64;
        assert!(quantile + 10.0 >= exact && quantile <= exact * 1.008 + 10.0, "{micros}");
        micros = micros * 3 / 2 + 1;
    }
}

#[test]
fn histograms_add_up() {
    let (low, high) = (histogram((1..=50).map(ms)), histogram((51..=100).map(ms)));
    let mut sum = low;
    sum.add(&high);
    assert_eq!(sum, histogram((1..=100).map(ms)));
    let text = serde_json::to_string(&sum).unwrap();
    assert_eq!(serde_json::from_str::<Histogram>(&text).unwrap(), sum);
}

fn instants(arrivals: Arrivals, client: usize, seed: u64) -> Vec<Duration> {
    let mut schedule = Schedule::new(arrivals, 100, client, 4, seed);
    (0..1_000).map(|_| schedule.next_due()).collect()
}

#[test]
fn even_arrivals_of_all_clients_together_are_even() {
    let mut all: Vec<_> = (0..4).flat_map(|client| instants(Arrivals::Even, client, 1)).collect();
    all.sort_unstable();
    for (position, due) in all.iter().enumerate() {
        assert_eq!(*due, ms(10) * position as u32);
    }
}

#[test]
fn random_arrivals_follow_from_the_seed_and_keep_the_rate() {
    let first = instants(Arrivals::Random, 0, 1);
    assert_eq!(first, instants(Arrivals::Random, 0, 1));
    assert_ne!(first, instants(Arrivals::Random, 0, 2));
    assert_ne!(first, instants(Arrivals::Random, 1, 1));
    assert!(first.windows(2).all(|pair| pair[0] <= pair[1]));
    // 1,000 arrivals at 25 a second; the sum of 1,000 gaps varies by 3 %.
    let seconds = first.last().unwrap().as_secs_f64();
    assert!((35.0..45.0).contains(&seconds), "{seconds}");
    // Exponential gaps: 37 of 100 are longer than the mean.
    let long = first.windows(2).filter(|pair| pair[1] - pair[0] > ms(40)).count();
    assert!((320..420).contains(&long), "{long}");
}

#[test]
fn slices_cover_the_window_and_are_few() {
    for seconds in [1, 3, 7, 20, 60, 601, 3_600, 100_000] {
        let window = Window::new(ms(2_500), Duration::from_secs(seconds));
        assert!(window.slices() <= 120, "{seconds} s: {}", window.slices());
        assert!(window.slice * window.slices() as u32 >= window.length());
        assert!(window.slice * (window.slices() as u32 - 1) < window.length());
    }
    assert_eq!(Window::new(ms(0), ms(3_000)).slice, ms(100));
}

#[test]
fn throughput_counts_when_it_was_seen_and_times_when_it_was_due() {
    let window = Window::new(ms(1_000), ms(1_000));
    let mut timeline = Timeline::new(window);
    timeline.finished(ms(950), ms(1_050)); // due before the window, seen within
    timeline.finished(ms(1_100), ms(1_150));
    timeline.finished(ms(1_990), ms(2_500)); // seen after the window
    timeline.waited(ms(1_500), ms(9_000)); // never final
    assert_eq!(timeline.finals.iter().sum::<u64>(), 2);
    assert_eq!((timeline.finals[0], timeline.finals[1]), (1, 1));
    let times = timeline.all_times();
    assert_eq!((times.count(), times.max_ms()), (3, 9_000.0));
    let mut sum = timeline.clone();
    sum.add(&timeline);
    assert_eq!(sum.finals.iter().sum::<u64>(), 4);
    assert_eq!(sum.all_times().count(), 6);
}

#[test]
fn cpu_time_is_user_and_system_time_whatever_the_process_is_called() {
    let stat = "42 (a ) b) S 1 42 42 0 -1 4194304 100 200 0 0 700 35 9 9 20 0 8 0 5 6 7";
    assert_eq!(ticks(stat), 735);
    let own = Usage::of(std::process::id());
    assert!(own.memory_peak_bytes > 1_000_000);
    assert_eq!(Usage::of(0), Usage::default());
    let later = Usage { cpu_seconds: 1.5, written_bytes: 10, memory_peak_bytes: 7 };
    let both = Usage { cpu_seconds: 1.0, written_bytes: 5, memory_peak_bytes: 9 }.then(later);
    assert_eq!(both, Usage { cpu_seconds: 2.5, written_bytes: 15, memory_peak_bytes: 9 });
}

#[test]
fn a_folder_has_the_size_of_everything_below_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("below")).unwrap();
    std::fs::write(folder.path().join("a"), [1; 100]).unwrap();
    std::fs::write(folder.path().join("below/b"), [1; 5_000]).unwrap();
    let disk = Disk::of(folder.path());
    assert_eq!(disk.apparent_bytes, 5_100);
    assert!(disk.allocated_bytes >= 5_100);
    assert_eq!(Disk::of(&folder.path().join("absent")), Disk::default());
}

#[test]
fn connections_are_told_apart_by_process_and_port() {
    let line = |process: u32, local: u16, peer: u16, sent: u64| {
        format!(
            "ESTAB 0 0 127.0.0.1:{local} 127.0.0.1:{peer} users:((\"qiao\",pid={process},fd=9)) \
             bbr rto:204 bytes_sent:{sent} bytes_acked:{sent} segs_out:3\n"
        )
    };
    let before = Sockets::parse(&(line(7, 20_000, 40_000, 100) + &line(7, 20_002, 40_001, 10)));
    let text = line(7, 20_000, 40_000, 150)
        + &line(7, 20_002, 40_001, 17)
        + &line(7, 50_000, 20_010, 1_000)
        + &line(8, 20_000, 40_000, 9)
        + "ESTAB 0 0 [::1]:1 [::1]:2 users:((\"x\",pid=7,fd=1)) cubic\n"
        + "LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n";
    let after = Sockets::parse(&text);
    assert_eq!(after.sent_since(&before, 7, &[20_002], false), 1_050);
    assert_eq!(after.sent_since(&before, 7, &[20_002], true), 7);
    assert_eq!(after.sent_since(&before, 8, &[20_002], false), 9);
}
