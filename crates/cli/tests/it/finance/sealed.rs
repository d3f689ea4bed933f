//! Bids under seal by command: what is kept is enough to show the bid, and nobody else can read it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use super::*;

/// Seconds for bids.
const BID_SECONDS: u64 = 20;

/// Runs `qiao finance` with the home of a member whose node has heard of everything.
fn finance(network: &Network, member: usize, arguments: &[&str]) -> Output {
    network.catch_up();
    qiao(&["finance"]).args(arguments).arg("--home").arg(network.home(member)).output().unwrap()
}

/// The request as a member sees it.
fn request(network: &Network, member: usize) -> Value {
    let url = format!("{}/finance/requests/1", network.url(member));
    crate::support::get(&url).unwrap_or_default()
}

/// A request of the supplier for sealed bids, which both banks may answer: number 1.
fn network_with_request() -> Network {
    let network = network_with_money();
    done(&network, MAKER, receivables::ADDRESS, issue("INV-1", 10_000_000, day(90)));
    until(&network, "the supplier sees the voucher", || {
        let call = IReceivables::voucherCall { id: 1 };
        view(&network, SUPPLIER, receivables::ADDRESS, call).state == 1
    });
    done(&network, SUPPLIER, receivables::ADDRESS, IReceivables::acceptCall { voucher: 1 });
    for bank in [BANK, RIVAL] {
        let output = finance(&network, bank, &["line", "--issuer", "1", "--limit", "200000.00"]);
        assert!(output.status.success(), "{}", transcript(&output));
    }
    let body =
        json!({ "part": 1, "sealed": true, "bidSeconds": BID_SECONDS, "revealSeconds": 300 });
    let url = format!("{}/finance/requests", network.url(SUPPLIER));
    agent().post(&url).send_json(&body).unwrap();
    for bank in [BANK, RIVAL] {
        until(&network, "the bank sees the request", || request(&network, bank)["sealed"] == true);
    }
    network
}

/// The only file in a folder.
fn only_file(folder: &Path) -> PathBuf {
    let mut files = fs::read_dir(folder).unwrap();
    let file = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none(), "one bid is one file");
    file
}

#[test]
fn a_clerk_bids_under_seal_and_shows_what_was_kept() {
    let network = network_with_request();
    let committed = finance(&network, BANK, &["commit", "1", "--price", "98500.00"]);
    assert!(committed.status.success(), "{}", transcript(&committed));
    let file = only_file(&network.home(BANK).join("bids"));
    let told = String::from_utf8_lossy(&committed.stderr).into_owned();
    assert!(told.contains(&file.display().to_string()), "{told}");
    assert!(told.contains("qiao finance reveal 1"), "{told}");
    let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "others on the machine must not read the bid");

    // One bid for each bank, and the first one stays where it is.
    let again = finance(&network, BANK, &["commit", "1", "--price", "98600.00"]);
    assert_eq!(again.status.code(), Some(1), "{}", transcript(&again));
    assert!(transcript(&again).contains("CNY 98,500.00"), "{}", transcript(&again));
    assert_eq!(only_file(&network.home(BANK).join("bids")), file);

    // The rival keeps its bid in a folder of its choice, and reads nothing of the other's.
    let folder = network.home(RIVAL).with_file_name("kept");
    let folder = folder.to_str().unwrap();
    let committed = finance(&network, RIVAL, &["commit", "1", "--rate", "7.5", "--bids", folder]);
    assert!(committed.status.success(), "{}", transcript(&committed));
    let seen = request(&network, RIVAL);
    assert_eq!(seen["sealedBids"].as_array().unwrap().len(), 2, "{seen}");
    assert_eq!(seen["bids"], json!([]), "{seen}");
    assert!(!seen.to_string().contains("9850000"), "{seen}");

    let early = finance(&network, BANK, &["reveal", "1"]);
    assert_eq!(early.status.code(), Some(1), "{}", transcript(&early));
    assert!(transcript(&early).contains("financing.not_now"), "{}", transcript(&early));
    let bids_until = request(&network, BANK)["bidsUntil"].as_u64().unwrap();
    for bank in [BANK, RIVAL] {
        network.wait("the time for bids is over", |network| {
            let head = network.rpc(bank, "eth_getBlockByNumber", json!(["latest", false]));
            let time = head.and_then(|head| head["timestamp"].as_str().map(str::to_owned));
            let time = time.and_then(|time| u64::from_str_radix(&time[2..], 16).ok());
            time.is_some_and(|time| time > bids_until)
        });
    }

    // Without the file there is nothing to show, and nothing is sent.
    let away = file.with_extension("away");
    fs::rename(&file, &away).unwrap();
    let lost = finance(&network, BANK, &["reveal", "1"]);
    assert_eq!(lost.status.code(), Some(3), "{}", transcript(&lost));
    assert!(transcript(&lost).contains("--price"), "{}", transcript(&lost));
    fs::rename(&away, &file).unwrap();
    let shown = finance(&network, BANK, &["reveal", "1"]);
    assert!(shown.status.success(), "{}", transcript(&shown));
    assert!(transcript(&shown).contains("CNY 98,500.00"), "{}", transcript(&shown));

    // What was kept by hand does as well as the file.
    let kept: Value =
        serde_json::from_slice(&fs::read(only_file(Path::new(folder))).unwrap()).unwrap();
    let price = kept["price"].as_u64().unwrap();
    let decimal = format!("{}.{:02}", price / 100, price % 100);
    let salt = kept["salt"].as_str().unwrap();
    let shown = finance(&network, RIVAL, &["reveal", "1", "--price", &decimal, "--salt", salt]);
    assert!(shown.status.success(), "{}", transcript(&shown));
    until(&network, "the supplier sees both bids", || {
        let seen = request(&network, SUPPLIER);
        seen["bids"].as_array().is_some_and(|bids| bids.len() == 2)
            && seen["best"]["price"] == 9_850_000
    });
}
