//! The desks of supply-chain finance over REST: from a table of payables to a file of disbursements.

mod fees;

use std::{net::SocketAddr, sync::Arc};

use alloy_primitives::keccak256;
use alloy_signer_local::PrivateKeySigner;
use qiao_api::{
    Chain, Door,
    door::{self, Holder, Keys, Kind, Server, fresh_key, print_entries},
    finance::payables,
    rest,
};
use qiao_devchain::DevChain;
use qiao_documents::{Cell, Sheet};
use qiao_iso20022::Initiation;
use qiao_types::{Genesis, GenesisMember, GenesisOrganisation, RoleName};
use serde_json::{Value, json};

use crate::support::{Answer, genesis as plain_genesis, send};

const MAKER: u64 = 1;
const AXLES: u64 = 2;
const BEARINGS: u64 = 3;
const RIVER_BANK: u64 = 4;
const HILL_BANK: u64 = 5;
const OFFICE: u64 = 6;

/// Organisations of the trade, by number.
const NAMES: [&str; 6] = [
    "Northern Star Motors",
    "Harbour Axle Works",
    "Lakeside Bearings",
    "River Bank",
    "Hill Bank",
    "Supervision Office",
];

fn account(organisation: u64) -> PrivateKeySigner {
    let secret = keccak256(organisation.to_be_bytes());
    PrivateKeySigner::from_bytes(&secret).unwrap()
}

