//! Supply-chain finance through the nodes of four organisations: nothing is financed twice, nobody
//! reads from the chain what is financed, and what the rules forbid is refused with the rule.

mod sealed;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use alloy_sol_types::SolCall;
use qiao_modules::collateral::{self, ICollateral};
use qiao_modules::members::{self, IMembers};
use qiao_modules::payments::{self, IPayments};
use qiao_modules::receivables::{self, IReceivables};
use qiao_types::Address;
use serde_json::{Value, json};

use crate::support::{Network, agent, qiao, transcript};

/// What the members are in these stories: the first is core firm and regulator.
const MAKER: usize = 1;
const SUPPLIER: usize = 2;
const BANK: usize = 3;
const RIVAL: usize = 4;
const CNY: u16 = 156;

/// Has a member's node sign a call and waits until it is final.
fn act(
    network: &Network,
    member: usize,
    module: Address,
    call: impl SolCall,
) -> Result<Value, Value> {
    network.catch_up();
    let data = call.abi_encode();
    let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    let body = json!({ "to": module, "data": format!("0x{hex}") });
    let url = format!("{}/transactions", network.url(member));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into();
    let answer = agent.post(&url).send_json(body).unwrap();
    let status = answer.status().as_u16();
    let answer: Value = answer.into_body().read_json().unwrap();
    let is_done = status == 201 && answer["succeeded"] == true;
    if is_done { Ok(answer) } else { Err(answer) }
}

#[track_caller]
fn done(network: &Network, member: usize, module: Address, call: impl SolCall) {
    if let Err(refused) = act(network, member, module, call) {
        panic!("refused: {refused}\n{}", network.logs());
    }
}

/// Asks a module at a member's node, once it has heard of everything.
fn view<C: SolCall>(network: &Network, member: usize, module: Address, call: C) -> C::Return {
    network.catch_up();
    let hex: String = call.abi_encode().iter().map(|byte| format!("{byte:02x}")).collect();
    let parameters = json!([{ "to": module, "data": format!("0x{hex}") }, "latest"]);
    let answer = network.rpc(member, "eth_call", parameters).unwrap();
    let bytes: qiao_types::Bytes = answer.as_str().unwrap().parse().unwrap();
    C::abi_decode_returns(&bytes).unwrap()
}

/// Runs `qiao collateral` at a member whose node has heard of everything.
fn collateral(network: &Network, member: usize, arguments: &[&str]) -> std::process::Output {
    network.catch_up();
    let url = network.url(member);
    qiao(&["collateral"]).args(arguments).args(["--url", &url, "--json"]).output().unwrap()
}

fn answer(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", transcript(output)))
}

/// A file of assets beside the homes.
fn file(network: &Network, name: &str, lines: &str) -> PathBuf {
    let path = network.home(1).with_file_name(name);
    fs::write(&path, lines).unwrap();
    path
}

/// Four nodes, of which the first two are evaluators; customs is the first, and the banks register
/// invoices themselves.
fn network_with_evaluators() -> Network {
    let mut network = Network::init();
    let mut appointed = Vec::new();
    for member in [1, 2] {
        let home = network.home(member);
        let output = qiao(&["collateral", "evaluator-key", "--home"]).arg(&home).output().unwrap();
        assert!(output.status.success(), "{}", transcript(&output));
        let key = String::from_utf8(output.stdout).unwrap();
        appointed.push(format!("{member},{},{}", key.trim(), network.url(member)));
        let config = home.join("qiao.toml");
        let mut text = fs::read_to_string(&config).unwrap();
        text.push_str("\nevaluator_key_file = \"evaluator.key\"\n");
        fs::write(&config, text).unwrap();
    }
    for member in 1..=4 {
        network.start_member(member);
    }
    for member in 1..=4 {
        network.wait(&format!("member {member} has a final block"), |network| {
            network.height(member).is_some_and(|height| height > 0)
        });
    }
    let output = collateral(&network, MAKER, &["appoint", &appointed[0], &appointed[1]]);
    assert!(output.status.success(), "{}", transcript(&output));
    for organisation in [1, 3, 4] {
        let call = ICollateral::licenseRegistrarCall { organisation, licensed: true };
        done(&network, MAKER, collateral::ADDRESS, call);
    }
    for member in 1..=4 {
        network.wait(&format!("member {member} knows the appointment"), |network| {
            let call = ICollateral::isRegistrarCall { organisation: 4 };
            view(network, member, collateral::ADDRESS, call)
        });
    }
    network
}

