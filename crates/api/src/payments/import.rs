//! Messages in: pain.001, by which the node's organisation pays, and pacs.008, by which a bank of the
//! organisation receives what another bank sent for its customers.
//!
//! A message is checked as a whole before anything is done. Then every payment stands for itself: one
//! that the chain refuses does not keep the others from being made. The same message again does
//! nothing again: the UETR of each payment is that of the message, or follows from its identifiers.

use std::sync::Arc;

use alloy_primitives::B256;
use jiff::{Timestamp, tz::TimeZone};
use qiao_iso20022::{AccountId, Amount, Initiation, Problem, Settlement};
use qiao_module_kit::money::Currency;
use qiao_modules::payments::{ADDRESS, IPayments};

use super::{
    Imported, Item, ItemState, PaymentsError,
    reference::{REMITTANCE_BYTES_MAX, Reference, derived_uetr, uetr_text},
};
use crate::{
    Chain,
    finance::{self, view},
    sending::{SendError, Submitter},
};

/// Payments of one message.
const PAYMENTS_MAX: usize = 1_000;
/// Mistakes that one answer names.
const PROBLEMS_MAX: usize = 100;

/// A mistake in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageProblem {
    /// A stable code.
    pub code: String,
    /// Where, as in `CstmrCdtTrfInitn/PmtInf[2]/CdtTrfTxInf/Amt/InstdAmt`.
    pub path: String,
    /// The rule that is broken.
    pub rule: String,
}

/// A payment that is to be made.
struct Wanted {
    path: String,
    group: String,
    end_to_end_id: String,
    uetr: u128,
    /// 0 where the money comes from outside.
    payer: u64,
    payee: u64,
    amount: u64,
    currency: Currency,
    remittance: String,
}

/// Carries a message out.
///
/// # Errors
/// [`PaymentsError::Message`] names every mistake; then nothing was done.
pub async fn import(
    chain: &Arc<dyn Chain>,
    submitter: &Submitter,
    bytes: &[u8],
) -> Result<Imported, PaymentsError> {
    let own = finance::own_organisation(chain).await?.ok_or(PaymentsError::Nobody)?;
    let genesis = chain.genesis().fingerprint();
    let today = today(&**chain);
    let (message, message_id, wanted) = read(bytes, genesis, own, &today)?;
    let problems = check(&**chain, own, &wanted).await?;
    if !problems.is_empty() {
        return Err(PaymentsError::Message(problems));
    }
    let mut payments = Vec::with_capacity(wanted.len());
    for one in wanted {
        payments.push(carry_out(&**chain, submitter, one).await?);
    }
    Ok(Imported { message, message_id, payments })
}

type Read = (&'static str, String, Vec<Wanted>);

fn read(bytes: &[u8], genesis: B256, own: u64, today: &str) -> Result<Read, PaymentsError> {
    let refuse = |problem: Problem| PaymentsError::Message(vec![told(problem)]);
    let other = |problem: &Problem| problem.code == "iso20022.other_message";
    let mut problems = Vec::new();
    let found = match Initiation::read(bytes) {
        Ok(message) => {
            let wanted = orders(&message, genesis, own, today, &mut problems);
            ("pain.001", message.message_id, wanted)
        }
        Err(problem) if other(&problem) => match Settlement::read(bytes) {
            Ok(message) => {
                let wanted = arrivals(&message, genesis, own, &mut problems);
                ("pacs.008", message.message_id, wanted)
            }
            Err(problem) if other(&problem) => {
                let rule =
                    "must be a `Document` in the namespace of `pain.001.001` or `pacs.008.001`";
                return Err(refuse(Problem { rule: rule.to_owned(), ..problem }));
            }
            Err(problem) => return Err(refuse(problem)),
        },
        Err(problem) => return Err(refuse(problem)),
    };
    if found.2.len() > PAYMENTS_MAX {
        let rule = format!("must have at most {PAYMENTS_MAX} payments");
        problems = vec![problem("iso20022.too_large", "", rule)];
    }
    problems.truncate(PROBLEMS_MAX);
    if problems.is_empty() { Ok(found) } else { Err(PaymentsError::Message(problems)) }
}

/// The payments of a pain.001.
fn orders(
    message: &Initiation,
    genesis: B256,
    own: u64,
    today: &str,
    problems: &mut Vec<MessageProblem>,
) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for (group, nth) in message.groups.iter().zip(1..) {
        let base = format!("CstmrCdtTrfInitn/PmtInf{}", place(nth, message.groups.len()));
        if group.day.as_str() > today {
            let rule = format!("must not lie behind today, {today}: payments are made at once");
            problems.push(problem("payments.future_day", &format!("{base}/ReqdExctnDt"), rule));
        }
        let payer = account(&group.debtor.account, &format!("{base}/DbtrAcct"), problems);
        for (order, nth) in group.orders.iter().zip(1..) {
            let path = format!("{base}/CdtTrfTxInf{}", place(nth, group.orders.len()));
            let uetr = if order.uetr == 0 {
                let (own, nth) = (own.to_be_bytes(), nth.to_string());
                let ids = [&message.message_id, &group.id, &order.end_to_end_id, &nth];
                let mut parts: Vec<&[u8]> = vec![genesis.as_slice(), &own, b"pain.001"];
                parts.extend(ids.iter().map(|id| id.as_bytes()));
                derived_uetr(&parts)
            } else {
                order.uetr
            };
            let payee = account(&order.creditor.account, &format!("{path}/CdtrAcct"), problems);
            let amount = amount(&order.amount, &format!("{path}/Amt/InstdAmt"), problems);
            let id = &order.end_to_end_id;
            let remittance = reference(id, &order.remittance, &path, problems);
            let (Some(payer), Some(payee), Some((currency, amount)), Some(remittance)) =
                (payer, payee, amount, remittance)
            else {
                continue;
            };
            let end_to_end_id = id.clone();
            wanted.push(Wanted {
                path,
                group: group.id.clone(),
                end_to_end_id,
                uetr,
                payer,
                payee,
                amount,
                currency,
                remittance,
            });
        }
    }
    wanted
}

