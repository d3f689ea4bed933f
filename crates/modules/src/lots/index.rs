//! How the events of `lots` become rows.

use qiao_module_kit::Indexed;

pub(super) const INDEX: &[Indexed] = &[
    Indexed {
        event: "PrefixRegistered(string,uint64,address)",
        table: "lots_prefixes_registered",
        columns: &["prefix", "organisation", "by"],
    },
    Indexed {
        event: "ProductRuled(uint64,bool,string,string,uint32,uint32,address)",
        table: "lots_products_ruled",
        columns: &[
            "gtin",
            "balanced",
            "unit",
            "content",
            "yield_basis_points",
            "clone_seconds",
            "by",
        ],
    },
    Indexed {
        event: "MakerSet(uint64,uint64,bool)",
        table: "lots_makers_set",
        columns: &["gtin", "organisation", "allowed"],
    },
    Indexed {
        event: "Admitted(bytes32,string,uint64,string,address)",
        table: "lots_admitted",
        columns: &["thing", "id", "holder", "amount", "by"],
    },
    Indexed {
        event: "HeldBack(uint64,uint64,uint8,uint8,string,bytes32[],address)",
        table: "lots_held_back",
        columns: &["hold", "organisation", "kind", "reason", "note", "things", "by"],
    },
    Indexed {
        event: "Released(uint64,string,address)",
        table: "lots_released",
        columns: &["hold", "note", "by"],
    },
    Indexed {
        event: "CloneAlarm(bytes32,bytes32,bytes32,uint8,uint64,uint64,uint64)",
        table: "lots_clone_alarms",
        columns: &[
            "thing",
            "event_hash",
            "earlier_event",
            "alarm",
            "time",
            "earlier_time",
            "party",
        ],
    },
    Indexed {
        event: "Undone(bytes32,uint64)",
        table: "lots_undone",
        columns: &["event_hash", "party"],
    },
];
