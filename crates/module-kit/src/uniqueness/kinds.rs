//! The kinds of assets that everybody names alike, and what identifies one of them.

use alloy_primitives::B256;

use super::{
    abi::IUniqueness::InvalidIdentity,
    identity::{asset_key, normal_form},
};
use crate::halt::{Outcome, ensure};

/// A kind of assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The trade's word.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// What identifies one, in this order.
    pub parts: &'static [KindPart],
}

/// A part of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindPart {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// How many letters and digits it has, where that is fixed.
    pub length: Option<usize>,
}

const fn part(name: &'static str, doc: &'static str) -> KindPart {
    KindPart { name, doc, length: None }
}

/// What two banks must name alike, or a double financing passes. Dates and amounts are in no identity:
/// who wants to be financed twice alters them.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "invoice",
        doc: "an invoice, as EN 16931-1 identifies it",
        parts: &[
            part("seller", "the seller's VAT (BT-31) or registration (BT-30) identifier"),
            part("number", "the number of the invoice (BT-1), as printed"),
        ],
    },
    Kind {
        name: "customs_declaration",
        doc: "a customs declaration",
        parts: &[part("number", "its number, or movement reference number (MRN)")],
    },
    Kind {
        name: "land_parcel",
        doc: "a parcel of land",
        parts: &[
            KindPart {
                name: "country",
                doc: "the country, in two letters of ISO 3166-1",
                length: Some(2),
            },
            part("register", "the land register or district that numbers it"),
            part("parcel", "its number there"),
        ],
    },
    Kind {
        name: "vehicle",
        doc: "a vehicle",
        parts: &[KindPart {
            name: "vin",
            doc: "its identification number of ISO 3779",
            length: Some(17),
        }],
    },
    Kind {
        name: "chattel",
        doc: "a machine or another movable thing with a serial number",
        parts: &[part("maker", "who made it"), part("serial", "the maker's serial number")],
    },
    Kind {
        name: "warehouse_receipt",
        doc: "a warehouse receipt",
        parts: &[part("warehouse", "who issued it"), part("number", "its number")],
    },
    Kind {
        name: "bill_of_lading",
        doc: "a bill of lading",
        parts: &[part("carrier", "the carrier that issued it"), part("number", "its number")],
    },
];

impl Kind {
    /// The kind with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// The open key of an asset, from the texts of its parts in order: that of `asset_key` for the kind
    /// in normal form.
    ///
    /// # Errors
    /// `InvalidIdentity` names the part and the rule that it breaks.
    pub fn key(&self, texts: &[&str]) -> Outcome<B256> {
        let refuse = |field: &str, rule: String| InvalidIdentity { field: field.to_owned(), rule };
        ensure(texts.len() == self.parts.len(), || {
            refuse("identity", format!("must have {} parts", self.parts.len()))
        })?;
        let named: Vec<(&str, &str)> =
            self.parts.iter().map(|part| part.name).zip(texts.iter().copied()).collect();
        for (part, text) in self.parts.iter().zip(texts) {
            let Some(length) = part.length else { continue };
            let has = normal_form(part.name, text)?.chars().count();
            ensure(has == length, || {
                refuse(part.name, format!("must have {length} letters and digits, not {has}"))
            })?;
        }
        asset_key(&normal_form("kind", self.name)?, &named)
    }
}
