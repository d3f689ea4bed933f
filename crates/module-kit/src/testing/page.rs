//! Checks on the texts of a module's folder: the page, its invariants, its siblings.

use std::{
    collections::BTreeSet,
    fmt::Debug,
    fs,
    path::{Path, PathBuf},
};

use crate::module::Module;

/// The headings of `mod.rs`, in order.
const HEADINGS: [&str; 8] =
    ["Purpose", "Roles", "Lifecycle", "Invariants", "Limits", "Terms", "Standards", "Example"];

/// `mod.rs` has every heading, and every invariant a test of its number.
pub(super) fn check_page(folder: &Path) {
    let page = read(&folder.join("mod.rs"));
    let docs: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("//! ")).collect();
    let headings: Vec<&str> = docs.iter().filter_map(|line| line.strip_prefix("# ")).collect();
    assert_eq!(headings, HEADINGS, "the headings of `mod.rs`");

    let invariants: Vec<usize> = docs.iter().filter_map(|line| invariant(line)).collect();
    let count = invariants.len();
    assert_eq!(invariants, (1..=count).collect::<Vec<_>>(), "invariants are numbered from I1");
    assert!(count > 0, "a module without an invariant protects nothing");
    let more = files(&folder.join("tests")).into_iter();
    let tests: String =
        std::iter::once(folder.join("tests.rs")).chain(more).map(|p| read(&p)).collect();
    for number in invariants {
        assert!(tests.contains(&format!("fn i{number}_")), "no test of invariant I{number}");
    }
}

/// The number in `- I7 Nobody …`.
fn invariant(line: &str) -> Option<usize> {
    line.strip_prefix("- I")?.split(' ').next()?.parse().ok()
}

/// A module names the siblings that its code names, and no other.
pub(super) fn check_siblings(folder: &Path, module: &Module, table: &[Module]) {
    let mut named = BTreeSet::new();
    for path in files(folder).into_iter().chain(files(&folder.join("calls"))) {
        let is_code = path.extension().is_some_and(|extension| extension == "rs");
        if is_code && path.file_name().is_some_and(|name| name != "tests.rs") {
            named.extend(crate_names(&read(&path)));
        }
    }
    let siblings = table.iter().map(|other| other.name).filter(|name| *name != module.name);
    let used: Vec<&str> = siblings.filter(|name| named.contains(*name)).collect();
    assert_eq!(used, module.requires, "`requires` is what the code uses, in the table's order");
}

/// The entries of a folder; none if there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.expect("the folder can be listed").path()).collect()
}

/// The first words behind `crate::`; behind `crate::{`, those of each item of the group.
fn crate_names(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => names.extend(items(group).iter().map(|item| first_word(item))),
            None => {
                names.insert(first_word(rest));
            }
        }
    }
    names
}

/// The items of a group up to its closing brace; the groups in it belong to their items.
fn items(group: &str) -> Vec<String> {
    let (mut items, mut depth) = (vec![String::new()], 1);
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => items.push(String::new()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        items.last_mut().expect("it began with one").push(letter);
    }
    items
}

fn first_word(text: &str) -> String {
    let text = text.trim_start_matches(|letter: char| letter == ',' || letter.is_whitespace());
    text.split(|letter: char| !is_name(letter)).next().unwrap_or_default().to_owned()
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Every row of the table stands in a line of the page, in words: `none -- open --> open`.
pub(super) fn check_lifecycle<S: Debug, A: Debug>(folder: &Path, table: &[(S, A, S)]) {
    let page = read(&folder.join("mod.rs"));
    for (from, act, to) in table {
        let words = [in_words(from), in_words(act), in_words(to)];
        let is_told = page.lines().any(|line| contains_in_order(line, &words));
        assert!(is_told, "the page does not tell that {}", words.join(" -> "));
    }
}

fn contains_in_order(line: &str, words: &[String]) -> bool {
    let mut rest = line;
    words.iter().all(|word| match rest.split_once(word.as_str()) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// `ByAdmin` is `by admin`.
fn in_words(value: &impl Debug) -> String {
    let mut words = String::new();
    for letter in format!("{value:?}").chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}
