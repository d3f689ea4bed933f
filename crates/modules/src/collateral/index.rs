//! How the events of `collateral` become rows.

use qiao_module_kit::Indexed;

pub(super) const INDEX: &[Indexed] = &[
    Indexed {
        event: "RegistrarLicensed(uint64,bool)",
        table: "collateral_registrar_licensed",
        columns: &["organisation", "licensed"],
    },
    Indexed {
        event: "AssetRegistered(bytes32,uint64,uint16)",
        table: "collateral_asset_registered",
        columns: &["asset", "value", "currency"],
    },
    Indexed {
        event: "AssetRevised(bytes32,uint64)",
        table: "collateral_asset_revised",
        columns: &["asset", "value"],
    },
    Indexed {
        event: "EvaluatorsAppointed(uint64,uint64)",
        table: "collateral_evaluators_appointed",
        columns: &["appointment", "count"],
    },
    Indexed {
        event: "AssetRekeyed(bytes32,bytes32)",
        table: "collateral_asset_rekeyed",
        columns: &["asset", "key"],
    },
    Indexed {
        event: "ClaimReserved(uint64,bytes32,uint64,uint64)",
        table: "collateral_claim_reserved",
        columns: &["claim", "asset", "amount", "until"],
    },
    Indexed { event: "ClaimUsed(uint64)", table: "collateral_claim_used", columns: &["claim"] },
    Indexed {
        event: "ClaimReleased(uint64,uint64)",
        table: "collateral_claim_released",
        columns: &["claim", "amount"],
    },
];
