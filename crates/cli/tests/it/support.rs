//! Runs `qiao`, and networks of four `qiao start` processes.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The built program, shielded from the environment of whoever runs the tests.
pub fn qiao(arguments: &[&str]) -> Command {
    shielded(env!("CARGO_BIN_EXE_qiao").as_ref(), arguments)
}

/// Any program, shielded in the same way.
pub fn shielded(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("QIAO_")) {
        command.env_remove(name);
    }
    command.args(arguments).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Runs to the end.
pub fn run(arguments: &[&str]) -> Output {
    qiao(arguments).output().unwrap()
}

/// What was printed, and the exit code, as one text.
pub fn transcript(output: &Output) -> String {
    format!(
        "exit code {}\n-- stdout\n{}-- stderr\n{}",
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    )
}

/// What was printed on stderr.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The fixtures of the community, if they are here; says aloud if they are not.
pub fn fixtures(folder: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    let found = [root.clone(), PathBuf::from("../shared/fixtures")];
    let alternatives = std::env::var_os("QIAO_FIXTURES").map(PathBuf::from);
    let path = alternatives.into_iter().chain(found).map(|root| root.join(folder));
    let path = path.into_iter().find(|path| path.is_dir());
    if path.is_none() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: `../shared/fixtures/{folder}` is not here");
        println!("SKIPPED: `../shared/fixtures/{folder}` is not here");
    }
    path
}

/// A base port with 40 free ones from there on; each caller of this process gets its own.
pub fn free_ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = 12_000 + u16::try_from(std::process::id() % 100).unwrap() * 80;
    loop {
        let base = start + NEXT.fetch_add(1, Ordering::SeqCst) * 40;
        assert!(base < 32_000, "no free ports");
        if (base..base + 40).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return base;
        }
    }
}

/// Four validators; stopped and deleted when dropped.
pub struct Network {
    folder: tempfile::TempDir,
    base_port: u16,
    processes: [Option<Child>; 4],
}

impl Network {
    /// Writes the homes.
    pub fn init() -> Self {
        Self::init_by(&qiao)
    }

    /// Writes the homes with another program.
    pub fn init_by(program: &dyn Fn(&[&str]) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base_port = free_ports();
        let out = folder.path().join("net");
        let port = base_port.to_string();
        let arguments = ["init", "--members", "4", "--base-port", &port, "--out"];
        let output = program(&arguments).arg(&out).output().unwrap();
        assert!(output.status.success(), "{}", transcript(&output));
        Self { folder, base_port, processes: [None, None, None, None] }
    }

    /// Writes the homes, starts all four and waits until all make blocks.
    pub fn start() -> Self {
        Self::start_by(&qiao)
    }

    /// The same with another program.
    pub fn start_by(program: &dyn Fn(&[&str]) -> Command) -> Self {
        let mut network = Self::init_by(program);
        for member in 1..=4 {
            network.start_member_as(member, program(&["start", "--home"]));
        }
        for member in 1..=4 {
            network.wait(&format!("member {member} has a final block"), |network| {
                network.height(member).is_some_and(|height| height > 0)
            });
        }
        network
    }

    /// The home of a member, from 1.
    pub fn home(&self, member: usize) -> PathBuf {
        self.folder.path().join("net").join(format!("member-{member}"))
    }

    /// Puts another home in the place of a stopped member's.
    pub fn move_home(&self, member: usize, from: &Path) {
        let home = self.home(member);
        fs::rename(&home, home.with_extension("old")).unwrap();
        fs::rename(from, home).unwrap();
    }

    /// REST and console of a member.
    pub fn url(&self, member: usize) -> String {
        format!("http://127.0.0.1:{}", self.port(member) + 1)
    }

    /// Starts a member.
    pub fn start_member(&mut self, member: usize) {
        self.start_member_as(member, qiao(&["start", "--home"]));
    }

    /// Starts a member by another command, to which its home is added.
    pub fn start_member_as(&mut self, member: usize, mut command: Command) {
        let path = self.folder.path().join(format!("member-{member}.log"));
        let log = File::options().create(true).append(true).open(path).unwrap();
        let process = command
            .arg(self.home(member))
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.processes[member - 1] = Some(process);
    }

