//! How the events of `payments` become rows.

use qiao_module_kit::Indexed;

pub(super) const INDEX: &[Indexed] = &[
    Indexed {
        event: "BankLicensed(uint64,uint16,bool)",
        table: "payments_bank_licensed",
        columns: &["bank", "currency", "licensed"],
    },
    Indexed {
        event: "AccountOpened(uint64,uint64,uint64,uint16)",
        table: "payments_account_opened",
        columns: &["account", "owner", "bank", "currency"],
    },
    Indexed {
        event: "AccountBlocked(uint64,string)",
        table: "payments_account_blocked",
        columns: &["account", "reason"],
    },
    Indexed {
        event: "AccountUnblocked(uint64)",
        table: "payments_account_unblocked",
        columns: &["account"],
    },
    Indexed {
        event: "AccountClosed(uint64)",
        table: "payments_account_closed",
        columns: &["account"],
    },
    Indexed {
        event: "Deposited(uint64,uint64,string)",
        table: "payments_deposited",
        columns: &["account", "amount", "remittance"],
    },
    Indexed {
        event: "PaymentArrived(uint128,uint64,uint64,string)",
        table: "payments_arrived",
        columns: &["uetr", "account", "amount", "remittance"],
    },
    Indexed {
        event: "Withdrawn(uint64,uint64,string)",
        table: "payments_withdrawn",
        columns: &["account", "amount", "remittance"],
    },
    Indexed {
        event: "Paid(uint128,uint64,uint64,uint64,uint16,string)",
        table: "payments_paid",
        columns: &["uetr", "payer", "payee", "amount", "currency", "remittance"],
    },
    Indexed {
        event: "CreditSet(uint64,uint64,uint16,uint64)",
        table: "payments_credit_set",
        columns: &["creditor", "debtor", "currency", "limit"],
    },
    Indexed {
        event: "DebtChanged(uint64,uint64,uint16,uint64)",
        table: "payments_debt_changed",
        columns: &["creditor", "debtor", "currency", "owed"],
    },
    Indexed {
        event: "PartBought(uint128,uint64,uint64)",
        table: "payments_part_bought",
        columns: &["uetr", "position", "financing"],
    },
    Indexed {
        event: "PartPaid(uint128,uint64,uint64)",
        table: "payments_part_paid",
        columns: &["uetr", "position", "amount"],
    },
    Indexed {
        event: "GuaranteePaid(uint128,uint64)",
        table: "payments_guarantee_paid",
        columns: &["uetr", "position"],
    },
    Indexed {
        event: "RecoursePaid(uint128,uint64)",
        table: "payments_recourse_paid",
        columns: &["uetr", "financing"],
    },
];
