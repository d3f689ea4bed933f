//! Papers of a desk: the certificate of a part, the registry's file, and files of disbursements.

use alloy_primitives::B256;
use qiao_documents::{Align, Cell, Column, Qr, Report, Sheet};
use qiao_iso20022::{AccountId, Amount, Initiation, Order, Party, PaymentGroup};
use qiao_module_kit::money::Currency;
use qiao_modules::receivables::{self, IReceivables};
use sha2::{Digest as _, Sha256};

use super::{
    Desk, FinanceError, accounts, credit::Sale, history::Happening, names::Names, sight::Seen,
    view, words,
};
use crate::Chain;

/// What stands where the account of somebody is not known here.
const NOT_KNOWN: &str = "NOTPROVIDED";

/// The certificate of a part as PDF: what the chain holds, the way to it, and a code that leads to the
/// proof. `base` is the address under which this node is reached.
///
/// # Errors
/// The node cannot answer.
pub async fn certificate(
    chain: &dyn Chain,
    desk: &Desk,
    seen: &Seen,
    base: &str,
) -> Result<Vec<u8>, FinanceError> {
    let part = &seen.part;
    let call = IReceivables::evidenceCall { voucher: part.voucher };
    let evidence = view(chain, receivables::ADDRESS, call).await?;
    let head = chain.head();
    let money =
        |amount: u64| format!("{} {}", part.currency, words::money(part.currency_number, amount));
    let network = chain.genesis().name.clone();
    let foot = format!("{network}, block {}, shown to {}", head.number, desk.name);
    let mut report = Report::new("Certificate of a receivables voucher", &foot);
    report.paragraph(
        "This certificate says what the ledger held of one part of a voucher at the block below. It is \
         no security and passes to nobody by being handed over: only the ledger says who holds the part.",
    );
    report.facts(&terms(seen, &money));
    report.heading("How it came here");
    let columns = [
        Column { head: "Day", share: 1.2, align: Align::Left },
        Column { head: "What", share: 1.2, align: Align::Left },
        Column { head: "From", share: 2.0, align: Align::Left },
        Column { head: "To", share: 2.0, align: Align::Left },
        Column { head: "Amount", share: 1.5, align: Align::Right },
    ];
    let rows: Vec<Vec<String>> = seen.history.iter().map(|one| row(one, &money)).collect();
    report.table(&columns, &rows);
    report.heading("Documents, by the SHA-256 of their files");
    report.facts(&[
        ("Contract", evidence.purchaseContract.to_string()),
        ("Invoice", evidence.invoice.to_string()),
        ("Delivery", evidence.delivery.to_string()),
    ]);
    if let Some(last) = seen.history.iter().rev().find(|one| moves(one.what)) {
        let address = format!("{base}/proofs/transactions/{}", last.transaction);
        if let Ok(code) = Qr::new(&address) {
            report.heading("Proof");
            report.qr(
                &code,
                &[
                    "The code leads to the proof of the last transaction that moved this part. Keep the \
                     file and check it without trusting anybody:",
                    "qiao verify FILE --genesis genesis.json",
                    &format!("Transaction {}", last.transaction),
                    &format!("Block {} of genesis {}", last.block, chain.status().genesis),
                ],
            );
        }
    }
    Ok(report.finish())
}

/// What a certificate says of the part and its voucher.
fn terms(seen: &Seen, money: &impl Fn(u64) -> String) -> Vec<(&'static str, String)> {
    let (part, voucher) = (&seen.part, &seen.voucher);
    vec![
        ("Part", format!("No. {} of voucher {}", part.part, part.voucher)),
        ("Holder", part.holder.name.clone()),
        ("Amount", money(part.amount)),
        ("Owed by", voucher.issuer.name.clone()),
        ("To be paid on", part.due.clone()),
        ("State", state(part)),
        ("Guarantor", voucher.guarantor.as_ref().map_or("none".to_owned(), |one| one.name.clone())),
        (
            "Recourse",
            if voucher.recourse { "with recourse" } else { "without recourse" }.to_owned(),
        ),
        ("Issued", format!("{}, for {}", voucher.issued, money(voucher.amount))),
        (
            "Rules",
            receivables::PACKS
                .get(usize::from(voucher.pack))
                .map_or(String::new(), |pack| format!("{} ({})", pack.name, pack.citation)),
        ),
    ]
}

/// What changes who holds a part, or how much of it.
fn moves(what: &str) -> bool {
    matches!(
        what,
        "issued"
            | "accepted"
            | "passed"
            | "split"
            | "merged"
            | "financed"
            | "bought_back"
            | "repaid"
            | "pledge_enforced"
            | "guarantor_paid"
    )
}

fn state(part: &super::vouchers::Part) -> String {
    let frozen = if part.frozen { ", frozen by a regulator" } else { "" };
    let voucher = part.voucher_state;
    match (&part.beneficiary, part.state) {
        (Some(party), "pledged") => format!("pledged to {}, voucher {voucher}{frozen}", party.name),
        (Some(party), "locked") => format!("for sale to {}, voucher {voucher}{frozen}", party.name),
        (_, state) => format!("{state}, voucher {voucher}{frozen}"),
    }
}

