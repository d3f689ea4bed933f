//! Code is compared, sources are kept, calls are put into words.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256, address, hex, keccak256};
use serde_json::{Value, json};

use super::*;

/// The empty map, with the length that follows it: the metadata of this test.
const METADATA: [u8; 3] = [0xa1, 0x00, 0x01];

fn with_metadata(code: &[u8], metadata: u8) -> Vec<u8> {
    [code, &[0xa1, metadata, 0x00, 0x02]].concat()
}

fn compiled(code: &[u8], places: &[(usize, usize)]) -> Compiled {
    let places = places.iter().map(|(start, length)| Place { start: *start, length: *length });
    Compiled { code: code.to_vec(), places: places.collect() }
}

#[test]
fn the_same_bytes_match_exactly_and_other_metadata_is_told() {
    let code = with_metadata(&[0x60, 0x01, 0x5f], 7);
    assert_eq!(compare(&compiled(&code, &[]), &code), Ok(Match::Exact));
    let other = with_metadata(&[0x60, 0x01, 0x5f], 8);
    assert_eq!(compare(&compiled(&code, &[]), &other), Ok(Match::ExceptMetadata));
    let none = [0x60, 0x01, 0x5f];
    assert_eq!(compare(&compiled(&none, &[]), &none), Ok(Match::Exact));
    assert_eq!(compare(&compiled(&METADATA, &[]), &METADATA), Ok(Match::Exact));
}

#[test]
fn other_code_is_refused_with_the_place_at_which_it_differs() {
    let code = with_metadata(&[0x60, 0x01, 0x5f], 7);
    let changed = with_metadata(&[0x60, 0x02, 0x5f], 7);
    let differs = Err(Mismatch::Code { at: 1, length: 3 });
    assert_eq!(compare(&compiled(&code, &[]), &changed), differs);
    let longer = with_metadata(&[0x60, 0x01, 0x5f, 0x5f], 7);
    let differs = Err(Mismatch::Length { chain: 4, compiled: 3 });
    assert_eq!(compare(&compiled(&code, &[]), &longer), differs);
    assert_eq!(compare(&compiled(&code, &[]), &[]), Err(Mismatch::NoCode));
    assert_eq!(compare(&compiled(&[], &[]), &code), Err(Mismatch::NotDeployable));
}

#[test]
fn immutables_and_libraries_are_left_out_where_the_compiler_says() {
    let ours = with_metadata(&[0x60, 0, 0, 0x5f], 7);
    let theirs = with_metadata(&[0x60, 9, 9, 0x5f], 7);
    assert_eq!(compare(&compiled(&ours, &[(1, 2)]), &theirs), Ok(Match::Exact));
    let differs = Err(Mismatch::Code { at: 2, length: 4 });
    assert_eq!(compare(&compiled(&ours, &[(1, 1)]), &theirs), differs);
    let outside = Err(Mismatch::Place { start: 3, length: usize::MAX });
    assert_eq!(compare(&compiled(&ours, &[(3, usize::MAX)]), &theirs), outside);

    // A library begins with its own address, which the compiler cannot know.
    let own = |fill: u8| with_metadata(&[&[0x73][..], &[fill; 20], &[0x30, 0x14]].concat(), 7);
    assert_eq!(compare(&compiled(&own(0), &[]), &own(0xab)), Ok(Match::Exact));
}

fn abi() -> Value {
    json!([
        { "type": "constructor", "inputs": [{ "name": "supply", "type": "uint256" }] },
        { "type": "function", "name": "transfer", "stateMutability": "nonpayable",
          "inputs": [{ "name": "to", "type": "address" }, { "name": "value", "type": "uint256" }],
          "outputs": [{ "name": "", "type": "bool" }] },
        { "type": "function", "name": "place", "stateMutability": "view",
          "inputs": [{ "name": "order", "type": "tuple", "components": [
              { "name": "note", "type": "string" }, { "name": "lots", "type": "uint8[]" }] }],
          "outputs": [{ "name": "order", "type": "tuple", "components": [
              { "name": "note", "type": "string" }, { "name": "lots", "type": "uint8[]" }] }] },
        { "type": "function", "name": "place", "stateMutability": "view", "inputs": [],
          "outputs": [] },
        { "type": "event", "name": "Transfer", "anonymous": false, "inputs": [
            { "name": "from", "type": "address", "indexed": true },
            { "name": "value", "type": "uint256", "indexed": false },
            { "name": "to", "type": "address", "indexed": true }] },
        { "type": "error", "name": "TooLittle", "inputs": [{ "name": "left", "type": "int64" }] },
    ])
}

