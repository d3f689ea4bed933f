//! Messages as banks send them, messages that are wrong, and round trips.

use proptest::prelude::*;

use self::kept::kept;
use super::*;

#[path = "../../../fuzz/kept.rs"]
mod kept;

const PAIN: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03">
  <CstmrCdtTrfInitn>
    <GrpHdr>
      <MsgId>PAY-2027-001</MsgId><CreDtTm>2027-01-15T16:00:00</CreDtTm>
      <NbOfTxs>2</NbOfTxs><CtrlSum>1250.5</CtrlSum>
      <InitgPty><Nm>Harbour Motors</Nm></InitgPty>
    </GrpHdr>
    <PmtInf>
      <PmtInfId>G1</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>2</NbOfTxs>
      <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>
      <ReqdExctnDt>2027-01-18</ReqdExctnDt>
      <Dbtr><Nm>Harbour Motors</Nm><PstlAdr><Ctry>DE</Ctry></PstlAdr></Dbtr>
      <DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>
      <DbtrAgt><FinInstnId><BIC>COBADEFF</BIC></FinInstnId></DbtrAgt>
      <CdtTrfTxInf>
        <PmtId><EndToEndId>INV-1</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="EUR">1000.00</InstdAmt></Amt>
        <Cdtr><Nm>M&#252;ller &amp; Sons</Nm></Cdtr>
        <CdtrAcct><Id><IBAN>GB82WEST12345698765432</IBAN></Id></CdtrAcct>
        <RmtInf><Ustrd><![CDATA[Invoice <1>]]></Ustrd></RmtInf>
      </CdtTrfTxInf>
      <CdtTrfTxInf>
        <PmtId><EndToEndId>INV-2</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="EUR">250.5</InstdAmt></Amt>
        <CdtrAgt><FinInstnId><BIC>ICBKCNBJ</BIC></FinInstnId></CdtrAgt>
        <Cdtr><Nm>Screws</Nm></Cdtr>
        <CdtrAcct><Id><Othr><Id>6222020200012345678</Id></Othr></Id></CdtrAcct>
      </CdtTrfTxInf>
    </PmtInf>
  </CstmrCdtTrfInitn>
</Document>"#;

const STATEMENT: &str = r#"<d:Document xmlns:d="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
  <d:BkToCstmrStmt>
    <d:GrpHdr><d:MsgId>S1</d:MsgId><d:CreDtTm>2027-01-31T20:00:00Z</d:CreDtTm></d:GrpHdr>
    <d:Stmt>
      <d:Id>2027-01</d:Id>
      <d:Acct><d:Id><d:Othr><d:Id>7</d:Id></d:Othr></d:Id></d:Acct>
      <d:Bal><d:Tp><d:CdOrPrtry><d:Cd>OPBD</d:Cd></d:CdOrPrtry></d:Tp><d:Amt Ccy="CNY">10.00</d:Amt>
        <d:CdtDbtInd>CRDT</d:CdtDbtInd><d:Dt><d:Dt>2027-01-01</d:Dt></d:Dt></d:Bal>
      <d:Bal><d:Tp><d:CdOrPrtry><d:Cd>CLAV</d:Cd></d:CdOrPrtry></d:Tp></d:Bal>
      <d:Bal><d:Tp><d:CdOrPrtry><d:Cd>CLBD</d:Cd></d:CdOrPrtry></d:Tp><d:Amt Ccy="CNY">5.00</d:Amt>
        <d:CdtDbtInd>DBIT</d:CdtDbtInd><d:Dt><d:Dt>2027-01-31</d:Dt></d:Dt></d:Bal>
      <d:Ntry><d:Amt Ccy="CNY">15.00</d:Amt><d:CdtDbtInd>DBIT</d:CdtDbtInd><d:Sts><d:Cd>BOOK</d:Cd></d:Sts>
        <d:BookgDt><d:DtTm>2027-01-20T09:30:00</d:DtTm></d:BookgDt>
        <d:NtryDtls><d:TxDtls><d:Refs><d:EndToEndId>NOTPROVIDED</d:EndToEndId>
          <d:UETR>97ed4827-7b6f-4491-a06f-b548d5a7512d</d:UETR></d:Refs></d:TxDtls></d:NtryDtls></d:Ntry>
      <d:Ntry><d:Amt Ccy="CNY">99.00</d:Amt><d:CdtDbtInd>CRDT</d:CdtDbtInd><d:Sts>PDNG</d:Sts>
        <d:BookgDt><d:Dt>2027-01-31</d:Dt></d:BookgDt></d:Ntry>
    </d:Stmt>
  </d:BkToCstmrStmt>
