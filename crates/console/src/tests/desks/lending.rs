//! Loans, sealed bids and assets, with pages only.

use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use qiao_api::{
    Chain,
    finance::{Access, Desks},
};
use qiao_modules::{
    collateral::{self, ICollateral},
    payments::{self, IPayments},
};

use super::*;

pub(super) const CNY: u16 = 156;

/// What no page does: somebody signs a call.
pub(super) async fn act<C: SolCall>(
    chain: &Arc<DevChain>,
    place: usize,
    module: Address,
    call: C,
) -> C::Return {
    let desks = Desks::new(Arc::clone(chain) as Arc<dyn Chain>);
    let open = desks.open_to(Access::All).await.unwrap();
    let desk = open.into_iter().find(|desk| desk.organisation == number(place)).unwrap();
    desk.act(module, call).await.unwrap().returned
}

/// A part of 465,000.00 at axles.
pub(super) async fn with_a_part() -> (Arc<DevChain>, Router) {
    let chain = chain().await;
    let console = crate::router(Arc::clone(&chain) as Arc<dyn Chain>);
    signed_payables(&console).await;
    done(&console, place::AXLES, "wallet", &[("act", "accept"), ("voucher", "1")]).await;
    (chain, console)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplier_borrows_against_a_part_and_pays_it_back() {
    let (chain, console) = with_a_part().await;
    let bank = number(place::RIVER_BANK);
    let licence = IPayments::licenseBankCall { bank, currency: CNY, licensed: true };
    act(&chain, place::OFFICE, payments::ADDRESS, licence).await;
    for owner in [bank, number(place::AXLES)] {
        let open = IPayments::openAccountCall { owner, currency: CNY };
        let account = act(&chain, place::RIVER_BANK, payments::ADDRESS, open).await;
        let (amount, remittance) = (100_000_000, String::new());
        let deposit = IPayments::depositCall { account, amount, remittance };
        act(&chain, place::RIVER_BANK, payments::ADDRESS, deposit).await;
    }
    let pledge = [("act", "pledge"), ("part", "1"), ("to", "River Bank")];
    let loans = done(&console, place::AXLES, "parts/1", &pledge).await;
    assert_says(&loans, &["Borrow against a part", "Ask for this loan", "pledged to River Bank"]);
    let (bank, due) = (number(place::RIVER_BANK).to_string(), value(&loans, "maturity"));
    let ask = [
        ("act", "ask-loan"),
        ("part", "1"),
        ("bank", bank.as_str()),
        ("principal", "400000.00"),
        ("rate", "3.65"),
        ("maturity", due),
        ("repayment", "equal_parts"),
    ];
    let loans = done(&console, place::AXLES, "loans", &ask).await;
    assert_says(&loans, &["asked", "River Bank", "3.65 % a year"]);
    let shown = page(&console, &path(place::RIVER_BANK, "loans/1")).await;
    assert_says(&shown, &["Pay it out", "Decline", "in equal parts of the principal", "Schedule"]);
    let disburse = [
        ("act", "disburse"),
        ("loan", "1"),
        ("payer", hidden(&shown, "payer")),
        ("payee", hidden(&shown, "payee")),
        ("nonce", "7"),
    ];
    let shown = done(&console, place::RIVER_BANK, "loans/1", &disburse).await;
    assert_says(&shown, &["running", "Rest of the principal", "CNY 400,000.00"]);
    // Ten days cost 400.00; what is paid goes there first.
    chain.mine(2, 10 * 86_400).await.unwrap();
    let shown = page(&console, &path(place::AXLES, "loans/1")).await;
    assert_says(&shown, &["Interest today", "CNY 400.00", "Pay on it"]);
    let repay = [
        ("act", "repay"),
        ("loan", "1"),
        ("amount", "1000.00"),
        ("payer", hidden(&shown, "payer")),
        ("payee", hidden(&shown, "payee")),
        ("nonce", "8"),
    ];
    let asked = text(asked(&console, place::AXLES, "loans/1", &repay).await).await;
    assert_says(&asked, &["To interest", "CNY 400.00", "To principal", "CNY 600.00"]);
    let shown = done(&console, place::AXLES, "loans/1", &repay).await;
    assert_says(&shown, &["CNY 399,400.00", "1 payment", "to interest first"]);
    let hidden_from_rivals = get(&console, &path(place::HILL_BANK, "loans/1")).await;
    assert_eq!(hidden_from_rivals.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn sealed_bids_are_shown_when_all_are_over_and_the_best_wins() {
    let (chain, console) = with_a_part().await;
    for bank in [place::RIVER_BANK, place::HILL_BANK] {
        let line = [("act", "line"), ("to", "1"), ("currency", "CNY"), ("limit", "2000000")];
        done(&console, bank, "bank", &line).await;
    }
    let ask = [("act", "ask"), ("part", "1"), ("seconds", "3600"), ("how", "sealed")];
    done(&console, place::AXLES, "parts/1", &ask).await;
    let mut slips = Vec::new();
    for (bank, rate) in [(place::RIVER_BANK, "4.00"), (place::HILL_BANK, "3.65")] {
        let shown = page(&console, &path(bank, "requests/1")).await;
        assert_says(&shown, &["takes sealed bids", "Bid under seal"]);
        let salt = hidden(&shown, "salt").to_owned();
        let commit = [("act", "commit"), ("request", "1"), ("rate", rate), ("salt", salt.as_str())];
        let confirming = text(asked(&console, bank, "requests/1", &commit).await).await;
        assert_says(&confirming, &["Keep this: without it the bid cannot be shown"]);
        slips.push(slip(&confirming));
        let price = hidden(&confirming, "price").to_owned();
        let fields = [&commit[..], &[("price", price.as_str())]].concat();
        let shown = done(&console, bank, "requests/1", &fields).await;
        assert_says(&shown, &["Your bid is under seal", "None yet.", "sealed"]);
    }
    chain.mine(2, 3_700).await.unwrap();
    let forged = [("act", "reveal"), ("request", "1"), ("slip", slips[0].as_str())];
    let refused = asked(&console, place::HILL_BANK, "requests/1", &forged).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT, "no bank shows the bid of another");
    for (bank, slip) in [place::RIVER_BANK, place::HILL_BANK].into_iter().zip(&slips) {
        let reveal = [("act", "reveal"), ("request", "1"), ("slip", slip.as_str())];
        let shown = done(&console, bank, "requests/1", &reveal).await;
        assert_says(&shown, &["Your bid is shown.", "bids are shown"]);
    }
    chain.mine(2, 3_700).await.unwrap();
    let shown = page(&console, &path(place::AXLES, "requests/1")).await;
    assert_says(&shown, &["bids are over", "Take the best bid", "3.65 %", "Hill Bank"]);
    let award = [("act", "award"), ("request", "1")];
    done(&console, place::AXLES, "requests/1", &award).await;
    let offered = page(&console, &path(place::HILL_BANK, "parts/1")).await;
    assert_says(&offered, &["Offered to you"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_is_checked_reserved_and_released() {
    let chain = chain().await;
    let console = crate::router(Arc::clone(&chain) as Arc<dyn Chain>);
    let organisation = number(place::RIVER_BANK);
    let licence = ICollateral::licenseRegistrarCall { organisation, licensed: true };
    act(&chain, place::OFFICE, collateral::ADDRESS, licence).await;
    let unknown = checked(&console, place::RIVER_BANK, "5301 2026 0000 123456", "open").await;
    assert_says(&unknown, &["not known", "nobody registered this asset"]);
    let key = hidden(&unknown, "key").to_owned();
    let key = ("key", key.as_str());
    let register = [("act", "register-asset"), key, ("currency", "CNY"), ("value", "100.00")];
    let shown = done(&console, place::RIVER_BANK, "collateral", &register).await;
    assert_says(&shown, &["What you registered", "CNY 100.00"]);
    let reserve = |amount| [("act", "reserve"), key, ("currency", "CNY"), ("amount", amount)];
    done(&console, place::RIVER_BANK, "collateral", &reserve("60.00")).await;
    let take = [("act", "take-claim"), ("claim", "1")];
    let shown = done(&console, place::RIVER_BANK, "collateral", &take).await;
    assert_says(&shown, &["financed", "CNY 40.00"]);
    // Another bank, in another spelling: it learns what is left, and not who holds the rest.
    let known = checked(&console, place::HILL_BANK, "5301-2026-0000-123456", "open").await;
    assert_says(&known, &["free", "CNY 40.00 of CNY 100.00 are left"]);
    assert!(!known.contains("River Bank"));
    let refused = asked(&console, place::HILL_BANK, "collateral", &reserve("50.00")).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert_says(&text(refused).await, &["uniqueness.exceeds_balance"]);
    let release =
        [("act", "release-claim"), ("claim", "1"), ("units", "6000"), ("currency", "156")];
    done(&console, place::RIVER_BANK, "collateral", &release).await;
    let free = checked(&console, place::HILL_BANK, "530120260000123456", "open").await;
    assert_says(&free, &["CNY 100.00 of CNY 100.00 are left"]);
    let private = post_check(&console, place::HILL_BANK, "1", "private").await;
    assert_eq!(private.status(), StatusCode::CONFLICT);
    assert_says(&text(private).await, &["No private key", "A regulator appoints the evaluators"]);
}

async fn post_check(console: &Router, place: usize, declaration: &str, how: &str) -> Response {
    let shown = page(console, &path(place, "collateral")).await;
    let seal = hidden(&shown, "seal");
    let kind = "customs_declaration";
    let fields = [("seal", seal), ("kind", kind), ("number", declaration), ("how", how)];
    post(console, &path(place, "collateral"), &fields).await
}

async fn checked(console: &Router, place: usize, declaration: &str, how: &str) -> String {
    let answer = post_check(console, place, declaration, how).await;
    assert_eq!(answer.status(), StatusCode::OK);
    text(answer).await
}

/// The value of a field that is seen.
fn value<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("name=\"{name}\"")).unwrap();
    let (_, rest) = rest.split_once("value=\"").unwrap();
    rest.split_once('"').unwrap().0
}

/// What the confirmation of a bid asks to keep.
fn slip(page: &str) -> String {
    let (_, rest) = page.split_once("id=\"slip\" readonly value=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}
