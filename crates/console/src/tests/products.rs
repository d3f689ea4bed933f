//! The page of a thing at its GS1 Digital Link, and the resolver behind it.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    response::Response,
};
use qiao_api::{Chain as _, goods::Drawer};
use qiao_goods::{
    Product,
    journey::{Journey, Names},
    links::Link,
};
use serde_json::Value;
use tower::ServiceExt as _;

use super::{assert_says, get, page, shown::ShownChain, text};
use crate::Settings;

const PACK: &str = "/01/09521002000566/21/M0318-007";

async fn ask(console: &Router, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Request::get(path).header("host", "node.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    console.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn link(href: &str, link_type: &str, language: &str, is_default: bool) -> Link {
    Link {
        href: href.to_owned(),
        link_type: link_type.to_owned(),
        title: "More about it".to_owned(),
        hreflang: vec![language.to_owned()],
        media_type: Some("text/html".to_owned()),
        is_default,
    }
}

#[tokio::test]
async fn a_shopper_reads_the_journey_of_a_pack_at_its_code() {
    let console = crate::router(Arc::new(ShownChain::trade().await));
    let page = page(&console, PACK).await;
    assert_says(
        &page,
        &["Minced pork 1 kg", "no. M0318-007", "Recalled by Yunhe Market Supervision"],
    );
    assert_says(
        &page,
        &["Its journey", "Red Gate cutting hall", "Riverside Store", "Sold Minced pork"],
    );
    assert_says(
        &page,
        &["Best before", "Test result MICRO-30871", "How cold it was kept", "<polyline"],
    );
    assert_says(&page, &["Download the proof", "qiao verify journey-proof.json"]);
    for secret in ["PO-77120", "INV-20931", "DA-RG", "/transactions/", "/accounts/", "0x"] {
        let told = page.replace("0x-", "");
        let found = told.matches(secret).count();
        let allowed = usize::from(secret == "0x") * told.matches("data-genesis=\"0x").count();
        assert!(found <= allowed, "the page tells `{secret}`");
    }
}

#[tokio::test]
async fn every_usual_key_has_a_page_or_says_that_nothing_is_known() {
    let console = crate::router(Arc::new(ShownChain::trade().await));
    let lot = page(&console, "/01/09521002000368/10/M0318").await;
    assert_says(&lot, &["Minced pork, bulk", "lot M0318", "Recalled by"]);
    // A GTIN of 13 digits, a qualifier that the canonical form leaves out, attributes in the query.
    let item = page(&console, "/01/9521002000566/22/2A/21/M0318-007?17=261031").await;
    assert_says(&item, &["no. M0318-007"]);
    let pallet = page(&console, "/00/195210020000051008").await;
    assert_says(&pallet, &["Case or pallet", "Packed"]);
    let product = page(&console, "/01/09521002000566").await;
    assert_says(&product, &["Minced pork 1 kg", "Which one do you have?", "name=\"serial\""]);
    let place = page(&console, "/414/9521001000031").await;
    assert_says(&place, &["Old Town Store"]);
    for (path, status) in [
        ("/01/09521002000566/21/NOBODY", StatusCode::NOT_FOUND),
        ("/8018/952100100000000015", StatusCode::NOT_FOUND),
        ("/01/09521002000567", StatusCode::BAD_REQUEST),
        ("/01/banana", StatusCode::BAD_REQUEST),
        ("/00/1", StatusCode::BAD_REQUEST),
        ("/01/09521002000566/21/A/10/B", StatusCode::BAD_REQUEST),
    ] {
        let response = get(&console, path).await;
        assert_eq!(response.status(), status, "{path}");
        assert!(text(response).await.contains("<main"), "{path} has no page of its own");
    }
}

#[tokio::test]
async fn a_shopper_finds_a_pack_by_the_lot_on_it() {
    let console = crate::router(Arc::new(ShownChain::trade().await));
    let response = get(&console, "/01/09521002000368?lot=M0318&serial=").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()["location"], "/01/09521002000368/10/M0318");
}