#[test]
fn two_banks_finance_one_invoice_at_once_and_one_learns_why_not() {
    let mut network = network_with_evaluators();
    let head = "kind,seller,number,amount,value,currency\n";
    let ours = file(
        &network,
        "ours.csv",
        &format!("{head}invoice,DE 123.456.789,RE-2026/001,100.00,100.00,EUR\n"),
    );
    // The other bank's clerk types the same invoice in another way.
    let theirs = file(
        &network,
        "theirs.csv",
        &format!("{head}invoice,de123456789,re 2026 001,100.00,100.00,EUR\n"),
    );
    let (ours, theirs) = (ours.to_str().unwrap(), theirs.to_str().unwrap());
    let grey = collateral(&network, BANK, &["check", ours]);
    assert_eq!(answer(&grey)[0]["code"], "collateral.not_registered", "{}", transcript(&grey));
    let registered = answer(&collateral(&network, BANK, &["register", ours]));
    assert_eq!(registered[0]["isNew"], true, "{registered}");
    network.wait("the rival's node sees it", |network| {
        answer(&collateral(network, RIVAL, &["check", theirs]))[0]["light"] == "green"
    });
    let outputs: Vec<_> = std::thread::scope(|scope| {
        let network = &network;
        let bank = scope.spawn(move || collateral(network, BANK, &["reserve", ours]));
        let rival = scope.spawn(move || collateral(network, RIVAL, &["reserve", theirs]));
        [bank, rival].map(|thread| thread.join().unwrap()).into()
    });
    let granted = outputs.iter().filter(|output| output.status.success()).count();
    let texts: Vec<String> = outputs.iter().map(transcript).collect();
    assert_eq!(granted, 1, "{texts:?}");
    let refused = outputs.iter().find(|output| !output.status.success()).unwrap();
    let refusal = &answer(refused)[0];
    assert_eq!(refusal["code"], "uniqueness.exceeds_balance", "{texts:?}");
    assert!(refusal["detail"].as_str().unwrap().contains("asked 10000, left 0"), "{refusal}");
    network.wait("everybody sees that nothing is left", |network| {
        (1..=4).all(|member| {
            answer(&collateral(network, member, &["check", ours]))[0]["light"] == "red"
        })
    });
    // Whoever guesses the number finds nothing on the chain without the evaluators.
    let open = collateral(&network, SUPPLIER, &["check", "--open", ours]);
    assert_eq!(answer(&open)[0]["code"], "collateral.not_registered");
    // One evaluator away: nothing is concluded, and the answer says who is missing.
    network.stop(2);
    let silent = collateral(&network, BANK, &["check", ours]);
    assert!(!silent.status.success());
    assert!(transcript(&silent).contains("evaluator 2 at"), "{}", transcript(&silent));
}

