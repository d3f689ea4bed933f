//! Committees of different sizes.

use super::{Report, parameters, report_of};
use crate::network::Setting;

/// As many validators fall as may, while clients send; the others go on, and the fallen come back.
pub(super) fn as_many_fall_as_may(seed: u64, validators: usize) -> Report {
    let setting = Setting { validators, ..Setting::usual(parameters()) };
    report_of(seed, setting, |mut simulation| async move {
        simulation.load_percent = 60;
        simulation.seconds(10).await;
        let first = simulation.draw_validator();
        let fallen = (0..(validators - 1) / 3).map(|next| (first + next) % validators);
        let fallen: Vec<usize> = fallen.collect();
        for validator in &fallen {
            simulation.cluster.crash(*validator).await;
        }
        simulation.progress(20, 120).await;
        for validator in &fallen {
            simulation.cluster.start(*validator).await;
        }
        simulation.seconds(10).await;
        simulation.calm(60).await;
        simulation
    })
}
