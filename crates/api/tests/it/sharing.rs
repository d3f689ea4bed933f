//! Fields that are sealed, and fields that partners do not see.

use std::fs;

use qiao_api::{
    Chain as _, Door,
    door::{Holder, Keys, fresh_key, print_entries},
    rest, rpc,
};
use serde_json::{Value, json};

use crate::support::{Answer, Network, document, send};

/// A delivery of the farm.
pub fn delivery(serial: u64) -> Value {
    json!({
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            { "farm": "https://farm.example/" }
        ],
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "disposition": "in_transit",
        "eventTime": "2026-03-01T10:00:00.000Z",
        "eventTimeZoneOffset": "+00:00",
        "quantityList": [
            { "epcClass": format!("urn:epc:class:lgtin:9521321.012345.L{serial}"), "quantity": 417.25, "uom": "KGM" }
        ],
        "readPoint": { "id": "urn:epc:id:sgln:9521321.00001.0" },
        "bizTransactionList": [{ "type": "po", "bizTransaction": "urn:x:order:4711" }],
        "sourceList": [{ "type": "owning_party", "source": "urn:epc:id:pgln:9521321.00001" }],
        "destinationList": [{ "type": "owning_party", "destination": "urn:epc:id:pgln:9521321.00002" }],
        "farm:price": "73915.27",
        "farm:breed": "Duroc"
    })
}

/// What nobody is to find who sees nothing but the rest.
pub const SECRETS: [&str; 8] =
    ["417.25", "KGM", "73915.27", "Duroc", "order:4711", "shipping", "in_transit", "9521321.0000"];

fn json_header() -> (&'static str, String) {
    ("Content-Type", "application/ld+json".to_owned())
}

async fn post_sealed(network: &Network, seal: &str, body: String) -> Answer {
    let headers = vec![json_header(), ("Qiao-Seal", seal.to_owned())];
    send("POST", format!("{}/epcis/events", network.rest), headers, body.into_bytes()).await
}

