//! How the events of `financing` become rows.

use qiao_module_kit::Indexed;

pub(super) const INDEX: &[Indexed] = &[
    Indexed {
        event: "LineSet(uint64,uint64,uint16,uint64)",
        table: "financing_line_set",
        columns: &["bank", "issuer", "currency", "limit"],
    },
    Indexed {
        event: "LineDrawn(uint64,uint64,uint16,uint64)",
        table: "financing_line_drawn",
        columns: &["bank", "issuer", "currency", "drawn"],
    },
    Indexed {
        event: "BidsAsked(uint64,uint64,uint64,bool,uint64,uint64)",
        table: "financing_bids_asked",
        columns: &["request", "position", "seller", "is_sealed", "bids_until", "reveals_until"],
    },
    Indexed {
        event: "BidMade(uint64,uint64,uint64)",
        table: "financing_bid_made",
        columns: &["request", "bank", "price"],
    },
    Indexed {
        event: "BidSealed(uint64,uint64,bytes32)",
        table: "financing_bid_sealed",
        columns: &["request", "bank", "commitment"],
    },
    Indexed {
        event: "RequestAwarded(uint64,uint64,uint64)",
        table: "financing_request_awarded",
        columns: &["request", "bank", "price"],
    },
    Indexed {
        event: "RequestLapsed(uint64)",
        table: "financing_request_lapsed",
        columns: &["request"],
    },
    Indexed {
        event: "LoanAsked(uint64,uint64,uint64,uint64,uint64,uint32)",
        table: "financing_loan_asked",
        columns: &["loan", "position", "bank", "principal", "rate", "maturity"],
    },
    Indexed {
        event: "LoanRefused(uint64,uint64)",
        table: "financing_loan_refused",
        columns: &["loan", "by"],
    },
    Indexed {
        event: "LoanDisbursed(uint64,uint128,uint64)",
        table: "financing_loan_disbursed",
        columns: &["loan", "uetr", "amount"],
    },
    Indexed {
        event: "LoanRepaid(uint64,uint128,uint64,uint64,uint64)",
        table: "financing_loan_repaid",
        columns: &["loan", "uetr", "interest", "principal", "left"],
    },
    Indexed {
        event: "LoanDefaulted(uint64,uint64)",
        table: "financing_loan_defaulted",
        columns: &["loan", "owed"],
    },
    Indexed {
        event: "TariffSet(uint64,uint16,uint8,uint64,uint32)",
        table: "financing_tariff_set",
        columns: &["provider", "currency", "service", "flat", "basis_points"],
    },
    Indexed {
        event: "FeePaid(uint64,uint64,uint64,uint64,uint8,uint64,uint128)",
        table: "financing_fee_paid",
        columns: &["position", "provider", "payer", "holder", "service", "amount", "uetr"],
    },
    Indexed {
        event: "FeeLimitSet(uint8,bool,uint32)",
        table: "financing_fee_limit_set",
        columns: &["pack", "is_set", "basis_points"],
    },
];