#[tokio::test]
async fn programs_read_the_same_journey_as_people() {
    let console = crate::router(Arc::new(ShownChain::trade().await));
    let response = ask(&console, PACK, &[("accept", "application/json, text/html;q=0.5")]).await;
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let journey: Journey = serde_json::from_str(&text(response).await).unwrap();
    assert!(!journey.standing.is_clear() && journey.steps.len() > 5);
}

#[tokio::test]
async fn names_stay_with_the_members_where_the_operator_says_so() {
    let settings = Settings { names: Names::Hidden, ..Settings::default() };
    let console = crate::router_with(Arc::new(ShownChain::trade().await), settings);
    let page = page(&console, PACK).await;
    assert_says(&page, &["Recalled on", "Its journey"]);
    for name in ["Red Gate", "Lantern", "Yunhe", "Minced pork", "/genesis.json"] {
        assert!(!page.contains(name), "the page tells `{name}`");
    }
}

#[tokio::test]
async fn a_resolver_leads_to_the_links_that_the_brand_owner_registered() {
    let chain = Arc::new(ShownChain::trade().await);
    let links = [
        link("https://brand.example/en", "gs1:pip", "en", true),
        link("https://brand.example/zh", "gs1:pip", "zh", false),
        link("https://brand.example/recipes", "gs1:recipeInfo", "en", false),
    ];
    let cabinet = chain.cabinet().unwrap();
    cabinet.put(Drawer::Links, "01/09521002000566", &links).unwrap();
    let console = crate::router(chain);
    let leads = async |path: &str, headers: &[(&str, &str)]| {
        let response = ask(&console, path, headers).await;
        assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT, "{path}");
        assert!(response.headers()["link"].to_str().unwrap().contains("rel=\"linkset\""));
        response.headers()["location"].to_str().unwrap().to_owned()
    };
    assert_eq!(leads(PACK, &[]).await, "https://brand.example/en");
    assert_eq!(
        leads(PACK, &[("accept-language", "zh-CN,en;q=0.4")]).await,
        "https://brand.example/zh"
    );
    let recipes = leads(&format!("{PACK}?linkType=gs1:recipeInfo&17=261031"), &[]).await;
    assert_eq!(recipes, "https://brand.example/recipes?17=261031");
    let own = ask(&console, &format!("{PACK}?linkType=gs1:traceability"), &[]).await;
    assert_eq!(own.status(), StatusCode::OK);
    let absent = ask(&console, &format!("{PACK}?linkType=gs1:epil"), &[]).await;
    assert_eq!(absent.status(), StatusCode::NOT_FOUND);
    for asked in [
        ask(&console, &format!("{PACK}?linkType=all"), &[]).await,
        ask(&console, PACK, &[("accept", "application/linkset+json")]).await,
    ] {
        assert_eq!(asked.status(), StatusCode::OK);
        assert_eq!(asked.headers()["content-type"], "application/linkset+json");
        let set: Value = serde_json::from_str(&text(asked).await).unwrap();
        let context = &set["linkset"][0];
        assert_eq!(context["anchor"], format!("http://node.example{PACK}"));
        assert_eq!(context["https://gs1.org/voc/pip"].as_array().unwrap().len(), 2);
        assert_eq!(
            context["https://gs1.org/voc/defaultLink"][0]["href"],
            "https://brand.example/en"
        );
        assert!(
            context["https://gs1.org/voc/traceability"][0]["href"]
                .as_str()
                .unwrap()
                .starts_with("http://node.example/01/")
        );
    }
}

