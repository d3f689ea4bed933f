//! pain.002: a bank tells its customer what became of the payments of a message.

use crate::{
    party::{ID_MAX, read_uetr, uetr_element},
    problem::Problem,
    tree::{self, Element, Node},
};

const MESSAGE: &str = "pain.002.001.10";
/// Characters of a reason in words, and of a code of one's own.
const WORDS_MAX: usize = 105;

/// A payment status report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// Its number, given by the bank.
    pub message_id: String,
    /// When it was made, as the bank wrote it.
    pub created: String,
    /// The number of the message that it answers.
    pub original_id: String,
    /// Which message that is, as `pain.001.001.09`.
    pub original_name: String,
    /// Payments by their group.
    pub groups: Vec<GroupStatus>,
}

/// What became of the payments of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupStatus {
    /// The number of the group.
    pub id: String,
    /// Its payments.
    pub payments: Vec<PaymentStatus>,
}

/// What became of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentStatus {
    /// Its end-to-end identification.
    pub end_to_end_id: String,
    /// Its UETR; 0 where it is not told.
    pub uetr: u128,
    /// How far it is.
    pub status: Status,
    /// Why it was rejected: a code of ISO's external list, such as `AM04`; empty where there is none.
    pub code: String,
    /// Why, in words; empty where it is not told.
    pub reason: String,
}

/// How far a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is in the creditor's account (ACCC).
    Settled,
    /// It is under way (PDNG).
    Pending,
    /// It is not made (RJCT).
    Rejected,
}

impl Status {
    const fn code(self) -> &'static str {
        match self {
            Self::Settled => "ACCC",
            Self::Pending => "PDNG",
            Self::Rejected => "RJCT",
        }
    }

    /// Also those of other banks that mean the same: settled on the debtor's side, accepted, received.
    fn read(node: &Node<'_>) -> Result<Self, Problem> {
        match node.text(4)?.as_str() {
            "ACCC" | "ACSC" => Ok(Self::Settled),
            "PDNG" | "ACSP" | "ACTC" | "ACCP" | "ACWC" | "RCVD" => Ok(Self::Pending),
            "RJCT" => Ok(Self::Rejected),
            _ => Err(Problem::malformed(&node.path, "must be a status of a payment that is known")),
        }
    }
}

impl StatusReport {
    /// How the message as a whole stands (`GrpSts`): a part of it may be rejected.
    pub fn whole(&self) -> &'static str {
        let count = |status| self.payments().filter(|payment| payment.status == status).count();
        match (count(Status::Rejected), count(Status::Pending), self.payments().count()) {
            (0, 0, _) => Status::Settled.code(),
            (0, _, _) => Status::Pending.code(),
            (rejected, _, all) if rejected == all => Status::Rejected.code(),
            _ => "PART",
        }
    }

    fn payments(&self) -> impl Iterator<Item = &PaymentStatus> {
        self.groups.iter().flat_map(|group| &group.payments)
    }

    /// Reads a message.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let root = tree::read(bytes, "pain.002")?;
        let root = Node::root(&root);
        let original = root.need("OrgnlGrpInfAndSts")?;
        let groups = root.all("OrgnlPmtInfAndSts").map(|node| GroupStatus::read(&node));
        Ok(Self {
            message_id: root.need("GrpHdr/MsgId")?.text(ID_MAX)?,
            created: root.need("GrpHdr/CreDtTm")?.text(40)?,
            original_id: original.need("OrgnlMsgId")?.text(ID_MAX)?,
            original_name: original.need("OrgnlMsgNmId")?.text(ID_MAX)?,
            groups: groups.collect::<Result<_, _>>()?,
        })
    }

    /// Writes the message.
    pub fn write(&self) -> String {
        let header = Element::new("GrpHdr")
            .with(Element::leaf("MsgId", &self.message_id))
            .with(Element::leaf("CreDtTm", &self.created));
        let original = Element::new("OrgnlGrpInfAndSts")
            .with(Element::leaf("OrgnlMsgId", &self.original_id))
            .with(Element::leaf("OrgnlMsgNmId", &self.original_name))
            .with(Element::leaf("OrgnlNbOfTxs", self.payments().count().to_string()))
            .with(Element::leaf("GrpSts", self.whole()));
        let root = Element::new("CstmrPmtStsRpt")
            .with(header)
            .with(original)
            .with_all(self.groups.iter().map(GroupStatus::element));
        tree::write(MESSAGE, &root)
    }
}

impl GroupStatus {
    fn read(node: &Node<'_>) -> Result<Self, Problem> {
        let payments = node.all("TxInfAndSts").map(|node| PaymentStatus::read(&node));
        Ok(Self {
            id: node.need("OrgnlPmtInfId")?.text(ID_MAX)?,
            payments: payments.collect::<Result<_, _>>()?,
        })
    }

    fn element(&self) -> Element {
        Element::new("OrgnlPmtInfAndSts")
            .with(Element::leaf("OrgnlPmtInfId", &self.id))
            .with_all(self.payments.iter().map(PaymentStatus::element))
    }
}

impl PaymentStatus {
    fn read(node: &Node<'_>) -> Result<Self, Problem> {
        let text = |path: &str| match node.find(path) {
            Some(found) => found.text(WORDS_MAX),
            None => Ok(String::new()),
        };
        Ok(Self {
            end_to_end_id: text("OrgnlEndToEndId")?,
            uetr: read_uetr(node.find("OrgnlUETR"))?,
            status: Status::read(&node.need("TxSts")?)?,
            code: text("StsRsnInf/Rsn/Cd")?,
            reason: text("StsRsnInf/AddtlInf")?,
        })
    }

    fn element(&self) -> Element {
        let mut element =
            Element::new("TxInfAndSts").with(Element::leaf("OrgnlEndToEndId", &self.end_to_end_id));
        if let Some(uetr) = uetr_element(self.uetr) {
            element = element.with(Element::leaf("OrgnlUETR", uetr.text));
        }
        element = element.with(Element::leaf("TxSts", self.status.code()));
        if self.code.is_empty() && self.reason.is_empty() {
            return element;
        }
        // A reason without a code of the list is told by an agent, in its own words (NARR).
        let code = if self.code.is_empty() { "NARR" } else { &self.code };
        let words: String = self.reason.chars().take(WORDS_MAX).collect();
        let mut why =
            Element::new("StsRsnInf").with(Element::new("Rsn").with(Element::leaf("Cd", code)));
        if !words.is_empty() {
            why = why.with(Element::leaf("AddtlInf", words));
        }
        element.with(why)
    }
}
