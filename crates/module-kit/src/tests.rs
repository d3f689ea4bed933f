//! The kit over the real EVM: a small module, called in every way.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256, address, b256, hex, keccak256};
use alloy_sol_types::{Revert, SolCall, SolError, sol};
use proptest::prelude::*;
use qiao_types::{Genesis, Parameters, StateCommitment};
use revm::{
    Database, ExecuteEvm,
    context::{TxEnv, result::EVMError},
    database_interface::DBErrorMarker,
    primitives::TxKind,
    state::{AccountInfo, Bytecode},
};

use crate::{
    Context, GenesisRefused, Halt, IModule, Interface, Module, Outcome, Refusals, dispatch, layout,
    module_address, record,
    storage::{List, Lists, Map, Value},
    stub_code,
    testing::{Refused, Sandbox, sandbox},
    word_enum,
};

const CALLER: Address = address!("00000000000000000000000000000000000000a1");
const CONTRACT: Address = address!("00000000000000000000000000000000000000c1");
const LEDGER: Address = module_address(0x77);
const SIBLING: Address = module_address(0x78);

sol! {
    interface ILedger {
        #[derive(Debug, PartialEq, Eq)]
        error TooLong(uint64 bytes);
        #[derive(Debug, PartialEq, Eq)]
        event Written(uint64 indexed number, address indexed by);

        function write(uint64 number, string text) external;
        function read(uint64 number) external view returns (uint8 state, address author, uint64 time, string text);
        function count() external view returns (uint64);
        function add(uint64 number, uint16 item) external returns (uint64 index);
        function item(uint64 number, uint64 index) external view returns (bool, uint16);
        function where_() external view returns (bool isTopLevel, address caller, uint64 number, uint64 time);
        function work(uint64 gas) external;
        function writeThenRefuse(uint64 number) external;
        function swallow(uint64 number) external returns (uint64);
        function askSibling() external view returns (address caller, bool isTopLevel, uint64 count);
        function fail() external;
    }
}

use ILedger::{TooLong, Written};

word_enum! {
    enum State { None, Draft, Final }
}

record! {
    struct Entry {
        state: State,
        author: Address,
        time: u64,
        amount: u128,
        text: String,
        tail: bool,
    }
}

layout! { fn ledger_layout();
    COUNT: Value<u64>;
    FIRST: Value<Entry>;
    ENTRIES: Map<u64, Entry>;
    ITEMS: Lists<u64, u16>;
    GRANTS: Map<(u64, Address), bool>;
    NAMES: Map<String, B256>;
    ALL: List<Address>;
}

dispatch! { fn ledger(ILedger::ILedgerCalls) {
    write => write,
    read => read,
    count => count,
    add => add,
    item => item,
    where_ => where_am_i,
    work => work,
    writeThenRefuse => write_then_refuse,
    swallow => swallow,
    askSibling => ask_sibling,
    fail => fail,
} }

fn write(context: &mut Context<'_>, call: ILedger::writeCall) -> Outcome<()> {
    let entry = Entry {
        state: State::Final,
        author: context.caller(),
        time: context.block_time(),
        amount: u128::MAX,
        text: call.text,
        tail: true,
    };
    ENTRIES.set(context, &call.number, &entry)?;
    let count = COUNT.get(context)? + 1;
    COUNT.set(context, &count)?;
    context.emit(Written { number: call.number, by: context.caller() })
}

fn read(context: &mut Context<'_>, call: ILedger::readCall) -> Outcome<(u8, Address, u64, String)> {
    let entry = ENTRIES.get(context, &call.number)?;
    Ok((entry.state as u8, entry.author, entry.time, entry.text))
}

fn count(context: &mut Context<'_>, _: ILedger::countCall) -> Outcome<u64> {
    COUNT.get(context)
}

fn add(context: &mut Context<'_>, call: ILedger::addCall) -> Outcome<u64> {
    ITEMS.push(context, &call.number, call.item)
}

fn item(context: &mut Context<'_>, call: ILedger::itemCall) -> Outcome<(bool, u16)> {
    let item = ITEMS.get(context, &call.number, call.index)?;
    Ok((item.is_some(), item.unwrap_or_default()))
}