fn row(one: &Happening, money: &impl Fn(u64) -> String) -> Vec<String> {
    let name = |party: &Option<super::names::Party>| {
        party.as_ref().map_or(String::new(), |party| party.name.clone())
    };
    vec![
        words::day(words::today(one.time_ms)),
        one.what.replace('_', " "),
        name(&one.from),
        name(&one.to),
        one.price.or(one.amount).map_or(String::new(), money),
    ]
}

/// The SHA-256 of a document's file, as the chain keeps it.
pub fn sha256(bytes: &[u8]) -> B256 {
    B256::from_slice(&Sha256::digest(bytes))
}

/// The file for the registry of movable property financing, for a part that is for sale: CSV.
///
/// # Errors
/// The part is not for sale.
pub async fn registration(chain: &dyn Chain, part: u64) -> Result<String, FinanceError> {
    let call = IReceivables::registrationFileCall { position: part };
    Ok(view(chain, receivables::ADDRESS, call).await?)
}

/// One payment of a file of disbursements.
#[derive(Debug, Clone)]
pub struct Disbursement {
    /// The sale that it pays for.
    pub sale: Sale,
    /// The seller's account on the chain, if it has one in the currency.
    pub account: Option<u64>,
    /// The payment's UETR.
    pub uetr: u128,
}

/// What a bank has to pay: the sales that it accepted and did not pay yet.
///
/// # Errors
/// The node cannot answer.
pub async fn disbursements(
    chain: &dyn Chain,
    names: &Names,
    desk: &Desk,
) -> Result<Vec<Disbursement>, FinanceError> {
    let sales = super::credit::sales(chain, names, "buyer", desk.organisation).await?;
    let mut due = Vec::new();
    for sale in sales.into_iter().filter(|sale| sale.accepted) {
        let owned = accounts::owned(chain, names, sale.seller.organisation).await?;
        let account = owned.iter().find(|account| {
            account.state == "open" && account.currency_number == sale.part.currency_number
        });
        let account = account.map(|account| account.account);
        // The same sale has the same UETR, however often the file is made.
        let uetr = words::fresh_uetr(&[
            b"disbursement",
            &chain.genesis().chain_id.to_be_bytes(),
            &sale.part.part.to_be_bytes(),
            &desk.organisation.to_be_bytes(),
            sale.registration.as_bytes(),
        ]);
        due.push(Disbursement { sale, account, uetr });
    }
    Ok(due)
}

/// A file of disbursements as ISO 20022 pain.001.
///
/// # Errors
/// A name or an amount does not fit the message.
pub fn pain001(
    desk: &Desk,
    due: &[Disbursement],
    now: jiff::Timestamp,
) -> Result<String, FinanceError> {
    let day = format!("{:.10}", now.to_string());
    let mut orders = Vec::new();
    for one in due {
        let sale = &one.sale;
        let currency = Currency::from_number(sale.part.currency_number).unwrap_or_default();
        let amount = Amount::of_minor_units(currency.code(), sale.price, currency.decimals());
        let amount = amount.ok_or_else(|| {
            FinanceError::input("price", "must have at most 18 digits to fit a payment message")
        })?;
        orders.push(Order {
            end_to_end_id: format!("PART-{}", sale.part.part),
            uetr: one.uetr,
            amount,
            creditor: Party {
                name: sale.seller.name.clone(),
                account: AccountId::Other(
                    one.account.map_or(NOT_KNOWN.to_owned(), |account| account.to_string()),
                ),
                bic: String::new(),
            },
            remittance: format!(
                "purchase of part {} of voucher {}, registration {}",
                sale.part.part, sale.part.voucher, sale.registration
            ),
        });
    }
    let message_id = format!("DISB-{}-{}", desk.organisation, now.as_second());
    let message = Initiation {
        message_id: message_id.clone(),
        created: format!("{:.19}", now.to_string()),
        initiator: desk.name.clone(),
        groups: vec![PaymentGroup {
            id: message_id,
            day,
            debtor: Party {
                name: desk.name.clone(),
                account: AccountId::Other(NOT_KNOWN.to_owned()),
                bic: String::new(),
            },
            orders,
        }],
    };
    Ok(message.write())
}

/// A file of disbursements as a table.
pub fn disbursement_sheet(due: &[Disbursement]) -> Sheet {
    let heads = [
        "part",
        "voucher",
        "seller",
        "account",
        "currency",
        "price",
        "amount",
        "due",
        "registration",
        "uetr",
    ];
    let mut sheet = Sheet::new("Disbursements", &heads);
    for one in due {
        let (sale, part) = (&one.sale, &one.sale.part);
        let currency = Currency::from_number(part.currency_number).unwrap_or_default();
        sheet.push(vec![
            Cell::number(part.part),
            Cell::number(part.voucher),
            Cell::text(&*sale.seller.name),
            Cell::text(one.account.map_or(String::new(), |account| account.to_string())),
            Cell::text(part.currency),
            Cell::number(currency.decimal(sale.price)),
            Cell::number(currency.decimal(part.amount)),
            Cell::text(&*part.due),
            Cell::text(&*sale.registration),
            Cell::text(words::uetr(one.uetr)),
        ]);
    }
    sheet
}
