//! How the events of `members` become rows.

use qiao_module_kit::Indexed;

pub(super) const INDEX: &[Indexed] = &[
    Indexed {
        event: "OrganisationRegistered(uint64,string,string)",
        table: "members_organisations",
        columns: &["organisation", "name", "gln"],
    },
    Indexed {
        event: "AccountAdded(uint64,address)",
        table: "members_accounts",
        columns: &["organisation", "account"],
    },
    Indexed {
        event: "RoleGranted(uint64,address,uint8)",
        table: "members_roles_granted",
        columns: &["organisation", "account", "role"],
    },
    Indexed {
        event: "RoleRevoked(uint64,address,uint8)",
        table: "members_roles_revoked",
        columns: &["organisation", "account", "role"],
    },
    Indexed {
        event: "AccountFrozen(address,address,string)",
        table: "members_accounts_frozen",
        columns: &["account", "by", "reason"],
    },
    Indexed {
        event: "AccountUnfrozen(address,address)",
        table: "members_accounts_unfrozen",
        columns: &["account", "by"],
    },
    Indexed {
        event: "OrganisationFrozen(uint64,address,string)",
        table: "members_organisations_frozen",
        columns: &["organisation", "by", "reason"],
    },
    Indexed {
        event: "OrganisationUnfrozen(uint64,address)",
        table: "members_organisations_unfrozen",
        columns: &["organisation", "by"],
    },
    Indexed {
        event: "SealingKeyAnnounced(uint64,uint32,bytes32)",
        table: "members_sealing_keys",
        columns: &["organisation", "number", "key"],
    },
];
