//! Dependencies point to lower levels only; the levels are read from ARCHITECTURE.md.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Names of foreign libraries that only the crates which the table allows may depend on.
const RESERVED: [&str; 2] = ["commonware", "revm"];

/// What the table says of a crate.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// Its level: it may depend on lower levels only.
    pub level: u32,
    /// The reserved libraries that it may name.
    pub may_name: Vec<String>,
}

/// Compares every manifest with the table.
pub fn check(root: &Path, problems: &mut Vec<String>) -> Result<()> {
    let path = root.join("ARCHITECTURE.md");
    let text = std::fs::read_to_string(&path).context("`ARCHITECTURE.md` cannot be read")?;
    let table = parse_table(&text);
    ensure!(!table.is_empty(), "`ARCHITECTURE.md` holds no table of crates");
    for entry in std::fs::read_dir(root.join("crates"))? {
        let folder = entry?.path();
        let manifest = folder.join("Cargo.toml");
        if !manifest.is_file() {
            continue;
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let manifest: toml::Table = std::fs::read_to_string(&manifest)?
            .parse()
            .with_context(|| format!("`crates/{name}/Cargo.toml`"))?;
        check_crate(&name, &manifest, &table, problems);
    }
    for name in table.keys() {
        if !root.join("crates").join(name).is_dir() {
            problems.push(format!("ARCHITECTURE.md lists the crate `{name}`, which is not there"));
        }
    }
    Ok(())
}

/// The rows `| level | `name` | … | may name |` of the table of crates.
pub fn parse_table(text: &str) -> BTreeMap<String, Row> {
    let mut table = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let [level, name, .., may_name] = cells.as_slice() else { continue };
        let (Ok(level), Some(name)) = (level.parse(), unquote(name)) else { continue };
        let may_name = may_name.split(',').filter_map(|word| unquote(word.trim())).collect();
        table.insert(name, Row { level, may_name });
    }
    table
}

fn unquote(cell: &str) -> Option<String> {
    Some(cell.strip_prefix('`')?.strip_suffix('`')?.to_string())
}

/// Checks the dependencies of one crate.
pub fn check_crate(
    name: &str,
    manifest: &toml::Table,
    table: &BTreeMap<String, Row>,
    problems: &mut Vec<String>,
) {
    let Some(row) = table.get(name) else {
        problems.push(format!("crates/{name} is missing in the table of ARCHITECTURE.md"));
        return;
    };
    for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
        let Some(dependencies) = manifest.get(section).and_then(toml::Value::as_table) else {
            continue;
        };
        for dependency in dependencies.keys() {
            for reserved in RESERVED {
                let named = dependency.starts_with(reserved);
                if named && !row.may_name.iter().any(|allowed| allowed == reserved) {
                    problems.push(format!("crates/{name} may not name `{dependency}`"));
                }
            }
            let Some(internal) = dependency.strip_prefix("qiao-") else { continue };
            // Tests may look up: a lower crate is tried with the data of a higher one.
            if section == "dev-dependencies" {
                continue;
            }
            match table.get(internal) {
                Some(other) if other.level < row.level => {}
                Some(other) => problems.push(format!(
                    "crates/{name} (level {}) depends on {internal} (level {})",
                    row.level, other.level
                )),
                None => problems.push(format!("crates/{name} depends on unknown `{dependency}`")),
            }
        }
    }
}