/// The payments of a pacs.008: money that this bank received outside of the chain for its customers.
fn arrivals(
    message: &Settlement,
    genesis: B256,
    own: u64,
    problems: &mut Vec<MessageProblem>,
) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for (transfer, nth) in message.transfers.iter().zip(1..) {
        let path = format!("FIToFICstmrCdtTrf/CdtTrfTxInf{}", place(nth, message.transfers.len()));
        let uetr = if transfer.uetr == 0 {
            let (own, nth) = (own.to_be_bytes(), nth.to_string());
            let ids = [&message.message_id, &transfer.end_to_end_id, &nth];
            let mut parts: Vec<&[u8]> = vec![genesis.as_slice(), &own, b"pacs.008"];
            parts.extend(ids.iter().map(|id| id.as_bytes()));
            derived_uetr(&parts)
        } else {
            transfer.uetr
        };
        let payee = account(&transfer.creditor.account, &format!("{path}/CdtrAcct"), problems);
        let amount = amount(&transfer.amount, &format!("{path}/IntrBkSttlmAmt"), problems);
        let id = &transfer.end_to_end_id;
        let remittance = reference(id, &transfer.remittance, &path, problems);
        let (Some(payee), Some((currency, amount)), Some(remittance)) = (payee, amount, remittance)
        else {
            continue;
        };
        let end_to_end_id = id.clone();
        wanted.push(Wanted {
            path,
            group: String::new(),
            end_to_end_id,
            uetr,
            payer: 0,
            payee,
            amount,
            currency,
            remittance,
        });
    }
    wanted
}

fn account(id: &AccountId, path: &str, problems: &mut Vec<MessageProblem>) -> Option<u64> {
    let number = match id {
        AccountId::Other(text) => text.parse().ok().filter(|number| *number > 0),
        AccountId::Iban(_) => None,
    };
    if number.is_none() {
        let rule = "must be the number of an account on this chain, in `Othr/Id`".to_owned();
        problems.push(problem("payments.unknown_account", &format!("{path}/Id"), rule));
    }
    number
}

fn amount(
    amount: &Amount,
    path: &str,
    problems: &mut Vec<MessageProblem>,
) -> Option<(Currency, u64)> {
    let Some(currency) = Currency::from_code(amount.currency()) else {
        let rule = format!("must be in a currency known here, not `{}`", amount.currency());
        problems.push(problem("payments.invalid_payment", &format!("{path}/@Ccy"), rule));
        return None;
    };
    let units = amount.minor_units(currency.decimals()).filter(|units| *units > 0);
    if units.is_none() {
        let decimals = currency.decimals();
        let rule = format!("must be positive, with at most {decimals} decimals");
        problems.push(problem("payments.invalid_payment", path, rule));
    }
    units.map(|units| (currency, units))
}