fn texts(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|argument| (*argument).to_owned()).collect()
}

const SOMEBODY: Address = address!("00000000000000000000000000000000000000aa");

#[test]
fn calls_are_encoded_from_words_and_told_in_words_again() {
    let abi = Abi::read(&abi()).unwrap();
    let input = abi.encode("transfer", &texts(&[&SOMEBODY.to_string(), "1000"])).unwrap();
    assert_eq!(input[..4], keccak256("transfer(address,uint256)")[..4]);
    let told = abi.call(&input).unwrap();
    assert_eq!(told.signature, "transfer(address,uint256)");
    let (to, value) = (AbiValue::Account(SOMEBODY), AbiValue::Number("1000".to_owned()));
    assert_eq!(told.values, [("to".to_owned(), to), ("value".to_owned(), value)]);

    let wanted = "place((string,uint8[]))";
    let input = abi.encode(wanted, &texts(&["(two lots,[1,2])"])).unwrap();
    let told = abi.answer(wanted, &input[4..]).unwrap();
    assert_eq!(told[0].1.to_string(), "(note: two lots, lots: [1, 2])");
    assert_eq!(abi.encode_constructor(&texts(&["7"])).unwrap()[31], 7);
    let yes = U256::ONE.to_be_bytes::<32>();
    assert_eq!(abi.answer("transfer", &yes).unwrap()[0].1, AbiValue::Truth(true));
}

#[test]
fn what_does_not_fit_is_refused_with_the_reason() {
    let abi = Abi::read(&abi()).unwrap();
    let encode = |name, arguments: &[&str]| abi.encode(name, &texts(arguments)).unwrap_err();
    assert_eq!(encode("burn", &[]), AbiError::NoFunction("burn".to_owned()));
    assert_eq!(encode("transfer", &["1"]), AbiError::Count { expected: 2, given: 1 });
    assert!(matches!(encode("place", &[]), AbiError::Ambiguous(..)));
    match encode("transfer", &["nobody", "1"]) {
        AbiError::Argument { name, kind, .. } => assert_eq!((&*name, &*kind), ("to", "address")),
        other => panic!("{other:?}"),
    }
    for wrong in [json!({}), json!([{ "type": "function" }]), json!([[1]])] {
        assert!(matches!(Abi::read(&wrong), Err(AbiError::Malformed(_))), "{wrong}");
    }
    let unknown = json!([{ "type": "function", "name": "f", "stateMutability": "view",
        "inputs": [{ "name": "a", "type": "uint7" }], "outputs": [] }]);
    assert!(Abi::read(&unknown).is_err());
}

#[test]
fn events_and_errors_are_told_in_words() {
    let abi = Abi::read(&abi()).unwrap();
    let topics = [keccak256("Transfer(address,uint256,address)"), B256::ZERO, SOMEBODY.into_word()];
    let told = abi.event(&topics, &U256::from(5).to_be_bytes::<32>()).unwrap();
    let values: Vec<String> =
        told.values.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let [from, to] = [Address::ZERO, SOMEBODY];
    assert_eq!(values, [format!("from {from}"), "value 5".to_owned(), format!("to {to}")]);
    assert_eq!(abi.event(&topics[..2], &[]), None);

    let left = U256::MAX.to_be_bytes::<32>();
    let output = [&keccak256("TooLittle(int64)")[..4], &left].concat();
    assert_eq!(abi.error(&output).unwrap().values[0].1, AbiValue::Number("-1".to_owned()));
}

