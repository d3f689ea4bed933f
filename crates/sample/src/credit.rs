//! The sample of supply-chain finance: a car maker, suppliers down to the fourth tier, two banks and
//! their supervision. Names and numbers are made up.

/// What a party does in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditRole {
    /// Owes, and confirms what it owes.
    CoreFirm,
    /// Delivers to the tier above.
    Supplier {
        /// How far down: who delivers to the core firm is 1.
        tier: u8,
    },
    /// Finances.
    Bank,
    /// Supervises.
    Regulator,
}

/// A party of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditParty {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub role: CreditRole,
}

/// An invoice of the sample that the core firm owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditInvoice {
    /// Place of the supplier in [`credit_parties`].
    pub supplier: usize,
    /// Its number.
    pub number: &'static str,
    /// The number of the contract behind it.
    pub contract: &'static str,
    /// What it comes to, in the minor unit of yuan.
    pub amount: u64,
    /// Days from today until it is due.
    pub days: u64,
}

/// Places of the parties in [`credit_parties`].
pub mod place {
    /// The car maker.
    pub const MAKER: usize = 0;
    /// Tier 1, axles.
    pub const AXLES: usize = 1;
    /// Tier 1, electrics.
    pub const ELECTRICS: usize = 2;
    /// Tier 2.
    pub const BEARINGS: usize = 3;
    /// Tier 3.
    pub const CASTINGS: usize = 4;
    /// Tier 4.
    pub const SAND: usize = 5;
    /// The bank of the car maker.
    pub const RIVER_BANK: usize = 6;
    /// The bank of the small suppliers.
    pub const HILL_BANK: usize = 7;
    /// The supervision of all.
    pub const OFFICE: usize = 8;
}

const fn supplier(name: &'static str, tier: u8) -> CreditParty {
    CreditParty { name, role: CreditRole::Supplier { tier } }
}

const PARTIES: [CreditParty; 9] = [
    CreditParty { name: "Northern Star Motors", role: CreditRole::CoreFirm },
    supplier("Harbour Axle Works", 1),
    supplier("Meadow Electrics", 1),
    supplier("Lakeside Bearings", 2),
    supplier("Plumtree Castings", 3),
    supplier("Old Mill Foundry Sand", 4),
    CreditParty { name: "River Bank", role: CreditRole::Bank },
    CreditParty { name: "Hill Bank", role: CreditRole::Bank },
    CreditParty { name: "Financial Supervision Office", role: CreditRole::Regulator },
];

/// The parties of the sample of supply-chain finance.
pub fn credit_parties() -> &'static [CreditParty] {
    &PARTIES
}

/// What the car maker owes when the story begins; the last one waits for its supplier.
pub const ISSUED: [CreditInvoice; 3] = [
    CreditInvoice {
        supplier: place::AXLES,
        number: "INV-40127",
        contract: "PC-2026-118",
        amount: 120_000_000,
        days: 90,
    },
    CreditInvoice {
        supplier: place::AXLES,
        number: "INV-40131",
        contract: "PC-2026-118",
        amount: 80_000_000,
        days: 150,
    },
    CreditInvoice {
        supplier: place::ELECTRICS,
        number: "E-2207",
        contract: "PC-2026-131",
        amount: 35_000_000,
        days: 60,
    },
];

/// What somebody who walks through the story uploads as the car maker: the last row falls due later than
/// the rules allow.
pub const PAYABLES: [CreditInvoice; 4] = [
    CreditInvoice {
        supplier: place::AXLES,
        number: "INV-40142",
        contract: "PC-2026-118",
        amount: 46_500_000,
        days: 75,
    },
    CreditInvoice {
        supplier: place::ELECTRICS,
        number: "E-2215",
        contract: "PC-2026-131",
        amount: 18_240_050,
        days: 120,
    },
    CreditInvoice {
        supplier: place::ELECTRICS,
        number: "E-2216",
        contract: "PC-2026-131",
        amount: 9_900_000,
        days: 45,
    },
    CreditInvoice {
        supplier: place::AXLES,
        number: "INV-40150",
        contract: "PC-2026-118",
        amount: 61_000_000,
        days: 500,
    },
];

/// The customs declaration that one bank of the sample financed in part: its number as printed.
pub const DECLARATION: &str = "5301 2026 0000 123456";
/// What it is worth, in the minor unit of yuan.
pub const DECLARATION_VALUE: u64 = 100_000_000;
/// What of it is financed.
pub const DECLARATION_FINANCED: u64 = 60_000_000;

/// What the contracts of the sample prove, in the minor unit of yuan.
pub const CONTRACT_VALUE: u64 = 900_000_000;