fn reference(
    end_to_end_id: &str,
    text: &str,
    path: &str,
    problems: &mut Vec<MessageProblem>,
) -> Option<String> {
    let end_to_end_id = if end_to_end_id == "NOTPROVIDED" { "" } else { end_to_end_id };
    let reference = Reference { end_to_end_id: end_to_end_id.to_owned(), text: text.to_owned() };
    let written = reference.write();
    if written.is_none() {
        let rule = format!(
            "must have at most {REMITTANCE_BYTES_MAX} bytes together with the end-to-end identification"
        );
        let path = format!("{path}/RmtInf/Ustrd");
        problems.push(problem("payments.invalid_payment", &path, rule));
    }
    written
}

/// What only the chain knows: accounts, whose they are, and in which currency.
async fn check(
    chain: &dyn Chain,
    own: u64,
    wanted: &[Wanted],
) -> Result<Vec<MessageProblem>, PaymentsError> {
    let mut problems = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for one in wanted {
        if !seen.insert(one.uetr) {
            let rule = "must be another UETR than that of a payment before it".to_owned();
            problems.push(problem("payments.uetr_used", &format!("{}/PmtId/UETR", one.path), rule));
        }
        let payee = view(chain, ADDRESS, IPayments::accountCall { id: one.payee }).await?;
        let path = format!("{}/CdtrAcct/Id", one.path);
        let at_own_bank = one.payer != 0 || payee.bank == own;
        if payee.state == 0 || !at_own_bank {
            let rule = if at_own_bank {
                format!("must be an account of this chain: there is none with number {}", one.payee)
            } else {
                "must be an account that this bank keeps".to_owned()
            };
            problems.push(problem("payments.unknown_account", &path, rule));
        } else if payee.currency != one.currency.number() {
            let rule = format!("must be an account in {}", one.currency.code());
            problems.push(problem("payments.currency_differs", &path, rule));
        }
        if one.payer != 0 {
            let payer = view(chain, ADDRESS, IPayments::accountCall { id: one.payer }).await?;
            if payer.state == 0 || payer.owner != own {
                let rule =
                    format!("must be an account of organisation {own}, for which this node pays");
                let path = format!("{}/../DbtrAcct/Id", one.path);
                problems.push(problem("payments.not_account_owner", &path, rule));
            }
        }
        if problems.len() >= PROBLEMS_MAX {
            break;
        }
    }
    Ok(problems)
}

async fn carry_out(
    chain: &dyn Chain,
    submitter: &Submitter,
    wanted: Wanted,
) -> Result<Item, PaymentsError> {
    let Wanted { uetr, payer, payee, amount, .. } = wanted;
    let item = |state| Item {
        group: wanted.group.clone(),
        end_to_end_id: wanted.end_to_end_id.clone(),
        uetr: uetr_text(uetr),
        state,
        code: None,
        reason: None,
        transaction: None,
        block: None,
    };
    let before = view(chain, ADDRESS, IPayments::paymentCall { uetr }).await?;
    if (before.payer, before.payee, before.amount) == (payer, payee, amount) {
        return Ok(item(ItemState::SettledBefore));
    }
    let remittance = wanted.remittance.clone();
    let sent = if payer == 0 {
        let call = IPayments::receivePaymentCall { uetr, account: payee, amount, remittance };
        finance::act(submitter, ADDRESS, call).await.map(|done| (done.transaction, done.block))
    } else {
        let call = IPayments::payCall { uetr, payer, payee, amount, remittance };
        finance::act(submitter, ADDRESS, call).await.map(|done| (done.transaction, done.block))
    };
    match sent {
        Ok((transaction, block)) => {
            let state = if block.is_some() { ItemState::Settled } else { ItemState::Pending };
            Ok(Item { transaction: Some(transaction), block, ..item(state) })
        }
        Err(error @ SendError::Reverted { .. }) => Ok(Item {
            code: Some(error.code().to_owned()),
            reason: Some(error.to_string()),
            ..item(ItemState::Refused)
        }),
        Err(error) => Err(error.into()),
    }
}

/// The day of the newest block, in UTC.
fn today(chain: &dyn Chain) -> String {
    let ms = i64::try_from(chain.head().timestamp_ms).unwrap_or(i64::MAX);
    let head = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
    head.max(Timestamp::now()).to_zoned(TimeZone::UTC).date().to_string()
}

/// The number of one of several, as XPath counts.
fn place(nth: usize, of: usize) -> String {
    if of > 1 { format!("[{nth}]") } else { String::new() }
}

fn problem(code: &str, path: &str, rule: String) -> MessageProblem {
    MessageProblem { code: code.to_owned(), path: path.to_owned(), rule }
}

fn told(found: Problem) -> MessageProblem {
    problem(found.code, &found.path, found.rule)
}