</d:Document>"#;

/// Of a bank that writes version 03.
const REPORT: &str = r#"<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03">
  <CstmrPmtStsRpt>
    <GrpHdr><MsgId>R1</MsgId><CreDtTm>2027-01-15T16:00:05</CreDtTm></GrpHdr>
    <OrgnlGrpInfAndSts><OrgnlMsgId>PAY-2027-001</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.03</OrgnlMsgNmId>
      <GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>
    <OrgnlPmtInfAndSts><OrgnlPmtInfId>G1</OrgnlPmtInfId>
      <TxInfAndSts><StsId>1</StsId><OrgnlEndToEndId>INV-1</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>
      <TxInfAndSts><OrgnlEndToEndId>INV-2</OrgnlEndToEndId><TxSts>RJCT</TxSts>
        <StsRsnInf><Rsn><Cd>AM04</Cd></Rsn><AddtlInf>not enough money</AddtlInf></StsRsnInf></TxInfAndSts>
    </OrgnlPmtInfAndSts>
  </CstmrPmtStsRpt>
</Document>"#;

#[test]
fn a_status_report_says_which_payments_were_made() {
    let report = StatusReport::read(REPORT.as_bytes()).unwrap();
    assert_eq!((report.original_id.as_str(), report.whole()), ("PAY-2027-001", "PART"));
    let [group] = &report.groups[..] else { panic!("one group") };
    let [first, second] = &group.payments[..] else { panic!("two payments") };
    assert_eq!((first.status, second.status), (Status::Settled, Status::Rejected));
    assert_eq!((second.code.as_str(), second.reason.as_str()), ("AM04", "not enough money"));
    let again = StatusReport::read(report.write().as_bytes()).unwrap();
    assert_eq!(again, report);
    let unknown = REPORT.replace("ACSC", "LOST");
    let problem = StatusReport::read(unknown.as_bytes()).unwrap_err();
    assert_eq!(
        (problem.code, problem.path.as_str()),
        ("iso20022.malformed", "CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts[1]/TxSts")
    );
}

#[test]
fn a_report_tells_of_the_message_as_a_whole() {
    let payment = |status| PaymentStatus {
        end_to_end_id: "INV-1".to_owned(),
        uetr: 7,
        status,
        code: String::new(),
        reason: String::new(),
    };
    let whole = |statuses: &[Status]| {
        let payments = statuses.iter().map(|status| payment(*status)).collect();
        let groups = vec![GroupStatus { id: "G1".to_owned(), payments }];
        StatusReport {
            message_id: "R1".to_owned(),
            created: String::new(),
            original_id: "P1".to_owned(),
            original_name: "pain.001.001.09".to_owned(),
            groups,
        }
        .whole()
    };
    assert_eq!(whole(&[Status::Settled, Status::Settled]), "ACCC");
    assert_eq!(whole(&[Status::Settled, Status::Pending]), "PDNG");
    assert_eq!(whole(&[Status::Settled, Status::Rejected]), "PART");
    assert_eq!(whole(&[Status::Pending, Status::Rejected]), "PART");
    assert_eq!(whole(&[Status::Rejected, Status::Rejected]), "RJCT");
}

