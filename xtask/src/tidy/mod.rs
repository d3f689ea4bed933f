//! Rules about the source tree that neither the compiler nor clippy knows.

mod anatomy;
mod levels;
mod source;
mod text;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::shell;

/// Entries that the root folder may hold.
const ROOT_ENTRIES_MAX: usize = 25;

/// Folders that hold no source of ours.
const FOREIGN: [&str; 4] = ["target", "node_modules", ".git", "data"];

/// Checks every rule and prints every violation.
pub fn run() -> Result<()> {
    let root = shell::root();
    let mut problems = Vec::new();
    check_root(&root, &mut problems)?;
    levels::check(&root, &mut problems)?;
    check_reasons(&root, &mut problems)?;
    anatomy::check(&root.join("crates/modules/src"), &mut problems)?;
    let mut files = Vec::new();
    for folder in ["crates", "xtask", "fuzz", "examples"] {
        collect(&root.join(folder), &mut files)?;
    }
    for file in &files {
        let content = std::fs::read_to_string(file)
            .with_context(|| format!("`{}` cannot be read", file.display()))?;
        let name = file.strip_prefix(&root).expect("the file was found below the root");
        source::check(name, &content, &mut problems);
    }
    for problem in &problems {
        eprintln!("tidy: {problem}");
    }
    if !problems.is_empty() {
        bail!("{} violations of the rules in STYLE.md", problems.len());
    }
    eprintln!("tidy: {} files follow the rules", files.len());
    Ok(())
}

/// The root folder stays small: what is tracked there is counted.
fn check_root(root: &Path, problems: &mut Vec<String>) -> Result<()> {
    let output = shell::program("git", &["ls-tree", "--name-only", "HEAD"]).output();
    let count = match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).lines().count()
        }
        _ => std::fs::read_dir(root)?.count(),
    };
    if count > ROOT_ENTRIES_MAX {
        problems.push(format!("the root has {count} entries; {ROOT_ENTRIES_MAX} are allowed"));
    }
    Ok(())
}

/// Every dependency of the workspace has its line of reason.
fn check_reasons(root: &Path, problems: &mut Vec<String>) -> Result<()> {
    let manifest: toml::Table = std::fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    let reasons = std::fs::read_to_string(root.join("docs/dependencies.md")).unwrap_or_default();
    let dependencies =
        manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    for name in dependencies.and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys)
    {
        if !reasons.contains(&format!("- `{name}`")) {
            problems.push(format!("docs/dependencies.md gives no reason for `{name}`"));
        }
    }
    Ok(())
}

/// All Rust files below a folder, in order of their names.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !FOREIGN.contains(&name.as_ref()) {
                collect(&path, files)?;
            }
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
    Ok(())
}
