//! pain.001: a customer asks its bank to pay.

use crate::{
    amount::{Amount, number, read_number},
    party::{
        ID_MAX, Party, amount_element, read_amount, read_day, read_remittance, read_uetr,
        remittance_element, uetr_element,
    },
    problem::Problem,
    tree::{self, Element, Node},
};

const MESSAGE: &str = "pain.001.001.09";

/// A customer credit transfer initiation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initiation {
    /// Its number, given by the sender.
    pub message_id: String,
    /// When it was made, as the sender wrote it.
    pub created: String,
    /// Who sends it.
    pub initiator: String,
    /// Payments by debtor and day.
    pub groups: Vec<PaymentGroup>,
}

/// Payments of one debtor on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentGroup {
    /// The number of the group.
    pub id: String,
    /// When to pay, `YYYY-MM-DD`.
    pub day: String,
    /// Who pays.
    pub debtor: Party,
    /// What is paid.
    pub orders: Vec<Order>,
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The number that goes with it to the creditor.
    pub end_to_end_id: String,
    /// Its UETR; 0 where it has none.
    pub uetr: u128,
    /// How much.
    pub amount: Amount,
    /// Who is paid.
    pub creditor: Party,
    /// What for; empty where it is not told.
    pub remittance: String,
}

impl Initiation {
    /// Reads a message.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let root = tree::read(bytes, "pain.001")?;
        let root = Node::root(&root);
        let header = root.need("GrpHdr")?;
        let groups: Vec<PaymentGroup> =
            root.all("PmtInf").map(|node| PaymentGroup::read(&node)).collect::<Result<_, _>>()?;
        let orders = || groups.iter().flat_map(|group| &group.orders);
        check_totals(&header, orders().count(), orders().map(|order| order.amount.scaled()))?;
        Ok(Self {
            message_id: header.need("MsgId")?.text(ID_MAX)?,
            created: header.need("CreDtTm")?.text(40)?,
            initiator: header.need("InitgPty/Nm")?.text(140)?,
            groups,
        })
    }

    /// Writes the message.
    pub fn write(&self) -> String {
        let orders = || self.groups.iter().flat_map(|group| &group.orders);
        let sum: u128 = orders().map(|order| order.amount.scaled()).sum();
        let header = Element::new("GrpHdr")
            .with(Element::leaf("MsgId", &self.message_id))
            .with(Element::leaf("CreDtTm", &self.created))
            .with(Element::leaf("NbOfTxs", orders().count().to_string()))
            .with(Element::leaf("CtrlSum", number(sum)))
            .with(Element::new("InitgPty").with(Element::leaf("Nm", &self.initiator)));
        let root = Element::new("CstmrCdtTrfInitn")
            .with(header)
            .with_all(self.groups.iter().map(PaymentGroup::element));
        tree::write(MESSAGE, &root)
    }
}

impl PaymentGroup {
    fn read(node: &Node<'_>) -> Result<Self, Problem> {
        let orders: Vec<Order> =
            node.all("CdtTrfTxInf").map(|node| Order::read(&node)).collect::<Result<_, _>>()?;
        check_totals(node, orders.len(), orders.iter().map(|order| order.amount.scaled()))?;
        Ok(Self {
            id: node.need("PmtInfId")?.text(ID_MAX)?,
            day: read_day(&node.need("ReqdExctnDt")?)?,
            debtor: Party::read(node, "Dbtr")?,
            orders,
        })
    }

    fn element(&self) -> Element {
        Element::new("PmtInf")
            .with(Element::leaf("PmtInfId", &self.id))
            .with(Element::leaf("PmtMtd", "TRF"))
            .with(Element::new("ReqdExctnDt").with(Element::leaf("Dt", &self.day)))
            .with(self.debtor.name_element("Dbtr"))
            .with(self.debtor.account_element("Dbtr"))
            .with(self.debtor.agent_element("Dbtr"))
            .with_all(self.orders.iter().map(Order::element))
    }
}

impl Order {
    fn read(node: &Node<'_>) -> Result<Self, Problem> {
        Ok(Self {
            end_to_end_id: node.need("PmtId/EndToEndId")?.text(ID_MAX)?,
            uetr: read_uetr(node.find("PmtId/UETR"))?,
            amount: read_amount(&node.need("Amt/InstdAmt")?)?,
            creditor: Party::read(node, "Cdtr")?,
            remittance: read_remittance(node)?,
        })
    }

    fn element(&self) -> Element {
        let id = Element::new("PmtId")
            .with(Element::leaf("EndToEndId", &self.end_to_end_id))
            .with_all(uetr_element(self.uetr));
        Element::new("CdtTrfTxInf")
            .with(id)
            .with(Element::new("Amt").with(amount_element("InstdAmt", &self.amount)))
            .with(self.creditor.agent_element("Cdtr"))
            .with(self.creditor.name_element("Cdtr"))
            .with(self.creditor.account_element("Cdtr"))
            .with_all(remittance_element(&self.remittance))
    }
}

/// `NbOfTxs` and `CtrlSum` say what is there, where they say something.
pub(crate) fn check_totals(
    node: &Node<'_>,
    count: usize,
    amounts: impl Iterator<Item = u128>,
) -> Result<(), Problem> {
    if let Some(said) = node.find("NbOfTxs")
        && said.text(15)?.parse() != Ok(count)
    {
        return Err(Problem::mismatch(&said.path, format!("must say {count}")));
    }
    if let Some(said) = node.find("CtrlSum") {
        let sum: u128 = amounts.sum();
        if read_number(&said.text(32)?, &said.path)? != sum {
            return Err(Problem::mismatch(&said.path, format!("must say {}", number(sum))));
        }
    }
    Ok(())
}