#[test]
fn an_initiation_is_read_as_a_bank_reads_it() {
    let message = Initiation::read(PAIN.as_bytes()).unwrap();
    assert_eq!(
        (message.message_id.as_str(), message.initiator.as_str()),
        ("PAY-2027-001", "Harbour Motors")
    );
    let [group] = &message.groups[..] else { panic!("one group") };
    assert_eq!((group.day.as_str(), group.debtor.bic.as_str()), ("2027-01-18", "COBADEFF"));
    assert_eq!(group.debtor.account, AccountId::Iban("DE89370400440532013000".to_owned()));
    let [first, second] = &group.orders[..] else { panic!("two orders") };
    assert_eq!(first.creditor.name, "Müller & Sons");
    assert_eq!(first.remittance, "Invoice <1>");
    assert_eq!(first.amount.minor_units(2), Some(100_000));
    assert_eq!(second.amount.minor_units(2), Some(25_050));
    assert_eq!(second.amount.minor_units(0), None, "there is half a euro in it");
    assert_eq!(second.creditor.account, AccountId::Other("6222020200012345678".to_owned()));
    // What was read in version 03 is written in version 09, and says the same.
    let written = message.write();
    assert!(written.contains("pain.001.001.09"), "{written}");
    assert!(written.contains("<CtrlSum>1250.50</CtrlSum>"), "{written}");
    assert_eq!(Initiation::read(written.as_bytes()).unwrap(), message);
}

#[test]
fn a_statement_with_prefixes_is_read_and_closes() {
    let report = Report::read(ReportKind::Statement, STATEMENT.as_bytes()).unwrap();
    assert_eq!(report.balances.len(), 2, "the available balance is read over");
    let [paid, pending] = &report.entries[..] else { panic!("two entries") };
    assert_eq!(paid.uetr, 0x97ed4827_7b6f_4491_a06f_b548d5a7512d);
    assert_eq!((paid.day.as_str(), paid.end_to_end_id.as_str()), ("2027-01-20", ""));
    assert!(paid.is_booked && !paid.is_credit && !pending.is_booked && pending.is_credit);
    let written = report.write();
    assert_eq!(Report::read(ReportKind::Statement, written.as_bytes()).unwrap(), report);
    let other = Report::read(ReportKind::Notification, written.as_bytes()).unwrap_err();
    assert_eq!(other.code, "iso20022.other_message");
}

#[track_caller]
fn pain_refused(from: &str, to: &str, code: &str, path: &str) {
    assert!(PAIN.contains(from), "the sample has no `{from}`");
    let problem = Initiation::read(PAIN.replacen(from, to, 1).as_bytes()).unwrap_err();
    assert_eq!((problem.code, problem.path.as_str()), (code, path), "{problem}");
}

#[test]
fn what_is_wrong_is_named_with_its_path() {
    let root = "CstmrCdtTrfInitn";
    let order = format!("{root}/PmtInf/CdtTrfTxInf[1]");
    let (missing, malformed, mismatch) =
        ("iso20022.missing", "iso20022.malformed", "iso20022.mismatch");
    pain_refused("<MsgId>PAY-2027-001</MsgId>", "", missing, &format!("{root}/GrpHdr/MsgId"));
    pain_refused("PAY-2027-001", &"9".repeat(36), malformed, &format!("{root}/GrpHdr/MsgId"));
    pain_refused("DE89", "DE88", malformed, &format!("{root}/PmtInf/DbtrAcct/Id/IBAN"));
    pain_refused(
        "COBADEFF",
        "cobadeff",
        malformed,
        &format!("{root}/PmtInf/DbtrAgt/FinInstnId/BIC"),
    );
    pain_refused("<NbOfTxs>2", "<NbOfTxs>3", mismatch, &format!("{root}/GrpHdr/NbOfTxs"));
    pain_refused("1250.5<", "1250.51<", mismatch, &format!("{root}/GrpHdr/CtrlSum"));
    pain_refused("2027-01-18", "18.01.2027", malformed, &format!("{root}/PmtInf/ReqdExctnDt"));
    for amount in ["1e3", "-5", "1000.000001", "1234567890123456789", "1,5"] {
        pain_refused("1000.00", amount, malformed, &format!("{order}/Amt/InstdAmt"));
    }
    pain_refused("Ccy=\"EUR\"", "Ccy=\"eur\"", malformed, &format!("{order}/Amt/InstdAmt"));
    pain_refused("pain.001.001.03", "pain.002.001.03", "iso20022.other_message", "Document");
    pain_refused("</CstmrCdtTrfInitn>", "", malformed, "");
}