fn where_am_i(
    context: &mut Context<'_>,
    _: ILedger::where_Call,
) -> Outcome<(bool, Address, u64, u64)> {
    let (number, time) = (context.block_number(), context.block_time());
    Ok((context.is_top_level(), context.caller(), number, time))
}

fn work(context: &mut Context<'_>, call: ILedger::workCall) -> Outcome<()> {
    context.charge(call.gas)
}

fn write_then_refuse(context: &mut Context<'_>, call: ILedger::writeThenRefuseCall) -> Outcome<()> {
    COUNT.set(context, &call.number)?;
    Err(TooLong { bytes: 7 }.into())
}

/// Ignores every error, as no module should.
fn swallow(context: &mut Context<'_>, _: ILedger::swallowCall) -> Outcome<u64> {
    Ok(COUNT.get(context).unwrap_or(99))
}

fn ask_sibling(
    context: &mut Context<'_>,
    _: ILedger::askSiblingCall,
) -> Outcome<(Address, bool, u64)> {
    context
        .on(SIBLING, |sibling| Ok((sibling.caller(), sibling.is_top_level(), COUNT.get(sibling)?)))
}

fn fail(_: &mut Context<'_>, _: ILedger::failCall) -> Outcome<()> {
    Err(Halt::bug("two and two are five"))
}

fn ledger_genesis(context: &mut Context<'_>, genesis: &Genesis) -> Result<(), GenesisRefused> {
    if genesis.chain_id == 0 {
        let problems = vec!["chain id is 0".to_owned()];
        return Err(GenesisRefused { module: "ledger", problems });
    }
    COUNT.set(context, &5).expect("genesis may write");
    Ok(())
}

const fn module(address: Address, since: u64) -> Module {
    Module {
        address,
        name: "ledger",
        since,
        requires: &[],
        entry: ledger,
        source: "",
        layout: ledger_layout,
        genesis: ledger_genesis,
        index: &[],
    }
}

static TABLE: &[Module] = &[module(LEDGER, 0), module(SIBLING, 10)];

fn genesis() -> Genesis {
    Genesis {
        chain_id: 1,
        name: "test".to_owned(),
        timestamp_ms: 1_800_000_000_000,
        parameters: Parameters::default(),
        organisations: Vec::new(),
        validators: Vec::new(),
        accounts: BTreeMap::new(),
        imported: None,
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 0,
        },
    }
}

fn chain() -> Sandbox {
    Sandbox::new(TABLE, &genesis())
}

/// A contract that passes its calldata on to the ledger by the given opcode and answers what it got,
/// with a byte of success in front.
fn forwarder(opcode: u8) -> Bytes {
    let mut code = vec![0x36, 0x5f, 0x5f, 0x37]; // CALLDATASIZE 0 0 CALLDATACOPY
    code.extend([0x5f, 0x5f, 0x36, 0x5f]); // out size, out offset, in size, in offset
    if matches!(opcode, 0xf1 | 0xf2) {
        code.push(0x5f); // value
    }
    code.push(0x73); // PUSH20
    code.extend_from_slice(LEDGER.as_slice());
    code.extend([0x5a, opcode]); // GAS, the call
    code.extend([0x5f, 0x53]); // 0 MSTORE8
    code.extend([0x3d, 0x5f, 0x60, 0x01, 0x3e]); // RETURNDATASIZE 0 1 RETURNDATACOPY
    code.extend([0x3d, 0x60, 0x01, 0x01, 0x5f, 0xf3]); // RETURNDATASIZE + 1, 0, RETURN
    code.into()
}

/// Calls through a forwarder; the flag says whether the inner call succeeded.
fn forward(chain: &mut Sandbox, opcode: u8, call: impl SolCall) -> (bool, Bytes) {
    chain.install(CONTRACT, forwarder(opcode));
    let done = chain.send(CALLER, CONTRACT, call.abi_encode().into());
    assert!(!done.is_refused);
    (done.output[0] == 1, done.output.slice(1..))
}

