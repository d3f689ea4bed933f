//! The events of a run, stage by stage, as EPCIS 2.0 in JSON.

use super::{DISTRIBUTION, FARMERS, PROCESSING, RETAIL, Run, Told};

const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/// 2026-01-01T00:00:00Z, the first day.
const FIRST_DAY: i64 = 1_767_225_600;

/// Seconds that a day of the trade takes: the largest trade takes some years.
const DAY_SECONDS: i64 = 6_000;

/// Kilograms of each raw lot, and of the product: the rest is lost in the making.
const RAW: u64 = 400;
const MADE: u64 = 1_080;

/// One stage of a run under way.
struct Teller<'a> {
    run: &'a Run,
    day: u64,
    told: Vec<Told>,
}

impl Run {
    /// The events of one stage.
    pub(super) fn stage(&self, stage: u64, day: u64) -> Vec<Told> {
        let mut teller = Teller { run: self, day, told: Vec::new() };
        match stage {
            0 => teller.harvest(),
            1 => teller.carry_to_processor(),
            2 => teller.receive_raw(),
            3 => teller.make(),
            4 => teller.ship_pallets(),
            5 => teller.receive_pallets(),
            6 => teller.fill_cages(),
            7 => teller.ship_cages(),
            8 => teller.empty_cages(),
            _ => teller.sell(),
        }
        teller.told
    }
}

