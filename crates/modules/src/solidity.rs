//! The modules as contract developers see them: the files of the npm package `solidity/`.
//!
//! `cargo xtask solidity` writes them; a test fails where they are not what the modules say.

use std::collections::BTreeMap;

use qiao_module_kit::{Interface, Module, SHARED, stub_code};

use crate::MODULES;

const HEAD: &str = "// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;
";

/// The generated files by their paths in the package.
pub fn package() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let shared = SHARED.iter().map(|(_, source)| read(source));
    let modules = MODULES.iter().map(|module| read(module.source));
    for interface in shared.chain(modules) {
        let name = &interface.name;
        let text = format!("{HEAD}\n{}", interface.to_solidity());
        files.insert(format!("contracts/interfaces/{name}.sol"), text);
        files.insert(format!("abi/{name}.json"), interface.to_json());
    }
    files.insert("contracts/Modules.sol".to_owned(), addresses());
    files.insert("contracts/test/NativeModules.sol".to_owned(), stubs());
    files
}

/// Where each module answers.
fn addresses() -> String {
    let mut text = HEAD.to_owned();
    for module in MODULES {
        let name = interface_name(module);
        text.push_str(&format!("\nimport {{{name}}} from \"./interfaces/{name}.sol\";"));
    }
    text.push_str(
        "\n\n/// @title Modules\n\
         /// @notice The native modules of the chain at their addresses, the same on every network.\n\
         library Modules {",
    );
    for module in MODULES {
        let (name, constant) = (interface_name(module), module.name.to_uppercase());
        let address = module.address;
        text.push_str(&format!("\n    {name} internal constant {constant} = {name}({address});"));
    }
    text.push_str("\n}\n");
    text
}

/// What local simulators need to say why a call to a module cannot work in them.
fn stubs() -> String {
    let mut text = HEAD.to_owned();
    text.push_str(&format!(
        "
/// @notice The one cheat code of Foundry that is used here.
interface IEtch {{
    function etch(address target, bytes calldata code) external;
}}

/// @title NativeModules
/// @notice Modules are native code of the chain: a simulator on your machine has none of them. The
/// chain's own accounts carry this code, so that a call in a simulator reverts with \"native module\"
/// instead of finding nobody. Put what your test expects over it with `vm.mockCall`.
library NativeModules {{
    bytes internal constant STUB = hex\"{}\";

    /// @notice Gives every module's account the code that it has on the chain.
    function install(IEtch vm) internal {{
",
        alloy_primitives::hex::encode(stub_code())
    ));
    for module in MODULES {
        let (address, name) = (module.address, module.name);
        text.push_str(&format!("        vm.etch({address}, STUB); // {name}\n"));
    }
    text.push_str("    }\n}\n");
    text
}

fn interface_name(module: &Module) -> String {
    read(module.source).name
}

fn read(source: &str) -> Interface {
    Interface::read(source).expect("conformance reads every interface")
}