const CALL: u8 = 0xf1;
const CALLCODE: u8 = 0xf2;
const DELEGATECALL: u8 = 0xf4;
const STATICCALL: u8 = 0xfa;

#[test]
fn a_record_is_read_back_as_written() {
    let mut chain = chain();
    for text in ["", "short", "exactly thirty-one bytes long!!", &"long".repeat(40)] {
        chain.call(CALLER, LEDGER, ILedger::writeCall { number: 3, text: text.into() }).unwrap();
        let entry = chain.call(CALLER, LEDGER, ILedger::readCall { number: 3 }).unwrap();
        assert_eq!((entry.state, entry.author, entry.time), (2, CALLER, 1_800_000_000));
        assert_eq!(entry.text, text);
    }
    let events = chain.call(CALLER, LEDGER, ILedger::countCall {}).unwrap();
    assert_eq!(events, 9, "five from genesis, four written");
}

#[test]
fn shortening_a_string_clears_the_slots_it_leaves() {
    let mut chain = chain();
    let long = "x".repeat(100);
    chain.call(CALLER, LEDGER, ILedger::writeCall { number: 1, text: long }).unwrap();
    let before = chain.storage(LEDGER).len();
    chain.call(CALLER, LEDGER, ILedger::writeCall { number: 1, text: "x".into() }).unwrap();
    assert_eq!(chain.storage(LEDGER).len(), before - 4);
}

#[test]
fn storage_lies_where_solidity_puts_it() {
    let mut chain = chain();
    chain.call(CALLER, LEDGER, ILedger::writeCall { number: 1, text: "hi".into() }).unwrap();
    let storage = chain.storage(LEDGER);
    let fields = ledger_layout();
    let slots: Vec<(&str, u64)> = fields.iter().map(|field| (field.name, field.slot)).collect();
    let expected = [
        ("COUNT", 0),
        ("FIRST", 1),
        ("ENTRIES", 5),
        ("ITEMS", 6),
        ("GRANTS", 7),
        ("NAMES", 8),
        ("ALL", 9),
    ];
    assert_eq!(slots, expected, "FIRST takes four slots");
    assert_eq!(fields[4].kind, "mapping(uint64 => mapping(address => bool))");

    let key = [U256::from(1).to_be_bytes::<32>(), U256::from(5).to_be_bytes::<32>()].concat();
    let base: U256 = keccak256(key).into();
    let word = |offset: u64| B256::from(storage[&(base + U256::from(offset))]);
    // state (1), author (20) and time (8) share a slot from the low end.
    let packed = b256!("000000000000006b49d20000000000000000000000000000000000000000a102");
    assert_eq!(word(0), packed);
    assert_eq!(word(1), B256::from(U256::from(u128::MAX)));
    let text = b256!("6869000000000000000000000000000000000000000000000000000000000004");
    assert_eq!(word(2), text);
    assert_eq!(word(3), B256::from(U256::ONE));
}

#[test]
fn list_items_share_slots_like_solidity_arrays() {
    let mut chain = chain();
    for item in 0..40u16 {
        let call = ILedger::addCall { number: 9, item: item + 1 };
        assert_eq!(chain.call(CALLER, LEDGER, call).unwrap(), u64::from(item));
    }
    for index in [0u64, 15, 16, 39] {
        let found = chain.call(CALLER, LEDGER, ILedger::itemCall { number: 9, index }).unwrap();
        assert_eq!((found._0, u64::from(found._1)), (true, index + 1));
    }
    let beyond = chain.call(CALLER, LEDGER, ILedger::itemCall { number: 9, index: 40 }).unwrap();
    assert!(!beyond._0);
    // COUNT of the genesis, the length, and 40 items of two bytes in three slots.
    assert_eq!(chain.storage(LEDGER).len(), 5);
}

