//! The frozen surface of a module: files that change only on purpose.

use std::{env, fs, path::Path};

use crate::module::Module;

/// Set to `1`, it writes the snapshots instead of comparing them.
const REWRITE: &str = "QIAO_REWRITE_SNAPSHOTS";

/// Compares `text` with the snapshot, or writes it.
#[track_caller]
pub(super) fn check(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    if env::var_os(REWRITE).is_some_and(|value| value == "1") {
        fs::create_dir_all(folder).expect("the folder of the snapshots can be made");
        fs::write(&path, text).expect("the snapshot can be written");
        return;
    }
    let frozen = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        frozen == text,
        "`{}` is not what the code says; if that is meant, run the test with {REWRITE}=1 and review \
         the difference. The code says:\n{text}",
        path.display()
    );
}

/// Slots, types and packed parts of a module's storage.
pub(super) fn layout(module: &Module) -> String {
    let mut text = String::new();
    for field in (module.layout)() {
        text.push_str(&format!("{:>3}  {}  {}\n", field.slot, field.name, field.kind));
        let (mut slot, mut offset) = (0, 0);
        for part in field.parts {
            let is_packed = part.packed_bytes > 0;
            if offset > 0 && (!is_packed || offset + part.packed_bytes > 32) {
                (slot, offset) = (slot + 1, 0);
            }
            let place = format!("+{slot}.{offset}");
            text.push_str(&format!("     {place:<6} {}  {}\n", part.name, part.kind));
            if is_packed {
                offset += part.packed_bytes;
            } else {
                slot += part.slots;
            }
        }
    }
    text
}

/// Names and gas of calls, in columns.
pub(super) fn gas(calls: &[(&str, u64)]) -> String {
    let width = calls.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    calls.iter().map(|(name, gas)| format!("{name:<width$}  {gas:>11}\n")).collect()
}
