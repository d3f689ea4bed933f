//! Parties, accounts, and the small texts that all messages share.

use crate::{
    amount::Amount,
    problem::Problem,
    tree::{Element, Node},
};

/// Characters of a party's name.
const NAME_MAX: usize = 140;
/// Characters of an identifier.
pub(crate) const ID_MAX: usize = 35;
/// Characters of unstructured remittance information.
const REMITTANCE_MAX: usize = 140;
/// What stands where nobody gave an end-to-end identification.
pub(crate) const NOT_PROVIDED: &str = "NOTPROVIDED";

/// How an account is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountId {
    /// By its IBAN, with right check digits, without spaces.
    Iban(String),
    /// By another number.
    Other(String),
}

/// Somebody who pays or is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The name.
    pub name: String,
    /// The account.
    pub account: AccountId,
    /// The BIC of the bank; empty where it is not told.
    pub bic: String,
}

impl AccountId {
    pub(crate) fn read(node: &Node<'_>) -> Result<Self, Problem> {
        if let Some(iban) = node.find("Id/IBAN") {
            let text = iban.text(34)?;
            if !is_iban(&text) {
                return Err(Problem::malformed(
                    &iban.path,
                    "must be an IBAN with its check digits",
                ));
            }
            return Ok(Self::Iban(text));
        }
        Ok(Self::Other(node.need("Id/Othr/Id")?.text(34)?))
    }

    pub(crate) fn element(&self, name: &str) -> Element {
        let id = Element::new("Id");
        Element::new(name).with(match self {
            Self::Iban(iban) => id.with(Element::leaf("IBAN", iban)),
            Self::Other(other) => id.with(Element::new("Othr").with(Element::leaf("Id", other))),
        })
    }
}

impl Party {
    /// Reads `Dbtr`, `DbtrAcct` and `DbtrAgt`, or those of the creditor.
    pub(crate) fn read(node: &Node<'_>, role: &str) -> Result<Self, Problem> {
        let agent = node.find(&format!("{role}Agt/FinInstnId"));
        let bic = agent.and_then(|agent| agent.find("BICFI").or_else(|| agent.find("BIC")));
        let bic = match bic {
            Some(node) => read_bic(&node)?,
            None => String::new(),
        };
        Ok(Self {
            name: node.need(&format!("{role}/Nm"))?.text(NAME_MAX)?,
            account: AccountId::read(&node.need(&format!("{role}Acct"))?)?,
            bic,
        })
    }

    pub(crate) fn name_element(&self, role: &str) -> Element {
        Element::new(role).with(Element::leaf("Nm", &self.name))
    }

    pub(crate) fn account_element(&self, role: &str) -> Element {
        self.account.element(&format!("{role}Acct"))
    }

    /// The bank; one that is not told has the identification that ISO 20022 gives it.
    pub(crate) fn agent_element(&self, role: &str) -> Element {
        let bank = Element::new("FinInstnId").with(if self.bic.is_empty() {
            Element::new("Othr").with(Element::leaf("Id", NOT_PROVIDED))
        } else {
            Element::leaf("BICFI", &self.bic)
        });
        Element::new(&format!("{role}Agt")).with(bank)
    }
}

pub(crate) fn read_amount(node: &Node<'_>) -> Result<Amount, Problem> {
    let currency = node.element.attribute("Ccy").unwrap_or_default();
    Amount::read(currency, &node.text(32)?, &node.path)
}

pub(crate) fn amount_element(name: &str, amount: &Amount) -> Element {
    let mut element = Element::leaf(name, amount.number());
    element.attributes.push(("Ccy".to_owned(), amount.currency().to_owned()));
    element
}

/// A UETR as a number; 0 where there is none.
pub(crate) fn read_uetr(node: Option<Node<'_>>) -> Result<u128, Problem> {
    let Some(node) = node else { return Ok(0) };
    let text = node.text(36)?;
    let wrong = || Problem::malformed(&node.path, "must be a UUID in lower case");
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte) || byte == b'-';
    if lengths != [8, 4, 4, 4, 12] || !text.bytes().all(is_hex) {
        return Err(wrong());
    }
    u128::from_str_radix(&text.replace('-', ""), 16).map_err(|_| wrong())
}

pub(crate) fn uetr_element(uetr: u128) -> Option<Element> {
    let hex = format!("{uetr:032x}");
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    (uetr != 0).then(|| Element::leaf("UETR", parts.join("-")))
}

pub(crate) fn read_remittance(node: &Node<'_>) -> Result<String, Problem> {
    match node.find("RmtInf/Ustrd") {
        Some(text) => text.text(REMITTANCE_MAX),
        None => Ok(String::new()),
    }
}

pub(crate) fn remittance_element(text: &str) -> Option<Element> {
    let element = || Element::new("RmtInf").with(Element::leaf("Ustrd", text));
    (!text.is_empty()).then(element)
}

/// A day, `YYYY-MM-DD`: the text, that of `Dt`, or the beginning of `DtTm`.
pub(crate) fn read_day(node: &Node<'_>) -> Result<String, Problem> {
    if let Some(instant) = node.find("DtTm") {
        let text = instant.text(40)?;
        return check_day(&instant, text.chars().take(10).collect());
    }
    let node = node.find("Dt").unwrap_or_else(|| node.clone());
    let text = node.text(10)?;
    check_day(&node, text)
}

fn check_day(node: &Node<'_>, text: String) -> Result<String, Problem> {
    let is_day = text.char_indices().all(|(index, letter)| match index {
        4 | 7 => letter == '-',
        _ => letter.is_ascii_digit(),
    });
    if text.len() != 10 || !is_day {
        return Err(Problem::malformed(&node.path, "must be a day, written YYYY-MM-DD"));
    }
    Ok(text)
}

fn read_bic(node: &Node<'_>) -> Result<String, Problem> {
    let text = node.text(11)?;
    let is_right = text.char_indices().all(|(index, letter)| match index {
        0..=5 => letter.is_ascii_uppercase(),
        _ => letter.is_ascii_uppercase() || letter.is_ascii_digit(),
    });
    if !is_right || !matches!(text.len(), 8 | 11) {
        return Err(Problem::malformed(&node.path, "must be a BIC of 8 or 11 characters"));
    }
    Ok(text)
}

/// ISO 13616: moved to the end, letters as numbers, the remainder by 97 is 1.
fn is_iban(text: &str) -> bool {
    let is_form = (15..=34).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && text.bytes().take(2).all(|byte| byte.is_ascii_uppercase());
    if !is_form {
        return false;
    }
    let (head, tail) = text.split_at(4);
    let remainder = tail.chars().chain(head.chars()).fold(0, |rest: u32, letter| {
        let value = letter.to_digit(36).expect("letters and digits");
        let base = if value < 10 { 10 } else { 100 };
        (rest * base + value) % 97
    });
    remainder == 1
}
