//! What a URL may say, and how a PostgreSQL server is shared, lost and found again.

use super::*;
use crate::testing::{POSTGRES, empty_place};
use crate::{Index, IndexError};

/// The server of the tests, or a loud word that there is none.
fn server() -> Option<String> {
    let server = std::env::var(POSTGRES).ok();
    if server.is_none() {
        eprintln!(
            "SKIPPED: `{POSTGRES}` names no PostgreSQL server; `cargo xtask test` starts one"
        );
    }
    server
}

#[test]
fn a_url_is_shown_without_its_password() {
    assert_eq!(shown("postgres://me:secret@db:5432/trade?x=1"), "postgres://me@db:5432/trade?x=1");
    assert_eq!(shown("postgres://me:s@cret@db"), "postgres://me@db");
    assert_eq!(shown("postgres://db/a@b"), "postgres://db/a@b");
    assert_eq!(shown("sqlite:index.db"), "sqlite:index.db");
}

#[tokio::test]
async fn what_a_url_must_not_say_is_refused_before_anything_is_asked() {
    for (url, rule) in [
        ("postgres://me:secret@db/trade", "a password belongs into a file"),
        ("postgres://me@db/trade?password=secret", "a password belongs into a file"),
        ("postgres://me@db/trade?schema=public;drop", "`schema` is a name of small letters"),
        ("postgres://me@db/trade?schema=", "`schema` is a name of small letters"),
        ("postgres://me@db/trade?password_file=/nowhere", "`/nowhere` cannot be read"),
        ("postgres://me@db/trade?sslmode=perhaps", "unknown value"),
    ] {
        let refusal = Index::open(url).await.expect_err(url);
        assert!(matches!(refusal, IndexError::Setting { .. }), "{refusal}");
        assert!(refusal.to_string().contains(rule), "{refusal}");
        assert!(!refusal.to_string().contains("secret"), "{refusal}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_a_failure_that_passes() {
    let failure = Index::open("postgres://me@127.0.0.1:1/trade").await.expect_err("no server");
    assert!(failure.is_passing(), "{failure}");
}

#[tokio::test]
async fn a_schema_is_written_by_one_node() {
    if server().is_none() {
        return;
    }
    let place = empty_place();
    let first = Index::open(&place).await.unwrap();
    let refusal = Index::open(&place).await.expect_err("it is in use");
    assert!(matches!(refusal, IndexError::InUse { .. }), "{refusal}");
    first.close().await;
    Index::open(&place).await.expect("the schema was given back");
}

#[tokio::test]
async fn tables_of_somebody_else_are_left_alone() {
    if server().is_none() {
        return;
    }
    let place = empty_place();
    let schema = place.rsplit_once("schema=").expect("it names one").1.to_owned();
    let index = Index::open(&empty_place()).await.unwrap();
    let mut connection = index.writer().await.unwrap();
    for statement in ["CREATE SCHEMA {}", "CREATE TABLE {}.wages (amount BIGINT)"] {
        sql(statement.replace("{}", &schema)).execute(&mut connection).await.unwrap();
    }
    let refusal = Index::open(&place).await.expect_err("it is not ours");
    assert!(matches!(refusal, IndexError::NotOurs { .. }), "{refusal}");
}

#[tokio::test]
async fn tables_of_another_version_give_way_in_postgres_too() {
    if server().is_none() {
        return;
    }
    let place = empty_place();
    let index = Index::open(&place).await.unwrap();
    let mut connection = index.writer().await.unwrap();
    sql("UPDATE versions SET version = 1").execute(&mut connection).await.unwrap();
    sql("INSERT INTO facts (name, value) VALUES ('old', '')")
        .execute(&mut connection)
        .await
        .unwrap();
    sql("SELECT pg_advisory_unlock_all()::text").fetch_all(&mut connection).await.unwrap();
    drop(connection);
    let index = Index::open(&place).await.unwrap();
    let mut reader = index.reader().await.unwrap();
    let facts = sql("SELECT name FROM facts").fetch_all(&mut reader).await.unwrap();
    assert!(facts.is_empty());
}

#[tokio::test]
async fn a_connection_that_the_server_ended_is_replaced() {
    if server().is_none() {
        return;
    }
    let index = Index::open(&empty_place()).await.unwrap();
    let other = Index::open(&empty_place()).await.unwrap();
    let mut connection = index.writer().await.unwrap();
    let own: Option<i32> = sql("SELECT pg_backend_pid()").scalar(&mut connection).await.unwrap();
    drop(connection);
    let end = format!("SELECT pg_terminate_backend({})::text", own.unwrap());
    sql(end).fetch_all(&mut other.writer().await.unwrap()).await.unwrap();
    let mut chain = crate::testing::ChainBuilder::new();
    let block = chain.block();
    let mut applied = index.apply(&block).await;
    if let Err(failure) = &applied {
        assert!(failure.is_passing(), "{failure}");
        applied = index.apply(&block).await;
    }
    applied.unwrap();
    assert_eq!(index.last_block().await.unwrap(), Some(1));
}

#[tokio::test]
async fn any_text_can_be_bound_and_is_found_again() {
    let index = Index::open(&empty_place()).await.unwrap();
    let mut connection = index.writer().await.unwrap();
    for (id, name) in (1_i64..).zip(["ü 鸡", "a\0b", "'; DROP TABLE names; --", "?"]) {
        let row = sql("INSERT INTO names (id, start, name) VALUES (?, 0, ?)").bind(id).bind(name);
        row.execute(&mut connection).await.unwrap();
        let found = sql("SELECT id FROM names WHERE name = ?").bind(name);
        assert_eq!(found.scalar(&mut connection).await.unwrap(), Some(id), "{name:?}");
    }
}
