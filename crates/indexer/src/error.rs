//! What may go wrong with the index.

use alloy_primitives::B256;

/// A failure of the index or of a question to it.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The database failed: disk full, file damaged, locked by another program, server away.
    #[error("index database failed: {}", words(.0))]
    Database(#[from] sqlx::Error),
    /// The URL does not name a database that we know.
    #[error("`{url}` is neither a `sqlite:` nor a `postgres://` URL")]
    Url {
        /// What was given, without passwords.
        url: String,
    },
    /// Something in the URL cannot be used.
    #[error("`{url}` cannot be used: {rule}")]
    Setting {
        /// What was given, without passwords.
        url: String,
        /// What it should be.
        rule: String,
    },
    /// Another process writes the schema.
    #[error("the schema `{schema}` is written by another node; each needs one of its own")]
    InUse {
        /// The schema.
        schema: String,
    },
    /// The schema holds tables of somebody else.
    #[error("the schema holds tables that are not an index: `{}`", .tables.join("`, `"))]
    NotOurs {
        /// Their names.
        tables: Vec<String>,
    },
    /// Blocks must come one after another.
    #[error("block `{got}` cannot be indexed; the next one is `{expected}`")]
    OutOfOrder {
        /// The block that was given.
        got: u64,
        /// The block that would continue the index.
        expected: u64,
    },
    /// Another block of the same height is in the index: it belongs to another chain.
    #[error("block `{number}` is indexed as `{indexed}` but the chain says `{given}`")]
    AnotherChain {
        /// The height.
        number: u64,
        /// The hash in the index.
        indexed: B256,
        /// The hash of the block that was given.
        given: B256,
    },
    /// The index was built for another network.
    #[error("the index belongs to the network `{indexed}`, not to `{given}`")]
    AnotherGenesis {
        /// Fingerprint in the index.
        indexed: B256,
        /// Fingerprint of the genesis that was given.
        given: B256,
    },
    /// A block breaks a bound that execution guarantees.
    #[error("block `{number}` cannot be indexed: {reason}")]
    Impossible {
        /// The height.
        number: u64,
        /// Which bound.
        reason: String,
    },
    /// A stored row is not what this program writes: rebuild the index.
    #[error("the index holds a damaged row: {0}")]
    Damaged(String),
    /// More logs match than the caller allows in one answer.
    #[error("query returned more than {limit} results")]
    TooManyLogs {
        /// The limit.
        limit: u32,
    },
    /// No module declares such a table, or such a column of it.
    #[error("no module keeps rows by the name `{name}`")]
    NoSuchRows {
        /// What was asked for.
        name: String,
    },
    /// The page token was not given out by this query.
    #[error("page token `{0}` is not one of this query's")]
    PageToken(String),
    /// The source of blocks failed while the index was rebuilt.
    #[error("cannot read finalized blocks: {0}")]
    Blocks(String),
}

impl IndexError {
    /// Whether the database is away or overloaded, and the same may succeed later.
    pub fn is_passing(&self) -> bool {
        let Self::Database(error) = self else { return false };
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut => true,
            sqlx::Error::Database(error) => {
                let is_postgres = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>();
                let code = error.code();
                is_postgres.is_some()
                    && code.is_some_and(|code| PASSING.iter().any(|class| code.starts_with(class)))
            }
            _ => false,
        }
    }
}

fn words(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::PoolTimedOut => "no connection to it within 5 s".to_owned(),
        other => other.to_string(),
    }
}

/// Classes of SQLSTATE that pass: connections, transactions to be repeated, resources, the operator.
const PASSING: &[&str] = &["08", "40", "53", "57", "58"];
