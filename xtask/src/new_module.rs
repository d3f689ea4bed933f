//! Creates the folder of a new industry module from the templates.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::shell;

/// Creates `crates/modules/src/<name>/` and prints the registry lines.
///
/// In the templates, `{{name}}` stands for `warehouse_receipts`, `{{Name}}` for
/// `WarehouseReceipts`, `{{NAME}}` for `WAREHOUSE_RECEIPTS` and `{{address}}` for the address.
pub fn run(name: &str) -> Result<()> {
    check_name(name)?;
    let templates = shell::root().join("xtask/templates/module");
    let modules = shell::root().join("crates/modules/src");
    let folder = modules.join(name);
    ensure!(!folder.exists(), "the module `{name}` exists already");
    let number = next_number(&modules)?;
    let address = format!("0x5169616f{number:032x}");
    let written = copy(&templates, &folder, &|text| fill(text, name, &address))?;
    ensure!(written > 0, "`xtask/templates/module` holds no templates");
    println!("created crates/modules/src/{name} ({written} files)");
    println!("\nAdd to crates/modules/src/lib.rs, at the end of the two lists:\n");
    println!("    pub mod {name};");
    println!("    {name}::MODULE, // {address}");
    println!("\nThen write `mod.rs` first and run `cargo xtask ci`.");
    Ok(())
}

fn check_name(name: &str) -> Result<()> {
    let plain = name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
    let shaped = !name.starts_with('_') && !name.ends_with('_') && !name.is_empty();
    if !plain || !shaped {
        bail!("`{name}` is not a module name: lower-case words joined by `_`");
    }
    Ok(())
}

/// One more than the number of module folders: addresses are given in the order of the registry.
fn next_number(modules: &Path) -> Result<u64> {
    let mut count = 0;
    for entry in fs::read_dir(modules).context("`crates/modules/src` cannot be read")? {
        if entry?.path().join("mod.rs").is_file() {
            count += 1;
        }
    }
    Ok(count + 1)
}

fn fill(text: &str, name: &str, address: &str) -> String {
    let camel: String = name
        .split('_')
        .map(|word| {
            let (first, rest) = word.split_at(1.min(word.len()));
            first.to_ascii_uppercase() + rest
        })
        .collect();
    text.replace("{{name}}", name)
        .replace("{{Name}}", &camel)
        .replace("{{NAME}}", &name.to_ascii_uppercase())
        .replace("{{address}}", address)
}

fn copy(from: &Path, to: &Path, fill: &dyn Fn(&str) -> String) -> Result<usize> {
    let mut written = 0;
    fs::create_dir_all(to)?;
    let entries = fs::read_dir(from).with_context(|| format!("`{}`", from.display()))?;
    for entry in entries {
        let source = entry?.path();
        let file = source.file_name().expect("an entry of a folder has a name").to_string_lossy();
        let name = file.trim_end_matches(".tmpl").trim_end_matches(".template");
        let target = to.join(name);
        if source.is_dir() {
            written += copy(&source, &target, fill)?;
        } else {
            fs::write(&target, fill(&fs::read_to_string(&source)?))?;
            written += 1;
        }
    }
    Ok(written)
}
