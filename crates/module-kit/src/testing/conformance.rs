//! What every module must keep to, whatever its business.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    path::PathBuf,
};

use alloy_primitives::{Address, FixedBytes, U256};
use alloy_sol_types::SolError;

use super::{
    calls::{Invented, Inventor},
    page, reference,
    sandbox::{Done, Sandbox},
    snapshot,
};
use crate::{
    abi::IModule::UnknownFunction,
    index::ColumnKind,
    interface::{Interface, Item},
    module::{ADDRESS_PREFIX, Module},
};

/// Invented calls of one run.
const CALLS: usize = 1_500;

/// A module and what the checks need to know about it; made by [`crate::conformance!`].
pub struct Conformance {
    /// The module.
    pub module: Module,
    /// A chain with the module and some members.
    pub chain: fn() -> Sandbox,
    /// Who calls.
    pub people: &'static [Address],
    /// Calls with the gas that they used, in an order that a reader understands.
    pub gas: fn(&mut Sandbox) -> Vec<(&'static str, u64)>,
    /// The selectors of functions as the compiler has them.
    pub functions: Vec<[u8; 4]>,
    /// The selectors of errors as the compiler has them.
    pub errors: Vec<[u8; 4]>,
    /// The first topics of events as the compiler has them.
    pub events: Vec<[u8; 32]>,
    /// The module's folder.
    pub folder: PathBuf,
}

impl Conformance {
    fn interface(&self) -> Interface {
        Interface::read(self.module.source).expect("the reader understands the interface")
    }

    /// Address, name and siblings are well-formed and belong to nobody else.
    pub fn the_registry_entry_is_sound(&self) {
        let module = &self.module;
        assert_eq!(module.address[..4], ADDRESS_PREFIX, "the address begins with `Qiao`");
        let table = (self.chain)().table();
        for other in table.iter().filter(|other| other.address != module.address) {
            assert_ne!(other.name, module.name, "two modules of one name");
        }
        let holders = table.iter().filter(|other| other.address == module.address);
        assert_eq!(holders.count(), 1, "one module per address");
        page::check_siblings(&self.folder, module, table);
    }

    /// `mod.rs` has all its headings, and every invariant has a test of its number.
    pub fn the_page_is_complete(&self) {
        page::check_page(&self.folder);
    }

    /// Every function of the interface answers, nothing else does, and the text of the interface is
    /// what the compiler read.
    pub fn selectors_are_dispatched(&self) {
        let interface = self.interface();
        let read = interface.functions.iter().map(|one| interface.selector(&one.item));
        assert_eq!(sorted(read), sorted(self.functions.iter().copied()));
        let read = interface.errors.iter().map(|one| interface.selector(one));
        assert_eq!(sorted(read), sorted(self.errors.iter().copied()));
        let read = interface.events.iter().map(|one| interface.topic(one).0);
        assert_eq!(sorted(read), sorted(self.events.iter().copied()));

        let mut chain = (self.chain)();
        let unknown = |selector| UnknownFunction { selector: FixedBytes(selector) }.abi_encode();
        for selector in &self.functions {
            let done = chain.send(self.people[0], self.module.address, selector.to_vec().into());
            assert_ne!(done.output.to_vec(), unknown(*selector), "{selector:02x?} is dispatched");
        }
        let stray = [0xde, 0xad, 0xbe, 0xef];
        let done = chain.send(self.people[0], self.module.address, stray.to_vec().into());
        assert_eq!(done.output.to_vec(), unknown(stray));
    }

    /// Every item is documented; every error says its cause and what to do.
    pub fn the_interface_is_documented(&self) {
        let interface = self.interface();
        let items = interface.functions.iter().map(|function| &function.item);
        let items = items.chain(&interface.events).chain(&interface.structs);
        for item in items.chain(&interface.errors) {
            assert!(!item.doc.is_empty(), "`{}` has no documentation", item.name);
        }
        for error in &interface.errors {
            let (cause, remedy) = error.doc.split_once("Remedy:").unwrap_or_default();
            let is_complete = !cause.trim().is_empty() && !remedy.trim().is_empty();
            assert!(is_complete, "`{}` says no cause and remedy", error.name);
        }
    }

    /// The index knows every event, with a column for each parameter of a type that it can read, and no
    /// other.
    pub fn events_are_indexed(&self) {
        let interface = self.interface();
        let events: BTreeMap<String, &Item> =
            interface.events.iter().map(|event| (interface.signature(event), event)).collect();
        let indexed = self.module.index.iter().map(|entry| entry.event.to_owned());
        assert_eq!(sorted(indexed), sorted(events.keys().cloned()));
        let prefix = format!("{}_", self.module.name);
        let mut tables = BTreeSet::new();
        for entry in self.module.index {
            let parameters = &events[entry.event].parameters;
            assert_eq!(entry.columns.len(), parameters.len(), "columns of `{}`", entry.event);
            for parameter in parameters {
                let (kind, is_topic) = (ColumnKind::of(&parameter.kind), parameter.is_indexed);
                assert!(kind.is_some(), "`{}` has a `{}`", entry.event, parameter.kind);
                assert!(
                    !is_topic || kind.is_some_and(ColumnKind::is_word),
                    "`{}` of `{}` is a topic and more than a word: the log has only its hash",
                    parameter.name,
                    entry.event
                );
            }
            assert!(entry.table.starts_with(&prefix), "`{}` begins with `{prefix}`", entry.table);
            assert!(tables.insert(entry.table), "`{}` is named twice", entry.table);
        }
    }

