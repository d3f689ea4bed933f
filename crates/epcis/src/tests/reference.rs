//! The reference of problem codes, built from the list of codes.

use crate::CODES;
use std::collections::BTreeSet;
use std::path::Path;

const INTRODUCTION: &str = "\
# Problems with EPCIS events

Why a document or an event is refused. Each problem names the event by its index, the field by its
path (`eventList[1].quantityList[0].uom`), a code that never changes, and the rule in words. The
rules are those of the EPCIS 2.0 JSON schema and of CBV 2.0; the limits are our own.

Built from the list of codes in `crates/epcis/src/problem.rs`: `QIAO_UPDATE=1 cargo test -p
qiao-epcis` writes it anew.

| code | what is wrong | what to do |
|---|---|---|
";

fn page() -> String {
    let rows = CODES.iter().map(|c| format!("| `{}` | {} | {} |\n", c.code, c.cause, c.remedy));
    INTRODUCTION.to_owned() + &rows.collect::<String>()
}

#[test]
fn the_reference_page_lists_every_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/epcis-problems.md");
    if std::env::var_os("QIAO_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page(), "run `QIAO_UPDATE=1 cargo test -p qiao-epcis`");
}

#[test]
fn every_reported_code_is_listed_and_every_listed_code_reported() {
    let mut reported = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && name != "tests" {
                folders.push(path);
            } else if path.is_file() && name != "problem.rs" && name != "tests.rs" {
                let text = std::fs::read_to_string(path).unwrap();
                let parts = text.split('"').filter(|part| part.starts_with("epcis."));
                reported.extend(parts.map(str::to_owned));
            }
        }
    }
    let listed: Vec<_> = CODES.iter().map(|code| code.code.to_owned()).collect();
    assert!(listed.is_sorted(), "the codes are in alphabetical order");
    assert_eq!(reported.into_iter().collect::<Vec<_>>(), listed);
}
