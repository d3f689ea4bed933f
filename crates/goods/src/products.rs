//! What a member says of products and places: names, categories, how cold food is kept, addresses.

use serde::{Deserialize, Serialize};

const NAME_BYTES_MAX: usize = 200;

/// Thousandths of a degree: from absolute zero to what no food survives.
const MILLI_CELSIUS: std::ops::RangeInclusive<i64> = -273_150..=300_000;

/// A product as a member's node knows it. It is not on the chain: every node has its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Product {
    /// What people call it.
    pub name: String,
    /// The category to which it counts in reports: `Meat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// It is kept at this many thousandths of a degree Celsius at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_milli_celsius: Option<i64>,
    /// It is kept at this many thousandths of a degree Celsius at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_milli_celsius: Option<i64>,
    /// Whether it is on the Food Traceability List, so that FSMA 204 asks for its data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_listed: bool,
}

/// Why a product or a place is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {rule}")]
pub struct ProductError {
    /// The field.
    pub field: &'static str,
    /// The rule.
    pub rule: &'static str,
}

impl ProductError {
    /// The stable code.
    pub const CODE: &'static str = "products.field";
}

impl Product {
    /// Checks what somebody wants to keep.
    ///
    /// # Errors
    /// The first broken rule.
    pub fn check(&self) -> Result<(), ProductError> {
        let refuse = |field, rule| Err(ProductError { field, rule });
        if !is_text(&self.name) {
            return refuse("name", "a text of 1 to 200 bytes");
        }
        if !self.category.as_deref().is_none_or(is_text) {
            return refuse("category", "a text of 1 to 200 bytes");
        }
        let bounds = [self.min_milli_celsius, self.max_milli_celsius];
        if bounds.into_iter().flatten().any(|bound| !MILLI_CELSIUS.contains(&bound)) {
            return refuse("maxMilliCelsius", "thousandths of a degree from -273150 to 300000");
        }
        if matches!(bounds, [Some(min), Some(max)] if min > max) {
            return refuse("minMilliCelsius", "at most `maxMilliCelsius`");
        }
        Ok(())
    }
}

/// A place or party as a member's node knows it: the location description of FSMA 204 (21 CFR 1.1310).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Place {
    /// What people call it.
    pub name: String,
    /// Street, town, country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// A telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl Place {
    /// Checks what somebody wants to keep.
    ///
    /// # Errors
    /// The first broken rule.
    pub fn check(&self) -> Result<(), ProductError> {
        let fields = [
            ("name", Some(&self.name)),
            ("address", self.address.as_ref()),
            ("phone", self.phone.as_ref()),
        ];
        for (field, value) in fields {
            if !value.is_none_or(|text| is_text(text)) {
                return Err(ProductError { field, rule: "a text of 1 to 200 bytes" });
            }
        }
        Ok(())
    }

    /// Name, address and telephone number in one line.
    pub fn line(&self) -> String {
        let parts = [Some(&self.name), self.address.as_ref(), self.phone.as_ref()];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        parts.join(", ")
    }
}

fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= NAME_BYTES_MAX && !text.contains(char::is_control)
}
