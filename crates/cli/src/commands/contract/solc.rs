//! Running the Solidity compiler: the program `solc`, or npm's `solcjs`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use qiao_api::contracts::Place;
use serde_json::{Value, json};

use crate::failure::Failure;

/// What is to be compiled: the compiler's standard JSON input.
#[derive(Debug, Clone)]
pub struct Input {
    /// `Solidity` or `Yul`.
    pub language: String,
    /// The files by their paths.
    pub sources: BTreeMap<String, String>,
    /// The settings, without a selection of outputs.
    pub settings: Value,
}

/// A compiled contract.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// `path/File.sol:Name`.
    pub contract: String,
    /// The JSON ABI.
    pub abi: Value,
    /// The runtime code in hexadecimal, with zeros where libraries are linked in.
    pub runtime: String,
    /// Where immutables and libraries stand in it.
    pub places: Vec<Place>,
}

/// The full version, as in `0.8.30+commit.73712a01`.
pub fn version(solc: &Path) -> Result<String, Failure> {
    let done = command(solc).arg("--version").output().map_err(|error| missing(solc, &error))?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let found = text.split_whitespace().find_map(|word| {
        let (number, rest) = word.split_once("+commit.")?;
        let commit: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
        Some(format!("{number}+commit.{commit}"))
    });
    found.ok_or_else(|| {
        Failure::environment(format!("`{} --version` tells no version", solc.display()))
            .with_hint("`--solc` names the program `solc`, or `solcjs` of the npm package `solc`")
    })
}

/// Compiles everything that can be deployed.
pub fn compile(solc: &Path, input: &Input) -> Result<Vec<Compiled>, Failure> {
    let mut settings = input.settings.clone();
    settings["outputSelection"] = json!({ "*": { "*": [
        "abi",
        "evm.deployedBytecode.object",
        "evm.deployedBytecode.linkReferences",
        "evm.deployedBytecode.immutableReferences",
    ] } });
    let sources: BTreeMap<&String, Value> =
        input.sources.iter().map(|(path, text)| (path, json!({ "content": text }))).collect();
    let document = json!({ "language": input.language, "sources": sources, "settings": settings });
    let answer = run(solc, &document)?;
    let errors = answer.get("errors").and_then(Value::as_array).into_iter().flatten();
    let errors: Vec<&str> = errors
        .filter(|error| error.get("severity").and_then(Value::as_str) == Some("error"))
        .filter_map(|error| error.get("formattedMessage").and_then(Value::as_str))
        .collect();
    if !errors.is_empty() {
        return Err(Failure::refused(format!("it does not compile\n{}", errors.join("\n"))));
    }
    let mut compiled = Vec::new();
    for (file, contracts) in
        answer.get("contracts").and_then(Value::as_object).into_iter().flatten()
    {
        for (name, contract) in contracts.as_object().into_iter().flatten() {
            compiled.extend(read(&format!("{file}:{name}"), contract));
        }
    }
    Ok(compiled)
}

/// A contract of the answer; `None` if it cannot be deployed.
fn read(contract: &str, value: &Value) -> Option<Compiled> {
    let code = value.get("evm")?.get("deployedBytecode")?;
    let object = code.get("object")?.as_str().filter(|object| !object.is_empty())?;
    let mut places = Vec::new();
    let immutables = code.get("immutableReferences").and_then(Value::as_object);
    for list in immutables.into_iter().flat_map(|map| map.values()) {
        places.extend(places_of(list));
    }
    let mut runtime = object.as_bytes().to_vec();
    let libraries = code.get("linkReferences").and_then(Value::as_object);
    for list in libraries.into_iter().flat_map(|map| map.values()).flat_map(Value::as_object) {
        for place in list.values().flat_map(places_of) {
            runtime.get_mut(2 * place.start..2 * (place.start + place.length))?.fill(b'0');
            places.push(place);
        }
    }
    Some(Compiled {
        contract: contract.to_owned(),
        abi: value.get("abi").cloned().unwrap_or_else(|| json!([])),
        runtime: format!("0x{}", String::from_utf8(runtime).ok()?),
        places,
    })
}