fn genesis() -> Genesis {
    let organisations = NAMES.iter().zip(1..).map(|(name, id)| {
        let role = if id == OFFICE { RoleName::Regulator } else { RoleName::Signer };
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

/// A node of the car maker that keeps the desks of all others.
struct Desks {
    address: String,
    _server: Server,
}

impl Desks {
    async fn start() -> Self {
        Self::behind(Door::default()).await
    }

    async fn behind(door: Door) -> Self {
        let hosted = (2..=OFFICE).map(account).collect();
        let chain = DevChain::start_hosting(genesis(), Some(account(MAKER)), hosted).await.unwrap();
        let shared: Arc<dyn Chain> = chain;
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = door::serve(any, rest::router(shared), door, Kind::Pages).await.unwrap();
        Self { address: format!("http://{}", server.address()), _server: server }
    }

    async fn get(&self, organisation: u64, path: &str) -> Answer {
        let joint = if path.contains('?') { '&' } else { '?' };
        let url = format!("{}/finance/{path}{joint}as={organisation}", self.address);
        send("GET", url, Vec::new(), Vec::new()).await
    }

    async fn ask(&self, organisation: u64, path: &str) -> Value {
        let answer = self.get(organisation, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    async fn send(
        &self,
        method: &'static str,
        organisation: u64,
        path: &str,
        body: Value,
    ) -> Answer {
        let joint = if path.contains('?') { '&' } else { '?' };
        let url = format!("{}/finance/{path}{joint}as={organisation}", self.address);
        let json = vec![("Content-Type", "application/json".to_owned())];
        send(method, url, json, body.to_string().into_bytes()).await
    }

    /// Does something that has to be possible, and gives the number of what came to be.
    async fn act(&self, organisation: u64, path: &str, body: Value) -> u64 {
        let answer = self.send("POST", organisation, path, body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()["number"].as_u64().unwrap_or_default()
    }

    async fn put(&self, organisation: u64, path: &str, body: Value) {
        let answer = self.send("PUT", organisation, path, body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }

    /// Does something that has to be refused.
    async fn refused(&self, organisation: u64, path: &str, body: Value) -> Value {
        let answer = self.send("POST", organisation, path, body).await;
        assert_eq!(answer.status, 409, "{path}: {}", answer.body);
        answer.json()
    }

    async fn upload(&self, organisation: u64, query: &str, table: &Sheet) -> Answer {
        let url = format!("{}/finance/payables?as={organisation}{query}", self.address);
        let media = vec![("Content-Type", "application/octet-stream".to_owned())];
        send("POST", url, media, table.to_xlsx()).await
    }

    /// The office lets the maker owe ten million yuan.
    async fn with_limit(self) -> Self {
        let limit = json!({ "issuer": MAKER, "currency": "CNY", "limit": 1_000_000_000 });
        self.put(OFFICE, "exposures", limit).await;
        self
    }

    /// A voucher of the maker for 100,000 yuan that the axle works accepted.
    async fn voucher(&self, invoice: &str) -> u64 {
        let voucher = self.act(MAKER, "vouchers", terms(invoice, 10_000_000, &due(90))).await;
        self.act(AXLES, &format!("vouchers/{voucher}/accept"), json!({})).await;
        voucher
    }
}

/// The day so many days from today, as it is in China.
fn due(days: u64) -> String {
    let now = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap();
    qiao_api::finance::words::day(qiao_api::finance::words::today(now + days * 86_400_000))
}

fn document(number: &str, value: u64) -> Value {
    json!({ "number": number, "value": value, "sha256": keccak256(number) })
}

fn terms(invoice: &str, amount: u64, due: &str) -> Value {
    json!({
        "creditor": AXLES,
        "amount": amount,
        "currency": "CNY",
        "due": due,
        "contract": document("PC-1", 900_000_000),
        "invoice": document(invoice, amount),
        "delivery": document(&format!("D-{invoice}"), amount),
    })
}

fn payables(rows: &[(&str, &str, &str, &str)]) -> Sheet {
    let mut sheet = payables::template();
    sheet.rows.clear();
    for (supplier, amount, due, invoice) in rows {
        let hash = |text: &str| format!("{:x}", keccak256(text));
        let texts = [
            (*supplier).to_owned(),
            (*amount).to_owned(),
            "CNY".to_owned(),
            (*due).to_owned(),
            "PC-1".to_owned(),
            "9000000.00".to_owned(),
            hash("PC-1"),
            (*invoice).to_owned(),
            (*amount).to_owned(),
            hash(invoice),
            format!("D-{invoice}"),
            (*amount).to_owned(),
            hash(&format!("D-{invoice}")),
            "no".to_owned(),
            String::new(),
            String::new(),
        ];
        sheet.push(texts.into_iter().map(Cell::text).collect());
    }
    sheet
}

#[tokio::test(flavor = "multi_thread")]
async fn payables_become_money_at_the_second_tier() {
    let desks = Desks::start().await.with_limit().await;
    let day = due(90);
    let table = payables(&[("Harbour Axle Works", "100000.00", &day, "INV-1")]);
    let dry = desks.upload(MAKER, "&dryRun=true", &table).await.json();
    assert_eq!((dry["ready"].clone(), dry["signed"].clone()), (json!(1), json!([])));
    let signed = desks.upload(MAKER, "", &table).await.json();
    let voucher = signed["signed"][0]["voucher"].as_u64().unwrap();
    desks.act(AXLES, &format!("vouchers/{voucher}/accept"), json!({})).await;
    let pass = json!({ "to": BEARINGS, "amount": 4_000_000 });
    let part = desks.act(AXLES, &format!("parts/{voucher}/pass"), pass).await;
    for bank in [RIVER_BANK, HILL_BANK] {
        let line = json!({ "issuer": MAKER, "currency": "CNY", "limit": 500_000_000 });
        desks.put(bank, "lines", line).await;
    }
    let ask = json!({ "part": part, "bidSeconds": 3_600 });
    let request = desks.act(BEARINGS, "requests", ask).await;
    desks
        .act(RIVER_BANK, &format!("requests/{request}/quote"), json!({ "price": 3_950_000 }))
        .await;
    desks.act(HILL_BANK, &format!("requests/{request}/quote"), json!({ "price": 3_960_000 })).await;
    let bids = desks.ask(BEARINGS, &format!("requests/{request}")).await;
    assert_eq!(bids["best"]["bank"]["name"], "Hill Bank");
    assert_eq!(bids["best"]["cost"], 40_000);
    // 400 of 40,000 yuan for 90 days are 4.06 per cent a year.
    assert_eq!(bids["best"]["rate"], "4.06");

    // The award ends the time of bids on a chain whose clock the test does not hold.
    let sale = json!({ "buyer": HILL_BANK, "price": 3_960_000 });
    desks.act(BEARINGS, &format!("requests/{request}/lapse"), json!({})).await;
    desks.act(BEARINGS, &format!("parts/{part}/offer"), sale).await;
    let registry = desks.get(HILL_BANK, &format!("parts/{part}/registration.csv")).await;
    assert!(registry.body.contains("Lakeside Bearings"), "{}", registry.body);
    let missing = desks.refused(HILL_BANK, &format!("parts/{part}/accept-offer"), json!({})).await;
    assert_eq!(missing["code"], "receivables.registration_missing");
    assert!(missing["rule"].as_str().unwrap().contains("Yinfa [2025] 77"), "{missing}");
    assert!(missing["hint"].as_str().unwrap().contains("register"), "{missing}");
    let number = json!({ "registration": "REG-2026-1" });
    desks.act(HILL_BANK, &format!("parts/{part}/accept-offer"), number).await;
    let file = desks.get(HILL_BANK, "disbursements").await;
    let message = Initiation::read(file.body.as_bytes()).unwrap();
    let order = &message.groups[0].orders[0];
    assert_eq!(order.amount.number(), "39600.00");
    assert_eq!(order.creditor.name, "Lakeside Bearings");
    let again = desks.get(HILL_BANK, "disbursements").await;
    let again = Initiation::read(again.body.as_bytes()).unwrap();
    assert_eq!(again.groups[0].orders[0].uetr, order.uetr, "the same sale has the same UETR");
    desks.act(BEARINGS, &format!("parts/{part}/complete-offer"), json!({})).await;
    let bought = desks.ask(HILL_BANK, "financings?side=buyer").await;
    assert_eq!(bought[0]["registration"], "REG-2026-1");
    let seen = desks.ask(HILL_BANK, &format!("parts/{part}")).await;
    assert_eq!(seen["tier"], 2);
    let whats: Vec<&str> = seen["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["what"].as_str().unwrap())
        .collect();
    assert_eq!(whats, ["issued", "accepted", "passed", "offered", "offer_accepted", "financed"],);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_with_a_problem_is_named_and_nothing_is_signed() {
    let desks = Desks::start().await.with_limit().await;
    let day = due(90);
    let table = payables(&[
        ("Harbour Axle Works", "100000.00", &day, "INV-1"),
        ("Nobody Ltd", "1.00", &day, "INV-2"),
        ("Harbour Axle Works", "12.345", "soon", "INV-3"),
        ("Harbour Axle Works", "100.00", &due(500), "INV-4"),
        ("Harbour Axle Works", "50000.00", &day, "INV-1"),
        ("Harbour Axle Works", "9990000.00", &day, "INV-5"),
    ]);
    let refused = desks.upload(MAKER, "", &table).await;
    assert_eq!(refused.status, 409);
    let report = refused.json();
    let codes = |row: usize| -> Vec<(String, String)> {
        let problems = report["checked"][row]["problems"].as_array().unwrap();
        let word = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        problems.iter().map(|one| (word(one, "column"), word(one, "code"))).collect()
    };
    let one = |column: &str, code: &str| vec![(column.to_owned(), code.to_owned())];
    assert_eq!(codes(0), []);
    assert_eq!(codes(1), one("supplier", "finance.invalid_input"));
    assert_eq!(codes(2).len(), 4, "amount, day, and the values of invoice and delivery");
    assert_eq!(codes(3), one("", "receivables.tenor_too_long"));
    assert_eq!(codes(4), one("invoice_number", "uniqueness.exceeds_balance"));
    assert_eq!(codes(5)[0], one("amount", "receivables.issuer_over_limit")[0]);
    assert!(report["signed"].as_array().unwrap().is_empty());
    assert!(desks.ask(MAKER, "vouchers").await.as_array().unwrap().is_empty());

    let errors = desks.upload(MAKER, "&dryRun=true&format=csv", &table).await;
    assert!(
        errors.body.contains("Nobody Ltd") && !errors.body.contains("INV-9"),
        "{}",
        errors.body
    );
    let partial = desks.upload(MAKER, "&partial=true", &table).await.json();
    assert_eq!(partial["signed"].as_array().unwrap().len(), 1);
    let again = desks.upload(MAKER, "&partial=true", &table).await.json();
    assert!(again["signed"].as_array().unwrap().is_empty(), "an invoice is used once: {again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_party_sees_its_branch_and_no_other() {
    let desks = Desks::start().await.with_limit().await;
    let voucher = desks.voucher("INV-1").await;
    let pass = json!({ "to": BEARINGS, "amount": 3_000_000 });
    let part = desks.act(AXLES, &format!("parts/{voucher}/pass"), pass).await;
    let seen = async |organisation: u64, path: String| desks.get(organisation, &path).await.status;
    for party in [MAKER, AXLES, BEARINGS, OFFICE] {
        assert_eq!(seen(party, format!("parts/{part}")).await, 200, "{party}");
    }
    assert_eq!(seen(RIVER_BANK, format!("parts/{part}")).await, 404);
    assert_eq!(seen(RIVER_BANK, format!("vouchers/{voucher}")).await, 404);
    // The second tier sees what came to it, not what the first tier kept.
    let parts = desks.ask(BEARINGS, &format!("vouchers/{voucher}/parts")).await;
    assert_eq!(parts.as_array().unwrap().len(), 1);
    assert_eq!(
        desks.ask(MAKER, &format!("vouchers/{voucher}/parts")).await.as_array().unwrap().len(),
        2
    );
    assert_eq!(seen(AXLES, "vouchers?side=all".to_owned()).await, 403);
    assert_eq!(seen(AXLES, format!("exposures/{MAKER}?currency=CNY")).await, 403);
    let down = desks.ask(OFFICE, &format!("exposures/{MAKER}?currency=CNY")).await;
    assert_eq!(
        down["tiers"],
        json!([
            { "name": "tier 1", "amount": 7_000_000, "count": 1 },
            { "name": "tier 2", "amount": 3_000_000, "count": 1 },
        ])
    );
    let all = desks.ask(OFFICE, "exposures").await;
    assert_eq!(all[0]["outstanding"], 10_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_forbid_is_refused_with_the_rule() {
    let desks = Desks::start().await.with_limit().await;
    let voucher = desks.voucher("INV-1").await;
    let long = desks.refused(MAKER, "vouchers", terms("INV-2", 100, &due(500))).await;
    assert_eq!(long["code"], "receivables.tenor_too_long");
    assert!(long["rule"].as_str().unwrap().contains("1 year"), "{long}");
    assert!(long["arguments"]["latest"].is_string(), "{long}");
    let twice = desks.refused(MAKER, "vouchers", terms("INV-1", 10_000_000, &due(90))).await;
    assert_eq!(twice["code"], "uniqueness.exceeds_balance");
    let foreign = json!({ "to": RIVER_BANK, "amount": 1 });
    let foreign = desks.refused(BEARINGS, &format!("parts/{voucher}/pass"), foreign).await;
    assert_eq!(foreign["code"], "position.not_holder");
    let much = json!({ "amount": 10_000_001 });
    let much = desks.refused(AXLES, &format!("parts/{voucher}/split"), much).await;
    assert!(much["code"].as_str().unwrap().starts_with("position."), "{much}");
    let promised = json!({ "buyer": RIVER_BANK, "price": 9_900_000 });
    desks.act(AXLES, &format!("parts/{voucher}/offer"), promised).await;
    let again = json!({ "buyer": HILL_BANK, "price": 9_950_000 });
    let again = desks.refused(AXLES, &format!("parts/{voucher}/offer"), again).await;
    assert!(again["code"].as_str().unwrap().starts_with("position."), "{again}");
    let bad = desks.send("POST", MAKER, "vouchers", json!({ "creditor": 2 })).await;
    assert_eq!((bad.status, bad.json()["code"].clone()), (400, json!("rest.malformed")));
    let currency = json!({ "issuer": MAKER, "currency": "XYZ", "limit": 1 });
    let currency = desks.send("PUT", RIVER_BANK, "lines", currency).await;
    assert_eq!(
        (currency.status, currency.json()["code"].clone()),
        (400, json!("finance.invalid_input"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_paged_and_found_by_their_days() {
    let desks = Desks::start().await.with_limit().await;
    for (number, days) in [(1, 30), (2, 60), (3, 90)] {
        desks.act(MAKER, "vouchers", terms(&format!("INV-{number}"), 100, &due(days))).await;
    }
    let page = desks.get(MAKER, "vouchers?perPage=2").await;
    let next = page.header("link").unwrap().to_owned();
    assert_eq!(page.json().as_array().unwrap().len(), 2);
    let target = next.split(['<', '>']).nth(1).unwrap();
    let rest = send("GET", format!("{}{target}", desks.address), Vec::new(), Vec::new()).await;
    assert_eq!(rest.json().as_array().unwrap().len(), 1);
    let span = format!("vouchers?dueFrom={}&dueTo={}", due(50), due(70));
    let found = desks.ask(MAKER, &span).await;
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["due"], due(60));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_a_pdf_for_those_who_see_the_part() {
    let desks = Desks::start().await.with_limit().await;
    let voucher = desks.voucher("INV-1").await;
    let url = format!("{}/finance/parts/{voucher}/certificate.pdf?as={AXLES}", desks.address);
    let paper = send("GET", url, Vec::new(), Vec::new()).await;
    assert_eq!(paper.header("content-type"), Some("application/pdf"));
    assert_eq!(desks.get(HILL_BANK, &format!("parts/{voucher}/certificate.pdf")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_an_organisation_opens_its_desk_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api.keys");
    let rights = || "read,write".parse().unwrap();
    let supplier = fresh_key("axles", rights(), Holder::Desk(AXLES), [1; 32]);
    let own = fresh_key("erp", rights(), Holder::Own, [2; 32]);
    std::fs::write(&path, print_entries(&[supplier.entry, own.entry])).unwrap();
    let door = Door { keys: Some(Keys::open(&path).unwrap()), ..Door::default() };
    let desks = Desks::behind(door).await;
    let ask = async |key: &str, path: &str| {
        let bearer = vec![("Authorization", format!("Bearer {key}"))];
        send("GET", format!("{}{path}", desks.address), bearer, Vec::new()).await
    };
    let mine = ask(&supplier.text, "/finance/desks").await.json();
    assert_eq!(mine.as_array().unwrap().len(), 1);
    assert_eq!(mine[0]["name"], "Harbour Axle Works");
    assert_eq!(ask(&supplier.text, "/finance/parts").await.status, 200);
    let other = ask(&supplier.text, &format!("/finance/parts?as={MAKER}")).await;
    assert_eq!((other.status, other.json()["code"].clone()), (403, json!("finance.no_desk")));
    let elsewhere = ask(&supplier.text, "/epcis/events").await;
    assert_eq!((elsewhere.status, elsewhere.json()["code"].clone()), (403, json!("key.desk_only")));
    // The node's own people sit at the node's own desk, not at those that it keeps for others.
    let theirs = ask(&own.text, "/finance/desks").await.json();
    assert_eq!(theirs[0]["name"], "Northern Star Motors");
    assert_eq!(ask(&own.text, &format!("/finance/parts?as={AXLES}")).await.status, 403);
    assert_eq!(ask(&own.text, "/epcis/events").await.status, 200);
}
