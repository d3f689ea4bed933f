//! Fields that a processor sealed: what this node's people, who are the retailer's, see of them.

use axum::Router;
use qiao_epcis::{Event, Limits};
use qiao_sharing::{Author, Field, Reader, Wish};
use serde_json::json;

use super::{
    assert_says, console, encoded, page,
    shown::{ShownChain, sharing_keys},
};

const PACK: &str = "https://id.gs1.org/01/09521002000566/21/M0318-007";
const LOT: &str = "https://id.gs1.org/01/09521002000368/10/M0318";
/// Values that stand nowhere by chance.
const SECRETS: [&str; 4] = ["73915.27", "417.25", "ORDER-4711", "88.31"];

fn name(organisation: usize) -> &'static str {
    qiao_sample::parties()[organisation - 1].name
}

/// A wish to seal a field for organisations by their own keys.
fn wish(field: &str, readers: &[u8]) -> Wish {
    let reader = |reader: &u8| Reader {
        organisation: u64::from(*reader),
        key: sharing_keys(*reader).newest(),
    };
    Wish { field: Field::parse(field).unwrap(), readers: readers.iter().map(reader).collect() }
}

/// An inspection of a pack with a price, captured by organisation 2 with these fields sealed.
async fn inspected(chain: &ShownChain, minute: u32, seal: &[(&str, &[u8])]) -> String {
    let wishes = seal.iter().map(|(field, readers)| wish(field, readers));
    inspected_with(chain, minute, &wishes.collect::<Vec<_>>()).await
}

async fn inspected_with(chain: &ShownChain, minute: u32, wishes: &[Wish]) -> String {
    let event = json!({
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            { "deal": "https://deal.example/" },
        ],
        "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "inspecting",
        "eventTime": format!("2026-03-01T10:{minute:02}:00.000Z"), "eventTimeZoneOffset": "+00:00",
        "epcList": [PACK],
        "quantityList": [{ "epcClass": LOT, "quantity": 417.25, "uom": "KGM" }],
        "bizTransactionList": [
            { "type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:9521002000005:ORDER-4711" },
        ],
        "deal:price": "73915.27", "deal:rebate": 88.31,
    });
    let event = Event::parse(event.to_string().as_bytes(), &Limits::DOCUMENT).unwrap();
    let keys = sharing_keys(2);
    let author = Author { organisation: 2, keys: &keys };
    let sealed = qiao_sharing::seal(&event, author, wishes).unwrap();
    assert_eq!(sealed.found, vec![true; wishes.len()]);
    chain.capture(2, &[sealed.event.to_json()]).await;
    sealed.event.hash().to_hex()
}

/// The page of the event, and the trace of its pack.
async fn pages(console: &Router, hash: &str) -> [String; 2] {
    let trace = format!("/trace?id={}", encoded(PACK));
    [page(console, &format!("/events/{hash}")).await, page(console, &trace).await]
}

#[tokio::test]
async fn a_reader_sees_the_values_and_who_else_may_read_them() {
    let chain = ShownChain::trade().await;
    let seal: [(&str, &[u8]); 4] = [
        ("deal:price", &[1, 3]),
        ("quantity", &[1]),
        ("bizTransaction", &[1]),
        ("deal:rebate", &[1]),
    ];
    let hash = inspected(&chain, 1, &seal).await;
    for page in pages(&console(chain), &hash).await {
        assert_says(&page, &["opened for you", "<strong>73915.27</strong>", "deal:price"]);
        assert_says(&page, &["417.25 kg of Minced pork, bulk, lot M0318", "88.31"]);
        assert_says(&page, &["Purchase order ORDER-4711"]);
        let (author, own, other) = (name(2), name(1), name(3));
        let readers = format!("Sealed by {author}. Only it, {own} (you) and {other} may read it.");
        assert_says(&page, &[&readers, &format!("Only it and {own} (you) may read it.")]);
        assert!(!page.contains("does not open"));
    }
}

#[tokio::test]
async fn others_see_that_a_field_is_sealed_and_by_name_for_whom() {
    let chain = ShownChain::trade().await;
    let hash = inspected(&chain, 1, &[("quantity", &[]), ("all", &[3])]).await;
    for page in pages(&console(chain), &hash).await {
        let readers = format!("Sealed by {}. Only it and {} may read it.", name(2), name(3));
        assert_says(&page, &[&readers, "sealed</span>", "Only it may read it."]);
        assert!(!page.contains("opened for you"));
        SECRETS.iter().for_each(|secret| assert!(!page.contains(secret), "it tells {secret}"));
    }
}

#[tokio::test]
async fn steps_that_are_alike_keep_what_was_opened_of_each() {
    let chain = ShownChain::trade().await;
    for minute in 1..=3 {
        inspected(&chain, minute, &[("deal:price", &[1])]).await;
    }
    let page = page(&console(chain), &format!("/trace?id={}", encoded(PACK))).await;
    assert_eq!(page.matches("<strong>73915.27</strong>").count(), 3);
    assert_says(&page, &["sealed fields"]);
}

#[tokio::test]
async fn the_page_for_everybody_tells_nothing_that_was_sealed() {
    let chain = ShownChain::trade().await;
    let seal: [(&str, &[u8]); 4] =
        [("deal:price", &[1]), ("quantity", &[1]), ("bizTransaction", &[1]), ("deal:rebate", &[1])];
    inspected(&chain, 1, &seal).await;
    let console = console(chain);
    for path in [PACK, LOT] {
        let page = page(&console, path.trim_start_matches("https://id.gs1.org")).await;
        SECRETS.iter().for_each(|secret| assert!(!page.contains(secret), "{path} tells {secret}"));
        assert!(!page.contains("Sealed by") && !page.contains("opened for you"), "{path}");
    }
}

#[tokio::test]
async fn a_member_whose_key_does_not_fit_is_told_whom_to_ask() {
    let chain = ShownChain::trade().await;
    let mut foreign = wish("deal:price", &[1]);
    foreign.readers[0].key = sharing_keys(9).newest();
    let event = inspected_with(&chain, 1, &[foreign]).await;
    let page = page(&console(chain), &format!("/events/{event}")).await;
    assert_says(&page, &["sealed for you, does not open", "ask who sealed it"]);
    assert!(!page.contains("73915.27"));
}