#[test]
fn documents_that_attack_the_reader_are_refused() {
    let entity = "<!DOCTYPE x [<!ENTITY a \"b\">]><Document>&a;</Document>";
    let nested = "<a>".repeat(10_000);
    let wide = format!("<Document>{}</Document>", "<a/>".repeat(300_000));
    let long = format!("<Document>{}</Document>", "x".repeat(3_000));
    let large = " ".repeat(11 * 1024 * 1024);
    for (text, code) in [
        (entity, "iso20022.document_type"),
        ("<Document>&a;</Document>", "iso20022.malformed"),
        (nested.as_str(), "iso20022.too_large"),
        (wide.as_str(), "iso20022.too_large"),
        (long.as_str(), "iso20022.too_large"),
        (large.as_str(), "iso20022.too_large"),
        ("", "iso20022.malformed"),
        ("<a></b>", "iso20022.malformed"),
        ("<Document/><Document/>", "iso20022.malformed"),
        ("<Document/>", "iso20022.other_message"),
    ] {
        let problem = Settlement::read(text.as_bytes()).unwrap_err();
        assert_eq!(problem.code, code, "{problem} for `{}`", &text[..text.len().min(60)]);
    }
    assert_eq!(Settlement::read(&[0xff, 0xfe]).unwrap_err().code, "iso20022.malformed");
}

#[test]
fn a_statement_that_does_not_close_is_refused() {
    let wrong = STATEMENT.replacen("15.00", "15.01", 1);
    let problem = Report::read(ReportKind::Statement, wrong.as_bytes()).unwrap_err();
    assert_eq!(problem.code, "iso20022.mismatch");
    assert_eq!(problem.rule, "must close at its opening balance and what was booked");
    let mixed = STATEMENT.replacen("Ccy=\"CNY\">15.00", "Ccy=\"USD\">15.00", 1);
    let problem = Report::read(ReportKind::Statement, mixed.as_bytes()).unwrap_err();
    assert_eq!(problem.rule, "must be in one currency");
}

#[test]
fn amounts_are_exact() {
    let amount = Amount::of_minor_units("JPY", 12, 0).unwrap();
    assert_eq!((amount.number().as_str(), amount.minor_units(0)), ("12.00", Some(12)));
    let amount = Amount::of_minor_units("KWD", 1_234, 3).unwrap();
    assert_eq!((amount.number().as_str(), amount.minor_units(2)), ("1.234", None));
    assert_eq!(Amount::of_minor_units("CNY", u64::MAX, 2), None, "20 digits");
    assert_eq!(Amount::of_minor_units("CNY", 1, 6), None);
    assert_eq!(Amount::of_minor_units("yuan", 1, 2), None);
}

fn words() -> impl Strategy<Value = String> {
    "[A-Za-z0-9<&>'\"绿]([A-Za-z0-9<&>'\" ;绿]{0,20}[A-Za-z0-9<&>绿])?"
}

fn day() -> impl Strategy<Value = String> {
    "20[0-9]{2}-[01][0-9]-[0-3][0-9]"
}

fn amount() -> impl Strategy<Value = Amount> {
    (0..1_000_000_000_000u64)
        .prop_map(|units| Amount::of_minor_units("CNY", units, 2).expect("14 digits"))
}

fn party() -> impl Strategy<Value = Party> {
    let account = prop_oneof![
        Just(AccountId::Iban("GB82WEST12345698765432".to_owned())),
        "[0-9]{1,34}".prop_map(AccountId::Other),
    ];
    let bic = prop_oneof![Just(String::new()), Just("ICBKCNBJXXX".to_owned())];
    (words(), account, bic).prop_map(|(name, account, bic)| Party { name, account, bic })
}

fn remittance() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), words()]
}

