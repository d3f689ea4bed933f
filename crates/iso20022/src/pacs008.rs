//! pacs.008: a bank pays another for customers.

use crate::{
    amount::Amount,
    pain001::check_totals,
    party::{
        ID_MAX, Party, amount_element, read_amount, read_day, read_remittance, read_uetr,
        remittance_element, uetr_element,
    },
    problem::Problem,
    tree::{self, Element, Node},
};

const MESSAGE: &str = "pacs.008.001.08";

/// A credit transfer between banks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Its number, given by the sender.
    pub message_id: String,
    /// When it was made, as the sender wrote it.
    pub created: String,
    /// What is paid.
    pub transfers: Vec<CreditTransfer>,
}

/// One payment between customers of banks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditTransfer {
    /// The number that goes with it from debtor to creditor.
    pub end_to_end_id: String,
    /// Its UETR; 0 where it has none.
    pub uetr: u128,
    /// How much moves between the banks.
    pub amount: Amount,
    /// When it moves, `YYYY-MM-DD`.
    pub day: String,
    /// Who pays.
    pub debtor: Party,
    /// Who is paid.
    pub creditor: Party,
    /// What for; empty where it is not told.
    pub remittance: String,
}

impl Settlement {
    /// Reads a message.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let root = tree::read(bytes, "pacs.008")?;
        let root = Node::root(&root);
        let header = root.need("GrpHdr")?;
        let common = header.find("IntrBkSttlmDt");
        let transfers: Vec<CreditTransfer> = root
            .all("CdtTrfTxInf")
            .map(|node| CreditTransfer::read(&node, common.as_ref()))
            .collect::<Result<_, _>>()?;
        check_totals(&header, transfers.len(), transfers.iter().map(|one| one.amount.scaled()))?;
        Ok(Self {
            message_id: header.need("MsgId")?.text(ID_MAX)?,
            created: header.need("CreDtTm")?.text(40)?,
            transfers,
        })
    }

    /// Writes the message.
    pub fn write(&self) -> String {
        let header = Element::new("GrpHdr")
            .with(Element::leaf("MsgId", &self.message_id))
            .with(Element::leaf("CreDtTm", &self.created))
            .with(Element::leaf("NbOfTxs", self.transfers.len().to_string()))
            .with(Element::new("SttlmInf").with(Element::leaf("SttlmMtd", "CLRG")));
        let root = Element::new("FIToFICstmrCdtTrf")
            .with(header)
            .with_all(self.transfers.iter().map(CreditTransfer::element));
        tree::write(MESSAGE, &root)
    }
}

impl CreditTransfer {
    fn read(node: &Node<'_>, common: Option<&Node<'_>>) -> Result<Self, Problem> {
        let day = match (node.find("IntrBkSttlmDt"), common) {
            (Some(own), _) => read_day(&own)?,
            (None, Some(common)) => read_day(common)?,
            (None, None) => read_day(&node.need("IntrBkSttlmDt")?)?,
        };
        Ok(Self {
            end_to_end_id: node.need("PmtId/EndToEndId")?.text(ID_MAX)?,
            uetr: read_uetr(node.find("PmtId/UETR"))?,
            amount: read_amount(&node.need("IntrBkSttlmAmt")?)?,
            day,
            debtor: Party::read(node, "Dbtr")?,
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
            .with(amount_element("IntrBkSttlmAmt", &self.amount))
            .with(Element::leaf("IntrBkSttlmDt", &self.day))
            .with(Element::leaf("ChrgBr", "SLEV"))
            .with(self.debtor.name_element("Dbtr"))
            .with(self.debtor.account_element("Dbtr"))
            .with(self.debtor.agent_element("Dbtr"))
            .with(self.creditor.agent_element("Cdtr"))
            .with(self.creditor.name_element("Cdtr"))
            .with(self.creditor.account_element("Cdtr"))
            .with_all(remittance_element(&self.remittance))
    }
}
