//! The workload `trace`: questions that people ask of a large trade, over REST, one at a time.
//!
//! Every answer is checked: an answer that lacks what the trade tells counts as wrong.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::Value;

use crate::histogram::Histogram;
use crate::machine::{Machine, commit};
use crate::random::mix;
use crate::trade::{Run, Trade};
use crate::usage::Usage;

/// The form of the report.
pub const LOOKUPS_SCHEMA: &str = "qiao-bench-trace/1";

/// An answer takes no longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct LookupReport {
    /// [`LOOKUPS_SCHEMA`].
    pub schema: &'static str,
    /// The command line.
    pub command: String,
    /// The commit of the source folder.
    pub commit: Option<String>,
    /// `release` or `development`.
    pub build: &'static str,
    /// The machine.
    pub machine: Machine,
    /// Events in the index.
    pub events: u64,
    /// Lots among their things.
    pub lots: u64,
    /// Bytes of the index on disk, if it is a file.
    pub index_bytes: Option<u64>,
    /// The most memory of the process that answers and asks.
    pub memory_peak_bytes: u64,
    /// The questions.
    pub questions: Vec<Question>,
}

/// One kind of question.
#[derive(Debug, Clone, Serialize)]
pub struct Question {
    /// What is asked.
    pub name: &'static str,
    /// How often.
    pub asked: u64,
    /// Answers that lack something, or none.
    pub wrong: u64,
    /// The first of these.
    pub first_wrong: Option<String>,
    /// From the question to the whole answer, in milliseconds: half of them.
    pub p50_ms: Option<f64>,
    /// 99 of 100.
    pub p99_ms: Option<f64>,
    /// The longest.
    pub max_ms: f64,
    /// Bytes of an answer on average.
    pub answer_bytes: u64,
}

/// A question and what its answer must hold.
struct Asked {
    path: String,
    held: Vec<String>,
}

type Ask = fn(&Run) -> Asked;

/// The questions, as a quality manager, a buyer, a regulator and a shopper ask them.
const QUESTIONS: [(&str, Ask); 8] = [
    ("where is a lot, who holds it", |run| {
        let held = run.stores.iter().chain([&run.product]).cloned().collect();
        Asked { path: trace(&run.product, "forward"), held }
    }),
    ("where did a lot come from", |run| {
        let held = run.raw.iter().chain([&run.product]).cloned().collect();
        Asked { path: trace(&run.product, "back"), held }
    }),
    ("from origin to present place", |run| {
        let held = run.stores.iter().chain(&run.raw).chain([&run.product]).cloned().collect();
        Asked { path: trace(&run.product, "both"), held }
    }),
    ("what became of a raw lot", |run| {
        let held = run.stores.iter().chain([&run.product]).cloned().collect();
        Asked { path: trace(&run.raw[0], "forward"), held }
    }),
    ("documents of a lot", |run| {
        let held = vec![run.despatch.clone(), run.order.clone()];
        Asked { path: trace(&run.product, "both"), held }
    }),
    ("events of a document", |run| {
        let path = events("EQ_bizTransaction", &run.order);
        Asked { path, held: run.pallets.to_vec() }
    }),
    ("events of a lot", |run| {
        let path = events("MATCH_anyEPCClass", &run.product);
        Asked { path: format!("{path}&perPage=100"), held: run.stores.to_vec() }
    }),
    ("newest events of a store", |run| {
        let path = events("EQ_bizLocation", &run.stores[0]);
        let held = vec![run.stores[0].clone()];
        Asked { path: format!("{path}&orderBy=eventTime&perPage=30"), held }
    }),
];

fn trace(id: &str, direction: &str) -> String {
    format!("/trace/{}?direction={direction}", escaped(id))
}

fn events(parameter: &str, value: &str) -> String {
    format!("/epcis/events?{parameter}={}", escaped(value))
}

/// Percent-encoded where a path or a query has other uses for a character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                escaped.push(byte as char);
            }
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}

