//! From rows to events.

use std::collections::BTreeMap;

use qiao_epcis::{Event, Limits};
use serde_json::{Map, Value, json};

use super::{
    Built, Field, Line, LineProblem, Mapping, Outcome, Stage, keys, mapping::Columns, times,
};

const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/// Characters of a value that is told back.
const SHOWN_MAX: usize = 60;

/// Hashes of documents in one row at most.
const ATTACHMENTS_MAX: usize = 20;

/// A row with its fields.
struct Row<'a> {
    number: usize,
    heads: &'a [String],
    columns: &'a Columns,
    cells: &'a [String],
    mapping: &'a Mapping,
    stage: Stage,
}

/// What is wrong with one row: the field, what stands there, the code and the rule.
type Wrong = (Field, &'static str, String);

/// An event in the making, and the lines that it has.
struct Draft {
    lines: Vec<usize>,
    fields: Map<String, Value>,
}

/// Makes events of the lines.
pub(super) fn build(
    heads: &[String],
    lines: &[Line],
    columns: &Columns,
    mapping: &Mapping,
) -> Outcome {
    let mut outcome = Outcome { lines: lines.len(), ..Outcome::default() };
    let mut drafts: Vec<(String, Draft)> = Vec::new();
    let mut seen: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines {
        if let Some(first) = seen.get(&line.cells) {
            outcome.repeated.push((line.number, *first));
            continue;
        }
        seen.insert(line.cells.clone(), line.number);
        let cells = &line.cells;
        match Row::of(line.number, heads, columns, cells, mapping).and_then(|row| row.draft()) {
            Err(problem) => outcome.problems.push(problem),
            Ok((key, draft)) => match places.get(&key) {
                Some(place) => join(&mut drafts[*place].1, draft),
                None => {
                    places.insert(key.clone(), drafts.len());
                    drafts.push((key, draft));
                }
            },
        }
    }
    for (_, draft) in drafts {
        match finished(&draft) {
            Ok(event) => outcome.events.push(Built { lines: draft.lines, event }),
            Err(problem) => outcome.problems.push(problem),
        }
    }
    outcome.problems.sort_by_key(|problem| problem.line);
    outcome
}

/// Adds the lists of a row to those of the event that it belongs to.
fn join(event: &mut Draft, more: Draft) {
    event.lines.extend(more.lines);
    for (name, value) in more.fields {
        let Value::Array(items) = value else { continue };
        match event.fields.get_mut(&name) {
            Some(Value::Array(known)) => {
                for item in items {
                    if !known.contains(&item) {
                        known.push(item);
                    }
                }
            }
            _ => _ = event.fields.insert(name, Value::Array(items)),
        }
    }
}

/// The event, checked by the rules of EPCIS.
fn finished(draft: &Draft) -> Result<Event, LineProblem> {
    let mut fields = draft.fields.clone();
    fields.insert("@context".into(), json!([CONTEXT, { "cbvmda": "urn:epcglobal:cbv:mda:" }]));
    let text = Value::Object(fields).to_string();
    Event::parse(text.as_bytes(), &Limits::EVENT).map_err(|problems| {
        let first = problems.into_iter().next();
        LineProblem {
            line: draft.lines.first().copied().unwrap_or_default(),
            column: first.as_ref().map(|problem| problem.field.clone()).unwrap_or_default(),
            code: first.as_ref().map_or("import.event", |problem| problem.code).to_owned(),
            value: String::new(),
            rule: first.map(|problem| problem.rule).unwrap_or_default(),
        }
    })
}

impl<'a> Row<'a> {
    fn of(
        number: usize,
        heads: &'a [String],
        columns: &'a Columns,
        cells: &'a [String],
        mapping: &'a Mapping,
    ) -> Result<Self, LineProblem> {
        let mut row = Self { number, heads, columns, cells, mapping, stage: Stage::Commission };
        let named = row.get(Field::Stage);
        row.stage = match (Stage::from_name(named), mapping.stage) {
            (Some(stage), _) => stage,
            (None, Some(stage)) if named.is_empty() => stage,
            _ => {
                let words = Stage::ALL.map(Stage::as_str).join("`, `");
                return Err(row.wrong((Field::Stage, "import.stage", format!("one of `{words}`"))));
            }
        };
        for field in row.stage.required() {
            if row.get(*field).is_empty() {
                let rule = format!("`{}` needs it", row.stage.as_str());
                return Err(row.wrong((*field, "import.missing", rule)));
            }
        }
        Ok(row)
    }

    fn get(&self, field: Field) -> &str {
        let cell = self.columns.get(&field).and_then(|place| self.cells.get(*place));
        let cell = cell.map(|cell| bare(cell.trim())).filter(|cell| !cell.is_empty());
        cell.or_else(|| self.mapping.values.get(&field).map(String::as_str)).unwrap_or_default()
    }

    fn has(&self, field: Field) -> bool {
        !self.get(field).is_empty()
    }

    fn wrong(&self, (field, code, rule): Wrong) -> LineProblem {
        let column = self.columns.get(&field).and_then(|place| self.heads.get(*place));
        LineProblem {
            line: self.number,
            column: column.cloned().unwrap_or_else(|| field.as_str().to_owned()),
            code: code.to_owned(),
            value: self.get(field).chars().take(SHOWN_MAX).collect(),
            rule,
        }
    }

    /// The event of the row, and the key under which rows belong to one event.
    fn draft(&self) -> Result<(String, Draft), LineProblem> {
        self.fields()
            .map_err(|wrong| self.wrong(wrong))
            .map(|(key, fields)| (key, Draft { lines: vec![self.number], fields }))
    }

    fn fields(&self) -> Result<(String, Map<String, Value>), Wrong> {
        let pattern = self.mapping.dates.as_deref();
        let zone = self.get(Field::Zone);
        let (time, zone) =
            times::moment(self.get(Field::Date), self.get(Field::Time), zone, pattern).map_err(
                |rule| {
                    let field = if rule.contains("offset") { Field::Zone } else { Field::Date };
                    (field, "import.date", rule.to_owned())
                },
            )?;
        let mut fields = Map::new();
        fields.insert("eventTime".into(), json!(time));
        fields.insert("eventTimeZoneOffset".into(), json!(zone));
        let place = self.key(Field::Location, "414")?;
        let key = match self.stage {
            Stage::Aggregate => {
                let parent = self.key(Field::Parent, "00")?;
                self.aggregate(&mut fields, &parent)?;
                format!("aggregate {parent} {time} {place}")
            }
            Stage::Transform => {
                let output = self.lot(Field::Gtin, Field::Lot)?;
                self.transform(&mut fields, &output)?;
                format!("transform {output} {time} {place}")
            }
            _ => {
                self.things(&mut fields)?;
                // Rows of other stages are events of their own.
                format!("line {}", self.number)
            }
        };
        self.words(&mut fields)?;
        fields.insert("readPoint".into(), json!({ "id": place }));
        if self.stage != Stage::Ship {
            fields.insert("bizLocation".into(), json!({ "id": place }));
        }
        self.partners(&mut fields, &place)?;
        self.documents(&mut fields)?;
        self.temperature(&mut fields, &time)?;
        Ok((key, fields))
    }

    /// Type, action, business step and disposition.
    fn words(&self, fields: &mut Map<String, Value>) -> Result<(), Wrong> {
        let has_serial = self.has(Field::Serial);
        let (kind, action, step, disposition) = match self.stage {
            Stage::Commission if has_serial => ("ObjectEvent", "ADD", "commissioning", "active"),
            Stage::Commission => ("ObjectEvent", "ADD", "creating_class_instance", "active"),
            Stage::Aggregate => ("AggregationEvent", "ADD", "packing", "container_closed"),
            Stage::Ship => ("ObjectEvent", "OBSERVE", "shipping", "in_transit"),
            Stage::Receive => ("ObjectEvent", "OBSERVE", "receiving", "in_progress"),
            Stage::Transform => ("TransformationEvent", "", "creating_class_instance", "active"),
            Stage::Inspect => ("ObjectEvent", "OBSERVE", "inspecting", self.outcome()?),
            Stage::Sell => ("ObjectEvent", "OBSERVE", "retail_selling", "retail_sold"),
        };
        fields.insert("type".into(), json!(kind));
        if !action.is_empty() {
            fields.insert("action".into(), json!(action));
        }
        fields.insert("bizStep".into(), json!(step));
        fields.insert("disposition".into(), json!(disposition));
        Ok(())
    }

    fn outcome(&self) -> Result<&'static str, Wrong> {
        match self.get(Field::Result).to_ascii_lowercase().as_str() {
            "" | "conformant" | "ok" | "pass" => Ok("conformant"),
            "non_conformant" | "non-conformant" | "fail" => Ok("non_conformant"),
            _ => Err((Field::Result, "import.result", "`conformant` or `non_conformant`".into())),
        }
    }

    fn key(&self, field: Field, ai: &str) -> Result<String, Wrong> {
        keys::plain(ai, self.get(field)).map_err(|rule| (field, "import.key", rule))
    }

    fn lot(&self, gtin: Field, lot: Field) -> Result<String, Wrong> {
        let value = self.get(lot);
        if value.is_empty() {
            return Err((lot, "import.missing", format!("`{}` needs it", self.stage.as_str())));
        }
        keys::product(self.get(gtin), Some(("10", value)))
            .map_err(|rule| (gtin, "import.key", rule))
    }

    /// What the row is about: a case or pallet, an item, a quantity of a lot, or something scanned.
    fn things(&self, fields: &mut Map<String, Value>) -> Result<(), Wrong> {
        if let Some(scanned) = keys::scanned(self.get(Field::Gtin)) {
            let id = scanned.map_err(|rule| (Field::Gtin, "import.key", rule))?;
            let is_class = qiao_epcis::Identifier::parse(&id).is_ok_and(|id| id.is_class());
            if is_class {
                fields.insert(
                    "quantityList".into(),
                    json!([self.amount(&id, Field::Quantity, Field::Unit)?]),
                );
            } else {
                fields.insert("epcList".into(), json!([id]));
            }
        } else if self.has(Field::Sscc) {
            fields.insert("epcList".into(), json!([self.key(Field::Sscc, "00")?]));
        } else if self.has(Field::Serial) {
            fields.insert("epcList".into(), json!([self.item()?]));
        } else {
            let lot = self.lot(Field::Gtin, Field::Lot)?;
            fields.insert(
                "quantityList".into(),
                json!([self.amount(&lot, Field::Quantity, Field::Unit)?]),
            );
        }
        if self.stage == Stage::Commission {
            self.master_data(fields)?;
        }
        Ok(())
    }

    fn item(&self) -> Result<String, Wrong> {
        let serial = Some(("21", self.get(Field::Serial)));
        keys::product(self.get(Field::Gtin), serial)
            .map_err(|rule| (Field::Gtin, "import.key", rule))
    }

    fn aggregate(&self, fields: &mut Map<String, Value>, parent: &str) -> Result<(), Wrong> {
        fields.insert("parentID".into(), json!(parent));
        if self.has(Field::Sscc) {
            fields.insert("childEPCs".into(), json!([self.key(Field::Sscc, "00")?]));
        } else if self.has(Field::Serial) {
            fields.insert("childEPCs".into(), json!([self.item()?]));
        } else {
            let lot = self.lot(Field::Gtin, Field::Lot)?;
            let amount = self.amount(&lot, Field::Quantity, Field::Unit)?;
            fields.insert("childQuantityList".into(), json!([amount]));
        }
        Ok(())
    }

    fn transform(&self, fields: &mut Map<String, Value>, output: &str) -> Result<(), Wrong> {
        let input = self.lot(Field::InputGtin, Field::InputLot)?;
        let used = self.amount(&input, Field::InputQuantity, Field::InputUnit)?;
        fields.insert("inputQuantityList".into(), json!([used]));
        let made = self.amount(output, Field::Quantity, Field::Unit)?;
        fields.insert("outputQuantityList".into(), json!([made]));
        self.master_data(fields)
    }

    fn amount(&self, class: &str, quantity: Field, unit: Field) -> Result<Value, Wrong> {
        let mut amount = json!({ "epcClass": class });
        let text = self.get(quantity);
        if text.is_empty() {
            return Ok(amount);
        }
        amount["quantity"] = number(text).filter(|_| !text.starts_with('-')).ok_or_else(|| {
            let rule = "a number such as `12` or `31.5`, without thousands' separators";
            (quantity, "import.quantity", rule.to_owned())
        })?;
        let uom = self.get(unit);
        if !uom.is_empty() && uom != "EA" {
            amount["uom"] = json!(uom);
        }
        Ok(amount)
    }

    fn master_data(&self, fields: &mut Map<String, Value>) -> Result<(), Wrong> {
        let mut ilmd = Map::new();
        if self.has(Field::Lot) {
            ilmd.insert("cbvmda:lotNumber".into(), json!(self.get(Field::Lot)));
        }
        if self.has(Field::BestBefore) {
            let day = times::day(self.get(Field::BestBefore), self.mapping.dates.as_deref());
            let day = day.map_err(|rule| (Field::BestBefore, "import.date", rule.to_owned()))?;
            ilmd.insert("cbvmda:bestBeforeDate".into(), json!(day));
        }
        if !ilmd.is_empty() {
            fields.insert("ilmd".into(), Value::Object(ilmd));
        }
        Ok(())
    }

    /// Who hands over to whom: known for shipping and receiving.
    fn partners(&self, fields: &mut Map<String, Value>, place: &str) -> Result<(), Wrong> {
        let other = |field: Field| -> Result<Option<String>, Wrong> {
            if self.has(field) { self.key(field, "414").map(Some) } else { Ok(None) }
        };
        let (from, to) = match self.stage {
            Stage::Ship => {
                (Some(other(Field::From)?.unwrap_or_else(|| place.to_owned())), other(Field::To)?)
            }
            Stage::Receive => {
                (other(Field::From)?, Some(other(Field::To)?.unwrap_or_else(|| place.to_owned())))
            }
            _ => return Ok(()),
        };
        if let Some(from) = from {
            fields.insert("sourceList".into(), json!([{ "type": "location", "source": from }]));
        }
        if let Some(to) = to {
            fields.insert(
                "destinationList".into(),
                json!([{ "type": "location", "destination": to }]),
            );
        }
        Ok(())
    }

    /// Numbers of documents, under the GLN of the place, and hashes of attached ones.
    fn documents(&self, fields: &mut Map<String, Value>) -> Result<(), Wrong> {
        let kinds = [
            (Field::Order, "po"),
            (Field::DespatchAdvice, "desadv"),
            (Field::Invoice, "inv"),
            (Field::ProductionOrder, "prodorder"),
            (Field::Certificate, "cert"),
        ];
        let gln: String = self.get(Field::Location).chars().filter(char::is_ascii_digit).collect();
        let mut list = Vec::new();
        for (field, kind) in kinds {
            let number = self.get(field);
            if number.is_empty() {
                continue;
            }
            let is_plain =
                number.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._/()+=,".contains(&b));
            if !is_plain || number.len() > 80 {
                let rule = "a number of at most 80 letters, digits and `-._/()+=,`";
                return Err((field, "import.document", rule.to_owned()));
            }
            let id = format!("urn:epcglobal:cbv:bt:{gln}:{}", number.replace('/', "%2F"));
            list.push(json!({ "type": kind, "bizTransaction": id }));
        }
        let hashes: Vec<&str> = self.get(Field::Attachments).split_whitespace().collect();
        let is_hash = |hash: &&str| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        if hashes.len() > ATTACHMENTS_MAX || !hashes.iter().all(is_hash) {
            let rule = "at most 20 SHA-256 hashes of 64 hexadecimal digits, separated by blanks";
            return Err((Field::Attachments, "import.attachments", rule.to_owned()));
        }
        let attached = hashes.iter().map(|hash| {
            json!({ "bizTransaction": format!("ni:///sha-256;{}", hash.to_ascii_lowercase()) })
        });
        list.extend(attached);
        if !list.is_empty() {
            fields.insert("bizTransactionList".into(), Value::Array(list));
        }
        Ok(())
    }

    fn temperature(&self, fields: &mut Map<String, Value>, time: &str) -> Result<(), Wrong> {
        let text = self.get(Field::Temperature);
        if text.is_empty() {
            return Ok(());
        }
        let value = number(text).ok_or_else(|| {
            let rule = "degrees Celsius, such as `3.5` or `-18`".to_owned();
            (Field::Temperature, "import.temperature", rule)
        })?;
        let report = json!({ "type": "Temperature", "value": value, "uom": "CEL" });
        let element = json!({ "sensorMetadata": { "time": time }, "sensorReport": [report] });
        fields.insert("sensorElementList".into(), json!([element]));
        Ok(())
    }
}

/// A text without the apostrophe that keeps spreadsheets from taking it for a formula.
fn bare(text: &str) -> &str {
    let rest = text.strip_prefix('\'');
    rest.filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(text)
}

/// A decimal number as JSON has it.
fn number(text: &str) -> Option<Value> {
    const DIGITS_MAX: usize = 18;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').map_or((digits, None), |(a, b)| (a, Some(b)));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let holds = is_number(whole) && part.is_none_or(is_number) && digits.len() <= DIGITS_MAX;
    let plain = whole.trim_start_matches('0');
    let plain = if plain.is_empty() { "0" } else { plain };
    let sign = if text.starts_with('-') { "-" } else { "" };
    let written = match part {
        Some(part) => format!("{sign}{plain}.{part}"),
        None => format!("{sign}{plain}"),
    };
    holds.then(|| serde_json::from_str(&written).ok()).flatten()
}
