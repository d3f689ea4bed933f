//! The tables that the modules declare in their `index.rs`, and what a log becomes in them.

use std::{collections::BTreeMap, sync::LazyLock};

use alloy_primitives::{Address, B256, Log, U256};
use qiao_module_kit::Interface;
use qiao_modules::{MODULES, contracts, members, recall, traceability};

/// Modules whose rows the index keeps in tables of its own, in another shape, or, of `recall`, not at
/// all: its events have lists of records in them, and its views answer what is asked.
const KEPT_ELSEWHERE: [Address; 4] =
    [members::ADDRESS, traceability::ADDRESS, contracts::ADDRESS, recall::ADDRESS];

/// Columns besides the topics by which rows are looked for, in whichever table they stand.
const SEARCHED: [&str; 4] = ["from_party", "to_party", "seller", "buyer"];

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordValue {
    /// `bool` and `uint8` to `uint64`.
    Number(u64),
    /// `string`.
    Text(String),
    /// `address`, `bytes32` and `uint128`, with the most significant byte first; `bytes`; of a list of
    /// `bytes32` or numbers its words, one after the other.
    Bytes(Vec<u8>),
}

/// How a parameter of an event is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    /// The last so many bytes of the word.
    Tail(usize),
    /// The whole word.
    Word,
    /// As many bytes as its length says.
    Bytes,
    /// As many words as its length says.
    Words,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_topic: bool,
}

/// A table: one kind of event of one module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) emitter: Address,
    pub(super) topic: B256,
    pub(super) columns: Vec<Column>,
}

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    let modules = MODULES.iter().filter(|module| !KEPT_ELSEWHERE.contains(&module.address));
    modules.flat_map(of_module).collect()
});

static BY_TOPIC: LazyLock<BTreeMap<(Address, B256), usize>> = LazyLock::new(|| {
    let places = TABLES.iter().enumerate();
    places.map(|(place, table)| ((table.emitter, table.topic), place)).collect()
});

fn of_module(module: &qiao_module_kit::Module) -> Vec<Table> {
    let interface = Interface::read(module.source).expect("conformance reads every interface");
    let table =
        |entry: &qiao_module_kit::Indexed| {
            let mut events = interface.events.iter();
            let event = events.find(|event| interface.signature(event) == entry.event);
            let event = event.expect("conformance compares what is indexed with the events");
            let columns = event.parameters.iter().zip(entry.columns).map(|(parameter, name)| {
                Column { name, kind: Kind::of(&parameter.kind), is_topic: parameter.is_indexed }
            });
            Table {
                name: entry.table,
                emitter: module.address,
                topic: interface.topic(event),
                columns: columns.collect(),
            }
        };
    module.index.iter().map(table).collect()
}

/// Every table, in the order of modules and events.
pub(super) fn all() -> &'static [Table] {
    &TABLES
}

/// The table with this name.
pub(super) fn named(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// The table that keeps a log, and the row.
pub(super) fn row_of(log: &Log) -> Option<(usize, Vec<RecordValue>)> {
    let topic = log.topics().first()?;
    let place = *BY_TOPIC.get(&(log.address, *topic))?;
    Some((place, TABLES[place].read(log)?))
}

impl Kind {
    fn of(solidity: &str) -> Self {
        match solidity {
            "string" => Self::Text,
            "bytes32" => Self::Word,
            "address" => Self::Tail(20),
            "uint128" => Self::Tail(16),
            "bytes" => Self::Bytes,
            "bytes32[]" | "uint64[]" => Self::Words,
            "bool" | "uint8" | "uint16" | "uint32" | "uint64" => Self::Number,
            other => panic!("an event that is indexed has a parameter of type `{other}`"),
        }
    }

    /// The type of its column.
    pub(super) const fn sql(self) -> &'static str {
        match self {
            Self::Number => "INTEGER",
            Self::Text => "TEXT",
            Self::Tail(_) | Self::Word | Self::Bytes | Self::Words => "BLOB",
        }
    }

    fn read(self, word: B256, data: &[u8]) -> Option<RecordValue> {
        Some(match self {
            Self::Number => RecordValue::Number(u64::try_from(U256::from_be_bytes(word.0)).ok()?),
            Self::Word => RecordValue::Bytes(word.to_vec()),
            Self::Tail(length) => RecordValue::Bytes(word[32 - length..].to_vec()),
            Self::Text => RecordValue::Text(String::from_utf8(tail(word, data, 1)?).ok()?),
            Self::Bytes => RecordValue::Bytes(tail(word, data, 1)?),
            Self::Words => RecordValue::Bytes(tail(word, data, 32)?),
        })
    }
}

/// What stands where a word points to: a length, counted in units of so many bytes, and the bytes.
fn tail(word: B256, data: &[u8], unit: usize) -> Option<Vec<u8>> {
    let offset = usize::try_from(U256::from_be_bytes(word.0)).ok()?;
    let tail = data.get(offset..)?;
    let length = usize::try_from(U256::from_be_slice(tail.get(..32)?)).ok()?;
    let end = length.checked_mul(unit)?.checked_add(32)?;
    Some(tail.get(32..end)?.to_vec())
}

impl Table {
    /// The values of a log of this event. A module writes its logs itself, so each is in form; one that
    /// is not gives nothing.
    fn read(&self, log: &Log) -> Option<Vec<RecordValue>> {
        let mut topics = log.topics().iter().skip(1).copied();
        let data = log.data.data.as_ref();
        let mut heads = data.chunks_exact(32).map(B256::from_slice);
        let value = |column: &Column| {
            let word = if column.is_topic { topics.next()? } else { heads.next()? };
            column.kind.read(word, data)
        };
        self.columns.iter().map(value).collect()
    }

    /// The statements that create it. `place` is block << 24 | index of the log in the block.
    pub(super) fn create(&self) -> String {
        let mut sql = format!("CREATE TABLE {} (place INTEGER PRIMARY KEY", self.name);
        for column in &self.columns {
            sql.push_str(&format!(", \"{}\" {} NOT NULL", column.name, column.kind.sql()));
        }
        sql.push_str(");\n");
        let is_searched = |column: &&Column| column.is_topic || SEARCHED.contains(&column.name);
        for column in self.columns.iter().filter(is_searched) {
            let (table, name) = (self.name, column.name);
            sql.push_str(&format!(
                "CREATE INDEX {table}_by_{name} ON {table} (\"{name}\", place);\n"
            ));
        }
        sql
    }
}
