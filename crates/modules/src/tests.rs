//! What holds for all modules together.

mod trade;

use std::{env, fs, path::Path};

use alloy_sol_types::SolError;
use qiao_module_kit::module_address;

use crate::{MODULES, members::IMembers, refusals, solidity};

#[test]
fn modules_are_registered_in_the_order_of_their_addresses() {
    for (index, module) in (1u16..).zip(MODULES) {
        assert_eq!(module.address, module_address(index), "`{}`", module.name);
    }
}

#[test]
fn modules_do_not_need_each_other_in_a_circle() {
    fn visit(name: &str, path: &mut Vec<String>) {
        assert!(!path.iter().any(|one| one == name), "a circle: {path:?} {name}");
        let module = MODULES.iter().find(|module| module.name == name);
        path.push(name.to_owned());
        for sibling in module.expect("a sibling is registered").requires {
            visit(sibling, path);
        }
        path.pop();
    }
    MODULES.iter().for_each(|module| visit(module.name, &mut Vec::new()));
}

#[test]
fn a_refusal_of_any_module_is_told_in_words() {
    let data = IMembers::NotAdmin { caller: module_address(1) }.abi_encode();
    let refusal = refusals().find(&data).unwrap();
    assert_eq!(refusal.code, "members.not_admin");
    assert_eq!(refusal.cause, "The caller is not an admin.");
}

#[test]
fn no_two_refusals_share_a_selector_or_a_code() {
    let mut codes: Vec<&str> =
        refusals().iter().map(|(_, refusal)| refusal.code.as_str()).collect();
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count);
    let errors = MODULES.iter().map(|module| module.source.matches("\n        error ").count());
    assert_eq!(count, errors.sum::<usize>() + 25, "25 refusals belong to the kit");
}

/// `cargo xtask solidity` writes the package anew.
#[test]
fn the_solidity_package_is_what_the_modules_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../solidity");
    let is_rewriting = env::var_os("QIAO_REWRITE_SNAPSHOTS").is_some_and(|value| value == "1");
    for (name, text) in solidity::package() {
        let path = folder.join(&name);
        if is_rewriting {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(written == text, "`solidity/{name}` is old: run `cargo xtask solidity`");
    }
}
