//! camt.053 and camt.054: a bank tells its customer what happened on the account.

use crate::{
    amount::Amount,
    party::{
        AccountId, ID_MAX, NOT_PROVIDED, amount_element, read_amount, read_day, read_remittance,
        read_uetr, remittance_element, uetr_element,
    },
    problem::Problem,
    tree::{self, Element, Node},
};

/// Which message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportKind {
    /// camt.053: everything of a period, with balances.
    Statement,
    /// camt.054: single debits and credits, as they happen.
    Notification,
}

/// A statement of an account, or a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which message it is.
    pub kind: ReportKind,
    /// Its number, given by the bank.
    pub message_id: String,
    /// When it was made, as the bank wrote it.
    pub created: String,
    /// The number of the statement or notification.
    pub id: String,
    /// The account.
    pub account: AccountId,
    /// The balances; a notification has none.
    pub balances: Vec<Balance>,
    /// What happened, in order.
    pub entries: Vec<Entry>,
}

/// Which balance it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalanceKind {
    /// Booked at the beginning (OPBD).
    Opening,
    /// Booked at the end (CLBD).
    Closing,
}

/// A balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// Which.
    pub kind: BalanceKind,
    /// How much.
    pub amount: Amount,
    /// Whether the bank owes it, rather than the customer.
    pub is_credit: bool,
    /// On which day, `YYYY-MM-DD`.
    pub day: String,
}

/// A debit or a credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// How much.
    pub amount: Amount,
    /// Whether it raised the balance.
    pub is_credit: bool,
    /// Whether it is booked, rather than pending.
    pub is_booked: bool,
    /// The day of the booking, `YYYY-MM-DD`.
    pub day: String,
    /// The payment's end-to-end identification; empty where it is not told.
    pub end_to_end_id: String,
    /// The payment's UETR; 0 where it has none.
    pub uetr: u128,
    /// What for; empty where it is not told.
    pub remittance: String,
}

impl ReportKind {
    fn names(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Statement => ("camt.053", "camt.053.001.08", "BkToCstmrStmt", "Stmt"),
            Self::Notification => {
                ("camt.054", "camt.054.001.08", "BkToCstmrDbtCdtNtfctn", "Ntfctn")
            }
        }
    }
}

impl Report {
    /// Reads a message with one statement or notification.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn read(kind: ReportKind, bytes: &[u8]) -> Result<Self, Problem> {
        let (message, _, _, part) = kind.names();
        let root = tree::read(bytes, message)?;
        let root = Node::root(&root);
        let node = root.need(part)?;
        if root.all(part).count() > 1 {
            let rule = "must be the only one of its message";
            return Err(Problem::new("iso20022.several", &node.path, rule));
        }
        let report = Self {
            kind,
            message_id: root.need("GrpHdr/MsgId")?.text(ID_MAX)?,
            created: root.need("GrpHdr/CreDtTm")?.text(40)?,
            id: node.need("Id")?.text(ID_MAX)?,
            account: AccountId::read(&node.need("Acct")?)?,
            balances: read_balances(&node)?,
            entries: node.all("Ntry").map(|one| Entry::read(&one)).collect::<Result<_, _>>()?,
        };
        report.check(&node.path)?;
        Ok(report)
    }

    /// Writes the message.
    pub fn write(&self) -> String {
        let (_, version, name, part) = self.kind.names();
        let header = Element::new("GrpHdr")
            .with(Element::leaf("MsgId", &self.message_id))
            .with(Element::leaf("CreDtTm", &self.created));
        let content = Element::new(part)
            .with(Element::leaf("Id", &self.id))
            .with(self.account.element("Acct"))
            .with_all(self.balances.iter().map(Balance::element))
            .with_all(self.entries.iter().map(Entry::element));
        tree::write(version, &Element::new(name).with(header).with(content))
    }

    /// Whether opening balance and booked entries give the closing balance, where both are told, and
    /// everything is in one currency.
    ///
    /// # Errors
    /// `iso20022.mismatch`.
    fn check(&self, path: &str) -> Result<(), Problem> {
        let entries = self.entries.iter().map(|entry| &entry.amount);
        let mut amounts = self.balances.iter().map(|balance| &balance.amount).chain(entries);
        let Some(first) = amounts.next() else { return Ok(()) };
        if amounts.any(|amount| amount.currency() != first.currency()) {
            return Err(Problem::mismatch(path, "must be in one currency"));
        }
        let balance = |kind| {
            let mut found = self.balances.iter().filter(move |balance| balance.kind == kind);
            found.next().map(|balance| signed(&balance.amount, balance.is_credit))
        };
        let ends = (balance(BalanceKind::Opening), balance(BalanceKind::Closing));
        let (Some(opening), Some(closing)) = ends else { return Ok(()) };
        let booked = self.entries.iter().filter(|entry| entry.is_booked);
        let moved: i128 = booked.map(|entry| signed(&entry.amount, entry.is_credit)).sum();
        if opening + moved != closing {
            let rule = "must close at its opening balance and what was booked";
            return Err(Problem::mismatch(path, rule));
        }
        Ok(())
    }
}

