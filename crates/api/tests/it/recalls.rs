//! A recall over REST: from a suspect lot to everybody who has some of it, and to the report.

use std::{net::SocketAddr, sync::Arc};

use alloy_primitives::keccak256;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::SolCall;
use qiao_api::{
    Chain, Door,
    door::{self, Holder, Keys, Kind, Server, fresh_key, print_entries},
    finance::{Access, Desks},
    rest,
};
use qiao_devchain::DevChain;
use qiao_modules::{
    lots::{self, ILots},
    traceability::{self, ITraceability},
};
use qiao_types::{Address, Genesis, GenesisMember, GenesisOrganisation, RoleName};
use serde_json::{Value, json};

use crate::support::{Answer, genesis as plain_genesis, send};

const PACKER: u64 = 1;
const STORE: u64 = 2;
const KITCHEN: u64 = 3;
const AUTHORITY: u64 = 4;
const NAMES: [&str; 4] = ["Red Packer", "Corner Store", "School Kitchen", "Market Authority"];

const LOT: &str = "https://id.gs1.org/01/09521001000017/10/M0318";
const URN: &str = "urn:epc:class:lgtin:9521001.000001.M0318";
const LABEL: &str = "%2801%2909521001000017%2810%29M0318";

fn account(organisation: u64) -> PrivateKeySigner {
    let secret = keccak256(format!("recalls {organisation}"));
    PrivateKeySigner::from_bytes(&secret).unwrap()
}

fn genesis() -> Genesis {
    let organisations = NAMES.iter().zip(1..).map(|(name, id)| {
        let role = if id == AUTHORITY { RoleName::Regulator } else { RoleName::Capturer };
        let roles = vec![RoleName::Admin, role];
        GenesisOrganisation {
            id,
            name: (*name).to_owned(),
            gln: None,
            accounts: vec![GenesisMember { address: account(id).address(), roles }],
        }
    });
    Genesis { organisations: organisations.collect(), ..plain_genesis() }
}

/// A node of the packer that keeps the desks of all others.
struct Trade {
    chain: Arc<DevChain>,
    address: String,
    _server: Server,
}

impl Trade {
    async fn start() -> Self {
        Self::behind(Door::default()).await
    }

    /// The packer makes ten kilograms of mince and ships six; the store receives them and sells two.
    async fn behind(door: Door) -> Self {
        let hosted = (2..=AUTHORITY).map(account).collect();
        let chain =
            DevChain::start_hosting(genesis(), Some(account(PACKER)), hosted).await.unwrap();
        let shared: Arc<dyn Chain> = chain.clone();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = door::serve(any, rest::router(shared), door, Kind::Pages).await.unwrap();
        let address = format!("http://{}", server.address());
        let trade = Self { chain, address, _server: server };
        let call = ILots::registerPrefixCall { prefix: "9521001".to_owned(), organisation: PACKER };
        trade.call(AUTHORITY, lots::ADDRESS, call).await;
        trade.capture(PACKER, "ADD", "commissioning", 10, 1).await;
        trade.capture(PACKER, "OBSERVE", "shipping", 6, 2).await;
        trade.capture(STORE, "OBSERVE", "receiving", 6, 3).await;
        trade.capture(STORE, "OBSERVE", "retail_selling", 2, 4).await;
        trade
    }

    /// Signs a call of a module for an organisation.
    async fn call<C: SolCall>(&self, organisation: u64, module: Address, call: C) -> C::Return {
        let desks = Desks::new(self.chain.clone());
        let desk = desks.open(Access::All, Some(organisation)).await.unwrap();
        desk.act(module, call).await.unwrap().returned
    }

