//! Tests of the rules about the source tree.

use std::path::Path;

use super::{levels, source, text};

fn problems_of(path: &str, content: &str) -> Vec<String> {
    let mut problems = Vec::new();
    source::check(Path::new(path), content, &mut problems);
    problems
}

#[test]
fn braces_in_comments_and_literals_are_not_counted() {
    let source = "//! Doc.\nfn a() {\n    let _ = (\"}\", '}', r#\"}\"#, b'{'); // }\n    /* } */\n}\nfn b<'a>(x: &'a [u8; 2]) {\n}\n";
    let found = text::functions(&text::blank(source));
    let sizes: Vec<_> = found.iter().map(|f| (f.name.as_str(), f.line, f.lines)).collect();
    assert_eq!(sizes, [("a", 2, 4), ("b", 6, 2)]);
}

#[test]
fn a_signature_without_a_body_is_no_function() {
    assert_eq!(text::functions("trait T { fn a(&self) -> [u8; 2]; }"), []);
}

#[test]
fn a_long_function_a_missing_head_and_unwrap_are_reported() {
    let long = format!("fn a() {{\n{}}}\n", "    let x = y.unwrap();\n".repeat(70));
    let problems = problems_of("crates/x/src/a.rs", &long);
    assert_eq!(problems.len(), 72, "{problems:?}");
    assert!(problems_of("crates/x/src/tests.rs", "//! T.\nfn a() { b.unwrap() }").is_empty());
}

#[test]
fn tests_below_the_code_are_reported() {
    let content = "//! D.\n#[cfg(test)]\nmod tests {\n}\n";
    assert_eq!(problems_of("crates/x/src/a.rs", content).len(), 1);
    assert!(problems_of("crates/x/src/a.rs", "//! D.\n#[cfg(test)]\nmod tests;\n").is_empty());
}

#[test]
fn a_dependency_sideways_or_up_and_a_reserved_name_are_reported() {
    let table = levels::parse_table(
        "| L | crate | what | may name |\n|---|---|---|---|\n| 0 | `types` | x | |\n\
         | 2 | `state` | x | `commonware` |\n| 2 | `modules` | x | |\n",
    );
    assert_eq!(table.len(), 3);
    let manifest: toml::Table =
        "[dependencies]\nqiao-types = {}\nqiao-state = {}\ncommonware-codec = {}\n"
            .parse()
            .unwrap();
    let mut problems = Vec::new();
    levels::check_crate("modules", &manifest, &table, &mut problems);
    assert_eq!(problems.len(), 2, "{problems:?}");
    problems.clear();
    levels::check_crate(
        "state",
        &"[dependencies]\nqiao-types = {}".parse().unwrap(),
        &table,
        &mut problems,
    );
    assert!(problems.is_empty());
}
