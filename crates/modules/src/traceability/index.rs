//! How the events of `traceability` become rows.

use qiao_module_kit::Indexed;

pub(super) const INDEX: &[Indexed] = &[
    Indexed {
        event: "Captured(bytes32,uint64,address,uint32,bytes32[])",
        table: "traceability_captured",
        columns: &["event_hash", "party", "capturer", "position", "identifiers"],
    },
    Indexed {
        event: "CapturerAuthorised(uint64,address)",
        table: "traceability_capturers_authorised",
        columns: &["party", "capturer"],
    },
    Indexed {
        event: "CapturerRevoked(uint64,address)",
        table: "traceability_capturers_revoked",
        columns: &["party", "capturer"],
    },
];