#[test]
fn a_refusal_reaches_the_caller_and_undoes_everything() {
    let mut chain = chain();
    let call = ILedger::writeThenRefuseCall { number: 77 };
    chain.refuses(CALLER, LEDGER, call, TooLong { bytes: 7 });
    assert_eq!(chain.call(CALLER, LEDGER, ILedger::countCall {}).unwrap(), 5);
    let (is_ok, data) = forward(&mut chain, CALL, ILedger::writeThenRefuseCall { number: 77 });
    assert_eq!((is_ok, data), (false, Bytes::from(TooLong { bytes: 7 }.abi_encode())));
    assert_eq!(chain.call(CALLER, LEDGER, ILedger::countCall {}).unwrap(), 5);
}

#[test]
fn the_transaction_itself_is_told_from_a_call_inside_it() {
    let mut chain = chain();
    chain.at_block(12, 34);
    let place = chain.call(CALLER, LEDGER, ILedger::where_Call {}).unwrap();
    assert_eq!((place.isTopLevel, place.caller, place.number, place.time), (true, CALLER, 12, 34));
    let (is_ok, data) = forward(&mut chain, CALL, ILedger::where_Call {});
    let place = ILedger::where_Call::abi_decode_returns(&data).unwrap();
    assert_eq!((is_ok, place.isTopLevel, place.caller), (true, false, CONTRACT));
}

#[test]
fn a_static_call_reads_but_does_not_write() {
    let mut chain = chain();
    let (is_ok, data) = forward(&mut chain, STATICCALL, ILedger::countCall {});
    assert_eq!((is_ok, U256::from_be_slice(&data)), (true, U256::from(5)));
    let (is_ok, data) = forward(&mut chain, STATICCALL, ILedger::addCall { number: 1, item: 1 });
    assert_eq!((is_ok, data), (false, Bytes::from(IModule::StaticCall {}.abi_encode())));
}

#[test]
fn delegated_calls_and_ether_are_refused() {
    let mut chain = chain();
    for opcode in [DELEGATECALL, CALLCODE] {
        let (is_ok, data) = forward(&mut chain, opcode, ILedger::countCall {});
        assert_eq!((is_ok, data), (false, Bytes::from(IModule::DirectCallOnly {}.abi_encode())));
    }
    let input = ILedger::countCall {}.abi_encode();
    let done = chain.send_value(CALLER, LEDGER, input.into(), U256::ONE);
    assert_eq!(done.output, Bytes::from(IModule::NotPayable {}.abi_encode()));
}

#[test]
fn unknown_functions_and_malformed_arguments_are_named() {
    let mut chain = chain();
    let done = chain.send(CALLER, LEDGER, hex!("01020304").into());
    let selector = FixedBytes([1, 2, 3, 4]);
    assert_eq!(done.output, Bytes::from(IModule::UnknownFunction { selector }.abi_encode()));
    let done = chain.send(CALLER, LEDGER, hex!("0102").into());
    let selector = FixedBytes([1, 2, 0, 0]);
    assert_eq!(done.output, Bytes::from(IModule::UnknownFunction { selector }.abi_encode()));

    let selector = FixedBytes(ILedger::readCall::SELECTOR);
    let expected = Bytes::from(IModule::MalformedArguments { selector }.abi_encode());
    let good = ILedger::readCall { number: 1 }.abi_encode();
    let short = good[..20].to_vec();
    let mut dirty = good.clone();
    dirty[4] = 1;
    let long = [good, vec![0; 32]].concat();
    for input in [short, dirty, long] {
        assert_eq!(chain.send(CALLER, LEDGER, input.into()).output, expected);
    }
}

#[test]
fn work_is_paid_and_too_much_of_it_stops_the_call() {
    let mut chain = chain();
    let input: Bytes = ILedger::workCall { gas: 100_000 }.abi_encode().into();
    let much = chain.send(CALLER, LEDGER, input.clone()).gas_used;
    let half = ILedger::workCall { gas: 50_000 }.abi_encode();
    let little = chain.send(CALLER, LEDGER, half.into()).gas_used;
    // 100,000 has one byte more that is not zero: 16 gas instead of 4.
    assert_eq!(much - little, 50_000 + 12);
    assert!(chain.send_with_gas(CALLER, LEDGER, input.clone(), much).is_some());
    assert!(chain.send_with_gas(CALLER, LEDGER, input, much - 1).is_none());
}

