//! Events of modules are found again by their columns.

use alloy_primitives::{Address, B256, Log, TxKind};
use alloy_sol_types::SolEvent;
use qiao_modules::{
    payments::{self, IPayments},
    recall::{self, IRecall},
    receivables::{self, IReceivables},
};

use super::{RecordQuery, tables};
use crate::testing::{ChainBuilder, empty_index};
use crate::{Index, IndexError, PageRequest};

fn log(address: Address, event: impl SolEvent) -> Log {
    Log { address, data: event.encode_log_data() }
}

fn issued(voucher: u64, issuer: u64) -> Log {
    let event = IReceivables::VoucherIssued {
        voucher,
        issuer,
        creditor: 9,
        amount: u64::MAX - voucher,
        currency: 156,
        due: 20_270_331,
        invoice: B256::repeat_byte(7),
    };
    log(receivables::ADDRESS, event)
}

async fn index_with(blocks: Vec<Vec<Log>>) -> Index {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    for logs in blocks {
        chain.transaction(TxKind::Call(Address::repeat_byte(2)), vec![], true, logs);
        index.apply(&chain.block()).await.unwrap();
    }
    index
}

async fn vouchers(index: &Index, query: RecordQuery<'_>) -> Vec<u64> {
    let page = index.records(&query, &PageRequest::first(10)).await.unwrap();
    page.items.iter().map(|record| record.number("voucher")).collect()
}

#[test]
fn every_module_has_tables_but_those_that_are_kept_elsewhere() {
    let names: Vec<&str> = tables::all().iter().map(|table| table.name).collect();
    for prefix in ["receivables_", "payments_", "financing_", "collateral_", "lots_", "recall_"] {
        assert!(names.iter().any(|name| name.starts_with(prefix)), "{prefix}");
    }
    assert!(!names.iter().any(|name| name.starts_with("traceability_")));
}

#[tokio::test]
async fn vouchers_are_found_by_their_issuer_in_either_order() {
    let index = index_with(vec![vec![issued(1, 5), issued(2, 6)], vec![issued(3, 5)]]).await;
    let of_five = RecordQuery::of("receivables_vouchers").with("issuer", 5);
    assert_eq!(vouchers(&index, of_five.clone()).await, [1, 3]);
    assert_eq!(vouchers(&index, of_five.newest_first()).await, [3, 1]);
}

#[tokio::test]
async fn vouchers_are_found_by_a_span_of_days() {
    let index = index_with(vec![vec![issued(1, 5), issued(2, 6)]]).await;
    let query = |from, to| RecordQuery::of("receivables_vouchers").between("due", from, to);
    assert_eq!(vouchers(&index, query(20_270_331, 20_270_331)).await, [1, 2]);
    assert!(vouchers(&index, query(20_270_401, 20_271_231)).await.is_empty());
}

#[tokio::test]
async fn a_row_holds_what_the_event_said() {
    let paid = IPayments::Paid {
        uetr: 77,
        payer: 1,
        payee: 2,
        amount: 3,
        currency: 156,
        remittance: "发票 41".to_owned(),
    };
    let index = index_with(vec![vec![issued(1, 5), log(payments::ADDRESS, paid)]]).await;
    let first = PageRequest::first(1);
    let voucher = index.records(&RecordQuery::of("receivables_vouchers"), &first).await.unwrap();
    assert_eq!(voucher.items[0].number("amount"), u64::MAX - 1);
    assert_eq!(voucher.items[0].hash("invoice"), B256::repeat_byte(7));
    let payment = index.records(&RecordQuery::of("payments_paid"), &first).await.unwrap();
    let payment = &payment.items[0];
    assert_eq!((payment.wide("uetr"), payment.text("remittance")), (77, "发票 41"));
    assert_eq!((payment.block, payment.log_index), (1, 1));
}

#[tokio::test]
async fn lists_of_texts_have_no_column_and_what_stands_behind_them_is_found() {
    let declared = IRecall::Declared {
        recall: 3,
        organisation: 2,
        level: 1,
        reason: 3,
        things: vec!["https://id.gs1.org/01/09521002000368/10/M0318".to_owned(); 4],
        text: "salmonella".to_owned(),
        deadline: 1_800_000_000,
        scope: B256::repeat_byte(9),
        hold: 12,
        by: Address::repeat_byte(1),
    };
    let index = index_with(vec![vec![log(recall::ADDRESS, declared)]]).await;
    let page = PageRequest::first(1);
    let of_hold = RecordQuery::of("recall_declared").with("hold", 12);
    let found = index.records(&of_hold, &page).await.unwrap();
    let found = &found.items[0];
    assert_eq!((found.number("recall"), found.text("text")), (3, "salmonella"));
    assert_eq!(found.hash("scope"), B256::repeat_byte(9));
    let by_thing = RecordQuery::of("recall_declared").with("things", 1);
    assert!(index.records(&by_thing, &page).await.is_err());
}

#[tokio::test]
async fn pages_go_on_where_the_one_before_ended() {
    let index = index_with((1..=5).map(|voucher| vec![issued(voucher, 5)]).collect()).await;
    let query = RecordQuery::of("receivables_vouchers").newest_first();
    let mut seen = Vec::new();
    let mut page = PageRequest::first(2);
    loop {
        let found = index.records(&query, &page).await.unwrap();
        seen.extend(found.items.iter().map(|record| record.number("voucher")));
        let Some(next) = found.next else { break };
        page = PageRequest::after(next, 2);
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn what_no_module_declares_is_refused() {
    let index = empty_index().await;
    let page = PageRequest::first(1);
    for query in [
        RecordQuery::of("sqlite_master"),
        RecordQuery::of("receivables_vouchers").with("1=1 OR issuer", 5),
    ] {
        let refusal = index.records(&query, &page).await.unwrap_err();
        assert!(matches!(refusal, IndexError::NoSuchRows { .. }), "{refusal}");
    }
}

#[tokio::test]
async fn blocks_that_are_forgotten_take_their_rows_along() {
    let index = index_with(vec![vec![issued(1, 5)], vec![issued(2, 5)]]).await;
    assert!(index.forget_after(1).await.unwrap());
    assert_eq!(vouchers(&index, RecordQuery::of("receivables_vouchers")).await, [1]);
}
