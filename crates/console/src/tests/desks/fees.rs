//! Fees with pages only: a bank publishes what it charges, a supplier agrees and pays.

use qiao_modules::payments::{self, IPayments};

use super::{
    lending::{CNY, act, with_a_part},
    *,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_supplier_pays_what_a_bank_published_and_a_regulator_limits_it() {
    let (chain, console) = with_a_part().await;
    let bank = number(place::RIVER_BANK);
    let licence = IPayments::licenseBankCall { bank, currency: CNY, licensed: true };
    act(&chain, place::OFFICE, payments::ADDRESS, licence).await;
    for owner in [bank, number(place::AXLES)] {
        let open = IPayments::openAccountCall { owner, currency: CNY };
        let account = act(&chain, place::RIVER_BANK, payments::ADDRESS, open).await;
        let (amount, remittance) = (1_000_000, String::new());
        let deposit = IPayments::depositCall { account, amount, remittance };
        act(&chain, place::RIVER_BANK, payments::ADDRESS, deposit).await;
    }
    let tariff = [
        ("act", "tariff"),
        ("service", "financing"),
        ("flat", "20.00"),
        ("percent", "0.15"),
        ("currency", "CNY"),
    ];
    let shown = done(&console, place::RIVER_BANK, "tariffs", &tariff).await;
    assert_says(&shown, &["Published", "CNY 20.00 and 0.15 %", "yours", "What you charge"]);
    // 20.00 and 0.15 per cent of 465,000.00.
    let shown = page(&console, &path(place::AXLES, "parts/1")).await;
    assert_says(&shown, &["Fees", "borne by Harbour Axle Works", "CNY 717.50"]);
    let fee = [
        ("act", "pay-fee"),
        ("part", "1"),
        ("provider", hidden(&shown, "provider")),
        ("service", "1"),
        ("units", hidden(&shown, "units")),
        ("payer", hidden(&shown, "payer")),
        ("payee", hidden(&shown, "payee")),
        ("nonce", "7"),
    ];
    let limit = [("act", "fee-limit"), ("pack", "1"), ("percent", "0.10")];
    let limits = done(&console, place::OFFICE, "tariffs", &limit).await;
    assert_says(&limits, &["Limit the fees of a part", "at most 0.10 %", "cn-2025-77"]);
    let refused = asked(&console, place::AXLES, "parts/1", &fee).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert_says(&text(refused).await, &["fee_over_limit", "the limit that the regulator set"]);
    let lift = [("act", "fee-limit"), ("pack", "1"), ("percent", "")];
    assert_says(&done(&console, place::OFFICE, "tariffs", &lift).await, &["no limit"]);
    let confirming = text(asked(&console, place::AXLES, "parts/1", &fee).await).await;
    assert_says(&confirming, &["You agree to", "CNY 717.50", "River Bank"]);
    let shown = done(&console, place::AXLES, "parts/1", &fee).await;
    assert_says(&shown, &["Paid to River Bank", "for financing by Harbour Axle Works"]);
    let again = asked(&console, place::AXLES, "parts/1", &fee).await;
    assert_eq!(again.status(), StatusCode::CONFLICT, "a service is paid once");
}
