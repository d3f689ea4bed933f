//! The report for a person.

use super::{Latency, Report};

impl Report {
    /// The report as lines of text.
    pub fn table(&self) -> String {
        let mut lines = self.load_lines();
        lines.extend(self.speed_lines());
        lines.extend(self.cost_lines());
        lines.extend(self.fault_lines());
        lines.extend(self.notes());
        lines.join("\n")
    }

    fn load_lines(&self) -> Vec<String> {
        let load = &self.load;
        let pace = match (load.rate, load.in_flight) {
            (Some(rate), _) => {
                format!("{rate} tx/s asked for, arrivals {}", load.arrivals.unwrap_or_default())
            }
            (None, in_flight) => {
                format!("closed loop, up to {} under way per client", in_flight.unwrap_or_default())
            }
        };
        let hot = if load.hot > 0 { format!(", {} of them hot", load.hot) } else { String::new() };
        let accounts = format!("{} senders, {} accounts{hot}", load.senders, load.accounts);
        vec![
            format!("workload    {} ({}), {accounts}", load.workload, load.calls.join(", ")),
            format!("load        {} client processes, {pace}", load.clients),
            format!(
                "measured    {} s after {} s, {} validator processes, {} build",
                load.seconds, load.warmup_seconds, load.validators, self.build
            ),
        ]
    }

    fn speed_lines(&self) -> Vec<String> {
        let Latency { p50, p90, p99, p999, max, .. } = self.finality_ms;
        let ms = |value: Option<f64>| value.map_or("-".to_string(), |value| format!("{value:.1}"));
        let mut lines =
            vec![format!("throughput  {:.0} tx/s ({})", self.tx_per_second, self.transactions)];
        lines.extend(
            self.tx_per_cpu_second
                .map(|rate| format!("            {rate:.0} tx per CPU-second of all validators")),
        );
        lines.extend(self.signatures.share.map(|share| {
            format!(
                "            {:.0} % of what signatures alone allow here ({:.0} recovered per CPU-second)",
                share * 100.0,
                self.signatures.recoveries_per_cpu_second
            )
        }));
        lines.extend(self.events_per_second.map(|rate| format!("            {rate:.0} events/s")));
        let (p50, p90, p99, p999) = (ms(p50), ms(p90), ms(p99), ms(p999));
        lines.push(format!(
            "finality    p50 {p50}, p90 {p90}, p99 {p99}, p99.9 {p999}, max {max:.1} ms"
        ));
        let heads = match self.resolution.poll_ms {
            Some(poll) => format!("looked every {poll} ms"),
            None => "waited at the node".to_string(),
        };
        let trip = self.resolution.round_trip_ms;
        lines.push(format!("            from due to receipt; {heads}, round trip {trip:.2} ms"));
        lines.push(format!(
            "blocks      {} with transactions, longest gap {:.0} ms",
            self.blocks_with_transactions, self.longest_gap_ms
        ));
        lines
    }

    fn cost_lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "CPU         validators {:.1} s, clients {:.1} s, bench {:.1} s, {} cores",
            self.validators_cpu_seconds,
            self.clients_cpu_seconds,
            self.bench_cpu_seconds,
            self.machine.cores
        )];
        let megabytes = self.memory_peak_bytes_max as f64 / 1e6;
        lines.push(format!("memory      {megabytes:.0} MB at most per validator"));
        lines.extend(self.disk_bytes_per_transaction.map(|disk| {
            format!(
                "disk        {:.0} bytes per tx and validator ({:.0} allocated)",
                disk.apparent, disk.allocated
            )
        }));
        let sent = self.validators.iter().filter_map(|one| one.sent_to_validators_bytes);
        let sent: Vec<u64> = sent.collect();
        if !sent.is_empty() && self.transactions > 0 {
            let mean = sent.iter().sum::<u64>() as f64 / sent.len() as f64;
            lines.push(format!(
                "network     {:.0} bytes per tx sent by a validator to the others",
                mean / self.transactions as f64
            ));
        }
        lines
    }

    fn fault_lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(kill) = &self.kill {
            lines.push(format!("killed      {} at {:.1} s", kill.validator, kill.at_seconds));
            lines.push(format!(
                "            {:.0} tx/s before, {:.0} after: {:.1} %",
                kill.tx_per_second_before,
                kill.tx_per_second_after,
                kill.ratio * 100.0
            ));
            lines.push(format!(
                "            longest gap {:.0} ms before, {:.0} ms after",
                kill.longest_gap_before_ms, kill.longest_gap_after_ms
            ));
        }
        if let Some(restart) = &self.restart {
            let after = |seconds: Option<f64>| {
                seconds.map_or("not".to_string(), |seconds| format!("after {seconds:.1} s"))
            };
            lines.push(format!(
                "restarted   at {:.1} s, answered {}, caught up {}, {:.0} tx/s from then on",
                restart.at_seconds,
                after(restart.answered_after_seconds),
                after(restart.caught_up_after_seconds),
                restart.tx_per_second_after
            ));
        }
        lines
    }

    fn notes(&self) -> Vec<String> {
        let outcome = &self.outcome;
        let mut lines = vec![format!(
            "outcome     {} final, {} unconfirmed, {} unsent, {} refusals (sent again)",
            outcome.finals, outcome.unconfirmed, outcome.unsent, outcome.refused
        )];
        if outcome.receipts_failed > 0 {
            lines.push(format!(
                "warning     {} of {} receipts read say that the transaction failed",
                outcome.receipts_failed, outcome.receipts_read
            ));
        }
        if let Some(reason) = &outcome.first_refusal {
            lines.push(format!("            first refusal: {reason}"));
        }
        if outcome.ran_out {
            lines.push("warning     the signed transactions ran out: raise --transactions".into());
        }
        lines
    }
}