#[test]
fn a_declaration_of_100_is_financed_for_60_and_not_for_50_more() {
    let network = network_with_evaluators();
    let declaration = |name: &str, number: &str, amount: &str| {
        let lines = format!(
            "kind,number,amount,value,currency\ncustoms_declaration,{number},{amount},100.00,USD\n"
        );
        file(&network, name, &lines).to_str().unwrap().to_owned()
    };
    let registered = declaration("customs.csv", "5301 2026 0000 123456", "");
    let output = collateral(&network, MAKER, &["register", &registered]);
    assert!(output.status.success(), "{}", transcript(&output));
    let sixty = declaration("sixty.csv", "530120260000123456", "60.00");
    network.wait("the bank reserves 60", |network| {
        collateral(network, BANK, &["reserve", &sixty]).status.success()
    });
    let output = collateral(&network, BANK, &["take", "1"]);
    assert!(output.status.success(), "{}", transcript(&output));
    let fifty = declaration("fifty.csv", "5301-2026-0000-123456", "50.00");
    network.wait("the rival's node sees it", |network| {
        answer(&collateral(network, RIVAL, &["check", &fifty]))[0]["left"] == 4_000
    });
    let check = &answer(&collateral(&network, RIVAL, &["check", &fifty]))[0];
    assert_eq!(
        (&check["light"], &check["code"]),
        (&json!("amber"), &json!("collateral.partly_financed"))
    );
    assert_eq!(check["reason"], "USD 40.00 of USD 100.00 are left, not USD 50.00");
    let refused = collateral(&network, RIVAL, &["reserve", &fifty]);
    assert_eq!(refused.status.code(), Some(1));
    let refusal = answer(&refused)[0]["detail"].as_str().unwrap().to_owned();
    assert!(refusal.contains("asked 5000, left 4000"), "{refusal}");
    let forty = declaration("forty.csv", "530120260000123456", "40.00");
    let output = collateral(&network, RIVAL, &["reserve", &forty]);
    assert!(output.status.success(), "{}", transcript(&output));
}

fn document(number: &str, value: u64, byte: u8) -> IReceivables::Document {
    IReceivables::Document { number: number.to_owned(), value, hash: [byte; 32].into() }
}

/// A day so many days from now, `YYYYMMDD`.
fn day(days: i64) -> u32 {
    let zoned = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let date = zoned.date().saturating_add(jiff::Span::new().days(days));
    date.strftime("%Y%m%d").to_string().parse().unwrap()
}

fn issue(number: &str, amount: u64, due: u32) -> IReceivables::issueCall {
    let terms = IReceivables::Terms {
        creditor: SUPPLIER as u64,
        amount,
        currency: CNY,
        due,
        recourse: false,
        interestBearer: 0,
        tenorReason: String::new(),
    };
    IReceivables::issueCall {
        terms,
        purchaseContract: document("C-1", 10_000_000, 1),
        invoice: document(number, amount, 2),
        delivery: document(&format!("D-{number}"), amount, 3),
    }
}

/// A chain on which the maker has a limit and the bank keeps accounts of its own and of the supplier.
fn network_with_money() -> Network {
    let network = Network::start();
    let call = IReceivables::setLimitCall { issuer: 1, currency: CNY, limit: 50_000_000 };
    done(&network, MAKER, receivables::ADDRESS, call);
    let call = IPayments::licenseBankCall { bank: 3, currency: CNY, licensed: true };
    done(&network, MAKER, payments::ADDRESS, call);
    network.wait("the bank's node knows its licence", |network| {
        let call = IPayments::sheetCall { bank: 3, currency: CNY };
        view(network, BANK, payments::ADDRESS, call).licensed
    });
    for owner in [3, 2] {
        let call = IPayments::openAccountCall { owner, currency: CNY };
        done(&network, BANK, payments::ADDRESS, call);
    }
    let remittance = "funds for financing".to_owned();
    let call = IPayments::depositCall { account: 1, amount: 20_000_000, remittance };
    done(&network, BANK, payments::ADDRESS, call);
    network
}