fn places_of(list: &Value) -> Vec<Place> {
    let number = |one: &Value, name: &str| usize::try_from(one.get(name)?.as_u64()?).ok();
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|one| {
        Some(Place { start: number(one, "start")?, length: number(one, "length")? })
    })
    .collect()
}

fn run(solc: &Path, document: &Value) -> Result<Value, Failure> {
    let mut running = command(solc)
        .arg("--standard-json")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| missing(solc, &error))?;
    let mut stdin = running.stdin.take().expect("the input is piped");
    let text = document.to_string();
    // Written apart, because the compiler may answer before it has read everything.
    let writing = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let done = running.wait_with_output().map_err(|error| missing(solc, &error))?;
    // A compiler that ends early closes its input; what it says is the better reason.
    let _ = writing.join();
    let answer = String::from_utf8_lossy(&done.stdout).into_owned();
    // `solcjs` says something about SMT before it answers.
    let json = answer.find('{').map_or("", |start| &answer[start..]);
    serde_json::from_str(json).map_err(|_| {
        let said = String::from_utf8_lossy(&done.stderr);
        let said = said.lines().next().unwrap_or("nothing").to_owned();
        Failure::environment(format!("`{}` did not answer in JSON: {said}", solc.display()))
            .with_hint("`--solc` names the program `solc`, or `solcjs` of the npm package `solc`")
    })
}

/// The compiler; a script is run by Node.
fn command(solc: &Path) -> Command {
    let is_script = solc
        .extension()
        .is_some_and(|extension| extension == "js" || extension == "cjs" || extension == "mjs");
    if is_script {
        let mut command = Command::new("node");
        command.arg(solc);
        return command;
    }
    Command::new(solc)
}

fn missing(solc: &Path, error: &std::io::Error) -> Failure {
    Failure::environment(format!("`{}` cannot be run: {error}", solc.display()))
        .with_hint("`--solc` names the program `solc`, or `solcjs` of the npm package `solc`")
}

/// Reads source files and everything that they import.
///
/// A relative import is looked for beside the file that imports it, any other in the folder of the
/// command and then in the folders of `include`.
pub fn gather(files: &[PathBuf], include: &[PathBuf]) -> Result<BTreeMap<String, String>, Failure> {
    let mut sources = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut wanted: Vec<(String, PathBuf)> =
        files.iter().map(|file| (unit_name(file), file.clone())).collect();
    while let Some((name, path)) = wanted.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Failure::environment(format!("`{}` cannot be read: {error}", path.display()))
                .with_hint("`--include DIR` names a folder of imports, such as node_modules")
        })?;
        for import in imports(&text) {
            wanted.push(resolve(&name, &path, &import, include));
        }
        sources.insert(name, text);
    }
    Ok(sources)
}

/// The path with `/` and without `.` and `..`, as the compiler calls the file.
fn unit_name(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let text = path.to_string_lossy().into_owned();
    for part in text.split(['/', '\\']) {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    if text.starts_with('/') { format!("/{joined}") } else { joined }
}

fn resolve(name: &str, path: &Path, import: &str, include: &[PathBuf]) -> (String, PathBuf) {
    if import.starts_with("./") || import.starts_with("../") {
        let beside = |path: &Path| path.parent().unwrap_or(Path::new("")).join(import);
        return (unit_name(&beside(Path::new(name))), beside(path));
    }
    let direct = PathBuf::from(import);
    let places = include.iter().map(|folder| folder.join(import));
    let found = [direct.clone()].into_iter().chain(places).find(|path| path.is_file());
    (import.to_owned(), found.unwrap_or(direct))
}

/// What a file imports: the text between quotes of each statement that begins with `import`.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for statement in text.split(';') {
        let Some(at) = import_at(statement) else { continue };
        let rest = &statement[at..];
        let quoted = rest.rsplit(['"', '\'']).nth(1);
        found.extend(quoted.map(str::to_owned));
    }
    found
}

/// Where the statement's word `import` stands at the beginning of a line.
fn import_at(statement: &str) -> Option<usize> {
    let mut at = 0;
    for line in statement.split_inclusive('\n') {
        let trimmed = line.trim_start();
        if trimmed.starts_with("import ")
            || trimmed.starts_with("import{")
            || trimmed.starts_with("import\"")
        {
            return Some(at + line.len() - trimmed.len());
        }
        at += line.len();
    }
    None
}
