//! Lines, requests, bids and loans as storage holds them.

use alloy_primitives::B256;
use qiao_module_kit::{
    calendar::Date, identifier, interest::DayCount, money::Currency, position::PositionId, record,
    word_enum,
};

use crate::members::OrganisationId;

identifier! {
    /// The number of a request; 0 stands for none.
    pub struct RequestId;
}

identifier! {
    /// The number of a loan; 0 stands for none.
    pub struct LoanId;
}

record! {
    /// What a bank would finance of an issuer's debts, and does; one slot.
    pub struct Line {
        /// What it would.
        pub limit: u64,
        /// What it does.
        pub drawn: u64,
    }
}

word_enum! {
    /// How far a request has come.
    pub enum RequestState {
        /// There is none.
        None,
        /// Banks bid.
        Open,
        /// The part was offered to the best.
        Awarded,
        /// The seller took it back.
        Lapsed,
    }
}

/// What may happen to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestAct {
    /// A holder asks for bids.
    Ask,
    /// The seller takes the best.
    Award,
    /// The seller takes none.
    Lapse,
}

record! {
    /// A part for which banks bid; four slots.
    pub struct Request {
        /// The part.
        pub position: PositionId,
        /// Who held it.
        pub seller: OrganisationId,
        /// Who owes it.
        pub issuer: OrganisationId,
        /// How much was owed on it.
        pub amount: u64,
        /// In which currency.
        pub currency: Currency,
        /// Whether bids are hashes first.
        pub is_sealed: bool,
        /// How far it has come.
        pub state: RequestState,
        /// How many banks bid.
        pub bids: u32,
        /// When bids end.
        pub bids_until: u64,
        /// When reveals end.
        pub reveals_until: u64,
        /// Who bid best.
        pub best_bank: OrganisationId,
        /// How much.
        pub best_price: u64,
        /// The order of that bid among all.
        pub best_order: u32,
        /// What the line of the best still has drawn for it.
        pub drawn: u64,
    }
}

record! {
    /// A bank's bid for a request; two slots.
    pub struct Bid {
        /// The hash that it committed to; zero for an open bid.
        pub commitment: B256,
        /// What it would pay; 0 as long as that is sealed.
        pub price: u64,
        /// Its order among the bids of the request, from 1; 0 where there is none.
        pub order: u32,
    }
}

word_enum! {
    /// How far a loan has come.
    pub enum LoanState {
        /// There is none.
        None,
        /// The borrower asked for it.
        Asked,
        /// It was paid out.
        Running,
        /// It was paid back.
        Repaid,
        /// The bank declined, or the borrower withdrew.
        Refused,
        /// It was not paid back on its day.
        Defaulted,
    }
}

word_enum! {
    /// How a loan is paid back.
    pub enum LoanRepayment {
        /// At its maturity.
        AtMaturity,
        /// In equal parts of the principal.
        EqualParts,
        /// In equal instalments of interest and principal.
        EqualInstalments,
    }
}

word_enum! {
    /// What a fee is charged for.
    pub enum FeeService {
        /// The information service of a platform.
        Information,
        /// The financing itself.
        Financing,
        /// A guarantee.
        Guarantee,
        /// The registration of a financing.
        Registration,
    }
}

record! {
    /// What a provider charges for a service; one slot.
    pub struct Tariff {
        /// So much for each part.
        pub flat: u64,
        /// And so many ten-thousandths of what is owed on it.
        pub basis_points: u32,
        /// The block in which it was published; 0 where nothing was.
        pub block: u64,
    }
}

record! {
    /// A fee that was paid; one slot.
    pub struct Fee {
        /// Who charged it.
        pub provider: OrganisationId,
        /// Who paid it.
        pub payer: OrganisationId,
        /// How much; 0 where none was paid.
        pub amount: u64,
    }
}

record! {
    /// What the fees of a part may come to; one slot.
    pub struct FeeLimit {
        /// So many ten-thousandths of what is owed on it.
        pub basis_points: u32,
        /// Whether there is a limit.
        pub is_set: bool,
    }
}

record! {
    /// A loan against a pledged part; four slots.
    pub struct Loan {
        /// The part.
        pub position: PositionId,
        /// Who borrows.
        pub borrower: OrganisationId,
        /// Who lends.
        pub bank: OrganisationId,
        /// How much is or was lent.
        pub lent: u64,
        /// How much of it is left.
        pub principal: u64,
        /// Interest that was due at the last payment and not paid by it.
        pub interest: u64,
        /// The yearly rate.
        pub rate: u64,
        /// How days are counted.
        pub day_count: DayCount,
        /// Months between two dates of interest; 0 for interest at the end.
        pub interest_months: u32,
        /// When it was paid out.
        pub starts: Date,
        /// When it is to be paid back.
        pub maturity: Date,
        /// Until when interest is in `interest`.
        pub accrued_until: Date,
        /// How far it has come.
        pub state: LoanState,
        /// In which currency.
        pub currency: Currency,
        /// How it is paid back.
        pub repayment: LoanRepayment,
    }
}
