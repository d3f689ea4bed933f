//! How the events of `receivables` become rows.

use qiao_module_kit::Indexed;

pub(super) const INDEX: &[Indexed] = &[
    Indexed {
        event: "VoucherIssued(uint64,uint64,uint64,uint64,uint16,uint32,bytes32)",
        table: "receivables_vouchers",
        columns: &["voucher", "issuer", "creditor", "amount", "currency", "due", "invoice"],
    },
    Indexed {
        event: "VoucherAccepted(uint64)",
        table: "receivables_accepted",
        columns: &["voucher"],
    },
    Indexed {
        event: "VoucherVoided(uint64,uint64)",
        table: "receivables_voided",
        columns: &["voucher", "by"],
    },
    Indexed {
        event: "VoucherEndorsed(uint64,uint64)",
        table: "receivables_endorsed",
        columns: &["voucher", "guarantor"],
    },
    Indexed {
        event: "PartPassed(uint64,uint64,uint64,uint64,uint64)",
        table: "receivables_passed",
        columns: &["position", "part", "from_party", "to_party", "amount"],
    },
    Indexed {
        event: "PartSplit(uint64,uint64,uint64)",
        table: "receivables_split",
        columns: &["position", "part", "amount"],
    },
    Indexed {
        event: "PartsMerged(uint64,uint64,uint64)",
        table: "receivables_merged",
        columns: &["into_part", "ended", "amount"],
    },
    Indexed {
        event: "PartPledged(uint64,uint64)",
        table: "receivables_pledged",
        columns: &["position", "pledgee"],
    },
    Indexed {
        event: "PledgeReleased(uint64,uint64)",
        table: "receivables_pledges_released",
        columns: &["position", "pledgee"],
    },
    Indexed {
        event: "PledgeEnforced(uint64,uint64)",
        table: "receivables_pledges_enforced",
        columns: &["position", "pledgee"],
    },
    Indexed {
        event: "SaleOffered(uint64,uint64,uint64,uint64)",
        table: "receivables_sales_offered",
        columns: &["position", "seller", "buyer", "price"],
    },
    Indexed {
        event: "SaleEnded(uint64,uint64)",
        table: "receivables_sales_ended",
        columns: &["position", "by"],
    },
    Indexed {
        event: "SaleAccepted(uint64,uint64,string)",
        table: "receivables_sales_accepted",
        columns: &["position", "buyer", "registration"],
    },
    Indexed {
        event: "PartFinanced(uint64,uint64,uint64,uint64,uint64,uint64,string)",
        table: "receivables_financed",
        columns: &["financing", "position", "seller", "buyer", "amount", "price", "registration"],
    },
    Indexed {
        event: "PartBoughtBack(uint64,uint64)",
        table: "receivables_bought_back",
        columns: &["financing", "position"],
    },
    Indexed {
        event: "PartRepaid(uint64,uint64,uint64,uint64)",
        table: "receivables_repaid",
        columns: &["position", "voucher", "amount", "left"],
    },
    Indexed {
        event: "GuarantorPaid(uint64,uint64,uint64)",
        table: "receivables_guarantor_paid",
        columns: &["position", "guarantor", "amount"],
    },
    Indexed {
        event: "VoucherOverdue(uint64,uint64,uint64)",
        table: "receivables_overdue",
        columns: &["voucher", "issuer", "outstanding"],
    },
    Indexed {
        event: "PartWrittenOff(uint64,uint64,uint64,string)",
        table: "receivables_written_off",
        columns: &["position", "voucher", "amount", "reason"],
    },
    Indexed { event: "VoucherClosed(uint64)", table: "receivables_closed", columns: &["voucher"] },
    Indexed {
        event: "PartFrozen(uint64,address,string)",
        table: "receivables_frozen",
        columns: &["position", "by", "reason"],
    },
    Indexed {
        event: "PartUnfrozen(uint64,address)",
        table: "receivables_unfrozen",
        columns: &["position", "by"],
    },
    Indexed {
        event: "LimitSet(uint64,uint16,uint64)",
        table: "receivables_limits",
        columns: &["issuer", "currency", "limit"],
    },
    Indexed {
        event: "PackAdopted(uint8,string)",
        table: "receivables_packs",
        columns: &["pack", "name"],
    },
];
