//! How the events of `contracts` become rows.

use qiao_module_kit::Indexed;

pub(super) const INDEX: &[Indexed] = &[
    Indexed {
        event: "ContractDeclared(address,uint64,string,bool)",
        table: "contracts_declared",
        columns: &["target", "organisation", "name", "upgradeable"],
    },
    Indexed {
        event: "UpgradesRenounced(address,address)",
        table: "contracts_upgrades_renounced",
        columns: &["target", "by"],
    },
    Indexed {
        event: "ContractUpgraded(address,address,bytes32,bytes32)",
        table: "contracts_upgraded",
        columns: &["target", "implementation", "code_hash_before", "code_hash_after"],
    },
    Indexed {
        event: "FreezeImposed(address,uint8,address,string)",
        table: "contracts_frozen",
        columns: &["target", "authority", "by", "reason"],
    },
    Indexed {
        event: "FreezeLifted(address,uint8,address)",
        table: "contracts_unfrozen",
        columns: &["target", "authority", "by"],
    },
    Indexed {
        event: "ProposalMade(uint64,address,uint64,bool,string,uint64)",
        table: "contracts_proposals",
        columns: &["proposal", "target", "organisation", "freezes", "reason", "until"],
    },
    Indexed {
        event: "ProposalApproved(uint64,uint64,address,uint32)",
        table: "contracts_approvals",
        columns: &["proposal", "organisation", "by", "approvals"],
    },
    Indexed {
        event: "ApprovalWithdrawn(uint64,uint64,address,uint32)",
        table: "contracts_approvals_withdrawn",
        columns: &["proposal", "organisation", "by", "approvals"],
    },
    Indexed {
        event: "ProposalCarried(uint64,address)",
        table: "contracts_proposals_carried",
        columns: &["proposal", "target"],
    },
];
