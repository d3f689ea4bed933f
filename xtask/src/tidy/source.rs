//! Limits and habits of a single Rust file.

use std::path::Path;

use super::text;

/// Lines that a file may have, tests apart.
const FILE_LINES_MAX: usize = 500;

/// Lines that a function may have, tests apart.
const FUNCTION_LINES_MAX: usize = 70;

/// Checks one file.
pub fn check(path: &Path, content: &str, problems: &mut Vec<String>) {
    let name = path.display();
    let is_test = is_test(path);
    if !content.starts_with("//!") {
        problems.push(format!("{name}: does not open with `//!`"));
    }
    if is_test {
        return;
    }
    let lines = content.lines().count();
    if lines > FILE_LINES_MAX {
        problems.push(format!("{name}: {lines} lines; {FILE_LINES_MAX} are allowed"));
    }
    let code = text::blank(content);
    for (number, line) in code.lines().enumerate() {
        if line.contains(".unwrap()") {
            problems.push(format!("{name}:{}: `unwrap()` outside tests", number + 1));
        }
    }
    if has_inline_tests(&code) {
        problems.push(format!("{name}: tests belong into `tests.rs`"));
    }
    for function in text::functions(&code) {
        if function.lines > FUNCTION_LINES_MAX {
            problems.push(format!(
                "{name}:{}: `{}` has {} lines; {FUNCTION_LINES_MAX} are allowed",
                function.line, function.name, function.lines
            ));
        }
    }
}

/// Whether the file holds tests, to which only the first rule applies.
fn is_test(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default();
    let in_test_folder = path
        .components()
        .any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "benches")));
    stem == "tests" || in_test_folder
}

fn has_inline_tests(code: &str) -> bool {
    let mut after_attribute = false;
    for line in code.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if after_attribute && line.starts_with("mod ") && line.ends_with('{') {
            return true;
        }
        after_attribute = line == "#[cfg(test)]" || (after_attribute && line.starts_with("#["));
    }
    false
}