#[test]
fn a_sibling_is_called_with_this_module_as_caller() {
    let mut chain = chain();
    let answer = chain.call(CALLER, LEDGER, ILedger::askSiblingCall {}).unwrap();
    assert_eq!((answer.caller, answer.isTopLevel, answer.count), (LEDGER, false, 5));
}

#[test]
fn before_its_first_block_a_module_is_a_stub_that_says_so() {
    let mut chain = chain();
    let refused = chain.call(CALLER, SIBLING, ILedger::countCall {}).unwrap_err();
    assert_eq!(refused, Refused(Revert::from("native module").abi_encode().into()));
    chain.at_block(10, 1);
    assert_eq!(chain.call(CALLER, SIBLING, ILedger::countCall {}).unwrap(), 5);
}

#[test]
fn a_genesis_that_breaks_a_rule_is_refused_with_the_reason() {
    let bad = Genesis { chain_id: 0, ..genesis() };
    let refused = crate::genesis_storage(TABLE, &bad).unwrap_err();
    assert_eq!(refused.to_string(), "module `ledger` refuses the genesis: chain id is 0");
}

/// A database that lacks the ledger's storage.
#[derive(Debug)]
struct Missing;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("missing {0} {1}")]
struct MissingSlot(Address, U256);

impl DBErrorMarker for MissingSlot {}

impl Database for Missing {
    type Error = MissingSlot;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, MissingSlot> {
        let code = if address == CONTRACT { forwarder(CALL) } else { stub_code() };
        let code = Bytecode::new_legacy(code);
        Ok((address == LEDGER || address == CONTRACT)
            .then(|| AccountInfo::default().with_code(code)))
    }