#[test]
fn artifacts_are_read_and_their_libraries_linked() {
    let hole = "__$0123456789abcdef0123456789abcdef01$__";
    let links = json!({ "Math.sol": { "Math": [{ "start": 1, "length": 20 }] } });
    let foundry = json!({ "abi": [], "bytecode": {
        "object": format!("0x73{hole}5f"), "linkReferences": links } });
    let hardhat = json!({ "contractName": "Sum", "abi": [], "bytecode": format!("0x73{hole}5f"),
        "linkReferences": links });
    let addresses = BTreeMap::from([("Math".to_owned(), SOMEBODY)]);
    for value in [foundry, hardhat] {
        let artifact = Artifact::read(&value).unwrap();
        let missing = ArtifactError::Library("Math".to_owned());
        assert_eq!(artifact.linked(&BTreeMap::new()), Err(missing));
        let code = artifact.linked(&addresses).unwrap();
        assert_eq!(hex::encode(code), format!("73{}5f", hex::encode(SOMEBODY)));
    }
    let empty = json!({ "abi": [], "bytecode": "0x" });
    assert_eq!(Artifact::read(&empty), Err(ArtifactError::Abstract));
    assert_eq!(Artifact::read(&json!([])), Err(ArtifactError::Field("abi")));
}

fn given(code: &[u8]) -> Verifying {
    Verifying {
        contract: "Token.sol:Token".to_owned(),
        compiler: "0.8.30+commit.73712a01".to_owned(),
        settings: json!({}),
        sources: BTreeMap::from([("Token.sol".to_owned(), "contract Token {}".to_owned())]),
        abi: abi(),
        runtime_bytecode: code.to_vec().into(),
        places: Vec::new(),
    }
}

#[test]
fn sources_outlive_the_process_and_belong_to_one_code() {
    let folder = tempfile::tempdir().unwrap();
    let code = with_metadata(&[0x60, 0x01, 0x5f], 7);
    let hash = keccak256(&code);
    let sources = Sources::open(folder.path()).unwrap();
    let kept = sources.put(SOMEBODY, &code, given(&code)).unwrap();
    assert_eq!(kept.matches, Match::Exact);
    std::fs::write(folder.path().join(format!("{:#x}.json", Address::ZERO)), "damaged").unwrap();

    let sources = Sources::open(folder.path()).unwrap();
    assert_eq!(sources.name(SOMEBODY, hash).as_deref(), Some("Token.sol:Token"));
    assert_eq!(sources.get(SOMEBODY, hash), Some(kept));
    assert_eq!(sources.get(SOMEBODY, B256::ZERO), None, "an upgrade leaves the source behind");
    assert_eq!(sources.names().len(), 1);
}

#[test]
fn a_source_that_does_not_match_is_not_kept() {
    let sources = Sources::in_memory();
    let code = with_metadata(&[0x60, 0x01, 0x5f], 7);
    let refused = |code: &[u8], change: &dyn Fn(&mut Verifying)| {
        let mut source = given(&with_metadata(&[0x60, 0x01, 0x5f], 7));
        change(&mut source);
        sources.put(SOMEBODY, code, source).unwrap_err().code()
    };
    assert_eq!(refused(&[0x5f], &|_| {}), "contracts.source_mismatch");
    assert_eq!(refused(&code, &|one| one.abi = json!("no")), "contracts.abi");
    assert_eq!(refused(&code, &|one| one.sources.clear()), "contracts.source_shape");
    assert_eq!(refused(&code, &|one| one.contract.clear()), "contracts.source_shape");
    let long = "x".repeat(5 << 20);
    let too_long = |one: &mut Verifying| {
        one.sources.insert("Long.sol".to_owned(), long.clone());
    };
    assert_eq!(refused(&code, &too_long), "contracts.source_shape");
    assert!(sources.names().is_empty());
    assert!(sources.put(SOMEBODY, &code, given(&code)).is_ok());
    assert!(sources.get(SOMEBODY, keccak256(&code)).is_some());
}
