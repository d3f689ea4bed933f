//! All automation of the workspace, in Rust: `cargo xtask help`.

mod checks;
mod ci;
mod fuzz;
mod new_module;
mod shell;
mod soak;
mod test;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
All automation of the workspace.

Usage: cargo xtask <COMMAND>

  test                  install what the tests need, run every test
  test clients          foreign clients and the browser only, against the binary as it is built
  ci                    fmt, tidy, clippy, docs, test: what must hold before a merge
  fmt [--check]         format all code, or say what is not formatted
  lint                  clippy over all targets, warnings are errors
  docs                  build the API documents, warnings are errors
  tidy                  levels, names, limits and anatomy of the source tree
  solidity              write `solidity/` anew from the modules' interfaces
  new-module <NAME>     create the folder of a new industry module
  fuzz [--seconds N]    run every fuzz target for N seconds (default 30)
  soak [--kills N]      kill validators at random under load (default 1000 times)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["test"] => test::run().and_then(|totals| totals.verdict()),
        ["test", "clients"] => test::clients().and_then(|totals| totals.verdict()),
        ["ci"] => ci::run(),
        ["fmt"] => checks::format(false),
        ["fmt", "--check"] => checks::format(true),
        ["lint"] => checks::lint(),
        ["docs"] => checks::docs(),
        ["tidy"] => tidy::run(),
        ["solidity"] => checks::solidity(),
        ["new-module", name] => new_module::run(name),
        ["fuzz"] => fuzz::run(30),
        ["fuzz", "--seconds", seconds] => match seconds.parse() {
            Ok(seconds) => fuzz::run(seconds),
            Err(_) => return usage(&format!("`{seconds}` is not a number of seconds")),
        },
        ["soak"] => soak::run(1_000),
        ["soak", "--kills", kills] => match kills.parse() {
            Ok(kills) => soak::run(kills),
            Err(_) => return usage(&format!("`{kills}` is not a number of kills")),
        },
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => return usage(&format!("`{}` is not a command", arguments.join(" "))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage(problem: &str) -> ExitCode {
    eprintln!("error: {problem}\n\nhint: `cargo xtask help` lists the commands");
    ExitCode::from(2)
}