    /// Whatever the calldata, the module answers: it never panics and never stops the node.
    pub fn invented_calls_never_panic(&self) {
        let (results, _) = self.run(0x5169_616f);
        let answered = results.iter().flatten().filter(|done| !done.is_refused).count();
        assert!(answered > 0, "no invented call succeeded; the check says nothing");
    }

    /// The same calls on two chains give the same answers, logs, gas and storage.
    pub fn replay_is_equal(&self) {
        let (first, second) = (self.run(7), self.run(7));
        assert!(first == second, "two runs of the same calls differ");
    }

    /// `abi.json`, `layout.txt` and `gas.txt` are what the code says.
    pub fn snapshots_are_equal(&self) {
        let folder = self.folder.join("snapshots");
        snapshot::check(&folder, "abi.json", &self.interface().to_json());
        snapshot::check(&folder, "layout.txt", &snapshot::layout(&self.module));
        let gas = (self.gas)(&mut (self.chain)());
        snapshot::check(&folder, "gas.txt", &snapshot::gas(&gas));
    }

    /// `docs/modules/<name>.md` is what the sources say.
    pub fn the_reference_page_is_equal(&self) {
        let root = self.folder.ancestors().nth(4).expect("crates/modules/src/<name> has a root");
        let address = self.module.address.to_string();
        reference::check(&root.join("docs/modules"), self.module.name, &self.folder, &address);
    }

    /// The table of transitions is a function, every state can be reached from the first, and the
    /// page tells every row.
    pub fn transitions_are_exhaustive<S: Copy + Ord + Debug, A: Copy + Ord + Debug>(
        &self,
        table: &[(S, A, S)],
        states: &[S],
    ) {
        let mut seen = BTreeSet::new();
        for (from, act, _) in table {
            assert!(seen.insert((*from, *act)), "two rows for {act:?} in {from:?}");
        }
        let mut reached = BTreeSet::from([states[0]]);
        // No path is longer than the table.
        for _ in table {
            let next = table.iter().filter(|(from, _, _)| reached.contains(from));
            let next: Vec<S> = next.map(|(_, _, to)| *to).collect();
            reached.extend(next);
        }
        assert_eq!(reached, states.iter().copied().collect(), "states that can be reached");
        page::check_lifecycle(&self.folder, table);
    }

    fn run(&self, seed: u64) -> (Vec<Option<Done>>, BTreeMap<U256, U256>) {
        let interface = self.interface();
        let mut inventor = Inventor::new(&interface, self.people, seed);
        let mut chain = (self.chain)();
        let mut results = Vec::new();
        for number in 0..CALLS as u64 {
            chain.at_block(1 + number / 10, 1_800_000_000 + number / 10);
            let Invented { sender, input } = inventor.next();
            results.push(chain.send_with_gas(sender, self.module.address, input, 30_000_000));
        }
        (results, chain.storage(self.module.address))
    }
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items
}

/// The conformance line of a module's `tests.rs`.
///
/// ```text
/// conformance! {
///     module: super::MODULE,
///     calls: IMembersCalls, errors: IMembersErrors, events: IMembersEvents,
///     chain: chain,              // fn() -> Sandbox, with some members
///     people: &PEOPLE,           // &'static [Address] who call
///     gas: gas,                  // fn(&mut Sandbox) -> Vec<(&'static str, u64)>
///     transitions: (rules::TRANSITIONS, Freeze::ALL), // only where there are any
/// }
/// ```
#[macro_export]
macro_rules! conformance {
    (
        module: $module:expr,
        calls: $calls:path, errors: $errors:path, events: $events:path,
        chain: $chain:expr,
        people: $people:expr,
        gas: $gas:expr
        $(, transitions: ($table:expr, $states:expr))? $(,)?
    ) => {
        mod conformance {
            #[allow(unused_imports, reason = "the arguments are written as in the parent")]
            use super::*;

            fn subject() -> $crate::testing::Conformance {
                type Calls = $calls;
                type Errors = $errors;
                type Events = $events;
                let folder = ::std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
                $crate::testing::Conformance {
                    module: $module,
                    chain: $chain,
                    people: $people,
                    gas: $gas,
                    functions: Calls::SELECTORS.to_vec(),
                    errors: Errors::SELECTORS.to_vec(),
                    events: Events::SELECTORS.to_vec(),
                    folder: folder.join("src").join($module.name),
                }
            }

            #[test]
            fn the_registry_entry_is_sound() {
                subject().the_registry_entry_is_sound();
            }

            #[test]
            fn the_page_is_complete() {
                subject().the_page_is_complete();
            }

            #[test]
            fn selectors_are_dispatched() {
                subject().selectors_are_dispatched();
            }

            #[test]
            fn the_interface_is_documented() {
                subject().the_interface_is_documented();
            }

            #[test]
            fn events_are_indexed() {
                subject().events_are_indexed();
            }

            #[test]
            fn invented_calls_never_panic() {
                subject().invented_calls_never_panic();
            }

            #[test]
            fn replay_is_equal() {
                subject().replay_is_equal();
            }

            #[test]
            fn snapshots_are_equal() {
                subject().snapshots_are_equal();
            }

            #[test]
            fn the_reference_page_is_equal() {
                subject().the_reference_page_is_equal();
            }

            $(#[test]
            fn transitions_are_exhaustive() {
                subject().transitions_are_exhaustive($table, $states);
            })?
        }
    };
}
