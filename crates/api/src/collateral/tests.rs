//! What an evaluator answers and refuses, and how identities become keys and lights.

use std::collections::BTreeMap;

use alloy_primitives::{B256, Bytes};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use qiao_module_kit::money::Currency;
use qiao_oprf::{Evaluator, Question};

use super::{
    EvaluationRequest,
    checking::{self, Light},
    evaluating::{Asker, EvaluationError, EvaluatorDesk},
};

const GENESIS: B256 = B256::repeat_byte(7);
const NOW: u64 = 1_800_000_000_000;
const BANK: Option<Asker> = Some(Asker { organisation: 2, may_sign: true });

struct Office {
    folder: tempfile::TempDir,
    secret: [u8; 32],
    account: PrivateKeySigner,
}

impl Office {
    fn open() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            secret: Evaluator::fresh().unwrap().secret(),
            account: PrivateKeySigner::random(),
        }
    }

    fn desk(&self, per_day: u64) -> EvaluatorDesk {
        let evaluator = Evaluator::from_secret(&self.secret).unwrap();
        let log = self.folder.path().join("evaluations.log");
        EvaluatorDesk::open(vec![evaluator], per_day, &log).unwrap()
    }

    fn request(&self, identities: &[&str]) -> (Question, EvaluationRequest) {
        let question = Question::new(identities).unwrap();
        let public = Evaluator::from_secret(&self.secret).unwrap().public_key();
        let mut request = EvaluationRequest {
            account: self.account.address(),
            time_ms: NOW,
            public_key: B256::from(public.to_bytes()),
            blinded: question.blinded().iter().map(|one| B256::from(*one)).collect(),
            signature: Bytes::new(),
        };
        self.sign(&mut request);
        (question, request)
    }

    fn sign(&self, request: &mut EvaluationRequest) {
        let signature = self.account.sign_hash_sync(&request.digest(GENESIS)).unwrap();
        request.signature = signature.as_bytes().to_vec().into();
    }
}

#[test]
fn a_member_is_answered_and_finds_the_same_key_each_time() {
    let office = Office::open();
    let desk = office.desk(10);
    let public = Evaluator::from_secret(&office.secret).unwrap().public_key();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let (question, request) = office.request(&["a", "b"]);
        let answer = desk.evaluate(&request, BANK, GENESIS, NOW + 1_000).unwrap();
        let json = serde_json::to_string(&answer).unwrap();
        let answer: super::EvaluationAnswer = serde_json::from_str(&json).unwrap();
        seen.push(question.finish(&answer.answer().unwrap(), public).unwrap());
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0][0], seen[0][1]);
}

#[test]
fn an_evaluator_answers_nobody_else() {
    let office = Office::open();
    let desk = office.desk(10);
    let (_, request) = office.request(&["a"]);
    let refused = |request: &EvaluationRequest, asker, now| {
        desk.evaluate(request, asker, GENESIS, now).unwrap_err().code()
    };
    let frozen = Some(Asker { organisation: 2, may_sign: false });
    assert_eq!(refused(&request, None, NOW), "evaluation.not_signer");
    assert_eq!(refused(&request, frozen, NOW), "evaluation.not_signer");
    assert_eq!(refused(&request, BANK, NOW + 300_001), "evaluation.time");
    assert_eq!(refused(&request, BANK, NOW - 300_001), "evaluation.time");
    let other_chain = desk.evaluate(&request, BANK, B256::ZERO, NOW).unwrap_err();
    assert_eq!(other_chain.code(), "evaluation.signature");
    let altered = EvaluationRequest { blinded: vec![B256::ZERO], ..request.clone() };
    assert_eq!(refused(&altered, BANK, NOW), "evaluation.signature");
    let mut other_key = EvaluationRequest { public_key: B256::repeat_byte(1), ..request.clone() };
    office.sign(&mut other_key);
    assert_eq!(refused(&other_key, BANK, NOW), "evaluation.other_key");
    let mut malformed = altered;
    office.sign(&mut malformed);
    assert_eq!(refused(&malformed, BANK, NOW), "evaluation.malformed");
    let mut empty = EvaluationRequest { blinded: Vec::new(), ..request.clone() };
    office.sign(&mut empty);
    assert_eq!(refused(&empty, BANK, NOW), "evaluation.malformed");
    let unsigned = EvaluationRequest { signature: Bytes::new(), ..request };
    assert_eq!(refused(&unsigned, BANK, NOW), "evaluation.signature");
}