impl Teller<'_> {
    fn harvest(&mut self) {
        for nth in 0..3 {
            let (lot, farm) = (&self.run.raw[nth], &self.run.farms[nth]);
            let ilmd = format!(
                r#","ilmd":{{"farm:harvested":"{}","farm:field":"F{}"}}"#,
                self.date(),
                self.run.number % 97
            );
            let what = format!("{},{}{ilmd}", at(farm), quantities("quantityList", lot, RAW));
            self.object(FARMERS, "ADD", "commissioning", "active", &what);
        }
    }

    fn carry_to_processor(&mut self) {
        for nth in 0..3 {
            let (lot, farm) = (&self.run.raw[nth], &self.run.farms[nth]);
            let goods = quantities("quantityList", lot, RAW);
            let what = format!("{},{goods}", from(farm));
            self.object(FARMERS, "OBSERVE", "shipping", "in_transit", &what);
            let goods = quantities("quantityList", lot, RAW);
            let what = format!("{},{goods},{}", from(farm), self.temperatures(nth as u64));
            self.object(FARMERS, "OBSERVE", "transporting", "in_transit", &what);
        }
    }

    fn receive_raw(&mut self) {
        for lot in &self.run.raw.clone() {
            let goods = quantities("quantityList", lot, RAW);
            let what = format!("{},{goods}", at(&self.run.processor));
            self.object(PROCESSING, "OBSERVE", "receiving", "in_progress", &what);
        }
    }

    fn make(&mut self) {
        let [a, b, c] = &self.run.raw;
        let inputs = [a, b, c].map(|lot| quantity(lot, RAW)).join(",");
        let what = format!(
            r#"{},"inputQuantityList":[{inputs}],{}"#,
            at(&self.run.processor),
            quantities("outputQuantityList", &self.run.product, MADE)
        );
        self.tell(PROCESSING, "TransformationEvent", None, "creating_class_instance", &what);
        for pallet in &self.run.pallets.clone() {
            let what = self.packed(pallet, MADE / 2, &self.run.processor);
            self.tell(PROCESSING, "AggregationEvent", Some("ADD"), "packing", &what);
        }
    }

    fn ship_pallets(&mut self) {
        let goods = things("epcList", &self.run.pallets);
        let what = format!("{},{goods},{}", from(&self.run.processor), self.documents());
        self.object(PROCESSING, "OBSERVE", "shipping", "in_transit", &what);
        let what = format!("{},{goods},{}", from(&self.run.processor), self.temperatures(7));
        self.object(PROCESSING, "OBSERVE", "transporting", "in_transit", &what);
    }

    fn receive_pallets(&mut self) {
        let goods = things("epcList", &self.run.pallets);
        let what = format!("{},{goods},{}", at(&self.run.centre), self.documents());
        self.object(DISTRIBUTION, "OBSERVE", "receiving", "in_progress", &what);
        for pallet in &self.run.pallets.clone() {
            let what = self.packed(pallet, MADE / 2, &self.run.centre);
            self.tell(DISTRIBUTION, "AggregationEvent", Some("DELETE"), "unpacking", &what);
        }
    }

    fn fill_cages(&mut self) {
        for cage in &self.run.cages.clone() {
            let what = self.packed(cage, MADE / 4, &self.run.centre);
            self.tell(DISTRIBUTION, "AggregationEvent", Some("ADD"), "packing", &what);
        }
    }

    fn ship_cages(&mut self) {
        for cage in &self.run.cages.clone() {
            let what = format!("{},{}", from(&self.run.centre), thing("epcList", cage));
            self.object(DISTRIBUTION, "OBSERVE", "shipping", "in_transit", &what);
        }
    }

    fn empty_cages(&mut self) {
        for nth in 0..4 {
            let (cage, store) = (&self.run.cages[nth], &self.run.stores[nth]);
            let what = format!("{},{}", at(store), thing("epcList", cage));
            let emptied = self.packed(cage, MADE / 4, store);
            self.object(RETAIL, "OBSERVE", "receiving", "in_progress", &what);
            self.tell(RETAIL, "AggregationEvent", Some("DELETE"), "unpacking", &emptied);
        }
    }

    fn sell(&mut self) {
        for store in &self.run.stores.clone() {
            let goods = quantities("quantityList", &self.run.product, MADE / 4);
            let what = format!("{},{goods}", at(store));
            self.object(RETAIL, "OBSERVE", "retail_selling", "retail_sold", &what);
        }
    }

    fn object(&mut self, party: u64, action: &str, step: &str, disposition: &str, what: &str) {
        let what = format!(r#""disposition":"{disposition}",{what}"#);
        self.tell(party, "ObjectEvent", Some(action), step, &what);
    }

    fn tell(&mut self, party: u64, kind: &str, action: Option<&str>, step: &str, what: &str) {
        let context = match what.contains("farm:") {
            true => format!(r#"["{CONTEXT}",{{"farm":"https://farm.example/"}}]"#),
            false => format!(r#"["{CONTEXT}"]"#),
        };
        let action = action.map(|action| format!(r#""action":"{action}","#)).unwrap_or_default();
        let time = self.time(self.told.len() as i64 * 60);
        let body = format!(
            r#"{{"@context":{context},"type":"{kind}","eventTime":"{time}","eventTimeZoneOffset":"+08:00",{action}"bizStep":"{step}",{what}}}"#
        );
        self.told.push(Told { party, body });
    }

    fn packed(&self, parent: &str, amount: u64, place: &str) -> String {
        let goods = quantities("childQuantityList", &self.run.product, amount);
        format!(r#"{},"parentID":"{parent}",{goods}"#, at(place))
    }

    fn documents(&self) -> String {
        let Run { despatch, order, processor, centre, .. } = self.run;
        let document =
            |kind: &str, id: &str| format!(r#"{{"type":"{kind}","bizTransaction":"{id}"}}"#);
        format!(
            r#""bizTransactionList":[{},{}],"sourceList":[{{"type":"location","source":"{processor}"}}],"destinationList":[{{"type":"location","destination":"{centre}"}}]"#,
            document("desadv", despatch),
            document("po", order)
        )
    }

    /// A curve of three values on the way.
    fn temperatures(&self, salt: u64) -> String {
        let value =
            |nth: u64| (crate::random::mix(self.run.number * 8 + salt + nth) % 40) as f64 / 10.0;
        let report = |nth: u64| {
            let time = self.time(nth as i64 * 1_000);
            format!(
                r#"{{"type":"Temperature","value":{:.1},"uom":"CEL","time":"{time}"}}"#,
                1.0 + value(nth)
            )
        };
        let reports = [report(0), report(1), report(2)].join(",");
        let device = format!("https://id.gs1.org/8004/9521000D{}", self.run.number % 5_000);
        format!(
            r#""sensorElementList":[{{"sensorMetadata":{{"deviceID":"{device}"}},"sensorReport":[{reports}]}}]"#
        )
    }

    fn seconds(&self) -> i64 {
        FIRST_DAY + self.day as i64 * DAY_SECONDS + (self.run.number % 25) as i64 * 120
    }

    fn time(&self, later: i64) -> String {
        text_of(self.seconds() + later)
    }

    fn date(&self) -> String {
        self.time(0).chars().take(10).collect()
    }
}

fn text_of(unix: i64) -> String {
    jiff::Timestamp::from_second(unix).expect("a time of this century").to_string()
}

/// Where a thing is seen, and stays.
fn at(place: &str) -> String {
    format!(r#""readPoint":{{"id":"{place}"}},"bizLocation":{{"id":"{place}"}}"#)
}

/// Where a thing is seen, and leaves.
fn from(place: &str) -> String {
    format!(r#""readPoint":{{"id":"{place}"}}"#)
}

fn quantity(lot: &str, amount: u64) -> String {
    format!(r#"{{"epcClass":"{lot}","quantity":{amount},"uom":"KGM"}}"#)
}

fn quantities(field: &str, lot: &str, amount: u64) -> String {
    format!(r#""{field}":[{}]"#, quantity(lot, amount))
}

fn thing(field: &str, id: &str) -> String {
    format!(r#""{field}":["{id}"]"#)
}

fn things(field: &str, ids: &[String]) -> String {
    format!(r#""{field}":["{}"]"#, ids.join(r#"",""#))
}
