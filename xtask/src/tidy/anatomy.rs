//! Every industry module has the same files.

use std::path::Path;

use anyhow::Result;

/// The files of a module, in the order in which it is read.
const FILES: [&str; 10] = [
    "mod.rs",
    "abi.rs",
    "types.rs",
    "storage.rs",
    "rules.rs",
    "calls.rs",
    "views.rs",
    "genesis.rs",
    "index.rs",
    "tests.rs",
];

/// Folders that a module may have besides: frozen surfaces, and calls that outgrew their file.
const FOLDERS: [&str; 3] = ["snapshots", "calls", "tests"];

/// Compares each folder of `crates/modules/src` with the list.
pub fn check(modules: &Path, problems: &mut Vec<String>) -> Result<()> {
    if !modules.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(modules)? {
        let folder = entry?.path();
        if folder.join("mod.rs").is_file() {
            check_module(&folder, problems)?;
        }
    }
    Ok(())
}

fn check_module(folder: &Path, problems: &mut Vec<String>) -> Result<()> {
    let module = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for file in FILES {
        if !folder.join(file).is_file() {
            problems.push(format!("the module `{module}` has no `{file}`"));
        }
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let known = if path.is_dir() { &FOLDERS[..] } else { &FILES[..] };
        if !known.contains(&name.as_str()) {
            problems.push(format!("the module `{module}` has `{name}`, which no module has"));
        }
    }
    Ok(())
}