/// Asks each question so often, about runs that follow from the seed.
pub fn ask(
    url: &str,
    trade: &Trade,
    times: u64,
    seed: u64,
    command: &str,
    say: &dyn Fn(&str),
) -> Result<LookupReport> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .build()
        .into();
    let mut questions = Vec::new();
    for (nth, (name, ask)) in (0_u64..).zip(QUESTIONS) {
        say(&format!("asking: {name}"));
        let mut question = Question {
            name,
            asked: times,
            wrong: 0,
            first_wrong: None,
            p50_ms: None,
            p99_ms: None,
            max_ms: 0.0,
            answer_bytes: 0,
        };
        let (mut histogram, mut bytes) = (Histogram::default(), 0);
        for time in 0..times {
            let run = trade.run(mix(seed ^ mix(nth << 32 | time)) % trade.runs());
            let asked = ask(&run);
            let begun = Instant::now();
            let text = get(&agent, &format!("{url}{}", asked.path));
            histogram.record(begun.elapsed());
            bytes += text.as_ref().map_or(0, |text| text.len() as u64);
            if let Some(wrong) = verdict(text, &asked) {
                question.wrong += 1;
                question.first_wrong.get_or_insert(wrong);
            }
        }
        (question.p50_ms, question.p99_ms) =
            (histogram.quantile_ms(500), histogram.quantile_ms(990));
        question.max_ms = histogram.max_ms();
        question.answer_bytes = bytes / times.max(1);
        questions.push(question);
    }
    Ok(LookupReport {
        schema: LOOKUPS_SCHEMA,
        command: command.to_owned(),
        commit: commit(),
        build: if cfg!(debug_assertions) { "development" } else { "release" },
        machine: Machine::this(),
        events: trade.events(),
        lots: trade.runs() * crate::trade::LOTS_PER_RUN,
        index_bytes: None,
        memory_peak_bytes: Usage::of(std::process::id()).memory_peak_bytes,
        questions,
    })
}

fn get(agent: &ureq::Agent, url: &str) -> Result<String> {
    let mut answer = agent.get(url).call().with_context(|| url.to_owned())?;
    let status = answer.status();
    let text = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string()?;
    anyhow::ensure!(status.is_success(), "{status} to {url}: {text}");
    Ok(text)
}

/// What is wrong with an answer, if something is.
fn verdict(answer: Result<String>, asked: &Asked) -> Option<String> {
    let text = match answer {
        Ok(text) => text,
        Err(error) => return Some(format!("{error:#}")),
    };
    let Ok(json) = serde_json::from_str::<Value>(&text) else {
        return Some(format!("no JSON to {}", asked.path));
    };
    if json.get("truncated") == Some(&Value::Bool(true)) {
        return Some(format!("an answer that is cut to {}", asked.path));
    }
    let missing = asked.held.iter().find(|held| !text.contains(held.as_str()))?;
    Some(format!("`{missing}` is missing in the answer to {}", asked.path))
}

impl LookupReport {
    /// The figures as a table for a person.
    pub fn table(&self) -> String {
        let mut lines = vec![format!(
            "{:<30} {:>9} {:>9} {:>9}  {:>7}  {}",
            "question", "p50 ms", "p99 ms", "max ms", "bytes", "wrong"
        )];
        let ms = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
        for question in &self.questions {
            lines.push(format!(
                "{:<30} {:>9} {:>9} {:>9.1}  {:>7}  {} of {}",
                question.name,
                ms(question.p50_ms),
                ms(question.p99_ms),
                question.max_ms,
                question.answer_bytes,
                question.wrong,
                question.asked,
            ));
            lines.extend(question.first_wrong.iter().map(|wrong| format!("  first: {wrong}")));
        }
        let size = self.index_bytes.map_or("an index elsewhere".to_owned(), |bytes| {
            format!("an index of {:.2} GB, {} B per event", bytes as f64 / 1e9, bytes / self.events)
        });
        lines.push(format!(
            "{} events, {} lots, {size}; at most {} MB of memory; {} build of {}",
            self.events,
            self.lots,
            self.memory_peak_bytes / 1_000_000,
            self.build,
            self.commit.as_deref().unwrap_or("unknown"),
        ));
        lines.join("\n")
    }

    /// Whether every answer was right.
    pub fn is_right(&self) -> bool {
        self.questions.iter().all(|question| question.wrong == 0)
    }
}
