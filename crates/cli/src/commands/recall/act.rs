//! What those do who were told, and the declarer until the end.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::entries;
use crate::desk::{DeskArguments, count, done, list, party, text};
use crate::failure::Failure;
use crate::output::Output;

/// Take note of a recall of which you were told
#[derive(Debug, clap::Args)]
pub struct Acknowledge {
    /// The recall.
    recall: u64,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Say what became of affected goods
///
/// Either of one thing, with numbers in the unit of the notice, or of everything that was not answered
/// yet. A later answer takes the place of an earlier one.
#[derive(Debug, clap::Args)]
pub struct Answer {
    /// The recall.
    recall: u64,
    /// Everything that was not answered yet was wholly `held`, `returned`, `destroyed` or `sold`.
    #[arg(long, value_name = "FATE", required_unless_present = "thing", conflicts_with = "thing")]
    all: Option<Fate>,
    /// The thing, as the notice names it.
    #[arg(long, value_name = "THING")]
    thing: Option<String>,
    /// How much of it is still there, on hold.
    #[arg(long, value_name = "DECIMAL", default_value = "", hide_default_value = true)]
    held: String,
    /// How much was sent back.
    #[arg(long, value_name = "DECIMAL", default_value = "", hide_default_value = true)]
    returned: String,
    /// How much was destroyed.
    #[arg(long, value_name = "DECIMAL", default_value = "", hide_default_value = true)]
    destroyed: String,
    /// How much was sold to consumers.
    #[arg(long, value_name = "DECIMAL", default_value = "", hide_default_value = true)]
    sold: String,
    /// The unit of the numbers, a code of UN/ECE Recommendation 20; absent for pieces.
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    unit: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// What became of goods.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Fate {
    /// Still there, on hold.
    Held,
    /// Sent back.
    Returned,
    /// Destroyed.
    Destroyed,
    /// Sold to consumers.
    Sold,
}

impl Fate {
    fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Returned => "returned",
            Self::Destroyed => "destroyed",
            Self::Sold => "sold",
        }
    }
}

/// Tell those who were not told yet, because goods moved or events came late
#[derive(Debug, clap::Args)]
pub struct Notify {
    /// The recall.
    recall: u64,
    #[command(flatten)]
    desk: DeskArguments,
}

/// End a recall, and free what it holds
#[derive(Debug, clap::Args)]
pub struct Close {
    /// The recall.
    recall: u64,
    /// Why, in words.
    #[arg(long, value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Lines of one answer.
const LINES_MAX: usize = 200;

/// Takes note.
pub fn acknowledge(arguments: &Acknowledge, output: &Output) -> Result<ExitCode, Failure> {
    let path = format!("/recalls/{}/acknowledge", arguments.recall);
    let acted = arguments.desk.desk()?.post(&path, &json!({}))?;
    done(output, &acted, "noted", "`qiao recall answer RECALL` says what became of the goods")
}

/// Answers.
pub fn answer(arguments: &Answer, output: &Output) -> Result<ExitCode, Failure> {
    let desk = arguments.desk.desk()?;
    let outcomes = match (&arguments.thing, arguments.all) {
        (Some(thing), _) => vec![json!({
            "thing": thing,
            "unit": arguments.unit,
            "held": arguments.held,
            "returned": arguments.returned,
            "destroyed": arguments.destroyed,
            "sold": arguments.sold,
        })],
        (None, fate) => {
            let organisation = arguments.desk.organisation_or_own()?;
            let path = format!("/recalls/{}/notices/{organisation}", arguments.recall);
            let notice = desk.get(&path)?;
            let fate = fate.map_or("held", Fate::word);
            let is_open =
                |line: &&Value| line.get("answered").and_then(Value::as_bool) != Some(true);
            let whole = |line: &Value| {
                let (thing, unit) = (text(line, "thing"), text(line, "unit"));
                json!({ "thing": thing, "unit": unit, fate: text(line, "affected") })
            };
            entries(&notice, "things").iter().filter(is_open).map(whole).collect()
        }
    };
    if outcomes.is_empty() {
        output.say("everything was answered");
        return Ok(ExitCode::SUCCESS);
    }
    let path = format!("/recalls/{}/answer", arguments.recall);
    let mut acted = Value::Null;
    for part in outcomes.chunks(LINES_MAX) {
        acted = desk.post(&path, &json!({ "outcomes": part }))?;
    }
    done(output, &acted, "answered", "`qiao recall show RECALL` shows how the recall stands")
}

/// Tells again.
pub fn notify(arguments: &Notify, output: &Output) -> Result<ExitCode, Failure> {
    let path = format!("/recalls/{}/notify", arguments.recall);
    let sent = arguments.desk.desk()?.post(&path, &json!({}))?;
    if output.json {
        output.document(&sent);
        return Ok(ExitCode::SUCCESS);
    }
    for notice in list(&sent) {
        let state = match text(notice, "problem") {
            "" => "told".to_owned(),
            problem => format!("not told: {problem}"),
        };
        output.line(&format!(
            "{}, {} lines: {state}",
            party(notice, "party"),
            count(notice, "lines")
        ));
    }
    if list(&sent).is_empty() {
        output.say("nothing moved: everybody has been told");
    }
    Ok(ExitCode::SUCCESS)
}

/// Closes.
pub fn close(arguments: &Close, output: &Output) -> Result<ExitCode, Failure> {
    let path = format!("/recalls/{}/close", arguments.recall);
    let acted = arguments.desk.desk()?.post(&path, &json!({ "text": arguments.text }))?;
    done(output, &acted, "closed", "`qiao recall report RECALL` stays readable")
}
