//! Format, clippy and documents: what the toolchain itself can check.

use anyhow::Result;

use crate::shell;

/// Formats all code, or fails where some is not formatted.
pub fn format(check: bool) -> Result<()> {
    let arguments: &[&str] = if check { &["fmt", "--all", "--check"] } else { &["fmt", "--all"] };
    shell::run(&mut shell::cargo(arguments))
}

/// Clippy over every target of the workspace; a warning is an error.
pub fn lint() -> Result<()> {
    let arguments =
        ["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"];
    shell::run(&mut shell::cargo(&arguments))
}

/// The API documents; a warning is an error.
pub fn docs() -> Result<()> {
    let arguments = ["doc", "--workspace", "--no-deps", "--locked"];
    shell::run(shell::cargo(&arguments).env("RUSTDOCFLAGS", "--deny warnings"))
}

/// Writes the Solidity package anew.
pub fn solidity() -> Result<()> {
    let mut test =
        shell::cargo(&["test", "-p", "qiao-modules", "--lib", "the_solidity_package_is"]);
    shell::run(test.env("QIAO_REWRITE_SNAPSHOTS", "1"))
}