/// Amounts have 18 digits: they fit, and so do sums of as many as a document holds.
fn signed(amount: &Amount, is_credit: bool) -> i128 {
    let scaled = i128::try_from(amount.scaled()).expect("an amount has at most 23 digits here");
    if is_credit { scaled } else { -scaled }
}

/// Opening and closing booked balances; others are read over.
fn read_balances(node: &Node<'_>) -> Result<Vec<Balance>, Problem> {
    let mut balances = Vec::new();
    for balance in node.all("Bal") {
        let kind = match balance.need("Tp/CdOrPrtry/Cd")?.text(4)?.as_str() {
            "OPBD" => BalanceKind::Opening,
            "CLBD" => BalanceKind::Closing,
            _ => continue,
        };
        balances.push(Balance {
            kind,
            amount: read_amount(&balance.need("Amt")?)?,
            is_credit: read_direction(&balance)?,
            day: read_day(&balance.need("Dt")?)?,
        });
    }
    Ok(balances)
}

impl Balance {
    fn element(&self) -> Element {
        let code = match self.kind {
            BalanceKind::Opening => "OPBD",
            BalanceKind::Closing => "CLBD",
        };
        let kind = Element::new("CdOrPrtry").with(Element::leaf("Cd", code));
        Element::new("Bal")
            .with(Element::new("Tp").with(kind))
            .with(amount_element("Amt", &self.amount))
            .with(direction_element(self.is_credit))
            .with(Element::new("Dt").with(Element::leaf("Dt", &self.day)))
    }
}

impl Entry {
    fn read(node: &Node<'_>) -> Result<Self, Problem> {
        let status = node.need("Sts")?;
        let status = status.find("Cd").unwrap_or(status).text(4)?;
        let details = node.find("NtryDtls/TxDtls");
        let detail = |path: &str| details.as_ref().and_then(|details| details.find(path));
        let end_to_end_id = match detail("Refs/EndToEndId") {
            Some(id) => id.text(ID_MAX)?,
            None => NOT_PROVIDED.to_owned(),
        };
        Ok(Self {
            amount: read_amount(&node.need("Amt")?)?,
            is_credit: read_direction(node)?,
            is_booked: status == "BOOK",
            day: read_day(&node.need("BookgDt")?)?,
            end_to_end_id: if end_to_end_id == NOT_PROVIDED {
                String::new()
            } else {
                end_to_end_id
            },
            uetr: read_uetr(detail("Refs/UETR"))?,
            remittance: match &details {
                Some(details) => read_remittance(details)?,
                None => String::new(),
            },
        })
    }

    fn element(&self) -> Element {
        let id = if self.end_to_end_id.is_empty() { NOT_PROVIDED } else { &self.end_to_end_id };
        let references = Element::new("Refs")
            .with(Element::leaf("EndToEndId", id))
            .with_all(uetr_element(self.uetr));
        let details =
            Element::new("TxDtls").with(references).with_all(remittance_element(&self.remittance));
        let status = if self.is_booked { "BOOK" } else { "PDNG" };
        // Every entry has a code of the domain payments; which one, the ledger does not say.
        let code =
            Element::new("BkTxCd").with(Element::new("Prtry").with(Element::leaf("Cd", "NTRF")));
        Element::new("Ntry")
            .with(amount_element("Amt", &self.amount))
            .with(direction_element(self.is_credit))
            .with(Element::new("Sts").with(Element::leaf("Cd", status)))
            .with(Element::new("BookgDt").with(Element::leaf("Dt", &self.day)))
            .with(code)
            .with(Element::new("NtryDtls").with(details))
    }
}

fn read_direction(node: &Node<'_>) -> Result<bool, Problem> {
    let direction = node.need("CdtDbtInd")?;
    match direction.text(4)?.as_str() {
        "CRDT" => Ok(true),
        "DBIT" => Ok(false),
        _ => Err(Problem::malformed(&direction.path, "must be `CRDT` or `DBIT`")),
    }
}

fn direction_element(is_credit: bool) -> Element {
    Element::leaf("CdtDbtInd", if is_credit { "CRDT" } else { "DBIT" })
}