prop_compose! {
    fn order()(
        end_to_end_id in words(), uetr: u128, amount in amount(), creditor in party(),
        remittance in remittance(),
    ) -> Order {
        Order { end_to_end_id, uetr, amount, creditor, remittance }
    }
}

prop_compose! {
    fn group()(
        id in words(), day in day(), debtor in party(),
        orders in proptest::collection::vec(order(), 0..4),
    ) -> PaymentGroup {
        PaymentGroup { id, day, debtor, orders }
    }
}

prop_compose! {
    fn transfer()(
        end_to_end_id in words(), uetr: u128, amount in amount(), day in day(), debtor in party(),
        creditor in party(), remittance in remittance(),
    ) -> CreditTransfer {
        CreditTransfer { end_to_end_id, uetr, amount, day, debtor, creditor, remittance }
    }
}

prop_compose! {
    fn entry()(
        amount in amount(), is_credit: bool, is_booked: bool, day in day(),
        end_to_end_id in remittance(), uetr: u128, remittance in remittance(),
    ) -> Entry {
        Entry { amount, is_credit, is_booked, day, end_to_end_id, uetr, remittance }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_as_it_was(
        message_id in words(), created in words(), initiator in words(),
        groups in proptest::collection::vec(group(), 0..3),
        transfers in proptest::collection::vec(transfer(), 0..4),
        entries in proptest::collection::vec(entry(), 0..4),
        is_statement: bool,
    ) {
        let initiation = Initiation {
            message_id: message_id.clone(), created: created.clone(), initiator, groups,
        };
        prop_assert_eq!(&Initiation::read(initiation.write().as_bytes()).unwrap(), &initiation);
        let settlement =
            Settlement { message_id: message_id.clone(), created: created.clone(), transfers };
        prop_assert_eq!(&Settlement::read(settlement.write().as_bytes()).unwrap(), &settlement);
        let kind = if is_statement { ReportKind::Statement } else { ReportKind::Notification };
        let account = AccountId::Other("7".to_owned());
        let id = "1".to_owned();
        let report =
            Report { kind, message_id, created, id, account, balances: Vec::new(), entries };
        prop_assert_eq!(&Report::read(kind, report.write().as_bytes()).unwrap(), &report);
    }

    #[test]
    fn no_bytes_make_a_reader_panic_and_what_is_read_survives(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        inserted in "[0-9A-Z<>/&;#. -]{0,6}",
        at in 0usize..3_000,
        length in 0usize..8,
    ) {
        check_input(&bytes);
        for sample in [PAIN, STATEMENT] {
            let mut sample = sample.as_bytes().to_vec();
            let from = at.min(sample.len());
            let to = (from + length).min(sample.len());
            sample.splice(from..to, inserted.bytes());
            check_input(&sample);
        }
    }
}

fn check_input(input: &[u8]) {
    if let Ok(message) = Initiation::read(input) {
        assert_eq!(Initiation::read(message.write().as_bytes()), Ok(message));
    }
    if let Ok(message) = Settlement::read(input) {
        assert_eq!(Settlement::read(message.write().as_bytes()), Ok(message));
    }
    for kind in [ReportKind::Statement, ReportKind::Notification] {
        if let Ok(message) = Report::read(kind, input) {
            assert_eq!(Report::read(kind, message.write().as_bytes()), Ok(message));
        }
    }
}

#[test]
fn nothing_that_the_fuzzer_kept_breaks_a_reader() {
    for bytes in kept("iso20022_message", 60) {
        if let Ok(message) = Initiation::read(&bytes) {
            assert_eq!(Initiation::read(message.write().as_bytes()), Ok(message));
        }
        if let Ok(message) = Settlement::read(&bytes) {
            assert_eq!(Settlement::read(message.write().as_bytes()), Ok(message));
        }
        for kind in [ReportKind::Statement, ReportKind::Notification] {
            if let Ok(message) = Report::read(kind, &bytes) {
                assert_eq!(Report::read(kind, message.write().as_bytes()), Ok(message));
            }
        }
    }
}