    async fn capture(&self, party: u64, action: &str, step: &str, kilograms: u32, hour: u32) {
        // The check digit of the place's number.
        let check = (10 - (29 + party) % 10) % 10;
        let event = json!({
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "ObjectEvent",
            "action": action,
            "bizStep": step,
            "eventTime": format!("2026-03-01T{hour:02}:00:00Z"),
            "eventTimeZoneOffset": "+00:00",
            "readPoint": { "id": format!("https://id.gs1.org/414/952100{party}00000{check}") },
            "quantityList": [{ "epcClass": LOT, "quantity": kilograms, "uom": "KGM" }],
        });
        let events = vec![event.to_string().into_bytes().into()];
        let call = ITraceability::captureCall { party, events };
        self.call(party, traceability::ADDRESS, call).await;
    }

    async fn get(&self, organisation: u64, path: &str) -> Answer {
        let joint = if path.contains('?') { '&' } else { '?' };
        let url = format!("{}{path}{joint}as={organisation}", self.address);
        send("GET", url, Vec::new(), Vec::new()).await
    }

    async fn ask(&self, organisation: u64, path: &str) -> Value {
        let answer = self.get(organisation, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    async fn post(&self, organisation: u64, path: &str, body: Value) -> Answer {
        let url = format!("{}{path}?as={organisation}", self.address);
        let json = vec![("Content-Type", "application/json".to_owned())];
        send("POST", url, json, body.to_string().into_bytes()).await
    }

    /// Does something that has to be possible.
    async fn act(&self, organisation: u64, path: &str, body: Value) -> Value {
        let answer = self.post(organisation, path, body).await;
        assert!((200..300).contains(&answer.status), "{path}: {} {}", answer.status, answer.body);
        answer.json()
    }

    /// Does something that has to be refused, and gives status and code.
    async fn refused(&self, organisation: u64, path: &str, body: Value) -> (u16, String) {
        let answer = self.post(organisation, path, body).await;
        let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
        (answer.status, code)
    }

    async fn declared(&self) -> Value {
        self.act(PACKER, "/recalls", recall()).await
    }
}

fn recall() -> Value {
    json!({
        "lots": [URN],
        "reason": "contamination",
        "level": "consumer",
        "text": "Salmonella in the mince: stop selling, send back",
        "deadlineHours": 24,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn one_step_leads_from_a_suspect_lot_to_everybody_who_has_some_of_it() {
    let trade = Trade::start().await;
    for lot in [
        URN,
        "01/09521001000017/10/M0318",
        LABEL,
        "https%3A%2F%2Fa.example%2F01%2F09521001000017%2F10%2FM0318",
    ] {
        let found = trade.ask(PACKER, &format!("/recalls/affected?lot={lot}")).await;
        assert_eq!(found["lots"], 1, "{lot}: {found}");
        let line = |party: u64, state: &str| {
            let mut lines = found["lines"].as_array().unwrap().iter();
            let line = lines.find(|line| line["party"] == party && line["state"] == state);
            let line = line.unwrap_or_else(|| panic!("no {state} with {party}: {found}"));
            (line["quantity"].clone(), line["unit"].clone(), line["party_name"].clone())
        };
        assert_eq!(line(PACKER, "present"), (json!("4"), json!("KGM"), json!("Red Packer")));
        assert_eq!(line(STORE, "present"), (json!("4"), json!("KGM"), json!("Corner Store")));
        assert_eq!(line(STORE, "sold"), (json!("2"), json!("KGM"), json!("Corner Store")));
    }
    let csv = trade.get(PACKER, &format!("/recalls/affected.csv?lot={URN}")).await;
    assert!(csv.body.contains("Corner Store") && csv.body.contains("sold"), "{}", csv.body);
    let unknown = trade.get(PACKER, "/recalls/affected?lot=01/09521001000017/10/NO").await;
    assert_eq!((unknown.status, &unknown.json()["code"]), (404, &json!("recalls.nothing_known")));
    let nonsense = trade.get(PACKER, "/recalls/affected?lot=banana").await;
    assert_eq!((nonsense.status, &nonsense.json()["code"]), (400, &json!("recalls.invalid_input")));
    let nothing = trade.get(PACKER, "/recalls/affected").await;
    assert_eq!((nothing.status, &nothing.json()["code"]), (400, &json!("recalls.invalid_input")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_measures_everything_and_publishes_nothing() {
    let trade = Trade::start().await;
    let before = trade.chain.head();
    let drilled = trade.act(PACKER, "/recalls/drill", recall()).await;
    let steps: Vec<&str> =
        drilled["steps"].as_array().unwrap().iter().map(|s| s["what"].as_str().unwrap()).collect();
    assert_eq!(steps, ["found", "planned", "tried"]);
    assert!(drilled["elapsedMs"].is_u64() && drilled.get("refusal").is_none(), "{drilled}");
    assert_eq!(drilled["plan"]["things"], json!([LOT]));
    assert_eq!(drilled["plan"]["notices"][1]["party"]["name"], "Corner Store");
    assert_eq!(drilled["plan"]["notices"][1]["lines"][0]["quantity"], "6");
    // Who may not declare it hears why before it matters.
    let foreign = trade.act(STORE, "/recalls/drill", recall()).await;
    assert!(foreign["refusal"].as_str().unwrap().contains("recall.may_not_recall"), "{foreign}");
    assert_eq!(trade.chain.head(), before);
    assert!(trade.chain.waiting(None, 10).is_empty());
    assert_eq!(trade.ask(PACKER, "/recalls").await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn salmonella_in_the_mince_from_the_declaration_to_the_end() {
    let trade = Trade::start().await;
    let declared = trade.declared().await;
    assert_eq!(declared["recall"], 1);
    let told = declared["notices"].as_array().unwrap();
    assert!(told.iter().all(|notice| notice["isFinal"] == true), "{declared}");
    let journey = trade.ask(PACKER, "/journeys/01/09521001000017/10/M0318").await;
    let stop = &journey["stops"][0];
    assert_eq!(
        (&stop["kind"], &stop["number"], &stop["party"]),
        (&json!("recall"), &json!(1), &json!("Red Packer"))
    );
    assert_eq!(journey["standing"]["kind"], "clear", "no event says so, the chain does");

    let open = trade.ask(STORE, "/recalls/1").await;
    assert_eq!(open["told"].as_array().unwrap().len(), 2);
    assert_eq!((&open["reason"], &open["level"]), (&json!("contamination"), &json!("consumer")));
    assert_eq!(
        trade.refused(KITCHEN, "/recalls/1/acknowledge", json!({})).await,
        (409, "recall.not_notified".to_owned())
    );
    trade.act(STORE, "/recalls/1/acknowledge", json!({})).await;
    let again = trade.refused(STORE, "/recalls/1/acknowledge", json!({})).await;
    assert_eq!(again, (409, "recall.already_acknowledged".to_owned()));

    let notice = trade.ask(STORE, "/recalls/1/notices/2").await;
    assert_eq!(
        (&notice["state"], &notice["things"][0]["affected"]),
        (&json!("in_time"), &json!("6"))
    );
    assert_eq!(notice["things"][0]["thing"], LOT);
    let said = |destroyed: &str| {
        json!({ "outcomes": [{ "thing": LABEL.replace("%28", "(").replace("%29", ")"),
            "unit": "KGM", "destroyed": destroyed, "sold": "2" }] })
    };
    let much = trade.refused(STORE, "/recalls/1/answer", said("5")).await;
    assert_eq!(much, (409, "recall.exceeds_notice".to_owned()));
    trade.act(STORE, "/recalls/1/answer", said("3.5")).await;

    let report = trade.ask(PACKER, "/recalls/1/report").await;
    let total = &report["totals"][0];
    let amounts: Vec<&str> = ["affected", "accounted", "recovered", "sold"]
        .iter()
        .map(|name| total[*name].as_str().unwrap())
        .collect();
    assert_eq!(amounts, ["10", "5.5", "3.5", "2"]);
    assert_eq!(
        (&total["accountedPercent"], &report["acknowledgedPercent"]),
        (&json!(55), &json!(50))
    );
    assert_eq!((&report["recall"]["answered"], &report["recall"]["lines"]), (&json!(1), &json!(2)));
    let csv = trade.get(PACKER, "/recalls/1/report.csv").await.body;
    assert!(csv.contains("Corner Store") && csv.contains("5.5"), "{csv}");

    let foreign = trade.refused(STORE, "/recalls/1/close", json!({ "text": "over" })).await;
    assert_eq!(foreign, (409, "recall.not_declarer".to_owned()));
    trade.act(PACKER, "/recalls/1/close", json!({ "text": "All of it is accounted for" })).await;
    assert!(trade.ask(PACKER, "/recalls").await[0]["endedAt"].is_u64());
    let journey = trade.ask(PACKER, "/journeys/01/09521001000017/10/M0318").await;
    assert_eq!(journey["stops"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_answer_in_time_is_overdue_for_everybody_to_see() {
    let trade = Trade::start().await;
    trade.declared().await;
    trade.act(PACKER, "/recalls/1/acknowledge", json!({})).await;
    assert_eq!(trade.ask(PACKER, "/recalls/1").await["overdue"], 0);
    trade.chain.mine(2, 25 * 3_600).await.unwrap();
    let late = trade.ask(PACKER, "/recalls/1").await;
    assert_eq!((&late["overdue"], &late["inTime"]), (&json!(1), &json!(1)));
    assert_eq!(
        (&late["told"][0]["party"]["name"], &late["told"][0]["state"]),
        (&json!("Corner Store"), &json!("overdue"))
    );
    trade.act(STORE, "/recalls/1/acknowledge", json!({})).await;
    let noted = trade.ask(PACKER, "/recalls/1/report").await;
    assert_eq!(
        (&noted["recall"]["overdue"], &noted["recall"]["acknowledged"]),
        (&json!(0), &json!(2))
    );
    assert_eq!(noted["notices"][0]["state"], "late");
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_that_moved_since_are_told_again() {
    let trade = Trade::start().await;
    trade.declared().await;
    let nothing = trade.act(PACKER, "/recalls/1/notify", json!({})).await;
    assert_eq!(nothing, json!([]));
    // A delivery that was recorded late: the kitchen took a kilogram from the packer.
    trade.capture(KITCHEN, "OBSERVE", "receiving", 1, 5).await;
    let told = trade.act(PACKER, "/recalls/1/notify", json!({})).await;
    assert_eq!(
        (&told[0]["party"]["name"], &told[0]["isFinal"]),
        (&json!("School Kitchen"), &json!(true))
    );
    assert_eq!(trade.ask(KITCHEN, "/recalls/1/notices/3").await["things"][0]["affected"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_seen_by_quality_assurance_and_on_the_page_of_its_holder() {
    let trade = Trade::start().await;
    let hold = json!({ "things": [LOT], "reason": "quality check", "note": "smell" });
    let held = trade.act(STORE, "/holds", hold).await;
    assert_eq!(held["number"], 1);
    let listed = trade.ask(PACKER, "/holds").await;
    assert_eq!((&listed[0]["things"], &listed[0]["kind"]), (&json!([LOT]), &json!("holder")));
    assert_eq!(trade.ask(PACKER, "/watched").await["holds"][0]["note"], "smell");
    // The store has it: its own hold is told with the lot.
    let journey = trade.ask(PACKER, "/journeys/01/09521001000017/10/M0318").await;
    assert_eq!(
        (&journey["stops"][0]["kind"], &journey["stops"][0]["text"]),
        (&json!("hold"), &json!("smell"))
    );
    let foreign = trade.refused(PACKER, "/holds/1/release", json!({})).await;
    assert_eq!(foreign, (409, "lots.may_not_release".to_owned()));
    trade.act(STORE, "/holds/1/release", json!({ "note": "fine" })).await;
    assert_eq!(trade.ask(PACKER, "/holds").await, json!([]));
    let everywhere = json!({ "things": [LOT], "everywhere": true, "reason": "order" });
    assert_eq!(trade.refused(STORE, "/holds", everywhere.clone()).await.0, 409);
    trade.act(AUTHORITY, "/holds", everywhere).await;
    // A recall below a newer hold is still told first.
    trade.declared().await;
    let later = json!({ "things": [LOT], "everywhere": true, "reason": "order" });
    trade.act(AUTHORITY, "/holds", later).await;
    let journey = trade.ask(PACKER, "/journeys/01/09521001000017/10/M0318").await;
    assert_eq!(journey["stops"][0]["kind"], "recall");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_with_the_field() {
    let trade = Trade::start().await;
    let mut wrong = recall();
    wrong["reason"] = json!("bad mood");
    let invalid = (400, "recalls.invalid_input".to_owned());
    assert_eq!(trade.refused(PACKER, "/recalls", wrong).await, invalid);
    let mut silent = recall();
    silent["text"] = json!(" ");
    assert_eq!(trade.refused(PACKER, "/recalls", silent).await, invalid);
    let mut soon = recall();
    soon["deadlineHours"] = json!(0);
    assert_eq!(
        trade.refused(PACKER, "/recalls", soon).await,
        (409, "recall.invalid_deadline".to_owned())
    );
    assert_eq!(
        trade.refused(PACKER, "/recalls", json!({ "lots": [LOT] })).await,
        (400, "rest.malformed".to_owned())
    );
    for (path, field, value) in [
        ("/recalls", "lots", json!(["no lot"])),
        ("/recalls", "level", json!("cellar")),
        ("/recalls", "text", json!("")),
        ("/holds", "things", json!(["no thing"])),
        ("/holds", "reason", json!("bad mood")),
    ] {
        let mut body = match path {
            "/holds" => json!({ "things": [LOT], "reason": "contamination" }),
            _ => recall(),
        };
        body[field] = value;
        let answer = trade.post(PACKER, path, body).await.json();
        let detail = answer["detail"].as_str().unwrap();
        assert!(detail.starts_with(&format!("`{field}` ")), "{path}: {detail}");
    }
    assert_eq!(trade.get(PACKER, "/recalls/7").await.status, 404);
    assert_eq!(trade.get(PACKER, "/holds/7").await.status, 404);
    assert_eq!(trade.get(PACKER, "/recalls/7/report.xlsx").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_an_organisation_sees_its_own_part_of_a_recall() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api.keys");
    let rights = || "read,write".parse().unwrap();
    let store = fresh_key("store", rights(), Holder::Desk(STORE), [1; 32]);
    let own = fresh_key("own", rights(), Holder::Own, [2; 32]);
    std::fs::write(&path, print_entries(&[store.entry, own.entry])).unwrap();
    let door = Door { keys: Some(Keys::open(&path).unwrap()), ..Door::default() };
    let trade = Trade::behind(door).await;
    let ask = async |key: &str, method: &'static str, path: &str, body: Value| {
        let headers = vec![
            ("Authorization", format!("Bearer {key}")),
            ("Content-Type", "application/json".to_owned()),
        ];
        let bytes = if method == "GET" { Vec::new() } else { body.to_string().into_bytes() };
        send(method, format!("{}{path}", trade.address), headers, bytes).await
    };
    let declared = ask(&own.text, "POST", "/recalls", recall()).await;
    assert_eq!(declared.status, 201, "{}", declared.body);
    let seen = ask(&store.text, "GET", "/recalls/1", json!({})).await.json();
    let names: Vec<&Value> =
        seen["told"].as_array().unwrap().iter().map(|notice| &notice["party"]["name"]).collect();
    assert_eq!(names, ["Corner Store"]);
    assert_eq!(ask(&store.text, "GET", "/recalls/1/notices/1", json!({})).await.status, 404);
    assert_eq!(ask(&store.text, "GET", "/recalls/1/report", json!({})).await.status, 404);
    let noted = ask(&store.text, "POST", "/recalls/1/acknowledge", json!({})).await;
    assert_eq!(noted.status, 200, "{}", noted.body);
    let foreign = ask(&store.text, "GET", &format!("/recalls/affected?lot={URN}"), json!({})).await;
    assert_eq!((foreign.status, &foreign.json()["code"]), (403, &json!("recalls.not_own")));
}
