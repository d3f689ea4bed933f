//! The tests of the index once more, on PostgreSQL.
//!
//! A server of our own runs in a temporary folder, on a port that is free, as a user without rights
//! (it refuses to run as root), and is stopped and deleted afterwards.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Totals;
use super::workspace::Reader;
use crate::shell;

/// Where the tests find the server.
const VARIABLE: &str = "QIAO_TEST_POSTGRES";

/// The crates whose tests also run there, and which of them.
const SUBJECTS: [(&str, &str); 2] = [("indexer", ""), ("cli", "postgres")];

/// Runs them, or says why not.
pub fn run(totals: &mut Totals) -> Result<()> {
    let Some(programs) = programs() else {
        let reason =
            "the tests of the index on PostgreSQL: `initdb` is not there; install `postgresql`";
        totals.skipped.push(reason.to_string());
        return Ok(());
    };
    let server = match Server::start(&programs) {
        Ok(server) => server,
        Err(error) => {
            eprintln!("error: {error:#}");
            totals.record("a PostgreSQL server starts", false);
            return Ok(());
        }
    };
    for (executable, filter) in executables()? {
        let mut command = shell::program(&executable, &["--show-output", filter]);
        command.env(VARIABLE, server.url()).stdout(Stdio::piped());
        eprintln!("$ {VARIABLE}={} {executable} {filter}", server.url());
        let mut child =
            command.spawn().with_context(|| format!("`{executable}` does not start"))?;
        let output = child.stdout.take().expect("the output is piped");
        let mut reader = Reader::default();
        for line in BufReader::new(output).split(b'\n') {
            reader.read(&String::from_utf8_lossy(&line?), totals);
        }
        if !child.wait()?.success() && totals.failed == 0 {
            totals.record("the tests on PostgreSQL ended early", false);
        }
    }
    Ok(())
}

/// The folder of `initdb` and `postgres`: Debian keeps one per version, out of the path.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path);
    folders.into_iter().rev().chain(in_path).find(|folder| folder.join("initdb").is_file())
}

/// The test programs of the subjects as the workspace built them, so that nothing is built anew.
fn executables() -> Result<Vec<(String, &'static str)>> {
    let arguments =
        ["test", "--workspace", "--locked", "--no-run", "--message-format=json-render-diagnostics"];
    let mut command = shell::cargo(&arguments);
    shell::announce(&command);
    let output = command.stderr(Stdio::inherit()).output().context("`cargo` does not start")?;
    let mut found = Vec::new();
    for line in output.stdout.split(|byte| *byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
        let Some(executable) = message["executable"].as_str() else { continue };
        let manifest = message["manifest_path"].as_str().unwrap_or_default();
        let is_test = message["profile"]["test"] == true;
        let is_of = |name: &str| manifest.ends_with(&format!("/crates/{name}/Cargo.toml"));
        let subject = SUBJECTS.iter().find(|(name, _)| is_of(name));
        if let Some((_, filter)) = subject.filter(|_| is_test) {
            found.push((executable.to_string(), *filter));
        }
    }
    if found.is_empty() {
        bail!("cargo names no test programs of the index");
    }
    Ok(found)
}

/// A running server; stopped and deleted when dropped.
struct Server {
    folder: PathBuf,
    process: Option<Child>,
    port: u16,
}

impl Server {
    fn start(programs: &Path) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("qiao-postgres-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = Self { folder, process: None, port };
        let user = unprivileged()?;
        if let Some(user) = &user {
            let folder = server.folder.display().to_string();
            shell::run(&mut shell::program("chown", &[user, &folder]))?;
        }
        let data = server.folder.join("data").display().to_string();
        let sockets = server.folder.display().to_string();
        let port = port.to_string();
        let init = ["-D", &data, "-A", "trust", "-U", "qiao", "-E", "UTF8", "--no-sync"];
        shell::run(as_user(&user, &programs.join("initdb"), &init).stdout(Stdio::null()))?;
        let serve = ["-D", &data, "-p", &port, "-k", &sockets, "-c", "fsync=off"];
        let log = fs::File::create(std::env::temp_dir().join("qiao-postgres.log"))?;
        let mut command = as_user(&user, &programs.join("postgres"), &serve);
        shell::announce(&command);
        let process = command.stdout(log.try_clone()?).stderr(log).spawn()?;
        server.process = Some(process);
        server.wait(&programs.join("pg_isready"))?;
        Ok(server)
    }

    /// The database that every server has.
    fn url(&self) -> String {
        format!("postgres://qiao@127.0.0.1:{}/postgres", self.port)
    }

    fn wait(&self, is_ready: &Path) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(30);
        let port = self.port.to_string();
        while Instant::now() < deadline {
            let asked = Command::new(is_ready).args(["-h", "127.0.0.1", "-p", &port]).output()?;
            if asked.status.success() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("it does not answer at {}", self.url())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // An immediate shutdown: nothing of it is kept.
            let _ = Command::new("kill").args(["-QUIT", &process.id().to_string()]).status();
            let _ = process.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Whom the server runs as if we are root: the user of the package, or nobody.
fn unprivileged() -> Result<Option<String>> {
    let own = Command::new("id").arg("-u").output()?;
    if own.stdout.trim_ascii() != b"0" {
        return Ok(None);
    }
    let exists =
        |user: &&str| Command::new("id").arg(user).output().is_ok_and(|id| id.status.success());
    let user = ["postgres", "nobody"].into_iter().find(|user| exists(user));
    Ok(Some(user.context("there is no user without rights")?.to_string()))
}

fn as_user(user: &Option<String>, program: &Path, arguments: &[&str]) -> Command {
    let program = program.display().to_string();
    let Some(user) = user else { return shell::program(&program, arguments) };
    let mut words = vec!["--reuid", user, "--init-groups", &program];
    words.extend(arguments);
    let mut command = shell::program("setpriv", &words);
    // It may not enter the folder of the workspace.
    command.current_dir("/");
    command
}
