//! The requests and answers of ethereum/execution-apis, asked of this chain's JSON-RPC.
//!
//! Their chain is executed here block by block and served with its roots trusted. What differs, and
//! why, is told in `docs/compatibility.md`.

use std::{collections::BTreeMap, fs, path::Path};

use jsonrpsee::RpcModule;
use qiao_api::rpc::Limits;
use qiao_devchain::{DevChain, genesis, rpc};
use serde_json::{Value, json};

use crate::{fixtures, imported};

/// Files whose every answer agrees.
const AGREEING: usize = 177;

#[tokio::test(flavor = "multi_thread")]
async fn ethereums_requests_are_answered_as_ethereum_answers_them() {
    let Some(folder) = fixtures::unpacked("ethereum-execution-apis.tar.xz") else { return };
    let folder = folder.join("tests");
    let imported = imported::import(&folder);
    let heads = imported.blocks.len();
    let genesis = genesis(imported.chain_id, 0);
    let chain = DevChain::imported(genesis, imported.blocks, imported.states).await.unwrap();
    chain.pause();
    let methods = rpc::methods(&chain, &Limits::default());
    let mut tally: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    for file in pairs(&folder) {
        let method = file.parent().and_then(Path::file_name).unwrap_or_default();
        let entry = tally.entry(method.to_string_lossy().into_owned()).or_default();
        match ask(&methods, &file).await {
            Ok(()) => entry.0 += 1,
            Err(difference) => entry.1.push(difference),
        }
    }
    let agreeing: usize = tally.values().map(|(count, _)| count).sum();
    let differing: usize = tally.values().map(|(_, list)| list.len()).sum();
    println!("{heads} blocks executed, {agreeing} files agree, {differing} differ");
    for (method, (count, differences)) in &tally {
        println!("{method}: {count} agree, {} differ", differences.len());
        differences.iter().for_each(|difference| println!("  {difference}"));
    }
    assert_eq!(agreeing, AGREEING, "files that agree; the list is above");
}

fn pairs(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("it was unpacked") {
        let path = entry.expect("it can be listed").path();
        for file in path.is_dir().then(|| fs::read_dir(path)).into_iter().flatten().flatten() {
            files.push(file.expect("it can be listed").path());
        }
    }
    files.sort();
    files
}

/// Sends the requests of a file; an error tells the first answer that differs.
async fn ask(methods: &RpcModule<()>, file: &Path) -> Result<(), String> {
    let text = fs::read_to_string(file).expect("it was unpacked");
    let is_about_form = text.lines().any(|line| line.starts_with("// speconly"));
    let mut lines = text.lines().filter(|line| !line.starts_with("//"));
    while let (Some(asked), Some(expected)) = (lines.next(), lines.next()) {
        let asked = asked.strip_prefix(">> ").expect("a request");
        let expected: Value =
            serde_json::from_str(expected.strip_prefix("<< ").expect("an answer")).expect("JSON");
        let (answer, _) = methods.raw_json_request(asked, 1).await.expect("an answer");
        let answer: Value = serde_json::from_str(answer.get()).expect("JSON");
        if !agrees(&expected, &answer, is_about_form) {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            return Err(format!("{name}: {}", difference(&expected, &answer)));
        }
    }
    Ok(())
}

/// Errors agree by their code; where only the form is asked, so do all results.
fn agrees(expected: &Value, answer: &Value, is_about_form: bool) -> bool {
    match (expected.get("error"), answer.get("error")) {
        (Some(expected), Some(error)) => expected["code"] == error["code"],
        (None, None) if is_about_form => true,
        (None, None) => essence(&expected["result"]) == essence(&answer["result"]),
        _ => false,
    }
}

/// Simulated blocks are compared by what their calls did: their headers hold a state root and fees,
/// and so do their hashes.
fn essence(result: &Value) -> Value {
    let is_simulated = |block: &Value| block.get("calls").is_some();
    match result.as_array() {
        Some(blocks) if !blocks.is_empty() && blocks.iter().all(is_simulated) => blocks
            .iter()
            .map(|block| {
                block["calls"]
                    .as_array()
                    .map_or(Value::Null, |calls| calls.iter().map(call).collect())
            })
            .collect(),
        _ => result.clone(),
    }
}

fn call(call: &Value) -> Value {
    let logs = call["logs"].as_array().into_iter().flatten();
    let logs: Value = logs.map(|log| json!([log["address"], log["topics"], log["data"]])).collect();
    json!([call["returnData"], call["gasUsed"], call["status"], call["error"]["code"], logs])
}

/// Where two answers differ, shortly.
fn difference(expected: &Value, answer: &Value) -> String {
    let (Some(left), Some(right)) = (expected["result"].as_object(), answer["result"].as_object())
    else {
        let left = essence(&expected["result"]).to_string();
        let right = essence(&answer["result"]).to_string();
        if left != "null" && right != "null" {
            let same = left.bytes().zip(right.bytes()).take_while(|(one, other)| one == other);
            let from = same.count().saturating_sub(40);
            let part = |text: &str| text.chars().skip(from).take(140).collect::<String>();
            return format!("…{} instead of …{}", part(&right), part(&left));
        }
        let short = |value: &Value| value.to_string().chars().take(160).collect::<String>();
        return format!("{} instead of {}", short(answer), short(expected));
    };
    let keys: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
    let differing = keys.into_iter().filter(|key| left.get(*key) != right.get(*key));
    let shown = differing.map(|key| match (left.get(key), right.get(key)) {
        (Some(_), None) => format!("no {key}"),
        (None, _) => format!("{key} besides"),
        _ => key.clone(),
    });
    shown.collect::<Vec<_>>().join(", ")
}
