//! What became of a message and of its payments, for programs and as pain.002.

use alloy_primitives::B256;
use qiao_iso20022::{GroupStatus, PaymentStatus, Status, StatusReport};
use serde::Serialize;
use utoipa::ToSchema;

use super::uetr_of;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// `pain.001` or `pacs.008`.
    pub message: &'static str,
    /// Its number.
    pub message_id: String,
    /// Its payments, in order.
    pub payments: Vec<Item>,
}

/// The codes of ISO's external list for refusals of the chain.
const ISO_CODES: [(&str, &str); 6] = [
    ("payments.insufficient_funds", "AM04"),
    ("payments.uetr_used", "AM05"),
    ("payments.wrong_account_state", "AC06"),
    ("payments.currency_differs", "AC09"),
    ("payments.credit_exceeded", "AM14"),
    ("payments.unknown_account", "AC03"),
];

impl Imported {
    /// As the answer to the customer (pain.002): what became of each payment.
    pub fn status_report(&self, created: &str) -> StatusReport {
        let mut groups: Vec<GroupStatus> = Vec::new();
        for item in &self.payments {
            let payment = PaymentStatus {
                end_to_end_id: item.end_to_end_id.clone(),
                uetr: uetr_of(&item.uetr).unwrap_or_default(),
                status: match item.state {
                    ItemState::Settled | ItemState::SettledBefore => Status::Settled,
                    ItemState::Pending => Status::Pending,
                    ItemState::Refused => Status::Rejected,
                },
                code: item.code.as_deref().map_or(String::new(), iso_code),
                reason: item.reason.clone().unwrap_or_default(),
            };
            match groups.last_mut().filter(|group| group.id == item.group) {
                Some(group) => group.payments.push(payment),
                None => {
                    groups.push(GroupStatus { id: item.group.clone(), payments: vec![payment] })
                }
            }
        }
        let version = if self.message == "pain.001" { "09" } else { "08" };
        // 35 characters are all that there is for a number.
        let own: String = format!("STS-{}", self.message_id).chars().take(35).collect();
        StatusReport {
            message_id: own,
            created: created.to_owned(),
            original_id: self.message_id.clone(),
            original_name: format!("{}.001.{version}", self.message),
            groups,
        }
    }
}

fn iso_code(code: &str) -> String {
    let found = ISO_CODES.iter().find(|(own, _)| *own == code);
    found.map_or(String::new(), |(_, iso)| (*iso).to_owned())
}

/// What became of a payment of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The number of its group in a pain.001; empty in a pacs.008, which has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// Its end-to-end identification.
    pub end_to_end_id: String,
    /// Its UETR: that of the message, or the one that follows from its identifiers.
    pub uetr: String,
    /// What became of it.
    pub state: ItemState,
    /// The code of the refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The refusal in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The transaction that carried it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub transaction: Option<B256>,
    /// The block in which it is final.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
}

/// What became of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// It is final.
    Settled,
    /// It was made before; nothing was done.
    SettledBefore,
    /// It is sent, and not final yet.
    Pending,
    /// The chain refuses it.
    Refused,
}