fn only(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let events = answer.json().pointer("/epcisBody/queryResults/resultsBody/eventList").cloned();
    let events = events.unwrap();
    assert_eq!(events.as_array().map(Vec::len), Some(1), "{events}");
    events[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_is_sealed_shown_to_its_author_and_disclosed() {
    let network = Network::start().await;
    let answer = post_sealed(&network, "farm:price; quantity", delivery(1).to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let id = answer.json()["eventID"].as_str().unwrap().to_owned();
    let hash: qiao_epcis::EventHash = id.parse().unwrap();
    let on_chain = network.chain.index().event(&hash).await.unwrap().unwrap().body;
    assert!(!on_chain.contains("73915.27") && !on_chain.contains("417.25"), "{on_chain}");

    let location = answer.header("location").unwrap().to_owned();
    let shown = only(&network.get(&location).await);
    assert_eq!(shown["farm:price"], "73915.27");
    assert_eq!(shown["quantityList"][0]["quantity"], 417.25);
    let digits = hash.to_hex();
    let fields = network.get(&format!("/sharing/events/{digits}")).await.json();
    assert_eq!(fields.as_array().map(Vec::len), Some(2), "{fields}");
    assert_eq!(
        (&fields[0]["field"], &fields[0]["state"]),
        (&json!("farm:price"), &json!("opened"))
    );

    let disclosed = network.get(&format!("/sharing/disclosures/{digits}?field=farm:price")).await;
    let disclosed = qiao_api::sharing::Disclosure::parse(disclosed.body.as_bytes()).unwrap();
    let event = qiao_epcis::Event::parse(on_chain.as_bytes(), &qiao_epcis::Limits::EVENT).unwrap();
    assert_eq!(disclosed.check(&event), Ok(()));
    let none = network.get(&format!("/sharing/disclosures/{digits}?field=farm:breed")).await;
    assert_eq!((none.status, &none.json()["code"]), (404, &json!("sharing.not_readable")));

    // The answer is not captured as it is: the price would be open.
    let again = network.post("/epcis/events", shown.to_string()).await;
    assert_eq!((again.status, &again.json()["code"]), (400, &json!("sharing.shows_sealed")));
    let again = post_sealed(&network, "quantity; farm:price", delivery(1).to_string()).await;
    assert_eq!((again.status, &again.json()["eventID"]), (200, &json!(id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_cannot_be_met_captures_nothing() {
    let network = Network::start().await;
    let height = network.chain.head().number;
    for (seal, code) in [
        ("farm:prize", "sharing.no_such_field"),
        ("price", "sharing.field"),
        ("farm:price=two", "sharing.field"),
        ("farm:price=2", "sharing.no_reader_key"),
        ("farm:price=2; farm:price=3", "sharing.field"),
    ] {
        let answer = post_sealed(&network, seal, delivery(1).to_string()).await;
        assert_eq!(answer.json()["code"], code, "{seal}: {}", answer.body);
    }
    let headers =
        vec![json_header(), ("Qiao-Seal", "quantity".to_owned()), ("Qiao-Party", "2".to_owned())];
    let url = format!("{}/epcis/capture", network.rest);
    let answer = send("POST", url, headers, document(vec![delivery(1)]).into_bytes()).await;
    assert_eq!((answer.status, &answer.json()["code"]), (403, &json!("sharing.other_party")));
    assert_eq!(network.chain.head().number, height);
}

/// A node whose operator and whose partner have a key each.
pub struct Shared {
    pub network: Network,
    pub own: String,
    pub partner: String,
    folder: tempfile::TempDir,
}

impl Shared {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("api.keys");
        let rights = |text: &str| text.parse().unwrap();
        let own = fresh_key("own", rights("read,write"), Holder::Own, [1; 32]);
        let profile = Holder::Partner("acme".to_owned());
        let partner = fresh_key("acme", rights("read,write"), profile, [2; 32]);
        fs::write(&file, print_entries(&[own.entry, partner.entry])).unwrap();
        let door = Door { keys: Some(Keys::open(&file).unwrap()), ..Door::default() };
        let network = Network::behind(door, rpc::Limits::default(), rest::Limits::default()).await;
        Self { network, own: own.text, partner: partner.text, folder }
    }

    pub async fn ask(&self, key: &str, method: &'static str, path: &str, body: &str) -> Answer {
        let headers = vec![json_header(), ("Authorization", format!("Bearer {key}"))];
        send(method, format!("{}{path}", self.network.rest), headers, body.into()).await
    }

    async fn partner(&self, path: &str) -> Answer {
        self.ask(&self.partner, "GET", path, "").await
    }

    /// Keeps the partner's profile.
    pub async fn show(&self, shows: &[&str]) {
        let profile = json!({ "shows": shows }).to_string();
        let kept = self.ask(&self.own, "PUT", "/partners/acme", &profile).await;
        assert_eq!(kept.status, 200, "{}", kept.body);
    }

    /// Takes the keys out of the file of keys.
    pub fn forget_keys(&self) {
        fs::write(self.folder.path().join("api.keys"), "").unwrap();
    }

    /// Keeps the partner's profile and captures a delivery.
    async fn prepare(&self, shows: &[&str]) {
        self.show(shows).await;
        let event = delivery(1).to_string();
        let captured = self.ask(&self.own, "POST", "/epcis/events", &event).await;
        assert!(matches!(captured.status, 200 | 201), "{}", captured.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_sees_the_fields_of_its_profile_and_no_others() {
    let shared = Shared::start().await;
    shared.prepare(&["quantity", "bizStep", "https://farm.example/breed"]).await;
    let seen = only(&shared.partner("/epcis/events").await);
    assert_eq!(seen["quantityList"][0]["quantity"], 417.25);
    assert_eq!((&seen["bizStep"], &seen["farm:breed"]), (&json!("shipping"), &json!("Duroc")));
    for hidden in
        ["farm:price", "sourceList", "destinationList", "readPoint", "disposition", "eventID"]
    {
        assert!(seen.get(hidden).is_none(), "{hidden}: {seen}");
    }
    // It may filter by what it sees.
    only(
        &shared.partner("/epcis/events?GE_quantity=400&LT_quantity=500&EQ_bizStep=shipping").await,
    );
    let own = only(&shared.ask(&shared.own, "GET", "/epcis/events", "").await);
    assert_eq!(own["farm:price"], "73915.27");
    assert!(own["eventID"].is_string());

    // A changed profile counts at once, and a partner whose profile is gone sees nothing but the rest.
    shared.prepare(&["all"]).await;
    assert_eq!(only(&shared.partner("/epcis/events").await)["farm:price"], "73915.27");
    let gone = shared.ask(&shared.own, "DELETE", "/partners/acme", "").await;
    assert_eq!(gone.status, 204);
    let bare = shared.partner("/epcis/events").await;
    only(&bare);
    let found: Vec<_> = SECRETS.iter().filter(|secret| bare.body.contains(**secret)).collect();
    assert!(found.is_empty(), "{found:?} in {}", bare.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_partner_can_ask_tells_what_is_hidden() {
    let shared = Shared::start().await;
    shared.prepare(&[]).await;
    let name = |text: &str| text.replace(':', "%3A").replace('/', "%2F");
    let own = only(&shared.ask(&shared.own, "GET", "/epcis/events", "").await);
    let hash = own["eventID"].as_str().unwrap().replace('?', "%3F").replace(';', "%3B");
    let query = json!({ "name": "orders", "query": { "EQ_bizTransaction": ["urn:x:order:4711"] } });
    let made = shared.ask(&shared.own, "POST", "/epcis/queries", &query.to_string()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let oracles = [
        "/epcis/events?EQ_bizStep=shipping".to_owned(),
        "/epcis/events?EQ_source_owning_party=urn:epc:id:pgln:9521321.00001".to_owned(),
        "/epcis/events?EQ_quantity=417.25".to_owned(),
        "/epcis/events?GT_quantity=400".to_owned(),
        format!("/epcis/events?EQ_{}=73915.27", name("https://farm.example/price")),
        format!("/epcis/events?EXISTS_{}", name("https://farm.example/price")),
        format!("/epcis/events?EQ_eventID={}", name(&hash)),
        format!("/epcis/events/{}", name(&hash)),
        "/epcis/bizSteps".to_owned(),
        "/epcis/bizSteps/shipping".to_owned(),
        "/epcis/bizSteps/shipping/events".to_owned(),
        format!("/epcis/readPoints/{}/events", name("urn:epc:id:sgln:9521321.00001.0")),
        "/epcis/queries/orders/events".to_owned(),
    ];
    for path in oracles {
        let answer = shared.partner(&path).await;
        let told = (answer.status, answer.json()["code"].clone());
        assert_eq!(told, (403, json!("sharing.hidden")), "{path}: {}", answer.body);
    }
    // Everything else is not for partners.
    let others = [
        "/trace/01/09521321123457/10/L1",
        "/status",
        "/organisations",
        "/epcis/queries",
        "/epcis/queries/orders",
        "/epcis/capture",
        "/proofs/events/00",
        "/sharing/keys",
        "/partners/acme",
        "/covered",
        "/genesis.json",
        "/events",
    ];
    for path in others {
        let answer = shared.partner(path).await;
        let told = (answer.status, answer.json()["code"].clone());
        assert_eq!(told, (403, json!("key.partner_only")), "{path}: {}", answer.body);
    }
    let changes =
        [("PUT", "/partners/acme"), ("POST", "/epcis/events"), ("DELETE", "/epcis/queries/orders")];
    for (method, path) in changes {
        let answer = shared.ask(&shared.partner, method, path, "{\"shows\":[\"all\"]}").await;
        assert_eq!(answer.json()["code"], "key.partner_only", "{method} {path}");
    }
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": [] });
    let headers = vec![
        ("Content-Type", "application/json".to_owned()),
        ("Authorization", format!("Bearer {}", shared.partner)),
    ];
    let answer = send("POST", shared.network.rpc.clone(), headers, body.to_string().into()).await;
    assert_eq!(answer.json()["error"]["data"]["code"], "key.partner_only", "{}", answer.body);
    // What it may ask, it is answered.
    let asked =
        shared.partner("/epcis/events?MATCH_anyEPCClass=urn:epc:class:lgtin:9521321.012345.L1");
    only(&asked.await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sheet_for_an_authority_shows_a_partner_what_its_profile_shows() {
    let shared = Shared::start().await;
    shared.prepare(&["bizStep"]).await;
    let path = "/trace/urn:epc:class:lgtin:9521321.012345.L1/fsma204.csv";
    let own = shared.ask(&shared.own, "GET", path, "").await;
    assert!(own.body.contains("417.25") && own.body.contains("4711"), "{}", own.body);
    let seen = shared.partner(path).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    for secret in ["417.25", "4711", "ni:///", "Green Valley"] {
        assert!(!seen.body.contains(secret), "{secret} in {}", seen.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_names_no_field_is_refused() {
    let shared = Shared::start().await;
    for shows in ["price", "farm:price", "epcList"] {
        let profile = json!({ "shows": [shows] }).to_string();
        let answer = shared.ask(&shared.own, "PUT", "/partners/acme", &profile).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (400, &json!("sharing.profile")),
            "{shows}"
        );
    }
    let answer = shared.ask(&shared.own, "PUT", "/partners/a%20b", "{\"shows\":[]}").await;
    assert_eq!(answer.status, 400);
}
