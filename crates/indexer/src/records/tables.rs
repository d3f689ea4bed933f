//! The tables that the modules declare in their `index.rs`, and what a log becomes in them.

use std::{collections::BTreeMap, sync::LazyLock};

use alloy_primitives::{Address, B256, Log, U256};
use qiao_module_kit::{ColumnKind, Interface};
use qiao_modules::{MODULES, contracts, members, traceability};

/// Modules whose rows the index keeps in tables of its own, in another shape.
const KEPT_ELSEWHERE: [Address; 3] = [members::ADDRESS, traceability::ADDRESS, contracts::ADDRESS];

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

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: ColumnKind,
    at: At,
}

/// Where a log has the word of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Among its topics, from 1: the first is the event's own.
    Topic(usize),
    /// Among the words with which its data begins, from 0.
    Head(usize),
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
    let table = |entry: &qiao_module_kit::Indexed| {
        let mut events = interface.events.iter();
        let event = events.find(|event| interface.signature(event) == entry.event);
        let event = event.expect("conformance compares what is indexed with the events");
        let (mut topics, mut heads) = (0, 0);
        let columns = event.parameters.iter().zip(entry.columns).map(|(parameter, name)| {
            let at = if parameter.is_indexed {
                topics += 1;
                At::Topic(topics)
            } else {
                heads += 1;
                At::Head(heads - 1)
            };
            let kind = ColumnKind::of(&parameter.kind);
            Column { name, kind: kind.expect("conformance looks at every type"), at }
        });
        Table {
            name: entry.table,
            emitter: module.address,
            topic: interface.topic(event),
            columns: columns.filter(|column| column.kind != ColumnKind::Unkept).collect(),
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

/// The type of a column.
const fn type_of(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Number => "INTEGER",
        ColumnKind::Text => "TEXT",
        _ => "BLOB",
    }
}

/// The value of a parameter whose word this is; none where it has no form, or no column.
fn value(kind: ColumnKind, word: B256, data: &[u8]) -> Option<RecordValue> {
    Some(match kind {
        ColumnKind::Number => RecordValue::Number(u64::try_from(U256::from_be_bytes(word.0)).ok()?),
        ColumnKind::Word => RecordValue::Bytes(word.to_vec()),
        ColumnKind::Tail(length) => RecordValue::Bytes(word[32 - length..].to_vec()),
        ColumnKind::Text => RecordValue::Text(String::from_utf8(tail(word, data, 1)?).ok()?),
        ColumnKind::Bytes => RecordValue::Bytes(tail(word, data, 1)?),
        ColumnKind::Words => RecordValue::Bytes(tail(word, data, 32)?),
        ColumnKind::Unkept => return None,
    })
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
        let data = log.data.data.as_ref();
        let read = |column: &Column| {
            let word = match column.at {
                At::Topic(place) => *log.topics().get(place)?,
                At::Head(place) => B256::from_slice(data.get(place * 32..(place + 1) * 32)?),
            };
            value(column.kind, word, data)
        };
        self.columns.iter().map(read).collect()
    }

    /// The statements that create it. `place` is block << 24 | index of the log in the block.
    pub(super) fn create(&self) -> String {
        let mut sql = format!("CREATE TABLE {} (place INTEGER PRIMARY KEY", self.name);
        for column in &self.columns {
            sql.push_str(&format!(", \"{}\" {} NOT NULL", column.name, type_of(column.kind)));
        }
        sql.push_str(");\n");
        let is_searched =
            |column: &&Column| matches!(column.at, At::Topic(_)) || SEARCHED.contains(&column.name);
        for column in self.columns.iter().filter(is_searched) {
            let (table, name) = (self.name, column.name);
            sql.push_str(&format!(
                "CREATE INDEX {table}_by_{name} ON {table} (\"{name}\", place);\n"
            ));
        }
        sql
    }
}
