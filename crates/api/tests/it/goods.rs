//! Journeys, links and products over REST, and what those without a key may read.

use qiao_api::{
    Door,
    door::{Holder, Keys, fresh_key, print_entries},
    goods::is_public_path,
    rest, rpc,
};
use qiao_goods::journey::Names;
use serde_json::json;

use crate::support::{Answer, Network, document, event, send};

const ITEM: &str = "01/09521321123458/21/7";

async fn network() -> Network {
    let network = Network::start().await;
    network.captured(document(vec![event(7)])).await;
    network
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journey_is_told_over_rest() {
    let network = network().await;
    let journey = network.get("/journeys/urn:epc:id:sgtin:9521321.012345.7").await;
    assert_eq!(journey.status, 200, "{}", journey.body);
    let journey = journey.json();
    assert_eq!(journey["steps"][0]["bizStep"], "shipping");
    assert_eq!(journey["standing"]["kind"], "clear");
    assert_eq!(network.get("/journeys/01/09521321123458/21/8").await.status, 404);
    assert_eq!(network.get("/journeys/banana").await.status, 400);
    // A developer's chain proves nothing, and says so.
    let id = journey["id"].as_str().unwrap().strip_prefix("https://id.gs1.org/").unwrap();
    let proof = network.get(&format!("/proofs/journeys/{id}")).await;
    assert_eq!((proof.status, proof.json()["code"].as_str()), (501, Some("proof.no_validators")));
}

async fn put(network: &Network, path: &str, body: serde_json::Value) -> Answer {
    let headers = vec![("Content-Type", "application/json".to_owned())];
    send("PUT", format!("{}{path}", network.rest), headers, body.to_string().into_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brand_owner_registers_links() {
    let network = Network::start().await;
    let links =
        json!([{ "href": "https://a.example/", "linkType": "gs1:pip", "title": "Product" }]);
    let kept = put(&network, &format!("/links/{ITEM}"), links.clone()).await;
    assert_eq!(kept.status, 200, "{}", kept.body);
    assert_eq!(network.get(&format!("/links/{ITEM}")).await.json(), links);
    assert_eq!(network.get("/links").await.json(), json!([ITEM]));
    let wrong = json!([{ "href": "ftp://a.example/", "linkType": "gs1:pip", "title": "Product" }]);
    let refused = put(&network, &format!("/links/{ITEM}"), wrong).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (400, Some("links.field")));
    assert!(refused.body.contains("`href`"));
    let unknown = json!([{ "href": "https://a.example/", "linktype": "gs1:pip", "title": "x" }]);
    assert_eq!(put(&network, &format!("/links/{ITEM}"), unknown).await.status, 400);
    let gone = send("DELETE", format!("{}/links/{ITEM}", network.rest), vec![], vec![]).await;
    assert_eq!(gone.status, 204);
    assert_eq!(network.get(&format!("/links/{ITEM}")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_describes_its_products() {
    let network = Network::start().await;
    let product = json!({ "name": "Mince", "category": "Meat", "maxMilliCelsius": 4000 });
    let kept = put(&network, "/products/9521321123458", product.clone()).await;
    assert_eq!(kept.status, 200, "{}", kept.body);
    assert_eq!(network.get("/products").await.json()["09521321123458"], product);
    let refused = put(&network, "/products/9521321123458", json!({ "name": " " })).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (400, Some("products.field")));
    assert_eq!(put(&network, "/products/9521321123450", product).await.status, 400);
}

const SHIPPED: &str = "stage,gtin,lot,quantity,unit,date,time,zone,location,to\n\
    ship,09521003000411,G1,12,KGM,2026-03-01,08:30,+08:00,9521003000015,9521009000019\n\
    ship,09521003000411,G2,7,,2026-03-01,08:30,+08:00,9521003000015,9521009000019\n";

async fn import(network: &Network, query: &str, accept: &str, table: &[u8]) -> Answer {
    let headers = vec![("Content-Type", "text/csv".to_owned()), ("Accept", accept.to_owned())];
    send("POST", format!("{}/imports{query}", network.rest), headers, table.to_vec()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_looked_at_captured_and_captured_again_without_effect() {
    let network = Network::start().await;
    let json = "application/json";
    let looked = import(&network, "?dryRun=true", json, SHIPPED.as_bytes()).await;
    assert_eq!(looked.status, 200, "{}", looked.body);
    assert_eq!((&looked.json()["new"], &looked.json()["dryRun"]), (&json!(2), &json!(true)));
    assert_eq!(network.get("/trace/01/09521003000411/10/G1").await.status, 404);
    let done = import(&network, "", json, SHIPPED.as_bytes()).await;
    assert_eq!((done.status, &done.json()["new"]), (200, &json!(2)), "{}", done.body);
    assert_eq!(network.get("/trace/01/09521003000411/10/G1").await.status, 200);
    let again = import(&network, "", json, SHIPPED.as_bytes()).await.json();
    assert_eq!((&again["new"], &again["known"]), (&json!(0), &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_with_wrong_rows_captures_nothing_and_gives_them_back() {
    let network = Network::start().await;
    let wrong = SHIPPED.replace(",G2,7,", ",G2,seven,");
    let refused = import(&network, "", "application/json", wrong.as_bytes()).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let problem = refused.json()["problems"][0].clone();
    assert_eq!((&problem["line"], &problem["column"]), (&json!(3), &json!("quantity")));
    assert_eq!(problem["code"], "import.quantity");
    let file = import(&network, "", "text/csv", wrong.as_bytes()).await;
    assert!(file.body.contains("seven") && file.body.contains("import.quantity"), "{}", file.body);
    assert!(!file.body.contains(",G1,"), "only wrong rows come back");
    assert_eq!(network.get("/trace/01/09521003000411/10/G1").await.status, 404);
    for (query, table, code) in [
        ("?mapping=nobody", SHIPPED.as_bytes(), "import.unknown_mapping"),
        ("?stage=fly", SHIPPED.as_bytes(), "import.stage"),
        ("", &b"colour\nred"[..], "import.unknown_columns"),
        ("", &b""[..], "documents.empty"),
        ("", &b"PK\x03\x04junk"[..], "documents.malformed"),
    ] {
        let answer = import(&network, query, "application/json", table).await;
        assert_eq!(answer.json()["code"], code, "{}", answer.body);
        assert!((400..500).contains(&answer.status));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partners_columns_are_kept_as_a_mapping() {
    let network = Network::start().await;
    let mapping = json!({
        "stage": "receive", "dates": "%d.%m.%Y",
        "columns": { "gtin": "Artikel", "lot": "Charge", "date": "Eingang", "from": "Lieferant" },
        "values": { "location": "9521009000019", "zone": "+01:00" },
    });
    assert_eq!(put(&network, "/mappings/acme", mapping.clone()).await.status, 200);
    assert_eq!(network.get("/mappings/acme").await.json(), mapping);
    let table = "Artikel;Charge;Eingang;Lieferant\n9521003000411;G7;05.03.2026;9521003000015\n";
    let done = import(&network, "?mapping=acme", "application/json", table.as_bytes()).await;
    assert_eq!((done.status, &done.json()["new"]), (200, &json!(1)), "{}", done.body);
    let unknown =
        put(&network, "/mappings/acme", json!({ "columns": { "colour": "Farbe" } })).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_form_are_events_too_and_photos_are_kept_by_their_hash() {
    let network = Network::start().await;
    let photo = b"\x89PNG\r\n\x1a\n and so on";
    let kept = send("POST", format!("{}/attachments", network.rest), vec![], photo.to_vec()).await;
    assert_eq!(kept.status, 201, "{}", kept.body);
    let sha256 = kept.json()["sha256"].as_str().unwrap().to_owned();
    let row = json!([{
        "stage": "commission", "gtin": "09521003000411", "lot": "G9", "date": "2026-03-01",
        "location": "9521003000015", "quantity": 3, "attachments": sha256,
    }]);
    let headers = vec![("Content-Type", "application/json".to_owned())];
    let url = format!("{}/imports", network.rest);
    let done = send("POST", url, headers, row.to_string().into_bytes()).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let found =
        network.get(&format!("/epcis/events?EQ_bizTransaction=ni:///sha-256;{sha256}")).await;
    assert!(found.body.contains("/10/G9"), "{}", found.body);
    let back = network.get(&format!("/attachments/{sha256}")).await;
    assert_eq!(back.header("content-type"), Some("image/png"));
    let page =
        send("POST", format!("{}/attachments", network.rest), vec![], b"<html>".to_vec()).await;
    assert_eq!((page.status, page.json()["code"].as_str()), (400, Some("attachments.kind")));
    assert_eq!(network.get(&format!("/attachments/{}", "0".repeat(64))).await.status, 404);
    assert_eq!(network.get("/attachments/..%2Fgenesis").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spreadsheet_of_a_lot_is_one_request() {
    let network = Network::start().await;
    import(&network, "", "application/json", SHIPPED.as_bytes()).await;
    let csv = network.get("/trace/01/09521003000411/10/G1/fsma204.csv").await;
    assert_eq!(csv.status, 200, "{}", csv.body);
    for wanted in
        ["Traceability lot code", "Shipping,G1,09521003000411", "GLN 9521009000019", "12,KGM"]
    {
        assert!(csv.body.contains(wanted), "{wanted} in {}", csv.body);
    }
    assert!(!csv.body.contains("G2"), "rows of another lot");
    let xlsx = network.get("/trace/01/09521003000411/10/G1/fsma204.xlsx").await;
    assert_eq!(xlsx.status, 200);
    assert_eq!(network.get("/trace/01/09521003000411/10/NO/fsma204.csv").await.status, 404);
    let covered = network.get("/covered").await.json();
    assert_eq!(covered["coverage"]["events"], 2);
    assert_eq!(network.get("/watched").await.json()["coldAlerts"], json!([]));
}

/// A network whose listener asks for keys, and what it tells those without.
async fn guarded(public: Option<Names>) -> Network {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("api.keys");
    let key = fresh_key("read", "read".parse().unwrap(), Holder::Own, [1; 32]);
    std::fs::write(&file, print_entries(&[key.entry])).unwrap();
    let door = Door { keys: Some(Keys::open(&file).unwrap()), public, ..Door::default() };
    Network::behind(door, rpc::Limits::default(), rest::Limits::default()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_only_journeys_are_told_and_only_where_the_operator_says_so() {
    let closed = guarded(None).await;
    let path = format!("/proofs/journeys/{ITEM}");
    assert_eq!(closed.get(&path).await.status, 401);
    let open = guarded(Some(Names::Told)).await;
    assert_eq!(open.get(&path).await.status, 404);
    assert_eq!(open.get("/genesis.json").await.status, 200);
    let nameless = guarded(Some(Names::Hidden)).await;
    assert_eq!(nameless.get("/genesis.json").await.status, 401);
    for path in ["/epcis/events", "/trace/01/1", "/links", "/products", "/journeys/01/1", "/status"]
    {
        assert_eq!(open.get(path).await.status, 401, "{path}");
    }
    let written = put(&open, &format!("/{ITEM}"), json!([])).await;
    assert_eq!(written.status, 401);
}

#[test]
fn only_paths_of_digital_links_are_for_everybody() {
    for path in ["/01/09521321123458", "/00/195210020000051008", "/.well-known/gs1resolver"] {
        assert!(is_public_path(path), "{path}");
    }
    for path in ["/", "/01", "/epcis/01/2", "/links/01/2", "//01/2", "/proofs/events/1", "/02/1"] {
        assert!(!is_public_path(path), "{path}");
    }
}
