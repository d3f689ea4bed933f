//! The products: who numbers them, what they are called.

use crate::keys::{Key, gtin};

/// A product (a GTIN).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Product {
    prefix: u32,
    item: u32,
    /// What people call it.
    pub(crate) name: &'static str,
}

impl Product {
    const fn new(prefix: u32, item: u32, name: &'static str) -> Self {
        Self { prefix, item, name }
    }

    /// A lot of it.
    pub(crate) fn lot(self, lot: &str) -> Key {
        Key::Lot(self.prefix, self.item, lot.to_owned())
    }

    /// One numbered piece of it.
    pub(crate) fn item(self, serial: &str) -> Key {
        Key::Item(self.prefix, self.item, serial.to_owned())
    }

    /// The canonical identifier of the product itself.
    pub(crate) fn canonical(self) -> String {
        format!("https://id.gs1.org/01/{}", gtin(self.prefix, self.item))
    }
}

pub(crate) const PIG_WILLOW_BEND: Product = Product::new(9_521_005, 10, "Fattened pig");
pub(crate) const PIG_STONE_BRIDGE: Product = Product::new(9_521_006, 10, "Fattened pig");
pub(crate) const CARCASS: Product = Product::new(9_521_007, 20, "Pork carcasses, chilled");
pub(crate) const LOIN: Product = Product::new(9_521_002, 31, "Pork loin, bulk");
pub(crate) const BELLY: Product = Product::new(9_521_002, 32, "Pork belly, bulk");
pub(crate) const SHOULDER: Product = Product::new(9_521_002, 33, "Pork shoulder, bulk");
pub(crate) const TRIM: Product = Product::new(9_521_002, 34, "Pork trim, bulk");
pub(crate) const BONES: Product = Product::new(9_521_002, 35, "Bones and rind");
pub(crate) const MINCE: Product = Product::new(9_521_002, 36, "Minced pork, bulk");
pub(crate) const LOIN_PACK: Product = Product::new(9_521_002, 51, "Pork loin chops 1.5 kg");
pub(crate) const BELLY_PACK: Product = Product::new(9_521_002, 52, "Pork belly slices 1 kg");
pub(crate) const SHOULDER_PACK: Product = Product::new(9_521_002, 53, "Pork shoulder joint 2 kg");
pub(crate) const MINCE_PACK: Product = Product::new(9_521_002, 56, "Minced pork 1 kg");
pub(crate) const ROMAINE_MISTY_HILL: Product =
    Product::new(9_521_011, 10, "Romaine lettuce, harvested");
pub(crate) const ROMAINE_SUNNY_SLOPE: Product =
    Product::new(9_521_012, 10, "Romaine lettuce, harvested");
pub(crate) const SALAD_BAG: Product = Product::new(9_521_003, 41, "Washed romaine 200 g");
pub(crate) const HEARTS: Product = Product::new(9_521_003, 42, "Romaine hearts, twin pack 400 g");

/// Every product of the story.
pub(crate) const ALL: &[Product] = &[
    PIG_WILLOW_BEND,
    PIG_STONE_BRIDGE,
    CARCASS,
    LOIN,
    BELLY,
    SHOULDER,
    TRIM,
    BONES,
    MINCE,
    LOIN_PACK,
    BELLY_PACK,
    SHOULDER_PACK,
    MINCE_PACK,
    ROMAINE_MISTY_HILL,
    ROMAINE_SUNNY_SLOPE,
    SALAD_BAG,
    HEARTS,
];

/// What a member's system knows of a product besides its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its GTIN, 14 digits.
    pub gtin: String,
    /// What people call it.
    pub name: &'static str,
    /// The category to which it counts.
    pub category: &'static str,
    /// It is kept at this many thousandths of a degree Celsius at most.
    pub max_milli_celsius: Option<i64>,
    /// Whether FSMA 204 lists it: leafy greens.
    pub is_listed: bool,
}

/// What is known of every product of the story. Live animals and what is destroyed have no bound.
pub(crate) fn cards() -> Vec<Card> {
    let card = |product: &Product| {
        let is_leafy = matches!(product.prefix, 9_521_003 | 9_521_011 | 9_521_012);
        let is_alive = product.name == PIG_WILLOW_BEND.name || *product == BONES;
        let bound = if is_leafy { 6_000 } else { 5_000 };
        Card {
            gtin: gtin(product.prefix, product.item),
            name: product.name,
            category: if is_leafy { "Salad" } else { "Meat" },
            max_milli_celsius: (!is_alive && *product != CARCASS).then_some(bound),
            is_listed: is_leafy,
        }
    };
    ALL.iter().map(card).collect()
}