    /// Ends a member with SIGKILL, as a power cut would.
    pub fn kill(&mut self, member: usize) {
        let mut process = self.processes[member - 1].take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Starts a member that may refuse; its exit code and last words if it does.
    pub fn try_start(&mut self, member: usize) -> Result<(), (Option<i32>, String)> {
        let path = self.folder.path().join(format!("member-{member}.try"));
        let log = File::create(&path).unwrap();
        let mut command = qiao(&["start", "--home"]);
        command.arg(self.home(member)).stdout(Stdio::null()).stderr(log);
        let mut process = command.spawn().unwrap();
        let deadline = Instant::now() + PATIENCE;
        while self.height(member).is_none() {
            if let Some(status) = process.try_wait().unwrap() {
                return Err((status.code(), fs::read_to_string(&path).unwrap()));
            }
            assert!(Instant::now() < deadline, "it neither serves nor refuses\n{}", self.logs());
            std::thread::sleep(Duration::from_millis(50));
        }
        self.processes[member - 1] = Some(process);
        Ok(())
    }

    /// Asks a member to stop (SIGTERM) and waits until it has.
    pub fn stop(&mut self, member: usize) {
        let mut process = self.processes[member - 1].take().unwrap();
        let stopped = Command::new("kill").arg(process.id().to_string()).status();
        assert!(stopped.is_ok_and(|status| status.success()), "`kill` does not work here");
        process.wait().unwrap();
    }

    /// An event at a member, by its hash.
    pub fn event(&self, member: usize, hash: &str) -> Option<Value> {
        let escape = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
        let escapes =
            [("%", "%25"), (":", "%3A"), ("/", "%2F"), (";", "%3B"), ("?", "%3F"), ("=", "%3D")];
        let path = escapes.iter().fold(hash.to_string(), escape);
        get(&format!("{}/epcis/events/{path}", self.url(member)))
    }

    /// `GET /status` of a member.
    pub fn status(&self, member: usize) -> Option<Value> {
        get(&format!("{}/status", self.url(member)))
    }

    /// The newest final block of a member.
    pub fn height(&self, member: usize) -> Option<u64> {
        self.status(member)?.pointer("/head/number")?.as_u64()
    }

    /// Calls a member's JSON-RPC.
    pub fn rpc(&self, member: usize, method: &str, parameters: Value) -> Option<Value> {
        let url = format!("http://127.0.0.1:{}", self.port(member) + 2);
        let body = serde_json::json!(
            { "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters }
        );
        let answer = agent().post(&url).send_json(body).ok()?;
        let answer: Value = answer.into_body().read_json().ok()?;
        answer.get("result").cloned()
    }

    /// The state root in the header of a block, as a member has it.
    pub fn state_root(&self, member: usize, height: u64) -> Option<String> {
        let parameters = serde_json::json!([format!("{height:#x}"), false]);
        let block = self.rpc(member, "eth_getBlockByNumber", parameters)?;
        Some(block.get("stateRoot")?.as_str()?.to_string())
    }

    /// The hashes of all events that a member's index holds.
    pub fn event_count(&self, member: usize) -> usize {
        let url = format!("{}/epcis/events?perPage=100", self.url(member));
        let mut next = Some(url);
        let mut count = 0;
        while let Some(url) = next.take() {
            let Ok(answer) = agent().get(&url).call() else { return count };
            next = answer
                .headers()
                .get("link")
                .and_then(|link| link.to_str().ok())
                .and_then(|link| next_page(link, &self.url(member)));
            let page: Value = answer.into_body().read_json().unwrap_or_default();
            count += page
                .pointer("/epcisBody/queryResults/resultsBody/eventList")
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
        }
        count
    }

    /// Waits for something; fails with the ends of the logs.
    pub fn wait(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < deadline, "in vain: {what}\n{}", self.logs());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until every node that answers has the blocks of all others, in its index too. What one
    /// member was told is final, the others may not have heard of yet: stories that go from desk to
    /// desk wait here.
    pub fn catch_up(&self) {
        let newest = (1..=4).filter_map(|member| self.height(member)).max();
        let indexed = |member| self.status(member)?.get("index_block")?.as_u64();
        self.wait("all nodes have the newest block", |_| {
            (1..=4).filter_map(indexed).all(|height| Some(height) >= newest)
        });
    }

    /// Captures a document at a member and waits until it is final; `qiao capture` answers.
    pub fn capture(&self, member: usize, document: &str) -> Output {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let file = self.folder.path().join(format!("document-{number}.json"));
        fs::write(&file, document).unwrap();
        let url = self.url(member);
        qiao(&["capture", "--url", &url, "--json"]).arg(&file).output().unwrap()
    }

    /// Whether a member's process runs.
    pub fn is_running(&mut self, member: usize) -> bool {
        let process = self.processes[member - 1].as_mut();
        process.is_some_and(|process| process.try_wait().unwrap().is_none())
    }

    /// The end of a member's log.
    pub fn log(&self, member: usize) -> String {
        let path = self.folder.path().join(format!("member-{member}.log"));
        let log = fs::read_to_string(path).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    /// The ends of the members' logs.
    pub fn logs(&self) -> String {
        let mut text = String::new();
        for member in 1..=4 {
            text.push_str(&format!("-- member-{member}\n{}\n", self.log(member)));
        }
        text
    }

    fn port(&self, member: usize) -> u16 {
        self.base_port + 10 * u16::try_from(member - 1).unwrap()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for process in self.processes.iter_mut().flatten() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// A JSON answer; `None` if nobody answers well.
pub fn get(url: &str) -> Option<Value> {
    agent().get(url).call().ok()?.into_body().read_json().ok()
}

/// A client that does not wait for ever.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(10))).build().into()
}

/// The address in `<…>; rel="next"`.
fn next_page(link: &str, base: &str) -> Option<String> {
    let part = link.split(", <").find(|part| part.contains("rel=\"next\""))?;
    let address = part.trim_start_matches('<').split('>').next()?;
    Some(if address.starts_with("http") { address.into() } else { format!("{base}{address}") })
}

/// An EPCIS document with so many events; `batch` keeps them apart from those of other documents.
pub fn document(batch: usize, events: usize) -> String {
    let events: Vec<Value> = (0..events)
        .map(|number| {
            let (minute, second) = (number / 60 % 60, number % 60);
            serde_json::json!({
                "type": "ObjectEvent",
                "eventTime": format!("2026-03-01T10:{minute:02}:{second:02}.000Z"),
                "eventTimeZoneOffset": "+00:00",
                "epcList": [format!("urn:epc:id:sgtin:9521141.012345.{batch}a{number}")],
                "action": "OBSERVE",
                "bizStep": "shipping",
                "disposition": "in_transit",
                "readPoint": { "id": "urn:epc:id:sgln:9521141.12345.400" },
            })
        })
        .collect();
    serde_json::json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-01T12:00:00.000Z",
        "epcisBody": { "eventList": events },
    })
    .to_string()
}
