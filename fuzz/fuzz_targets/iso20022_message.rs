//! ISO 20022 messages: no bytes make a reader panic, and what was read survives being written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qiao_iso20022::{Initiation, Report, ReportKind, Settlement};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = Initiation::read(bytes) {
        assert_eq!(Initiation::read(message.write().as_bytes()), Ok(message));
    }
    if let Ok(message) = Settlement::read(bytes) {
        assert_eq!(Settlement::read(message.write().as_bytes()), Ok(message));
    }
    for kind in [ReportKind::Statement, ReportKind::Notification] {
        if let Ok(message) = Report::read(kind, bytes) {
            assert_eq!(Report::read(kind, message.write().as_bytes()), Ok(message));
        }
    }
});
