//! What is done about goods: held back, released, noted, answered, closed.

use qiao_api::recalls::{self, words as recall};
use qiao_modules::{
    lots::{
        self,
        ILots::{holdBackCall, releaseCall},
    },
    recall::{
        self as module,
        IRecall::{Outcome, acknowledgeCall, answerCall, endCall},
    },
};

use super::{Form, Planned};
use crate::console::Trouble;

/// What may have become of something.
const FATES: [&str; 4] = ["held", "returned", "destroyed", "sold"];

/// The act of this name, if it is one of these.
pub(super) async fn read(form: &Form<'_>, name: &str) -> Result<Option<Planned>, Trouble> {
    Ok(Some(match name {
        "hold" => hold(form)?,
        "release" => release(form)?,
        "recall-acknowledge" => {
            let id = form.number("recall")?;
            let back = format!("recalls/{id}");
            Planned::new(
                format!("Take note of recall {id}"),
                module::ADDRESS,
                &acknowledgeCall { id },
                back,
            )
            .of_goods()
        }
        "recall-answer" => answer(form)?,
        "recall-answer-all" => answer_all(form).await?,
        "recall-end" => {
            let (id, text) = (form.number("recall")?, form.text("text")?.to_owned());
            let call = endCall { id, text: text.clone() };
            Planned::new(
                format!("Close recall {id}"),
                module::ADDRESS,
                &call,
                format!("recalls/{id}"),
            )
            .fact("Why", text)
            .of_goods()
        }
        _ => return Ok(None),
    }))
}

fn hold(form: &Form<'_>) -> Result<Planned, Trouble> {
    let id = form.text("thing")?;
    let id = recalls::identifier(id)
        .map_err(|rule| Trouble::Unclear(format!("“{id}” is not an identifier: {rule}.")))?;
    let everywhere = form.text("scope")? == "everywhere";
    let reason = recall::number(&recall::REASONS, "reason", form.text("reason")?)?;
    let note = form.fields.get("note").map(str::trim).unwrap_or_default().to_owned();
    let call =
        holdBackCall { things: vec![id.to_string()], everywhere, reason, note: note.clone() };
    let thing = form.seat.console.labels.line(id.as_str());
    let planned = Planned::new("Hold this back", lots::ADDRESS, &call, "recalls")
        .fact("What", thing)
        .fact("For whom", if everywhere { "everybody" } else { "this organisation" })
        .fact("Why", recall::reason(reason))
        .of_goods();
    Ok(if note.is_empty() { planned } else { planned.fact("Note", note) })
}

fn release(form: &Form<'_>) -> Result<Planned, Trouble> {
    let id = form.number("hold")?;
    let call = releaseCall { id, note: String::new() };
    Ok(Planned::new(format!("Release hold {id}"), lots::ADDRESS, &call, "recalls").of_goods())
}

/// Line by line: each begins with its thing; a single piece has a word, an amount four numbers.
fn answer(form: &Form<'_>) -> Result<Planned, Trouble> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    for (name, value) in form.fields.pairs() {
        let value = value.trim().to_owned();
        if name == "thing" {
            outcomes.push(empty(value));
            continue;
        }
        let Some(last) = outcomes.last_mut() else { continue };
        match name {
            "unit" => last.unit = value,
            "piece" if !value.is_empty() => set(last, &value, "1"),
            fate if FATES.contains(&fate) => set(last, fate, &value),
            _ => {}
        }
    }
    outcomes.retain(is_said);
    planned(form, form.number("recall")?, outcomes)
}

/// Everything that is not answered yet had one fate.
async fn answer_all(form: &Form<'_>) -> Result<Planned, Trouble> {
    let (id, fate) = (form.number("recall")?, form.text("fate")?);
    if !FATES.contains(&fate) {
        return Err(Trouble::Unclear(format!("“{fate}” is not what may become of goods.")));
    }
    let (chain, own) = (&*form.seat.console.chain, form.seat.desk.organisation);
    let lines = recalls::lines(chain, id, own).await?;
    let open = lines.iter().filter(|line| !line.answered).take(module::LINES_MAX);
    let outcomes = open.map(|line| {
        let mut outcome = empty(line.thing.clone());
        outcome.unit = line.unit.unwrap_or_default().to_owned();
        set(&mut outcome, fate, &line.affected);
        outcome
    });
    planned(form, id, outcomes.collect())
}

fn planned(form: &Form<'_>, id: u64, outcomes: Vec<Outcome>) -> Result<Planned, Trouble> {
    if outcomes.is_empty() {
        return Err(Trouble::Unclear("Say of at least one line what became of it.".to_owned()));
    }
    let own = form.seat.desk.organisation;
    let back = format!("recalls/{id}/notices/{own}");
    let call = answerCall { id, outcomes: outcomes.clone() };
    let mut planned =
        Planned::new(format!("Answer recall {id}"), module::ADDRESS, &call, back).of_goods();
    for outcome in outcomes.iter().take(10) {
        planned = planned.fact(
            "Line",
            format!("{}: {}", form.seat.console.labels.line(&outcome.thing), said(outcome)),
        );
    }
    if outcomes.len() > 10 {
        planned = planned.fact("And", format!("{} more lines", outcomes.len() - 10));
    }
    Ok(planned)
}

fn empty(thing: String) -> Outcome {
    Outcome {
        thing,
        unit: String::new(),
        held: String::new(),
        returned: String::new(),
        destroyed: String::new(),
        sold: String::new(),
    }
}

fn set(outcome: &mut Outcome, fate: &str, value: &str) {
    let field = match fate {
        "held" => &mut outcome.held,
        "returned" => &mut outcome.returned,
        "destroyed" => &mut outcome.destroyed,
        _ => &mut outcome.sold,
    };
    value.clone_into(field);
}

fn parts(outcome: &Outcome) -> [(&str, &str); 4] {
    [
        (&outcome.held, "held"),
        (&outcome.returned, "returned"),
        (&outcome.destroyed, "destroyed"),
        (&outcome.sold, "sold"),
    ]
}

fn is_said(outcome: &Outcome) -> bool {
    parts(outcome).iter().any(|(number, _)| !number.is_empty())
}

fn said(outcome: &Outcome) -> String {
    let told = parts(outcome).into_iter().filter(|(number, _)| !number.is_empty());
    let told: Vec<String> =
        told.map(|(number, word)| format!("{number} {} {word}", outcome.unit)).collect();
    told.join(", ").replace("  ", " ")
}
