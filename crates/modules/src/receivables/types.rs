//! Vouchers, sales and financings as storage holds them.

use alloy_primitives::B256;
use qiao_module_kit::{
    calendar::Date, identifier, money::Currency, position::PositionId, record, uniqueness::ClaimId,
    word_enum,
};

use crate::members::OrganisationId;

identifier! {
    /// The number of a financing; 0 stands for none.
    pub struct FinancingId;
}

word_enum! {
    /// How far a voucher has come.
    pub enum VoucherState {
        /// There is none.
        None,
        /// The issuer offered it; the creditor has not answered.
        Offered,
        /// The issuer owes it.
        Live,
        /// It never came to be.
        Void,
        /// It was not paid in full on its day.
        Overdue,
        /// Nothing of it is left.
        Closed,
    }
}

/// What may happen to a voucher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VoucherAct {
    /// The issuer offers it.
    Issue,
    /// The creditor accepts it.
    Accept,
    /// The creditor declines it, or the issuer withdraws it.
    Decline,
    /// Its day passed.
    FallDue,
    /// The last of it was repaid or written off.
    Close,
}

word_enum! {
    /// Who bears the interest when a part is financed.
    pub enum InterestBearer {
        /// Who asks for the financing.
        Holder,
        /// The issuer.
        Issuer,
    }
}

record! {
    /// A voucher; its number is that of its first position. Two slots.
    pub struct Voucher {
        /// Who owes it.
        pub issuer: OrganisationId,
        /// To whom it was issued.
        pub creditor: OrganisationId,
        /// Who pays if the issuer does not; none if nobody does.
        pub guarantor: OrganisationId,
        /// How much it was issued for.
        pub amount: u64,
        /// In which currency.
        pub currency: Currency,
        /// When it was issued, where its rules apply.
        pub issued: Date,
        /// When it is to be paid.
        pub due: Date,
        /// How far it has come.
        pub state: VoucherState,
        /// Whether who finances it may fall back on who sold it.
        pub has_recourse: bool,
        /// Who bears the interest of a financing.
        pub interest_bearer: InterestBearer,
        /// The pack of rules under which it was issued.
        pub pack: u8,
        /// How much was repaid.
        pub repaid: u64,
        /// How much was written off.
        pub written_off: u64,
    }
}

record! {
    /// The documents behind a voucher and what it uses of their values.
    pub struct Evidence {
        /// The hash of the contract's file.
        pub purchase_contract: B256,
        /// The hash of the invoice's file.
        pub invoice: B256,
        /// The hash of the proof of delivery.
        pub delivery: B256,
        /// The claim on the contract.
        pub purchase_contract_claim: ClaimId,
        /// The claim on the invoice.
        pub invoice_claim: ClaimId,
        /// The claim on the delivery.
        pub delivery_claim: ClaimId,
    }
}

record! {
    /// A part that is offered for sale; the buyer is the one for whom it is locked.
    pub struct Sale {
        /// What the buyer is to pay.
        pub price: u64,
        /// Whether there is such an offer.
        pub is_open: bool,
        /// Whether the buyer accepted it.
        pub is_accepted: bool,
        /// The number under which the buyer registered it.
        pub registration: String,
    }
}

word_enum! {
    /// How far a financing has come.
    pub enum FinancingState {
        /// There is none.
        None,
        /// The buyer holds the part, or passed it on.
        Open,
        /// The seller took it back.
        BoughtBack,
    }
}

record! {
    /// A part that was sold before it was due.
    pub struct Financing {
        /// The part.
        pub position: PositionId,
        /// Who sold it.
        pub seller: OrganisationId,
        /// Who paid.
        pub buyer: OrganisationId,
        /// How much the issuer owes on it.
        pub amount: u64,
        /// What was paid.
        pub price: u64,
        /// When.
        pub day: Date,
        /// How far it has come.
        pub state: FinancingState,
        /// The number under which it is registered.
        pub registration: String,
    }
}

record! {
    /// What an issuer owes in a currency; one slot.
    pub struct Exposure {
        /// How much of its vouchers is offered, live or overdue.
        pub outstanding: u64,
        /// How much it may be.
        pub limit: u64,
    }
}
