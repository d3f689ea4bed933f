//! What is charged over REST: published first, read by everybody, agreed to by who pays.

use super::*;

const UETR: &str = "0197b0c0-0000-4000-8000-000000000001";

impl Desks {
    /// Accounts of the axle works and of River Bank at River Bank, with money.
    async fn with_money(self) -> Self {
        let licence = json!({ "bank": RIVER_BANK, "currency": "CNY", "licensed": true });
        self.act(OFFICE, "licences", licence).await;
        for owner in [AXLES, RIVER_BANK] {
            let open = json!({ "owner": owner, "currency": "CNY" });
            let account = self.act(RIVER_BANK, "accounts", open).await;
            let deposit = json!({ "amount": 1_000_000 });
            self.act(RIVER_BANK, &format!("accounts/{account}/deposit"), deposit).await;
        }
        self
    }
}

/// The axle works agree to an amount for the financing of a part by River Bank.
fn agreed(amount: u64) -> Value {
    json!({
        "provider": RIVER_BANK, "service": "financing", "amount": amount,
        "uetr": UETR, "payer": 1, "payee": 2,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fee_is_published_read_agreed_to_and_paid_once() {
    let desks = Desks::start().await.with_limit().await.with_money().await;
    let part = desks.voucher("INV-1").await;
    let fees = format!("parts/{part}/fees");
    let early = desks.refused(AXLES, &fees, agreed(15_000)).await;
    assert_eq!(early["code"], "financing.fee_not_published");
    assert!(early["rule"].as_str().unwrap().contains("Yinfa [2025] No. 77"), "{early}");

    let tariff =
        json!({ "service": "financing", "currency": "CNY", "flat": 5_000, "basisPoints": 10 });
    desks.put(RIVER_BANK, "tariffs", tariff).await;
    // Also those read it who have nothing to do with the bank.
    let told = desks.ask(BEARINGS, "tariffs").await;
    assert_eq!(told[0]["provider"]["name"], "River Bank");
    assert_eq!((&told[0]["flat"], &told[0]["basisPoints"]), (&json!(5_000), &json!(10)));
    assert_eq!(desks.ask(BEARINGS, "tariffs?provider=5").await, json!([]));

    // 50.00 and a tenth of a per cent of 100,000.00.
    let seen = desks.ask(AXLES, &fees).await;
    assert_eq!(seen["bearer"]["name"], "Harbour Axle Works");
    assert_eq!((&seen["charged"][0]["amount"], &seen["paid"]), (&json!(15_000), &json!([])));
    assert!(seen.get("limit").is_none(), "{seen}");
    let more = desks.refused(AXLES, &fees, agreed(15_001)).await;
    assert_eq!(more["code"], "financing.fee_differs");
    assert_eq!(more["arguments"]["published"], "15000");
    let foreign = desks.refused(MAKER, &fees, agreed(15_000)).await;
    assert_eq!(foreign["code"], "financing.not_fee_bearer");

    desks.put(OFFICE, "fee-limits", json!({ "pack": 1, "basisPoints": 14 })).await;
    assert_eq!(desks.ask(AXLES, &fees).await["limit"], 14_000);
    let over = desks.refused(AXLES, &fees, agreed(15_000)).await;
    assert_eq!(
        (&over["code"], &over["arguments"]["left"]),
        (&json!("financing.fee_over_limit"), &json!("14000"))
    );
    let limits = desks.ask(AXLES, "fee-limits").await;
    assert_eq!(limits[1], json!({ "pack": 1, "name": "cn-2025-77", "basisPoints": 14 }));
    desks.put(OFFICE, "fee-limits", json!({ "pack": 1 })).await;

    desks.act(AXLES, &fees, agreed(15_000)).await;
    let seen = desks.ask(AXLES, &fees).await;
    assert_eq!(seen["charged"][0]["isPaid"], true, "{seen}");
    assert_eq!(
        (&seen["paid"][0]["amount"], &seen["paid"][0]["uetr"]),
        (&json!(15_000), &json!(UETR))
    );
    let again = desks.refused(AXLES, &fees, agreed(15_000)).await;
    assert_eq!(again["code"], "financing.fee_paid_before");
    let own = desks.ask(AXLES, "accounts").await;
    assert_eq!(own[0]["balance"], 985_000);
    // Who does not see the part does not see its fees.
    assert_eq!(desks.get(BEARINGS, &fees).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_charges_for_its_own_vouchers_is_refused_and_not_listed() {
    let desks = Desks::start().await.with_limit().await.with_money().await;
    let part = desks.voucher("INV-1").await;
    let tariff = json!({ "service": "information", "currency": "CNY", "flat": 100 });
    desks.put(MAKER, "tariffs", tariff).await;
    let fees = format!("parts/{part}/fees");
    assert_eq!(desks.ask(AXLES, &fees).await["charged"], json!([]));
    let fee = json!({
        "provider": MAKER, "service": "information", "amount": 100,
        "uetr": UETR, "payer": 1, "payee": 2,
    });
    let refused = desks.refused(AXLES, &fees, fee).await;
    assert_eq!(refused["code"], "financing.fee_by_issuer");
    assert!(refused["rule"].as_str().unwrap().contains("confirming what it owes"), "{refused}");
    let unclear = json!({ "service": "coffee", "currency": "CNY" });
    let unclear = desks.send("PUT", MAKER, "tariffs", unclear).await;
    assert_eq!(unclear.json()["code"], "finance.invalid_input");
}

#[tokio::test(flavor = "multi_thread")]
async fn bids_are_compared_with_all_that_they_cost() {
    let desks = Desks::start().await.with_limit().await;
    let part = desks.voucher("INV-1").await;
    for (bank, flat) in [(RIVER_BANK, 0), (HILL_BANK, 60_000)] {
        let line = json!({ "issuer": MAKER, "currency": "CNY", "limit": 500_000_000 });
        desks.put(bank, "lines", line).await;
        let tariff = json!({ "service": "financing", "currency": "CNY", "flat": flat });
        desks.put(bank, "tariffs", tariff).await;
    }
    let ask = json!({ "part": part, "bidSeconds": 3_600 });
    let request = desks.act(AXLES, "requests", ask).await;
    for (bank, price) in [(RIVER_BANK, 9_850_000), (HILL_BANK, 9_870_000)] {
        desks.act(bank, &format!("requests/{request}/quote"), json!({ "price": price })).await;
    }
    let bids = desks.ask(AXLES, &format!("requests/{request}")).await;
    let (hill, river) = (&bids["bids"][0], &bids["bids"][1]);
    assert_eq!((&hill["bank"]["name"], &hill["fees"]), (&json!("Hill Bank"), &json!(60_000)));
    // 1,300.00 and 600.00 for 98,100.00, and 1,500.00 for 98,500.00, over 90 days.
    assert_eq!((&hill["rate"], &hill["yearlyCost"]), (&json!("5.27"), &json!("7.85")));
    assert_eq!((&river["rate"], &river["yearlyCost"]), (&json!("6.08"), &json!("6.18")));
}
