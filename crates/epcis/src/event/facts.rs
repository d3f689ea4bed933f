//! Reading the typed facts of an event that was validated before.

use super::{BizTransaction, ErrorDeclaration, Item, ItemRole, Party};
use crate::context::Prefixes;
use crate::decimal::plain_decimal;
use crate::identifier::Identifier;
use crate::json::{Json, Object};
use crate::time::parse_timestamp;
use crate::vocabulary::{BIZ_TRANSACTION_TYPE, ERROR_REASON, SOURCE_DESTINATION_TYPE, Vocabulary};

/// A validated event and the prefixes in force for it.
pub(super) struct Facts<'a> {
    pub(super) json: &'a Object,
    pub(super) prefixes: &'a Prefixes,
}

impl Facts<'_> {
    /// A standard word or a URI.
    pub(super) fn word(
        &self,
        object: &Object,
        field: &str,
        vocabulary: &Vocabulary,
    ) -> Option<String> {
        object.str(field).map(|text| vocabulary.short(&self.prefixes.expand(text)))
    }

    /// The identifier in a field.
    pub(super) fn identifier(&self, object: &Object, field: &str) -> Option<Identifier> {
        self.parse(object.str(field)?)
    }

    pub(super) fn place(&self, field: &str) -> Option<String> {
        self.identifier(self.json.get(field)?.as_object()?, "id").map(Identifier::into)
    }

    pub(super) fn biz_transactions(&self) -> Vec<BizTransaction> {
        let read = |entry: &Object| {
            let kind = self.word(entry, "type", &BIZ_TRANSACTION_TYPE);
            Some((kind, self.identifier(entry, "bizTransaction")?.into()))
        };
        objects(self.json, "bizTransactionList").filter_map(read).collect()
    }

    pub(super) fn parties(&self, list: &str, field: &str) -> Vec<Party> {
        let read = |entry: &Object| {
            let kind = self.word(entry, "type", &SOURCE_DESTINATION_TYPE)?;
            Some((kind, self.identifier(entry, field)?.into()))
        };
        objects(self.json, list).filter_map(read).collect()
    }

    pub(super) fn items(&self) -> Vec<Item> {
        let parent = self.json.get("parentID").map(std::slice::from_ref).unwrap_or_default();
        let instances = [
            (ItemRole::Parent, parent),
            (ItemRole::Object, self.json.array("epcList")),
            (ItemRole::Child, self.json.array("childEPCs")),
            (ItemRole::Input, self.json.array("inputEPCList")),
            (ItemRole::Output, self.json.array("outputEPCList")),
        ];
        let mut items = Vec::new();
        for (role, list) in instances {
            let ids = list.iter().filter_map(Json::as_str).filter_map(|text| self.parse(text));
            items.extend(ids.map(|id| Item { role, id, quantity: None, uom: None }));
        }
        let classes = [
            (ItemRole::Object, "quantityList"),
            (ItemRole::Child, "childQuantityList"),
            (ItemRole::Input, "inputQuantityList"),
            (ItemRole::Output, "outputQuantityList"),
        ];
        for (role, list) in classes {
            items.extend(objects(self.json, list).filter_map(|entry| self.amount(role, entry)));
        }
        items
    }

    pub(super) fn error_declaration(&self) -> Option<ErrorDeclaration> {
        let declaration = self.json.get("errorDeclaration")?.as_object()?;
        let ids = declaration.array("correctiveEventIDs").iter();
        Some(ErrorDeclaration {
            declaration_time_ms: parse_timestamp(declaration.str("declarationTime")?)?,
            reason: self.word(declaration, "reason", &ERROR_REASON),
            corrective_event_ids: ids.filter_map(Json::as_str).map(str::to_owned).collect(),
        })
    }

    fn amount(&self, role: ItemRole, entry: &Object) -> Option<Item> {
        let quantity = match entry.get("quantity") {
            Some(Json::Number(text)) => plain_decimal(text),
            _ => None,
        };
        let uom = entry.str("uom").map(str::to_owned);
        Some(Item { role, id: self.identifier(entry, "epcClass")?, quantity, uom })
    }

    fn parse(&self, text: &str) -> Option<Identifier> {
        Identifier::parse(&self.prefixes.expand(text)).ok()
    }
}

fn objects<'a>(json: &'a Object, list: &str) -> impl Iterator<Item = &'a Object> {
    json.array(list).iter().filter_map(Json::as_object)
}