/// Waits until a member's node has something; far less than a second on an idle machine.
fn until(network: &Network, what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < deadline, "in vain: {what}\n{}", network.logs());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn from_application_to_disbursement_in_less_than_five_seconds() {
    let network = network_with_money();
    let began = Instant::now();
    done(&network, MAKER, receivables::ADDRESS, issue("INV-1", 10_000_000, day(90)));
    let state = |member, state: u8| {
        view(&network, member, receivables::ADDRESS, IReceivables::voucherCall { id: 1 }).state
            == state
    };
    until(&network, "the supplier sees the voucher", || state(SUPPLIER, 1));
    let call = IReceivables::acceptCall { voucher: 1 };
    done(&network, SUPPLIER, receivables::ADDRESS, call);
    let confirmed = began.elapsed();
    // The application: the supplier asks its bank to finance the part.
    let applied = Instant::now();
    let call = IReceivables::offerSaleCall { position: 1, buyer: 3, price: 9_850_000 };
    done(&network, SUPPLIER, receivables::ADDRESS, call);
    until(&network, "the bank sees the offer", || {
        let call = IReceivables::registrationFileCall { position: 1 };
        let hex: String = call.abi_encode().iter().map(|byte| format!("{byte:02x}")).collect();
        let to = receivables::ADDRESS;
        let parameters = json!([{ "to": to, "data": format!("0x{hex}") }, "latest"]);
        network.rpc(BANK, "eth_call", parameters).is_some()
    });
    // The registry's file is made by the chain; its number comes back from the registry.
    let call = IReceivables::registrationFileCall { position: 1 };
    let registration = view(&network, BANK, receivables::ADDRESS, call);
    assert!(registration.contains("INV-1") || registration.lines().count() == 2, "{registration}");
    let call = IPayments::buyPartCall {
        uetr: 0x0197_0000_0000_4000_8000_0000_0000_0001,
        position: 1,
        registration: "REG-2026-0001".to_owned(),
        payer: 1,
        payee: 2,
    };
    done(&network, BANK, payments::ADDRESS, call);
    until(&network, "the supplier has its money", || {
        let call = IPayments::accountCall { id: 2 };
        view(&network, SUPPLIER, payments::ADDRESS, call).balance == 9_850_000
    });
    let took = applied.elapsed();
    println!("confirmed after {confirmed:?}, application to disbursement {took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    let call = IReceivables::partCall { position: 1 };
    assert_eq!(view(&network, RIVAL, receivables::ADDRESS, call).holder, 3);
}

#[test]
fn what_the_rules_forbid_is_refused_with_the_rule() {
    let network = network_with_money();
    let refuse = |member, module, call: Vec<u8>| {
        let hex: String = call.iter().map(|byte| format!("{byte:02x}")).collect();
        let body = json!({ "to": module, "data": format!("0x{hex}") });
        let url = format!("{}/transactions", network.url(member));
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let answer = agent.post(&url).send_json(body).unwrap();
        assert_eq!(answer.status().as_u16(), 409);
        answer.into_body().read_json::<Value>().unwrap()
    };
    let told = |problem: &Value, code: &str, words: &str| {
        assert_eq!(problem["code"], code, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
        assert!(problem["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{problem}");
    };
    let call = issue("INV-9", 1_000, day(400)).abi_encode();
    let problem = refuse(MAKER, receivables::ADDRESS, call);
    told(&problem, "receivables.tenor_too_long", "Yinfa [2025] 77");
    let call = issue("INV-9", 1_000, day(250)).abi_encode();
    let problem = refuse(MAKER, receivables::ADDRESS, call);
    told(&problem, "receivables.tenor_needs_reason", "Yinfa [2025] 77");
    let call = issue("INV-9", 50_000_001, day(90));
    let call = IReceivables::issueCall { purchaseContract: document("C-9", 60_000_000, 9), ..call };
    let problem = refuse(MAKER, receivables::ADDRESS, call.abi_encode());
    told(&problem, "receivables.issuer_over_limit", "Yinfa [2025] 77");

    done(&network, MAKER, receivables::ADDRESS, issue("INV-1", 10_000, day(90)));
    until(&network, "the supplier sees the voucher", || {
        let call = IReceivables::voucherCall { id: 1 };
        view(&network, SUPPLIER, receivables::ADDRESS, call).state == 1
    });
    let call = IReceivables::acceptCall { voucher: 1 };
    done(&network, SUPPLIER, receivables::ADDRESS, call);
    // More than the part has, and nothing at all.
    for amount in [10_001, 0] {
        let call = IReceivables::splitCall { position: 1, amount }.abi_encode();
        let problem = refuse(SUPPLIER, receivables::ADDRESS, call);
        assert!(problem["code"].as_str().unwrap().starts_with("position."), "{problem}");
        told(&problem, problem["code"].as_str().unwrap(), &amount.to_string());
    }
    // A transfer by a non-holder.
    until(&network, "the bank's node sees that the voucher is accepted", || {
        let call = IReceivables::voucherCall { id: 1 };
        view(&network, BANK, receivables::ADDRESS, call).state == 2
    });
    let pass = |to| IReceivables::passCall { position: 1, to, amount: 1 }.abi_encode();
    let problem = refuse(BANK, receivables::ADDRESS, pass(4));
    told(&problem, "position.not_holder", "party 3");
    // A financing that is not registered.
    let call = IReceivables::offerSaleCall { position: 1, buyer: 3, price: 9_900 };
    done(&network, SUPPLIER, receivables::ADDRESS, call);
    let buy = IPayments::buyPartCall {
        uetr: 7,
        position: 1,
        registration: String::new(),
        payer: 1,
        payee: 2,
    };
    let problem = {
        let mut found = Value::Null;
        until(&network, "the bank's node sees the offer", || true);
        for _ in 0..200 {
            found = refuse(BANK, payments::ADDRESS, buy.abi_encode());
            if found["code"] != "receivables.no_sale" {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        found
    };
    told(&problem, "receivables.registration_missing", "Yinfa [2025] 77");
    // A frozen party.
    let call =
        IMembers::freezeOrganisationCall { organisation: 2, reason: "court order 12".to_owned() };
    done(&network, MAKER, members::ADDRESS, call);
    let mut problem = Value::Null;
    for _ in 0..200 {
        let body = json!({
            "to": receivables::ADDRESS,
            "data": qiao_types::Bytes::from(IReceivables::endSaleCall { position: 1 }.abi_encode()),
        });
        let url = format!("{}/transactions", network.url(SUPPLIER));
        if let Err(ureq::Error::StatusCode(409)) = agent().post(&url).send_json(&body) {
            problem = refuse(
                SUPPLIER,
                receivables::ADDRESS,
                IReceivables::endSaleCall { position: 1 }.abi_encode(),
            );
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    // The module says so, or already the pool, once it has heard of it.
    let is_named = problem["detail"].as_str().is_some_and(|text| text.contains("frozen"));
    assert!(is_named || problem["code"] == "pool.sender_not_active", "{problem}");
}

/// A pain.001 of the supplier with these payments: end-to-end identification, account, amount.
fn pain(message: &str, payments: &[(&str, u64, &str)]) -> String {
    let orders: String = payments
        .iter()
        .map(|(id, account, amount)| {
            format!(
                "<CdtTrfTxInf><PmtId><EndToEndId>{id}</EndToEndId></PmtId>\
                 <Amt><InstdAmt Ccy=\"CNY\">{amount}</InstdAmt></Amt><Cdtr><Nm>Bank</Nm></Cdtr>\
                 <CdtrAcct><Id><Othr><Id>{account}</Id></Othr></Id></CdtrAcct>\
                 <RmtInf><Ustrd>March</Ustrd></RmtInf></CdtTrfTxInf>\n"
            )
        })
        .collect();
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn>\
         <GrpHdr><MsgId>{message}</MsgId><CreDtTm>2026-11-29T10:00:00</CreDtTm>\
         <NbOfTxs>{}</NbOfTxs><InitgPty><Nm>Bank A</Nm></InitgPty></GrpHdr>\
         <PmtInf><PmtInfId>G1</PmtInfId><PmtMtd>TRF</PmtMtd>\
         <ReqdExctnDt><Dt>2026-01-02</Dt></ReqdExctnDt><Dbtr><Nm>Bank A</Nm></Dbtr>\
         <DbtrAcct><Id><Othr><Id>1</Id></Othr></Id></DbtrAcct>\
         <DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>\n\
         {orders}</PmtInf></CstmrCdtTrfInitn></Document>",
        payments.len()
    )
}

/// Account 1 is the bank's own with 200,000.00, account 2 the supplier's at the same bank.
#[test]
fn a_treasury_pays_by_iso_20022_and_reads_its_statement() {
    let network = network_with_money();
    let payments = |member: usize, arguments: &[&str]| {
        let url = network.url(member);
        qiao(&["payments"]).args(arguments).args(["--url", &url]).output().unwrap()
    };
    let write = |name: &str, text: &str| file(&network, name, text).to_str().unwrap().to_owned();
    // A mistake in one payment: nothing is done, and the path says where it is.
    let wrong = write("wrong.xml", &pain("M-0", &[("E-1", 2, "10.00"), ("E-2", 99, "1.005")]));
    let output = payments(BANK, &["import", &wrong]);
    assert_eq!(output.status.code(), Some(1), "{}", transcript(&output));
    let text = transcript(&output);
    assert!(text.contains("CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf[2]/Amt/InstdAmt"), "{text}");
    let foreign = write("foreign.xml", &pain("M-1", &[("E-1", 2, "10.00")]));
    let text = transcript(&payments(SUPPLIER, &["import", &foreign]));
    assert!(text.contains("payments.not_account_owner"), "{text}");
    // Two payments, of which one is more than there is.
    let good = write("good.xml", &pain("M-2", &[("E-1", 2, "1500.50"), ("E-2", 2, "900000")]));
    let output = payments(BANK, &["import", &good, "--json"]);
    let told = answer(&output);
    assert_eq!(output.status.code(), Some(1), "{}", transcript(&output));
    assert_eq!(told["payments"][0]["state"], "settled", "{told}");
    assert_eq!(told["payments"][1]["code"], "payments.insufficient_funds", "{told}");
    // Again: what was paid is not paid again.
    let again = answer(&payments(BANK, &["import", &good, "--json"]));
    assert_eq!(again["payments"][0]["state"], "settled_before", "{again}");
    assert_eq!(again["payments"][0]["uetr"], told["payments"][0]["uetr"]);
    // The supplier finds it in its own statement, at its own node.
    let uetr = told["payments"][0]["uetr"].as_str().unwrap();
    network.wait("the supplier's node has the payment", |_| {
        payments(SUPPLIER, &["track", uetr]).status.success()
    });
    let track = answer(&payments(SUPPLIER, &["track", uetr, "--json"]));
    assert_eq!((&track["endToEndId"], &track["amount"]), (&json!("E-1"), &json!(150_050)));
    assert_eq!(payments(RIVAL, &["track", uetr]).status.code(), Some(1), "not its business");
    let days = ["--from", "2026-01-01", "--to", "2035-12-31"];
    let statement = payments(SUPPLIER, &[&["statement", "2"], &days[..]].concat());
    let text = String::from_utf8(statement.stdout).unwrap();
    let report = qiao_iso20022::Report::read(qiao_iso20022::ReportKind::Statement, text.as_bytes());
    let report = report.unwrap_or_else(|problem| panic!("{problem}\n{text}"));
    assert_eq!(report.entries.len(), 1);
    let entry = &report.entries[0];
    assert_eq!((entry.end_to_end_id.as_str(), entry.remittance.as_str()), ("E-1", "March"));
    assert_eq!(entry.amount.number(), "1500.50");
    assert!(entry.is_credit);
    assert_eq!(payments(RIVAL, &["statement", "2"]).status.code(), Some(1), "not its account");
    // Money from outside arrives once.
    let pacs = qiao_iso20022::Settlement {
        message_id: "P-1".to_owned(),
        created: "2026-11-29T10:00:00Z".to_owned(),
        transfers: vec![qiao_iso20022::CreditTransfer {
            end_to_end_id: "X-1".to_owned(),
            uetr: 0x97ed_4827_7b6f_4491_a06f_b548_d5a7_512d,
            amount: qiao_iso20022::Amount::of_minor_units("CNY", 7_000, 2).unwrap(),
            day: "2026-11-29".to_owned(),
            debtor: party("Elsewhere", "DE-1"),
            creditor: party("Supplier", "2"),
            remittance: String::new(),
        }],
    };
    let pacs = write("pacs.xml", &pacs.write());
    for state in ["settled", "settled_before"] {
        let told = answer(&payments(BANK, &["import", &pacs, "--json"]));
        assert_eq!(told["payments"][0]["state"], state, "{told}");
    }
    let call = IPayments::accountCall { id: 2 };
    assert_eq!(view(&network, BANK, payments::ADDRESS, call).balance, 157_050);
}

fn party(name: &str, account: &str) -> qiao_iso20022::Party {
    qiao_iso20022::Party {
        name: name.to_owned(),
        account: qiao_iso20022::AccountId::Other(account.to_owned()),
        bic: String::new(),
    }
}
