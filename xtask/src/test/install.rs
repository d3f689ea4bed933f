//! Installs what the tests need on a fresh Debian or Ubuntu: only what is missing.

use std::process::Command;

use super::Totals;
use crate::shell;

/// A program that the tests call, and the package that brings it.
const NEEDED: [(&str, &[&str]); 10] = [
    ("cc", &["build-essential"]),
    ("pkg-config", &["pkg-config"]),
    ("cmake", &["cmake"]),
    ("xz", &["xz-utils"]),
    ("openssl", &["openssl"]),
    ("node", &["nodejs"]),
    ("npm", &["npm"]),
    ("chromium", &["chromium"]),
    ("faketime", &["faketime"]),
    ("psql", &["postgresql"]),
];

/// Installs the packages of the programs that are not found; says what it does.
pub fn run(totals: &mut Totals) {
    let missing: Vec<_> = NEEDED.iter().filter(|(program, _)| !is_there(program)).collect();
    if missing.is_empty() {
        return;
    }
    let programs: Vec<_> = missing.iter().map(|(program, _)| *program).collect();
    let packages: Vec<_> =
        missing.iter().flat_map(|(_, packages)| packages.iter().copied()).collect();
    eprintln!("the tests need {}, not found here", programs.join(", "));
    let Some(prefix) = privilege() else {
        let command = format!("apt-get install {}", packages.join(" "));
        eprintln!("SKIPPED: installing needs root or sudo, and apt; run `{command}` yourself");
        return;
    };
    eprintln!("installing with apt-get: {}", packages.join(" "));
    let _ = apt(prefix, &["update", "-qq"]);
    for package in packages {
        let arguments = ["install", "-y", "-qq", "--no-install-recommends", package];
        if !apt(prefix, &arguments) {
            totals.skipped.push(format!("the package `{package}` could not be installed"));
        }
    }
}

fn is_there(program: &str) -> bool {
    let alternatives: &[&str] = match program {
        "chromium" => &["chromium", "chromium-browser", "google-chrome"],
        "cc" => &["cc", "gcc", "clang"],
        _ => return shell::exists(program),
    };
    alternatives.iter().any(|name| shell::exists(name))
}

/// The words before `apt-get`: none for root, `sudo -n` where that works.
fn privilege() -> Option<&'static [&'static str]> {
    if !shell::exists("apt-get") {
        return None;
    }
    let succeeds = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())
    };
    let user = succeeds("id", &["-u"])?;
    if user.stdout.trim_ascii() == b"0" {
        return Some(&[]);
    }
    succeeds("sudo", &["-n", "true"]).map(|_| &["sudo", "-n"][..])
}

fn apt(prefix: &[&str], arguments: &[&str]) -> bool {
    let mut words: Vec<&str> = prefix.to_vec();
    words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    words.extend(arguments);
    shell::run(&mut shell::program(words[0], &words[1..])).is_ok()
}