#[tokio::test]
async fn a_resolver_says_what_it_is() {
    let settings =
        Settings { public_url: Some("https://id.example.com".into()), ..Settings::default() };
    let console = crate::router_with(Arc::new(ShownChain::empty().await), settings);
    let described: Value =
        serde_json::from_str(&page(&console, "/.well-known/gs1resolver").await).unwrap();
    assert_eq!(described["resolverRoot"], "https://id.example.com");
    let request = Request::options(PACK).body(Body::empty()).unwrap();
    let response = console.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let request = Request::post(PACK).body(Body::empty()).unwrap();
    assert_eq!(console.oneshot(request).await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_product_is_called_what_its_member_calls_it() {
    let chain = Arc::new(ShownChain::trade().await);
    let product = Product { name: "Mince of the house".to_owned(), ..Product::default() };
    chain.cabinet().unwrap().put(Drawer::Products, "09521002000566", &product).unwrap();
    let console = crate::router(chain);
    assert_says(&page(&console, PACK).await, &["Mince of the house"]);
}

#[tokio::test]
async fn each_person_has_a_page_for_what_they_do() {
    let chain = Arc::new(ShownChain::trade().await);
    for card in qiao_sample::cards() {
        let product = Product {
            name: card.name.to_owned(),
            category: Some(card.category.to_owned()),
            min_milli_celsius: None,
            max_milli_celsius: card.max_milli_celsius,
            is_listed: card.is_listed,
        };
        chain.cabinet().unwrap().put(Drawer::Products, &card.gtin, &product).unwrap();
    }
    let console = crate::router(chain);
    assert_says(&page(&console, "/goods").await, &["Supplier", "Retailer", "Regulator"]);
    assert_says(
        &page(&console, "/phone").await,
        &["What happened?", "data-stages=", "On this phone"],
    );
    assert_says(&page(&console, "/import").await, &["Templates", "template.xlsx?stage=ship"]);
    let quality = page(&console, "/quality").await;
    assert_says(
        &quality,
        &["5.8 °C instead of 5.0 °C", "Northwind Cold Chain", "lot M0318", "recalled"],
    );
    let coverage = page(&console, "/coverage").await;
    assert_says(&coverage, &["By supplier", "Salad", "Meat", "% complete", "Events with gaps"]);
    let lens =
        page(&console, "/lens?thing=(01)09521002000368&party=Yunhe+Market+Supervision").await;
    assert_says(&lens, &["2 events", "Recalled Minced pork, bulk, lot M0318"]);
    let place =
        page(&console, "/lens?place=9521001000031&step=retail_selling&from=2020-01-01").await;
    assert_says(&place, &["Sold", "Old Town Store"]);
    let labels = get(&console, "/labels.pdf?id=(01)09521002000368(10)M0318&copies=25").await;
    assert_eq!(labels.headers()["content-type"], "application/pdf");
    let zpl = text(get(&console, "/labels.zpl?id=(01)09521002000368(10)M0318").await).await;
    assert!(zpl.contains("/01/09521002000368/10/M0318^FS"), "{zpl}");
    let id = "(01)09521002000368(10)M0318";
    let csv = text(get(&console, &format!("/fsma204.csv?id={id}")).await).await;
    assert!(csv.contains("Transformation: new food,M0318"), "{csv}");
}

#[tokio::test]
async fn what_makes_no_sense_is_told_on_a_page() {
    let console = crate::router(Arc::new(ShownChain::empty().await));
    for path in [
        "/labels.pdf?id=banana",
        "/labels.pdf",
        "/labels.pdf?id=(00)195210020000051008&copies=5000",
        "/lens?thing=banana",
        "/lens?place=1",
        "/lens?from=yesterday",
        "/fsma204.csv?id=banana",
    ] {
        let response = get(&console, path).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{path}");
        assert!(text(response).await.contains("<main"), "{path} has no page of its own");
    }
}

#[tokio::test]
async fn places_and_products_are_offered_by_name_and_stages_in_words() {
    let console = crate::router(Arc::new(ShownChain::trade().await));
    let phone = page(&console, "/phone").await;
    assert_says(&phone, &["<option value=\"9521003000015\">Green Terrace packhouse</option>"]);
    assert_says(&phone, &["<option value=\"09521002000566\">Minced pork 1 kg</option>"]);
    assert_says(&phone, &["<option value=\"9521001000000\">Lantern Markets</option>"]);
    let import = page(&console, "/import").await;
    assert_says(&import, &["Made or harvested", "data-sealing=\"1\"", "Orders, delivery notes"]);
}
