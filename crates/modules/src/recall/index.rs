//! How the events of `recall` become rows.

use qiao_module_kit::Indexed;

pub(super) const INDEX: &[Indexed] = &[
    Indexed {
        event: "Declared(uint64,uint64,uint8,uint8,string[],string,uint64,bytes32,uint64,address)",
        table: "recall_declared",
        columns: &[
            "recall",
            "organisation",
            "level",
            "reason",
            "things",
            "text",
            "deadline",
            "scope",
            "hold",
            "by",
        ],
    },
    Indexed {
        event: "Notified(uint64,uint64,(string,string,string)[])",
        table: "recall_notified",
        columns: &["recall", "party", "lines"],
    },
    Indexed {
        event: "Acknowledged(uint64,uint64,address,bool)",
        table: "recall_acknowledged",
        columns: &["recall", "party", "by", "in_time"],
    },
    Indexed {
        event: "Answered(uint64,uint64,(string,string,string,string,string,string)[],address)",
        table: "recall_answered",
        columns: &["recall", "party", "outcomes", "by"],
    },
    Indexed {
        event: "Ended(uint64,string,address)",
        table: "recall_ended",
        columns: &["recall", "text", "by"],
    },
];