    fn code_by_hash(&mut self, _: B256) -> Result<Bytecode, MissingSlot> {
        Ok(Bytecode::default())
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, MissingSlot> {
        Err(MissingSlot(address, slot))
    }

    fn block_hash(&mut self, _: u64) -> Result<B256, MissingSlot> {
        Ok(B256::ZERO)
    }
}

#[test]
fn a_database_error_reaches_the_executor_with_its_type_at_any_depth() {
    let mut evm = sandbox::evm(Missing, TABLE);
    let count = Bytes::from(ILedger::countCall {}.abi_encode());
    let swallow = Bytes::from(ILedger::swallowCall { number: 0 }.abi_encode());
    for recipient in [LEDGER, CONTRACT] {
        for data in [&count, &swallow] {
            let transaction = TxEnv {
                caller: CALLER,
                kind: TxKind::Call(recipient),
                data: data.clone(),
                gas_limit: 1_000_000,
                ..Default::default()
            };
            let error = evm.transact(transaction).unwrap_err();
            let expected: sandbox::TestError<MissingSlot> =
                EVMError::Database(MissingSlot(LEDGER, U256::ZERO));
            assert_eq!(error, expected, "recipient {recipient}");
        }
    }
}

#[test]
fn a_bug_stops_the_transaction_and_not_only_the_call() {
    let mut evm = sandbox::evm(Missing, TABLE);
    let transaction = TxEnv {
        caller: CALLER,
        kind: TxKind::Call(CONTRACT),
        data: ILedger::failCall {}.abi_encode().into(),
        gas_limit: 1_000_000,
        ..Default::default()
    };
    let error = evm.transact(transaction).unwrap_err();
    assert_eq!(error, EVMError::Custom("two and two are five".to_owned()));
}

#[test]
fn addresses_begin_with_the_name_of_the_chain() {
    assert_eq!(module_address(1), address!("5169616f00000000000000000000000000000001"));
    assert_eq!(module_address(0x1234), address!("5169616f00000000000000000000000000001234"));
}

/// Interfaces as our modules write them.
const SOURCE: &str = r#"
//! Docs.
sol! {
    /// What it is for.
    #[derive(Debug)]
    interface IDemo {
        /// A pair.
        struct Pair { uint64 left; address right; }
        /// Something happened.
        event Happened(uint64 indexed id, Pair[] pairs);
        /// It is too late
        /// for this.
        /// Remedy: come earlier.
        error TooLate(uint64 deadline, string what, bytes4 code, address by, bool isFinal);
        /// Does it.
        function act(Pair calldata pair, bytes[] calldata list) external returns (Pair memory, uint8 state);
        function look() external view returns (bool);
    }
}
"#;

#[test]
fn an_interface_is_read_from_its_text() {
    let interface = Interface::read(SOURCE).unwrap();
    assert_eq!((interface.name.as_str(), interface.doc.as_str()), ("IDemo", "What it is for."));
    let act = &interface.functions[0];
    assert_eq!(interface.signature(&act.item), "act((uint64,address),bytes[])");
    assert_eq!((act.returns[1].kind.as_str(), act.returns[1].name.as_str()), ("uint8", "state"));
    assert_eq!((act.is_view, interface.functions[1].is_view), (false, true));
    assert_eq!(interface.signature(&interface.events[0]), "Happened(uint64,(uint64,address)[])");
    assert!(interface.events[0].parameters[0].is_indexed);
    assert_eq!(interface.errors[0].doc, "It is too late\nfor this.\nRemedy: come earlier.");
    assert!(interface.to_json().contains(r#""internalType":"struct IDemo.Pair[]""#));
    let solidity = interface.to_solidity();
    for line in [
        "/// @notice What it is for.",
        "    /// @notice It is too late for this.",
        "    /// @dev Remedy: come earlier.",
        "    error TooLate(uint64 deadline, string what, bytes4 code, address by, bool isFinal);",
        "    function act(Pair calldata pair, bytes[] calldata list) external returns (Pair memory, uint8 state);",
        "    function look() external view returns (bool);",
    ] {
        assert!(solidity.lines().any(|written| written == line), "{line}\n{solidity}");
    }

    for broken in ["", "sol! { struct A { uint8 a; } }", "sol! { interface I { modifier m(); } }"] {
        assert!(Interface::read(broken).is_err(), "{broken}");
    }
}

#[test]
fn revert_data_is_told_in_words() {
    let demo = Module { name: "demo", source: SOURCE, ..module(LEDGER, 0) };
    let refusals = Refusals::of(&[demo]);
    sol! { error TooLate(uint64 deadline, string what, bytes4 code, address by, bool isFinal); }
    let data = TooLate {
        deadline: 7,
        what: "the ship left".to_owned(),
        code: FixedBytes([1, 2, 3, 4]),
        by: CALLER,
        isFinal: true,
    }
    .abi_encode();
    let refusal = refusals.find(&data).unwrap();
    assert_eq!(refusal.code, "demo.too_late");
    assert_eq!(refusal.cause, "It is too late for this.");
    assert_eq!(refusal.remedy, "come earlier.");
    let arguments = refusal.arguments(&data);
    let arguments: Vec<(&str, &str)> =
        arguments.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let by = CALLER.to_string();
    let expected = [
        ("deadline", "7"),
        ("what", "the ship left"),
        ("code", "0x01020304"),
        ("by", by.as_str()),
        ("isFinal", "true"),
    ];
    assert_eq!(arguments, expected);
    assert!(refusal.arguments(&data[..40]).len() < expected.len(), "cut data is no panic");

    let static_call = refusals.find(&IModule::StaticCall {}.abi_encode()).unwrap();
    assert_eq!(static_call.code, "module.static_call");
    assert!(static_call.cause.starts_with("A call that may only read"));
    assert_eq!(refusals.find(&[1, 2]), None);
    assert_eq!(refusals.iter().count(), 26);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_rewritten_string_leaves_nothing_behind(
        texts in proptest::collection::vec("[ -~\u{4e00}-\u{4eff}]{0,80}", 1..6)
    ) {
        let mut chain = chain();
        for text in texts {
            let words = if text.len() < 32 { 0 } else { text.len().div_ceil(32) };
            let head = usize::from(!text.is_empty());
            chain.call(CALLER, LEDGER, ILedger::writeCall { number: 3, text: text.clone() }).unwrap();
            let entry = chain.call(CALLER, LEDGER, ILedger::readCall { number: 3 }).unwrap();
            prop_assert_eq!(entry.text, text);
            // The count, and three slots of the record besides the string.
            prop_assert_eq!(chain.storage(LEDGER).len(), 4 + head + words);
        }
    }

    #[test]
    fn list_items_keep_their_places(items in proptest::collection::vec(any::<u16>(), 0..70)) {
        let mut chain = chain();
        for item in &items {
            chain.call(CALLER, LEDGER, ILedger::addCall { number: 1, item: *item }).unwrap();
        }
        for (index, item) in (0u64..).zip(&items) {
            let found = chain.call(CALLER, LEDGER, ILedger::itemCall { number: 1, index }).unwrap();
            prop_assert_eq!((found._0, found._1), (true, *item));
        }
    }
}

#[test]
fn days_are_those_of_the_calendar() {
    use crate::calendar::Date;
    let mut day = Date::new(1970, 1, 1).unwrap();
    // Thursday; and then every day until the year 2401, over every rule of leap years.
    assert_eq!(day.weekday(), 3);
    let (mut year, mut month, mut number) = (1970, 1, 1);
    while year < 2401 {
        assert_eq!(day.parts(), (year, month, number));
        assert_eq!(Date::from_yyyymmdd(day.yyyymmdd()), Some(day));
        assert_eq!(day.is_month_end(), Date::new(year, month, number + 1).is_none());
        day = day.plus_days(1);
        (year, month, number) = match Date::new(year, month, number + 1) {
            Some(next) => next.parts(),
            None if month == 12 => (year + 1, 1, 1),
            None => (year, month + 1, 1),
        };
    }
    for wrong in [0, 19691231, 20260229, 20260431, 20261301, 20260100, 100000101] {
        assert_eq!(Date::from_yyyymmdd(wrong), None, "{wrong}");
    }
    let date = |number| Date::from_yyyymmdd(number).unwrap();
    assert_eq!(date(20260131).plus_months(1), date(20260228));
    assert_eq!(date(20271231).plus_months(2), date(20280229));
    assert_eq!(date(99991231).plus_months(1), date(99991231));
    assert_eq!(date(99991231).plus_days(9), date(99991231));
    // 16:00 in Greenwich is the next day in Beijing.
    assert_eq!(Date::at(1_800_000_000, 0), date(20270115));
    assert_eq!(Date::at(1_800_028_800, 480), date(20270116));
    assert_eq!(Date::at(u64::MAX, 480), date(99991231));
}

#[test]
fn the_pages_of_the_shared_pieces_are_what_their_sources_say() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = source.join("../../docs/modules");
    for name in ["position", "uniqueness"] {
        crate::testing::reference::check(&docs, name, &source.join("src").join(name), "");
    }
}

#[test]
fn amounts_are_written_and_read_with_the_decimals_of_their_currency() {
    use crate::money::Currency;
    let (yuan, yen, dinar) = ("CNY", "JPY", "KWD");
    for (code, amount, text) in [
        (yuan, 0, "0.00"),
        (yuan, 5, "0.05"),
        (yuan, 123_450, "1234.50"),
        (yuan, u64::MAX, "184467440737095516.15"),
        (yen, 7, "7"),
        (dinar, 1_234, "1.234"),
    ] {
        let currency = Currency::from_code(code).unwrap();
        assert_eq!(currency.decimal(amount), text);
        assert_eq!(currency.amount(text), Some(amount));
        assert_eq!(Currency::from_number(currency.number()), Some(currency));
    }
    let yuan = Currency::from_code("CNY").unwrap();
    assert_eq!(yuan.amount("12"), Some(1_200));
    assert_eq!(yuan.amount("12.3"), Some(1_230));
    for wrong in ["", ".5", "5.", "1.234", "-1", "+1", "1e3", " 1", "1,5", "184467440737095516.16"]
    {
        assert_eq!(yuan.amount(wrong), None, "{wrong}");
    }
    assert_eq!(Currency::from_code("XXX"), None);
}