/// A bank that guesses invoices has so many guesses a day, also after the evaluator was started anew;
/// the others have theirs.
#[test]
fn guesses_are_counted_by_organisation_and_day() {
    let office = Office::open();
    let desk = office.desk(3);
    let ask = |desk: &EvaluatorDesk, identities: &[&str], asker, now| {
        let (_, request) = office.request(identities);
        let mut request = EvaluationRequest { time_ms: now, ..request };
        office.sign(&mut request);
        desk.evaluate(&request, asker, GENESIS, now)
    };
    assert!(ask(&desk, &["a", "b"], BANK, NOW).is_ok());
    let refused = ask(&desk, &["c", "d"], BANK, NOW).unwrap_err();
    assert!(matches!(refused, EvaluationError::Exhausted { organisation: 2, asked: 2, left: 1 }));
    drop(desk);
    let desk = office.desk(3);
    assert!(ask(&desk, &["c"], BANK, NOW).is_ok());
    assert_eq!(ask(&desk, &["d"], BANK, NOW).unwrap_err().code(), "evaluation.exhausted");
    let other = Some(Asker { organisation: 3, may_sign: true });
    assert!(ask(&desk, &["d"], other, NOW).is_ok());
    assert!(ask(&desk, &["d"], BANK, NOW + 86_400_000).is_ok());
    let log = std::fs::read_to_string(office.folder.path().join("evaluations.log")).unwrap();
    assert_eq!(log.lines().count(), 4, "{log}");
    assert!(log.contains("\"organisation\":2,") && !log.contains("blinded"), "{log}");
}

fn identity(parts: &[(&str, &str)]) -> BTreeMap<String, String> {
    parts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn an_identity_names_its_parts() {
    let invoice = identity(&[("seller", "DE 123"), ("number", "RE-1")]);
    let key = checking::open_key("invoice", &invoice).unwrap();
    let spelled = identity(&[("seller", "de123"), ("number", "re 1")]);
    assert_eq!(checking::open_key("invoice", &spelled).unwrap(), key);
    for (kind, parts, field, rule) in [
        ("token", vec![], "kind", "must be one of invoice, customs_declaration, "),
        ("invoice", vec![("seller", "DE123")], "number", "must be there: the number of the"),
        ("invoice", vec![("vin", "1")], "vin", "is no part of the identity of a invoice"),
        ("vehicle", vec![("vin", "1")], "vin", "must have 17 letters and digits, not 1"),
        ("customs_declaration", vec![("number", "№")], "number", "has a character that is"),
    ] {
        let problem = checking::open_key(kind, &identity(&parts)).unwrap_err();
        assert_eq!(problem.field, field);
        assert!(problem.rule.starts_with(rule), "{}", problem.rule);
    }
}

#[test]
fn lights_say_what_is_left() {
    let euro = Currency::from_code("EUR").unwrap();
    for (left, amount, light, code, reason) in [
        (4_000, 4_000, Light::Green, "collateral.free", "EUR 40.00 of EUR 100.00 are left"),
        (4_000, 0, Light::Green, "collateral.free", "EUR 40.00 of EUR 100.00 are left"),
        (
            4_000,
            5_000,
            Light::Amber,
            "collateral.partly_financed",
            "EUR 40.00 of EUR 100.00 are left, not EUR 50.00",
        ),
        (0, 1, Light::Red, "collateral.financed", "all of EUR 100.00 is financed or reserved"),
        (0, 0, Light::Red, "collateral.financed", "all of EUR 100.00 is financed or reserved"),
    ] {
        let told = checking::light(euro, 10_000, left, amount);
        assert_eq!(told, (light, code, reason.to_owned()));
    }
}
