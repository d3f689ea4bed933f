//! Talks to a node over REST.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use qiao_node::config::Config;
use serde_json::Value;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::failure::Failure;

/// Where a node is if nobody says otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Which node a command asks.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct NodeArguments {
    /// The node's REST address [env: QIAO_URL] [default: http://127.0.0.1:8080].
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A member's home folder, whose configuration names the address.
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    pub home: Option<PathBuf>,
    /// A file with the API key, if the node asks for one [env: QIAO_KEY_FILE].
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The certificate (PEM) that vouches for the node's, for `https` [env: QIAO_CA_FILE].
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

impl NodeArguments {
    /// The address: flag, then home, then environment, then default.
    pub fn url(&self) -> Result<String, Failure> {
        if let Some(url) = &self.url {
            return Ok(url.trim_end_matches('/').to_string());
        }
        if let Some(home) = &self.home {
            let environment = |name: &str| std::env::var(name).ok();
            let (config, _) = Config::load(home, &environment, &BTreeMap::new())?;
            let url = url_of(config.http_listen);
            let is_secure = config.tls_certificate_file.is_some();
            return Ok(if is_secure { url.replacen("http", "https", 1) } else { url });
        }
        let url = std::env::var("QIAO_URL").ok().filter(|url| !url.is_empty());
        Ok(url.map_or_else(|| DEFAULT_URL.to_string(), |url| url.trim_end_matches('/').to_string()))
    }

    /// A client of that node.
    pub fn client(&self) -> Result<Client, Failure> {
        let file = |flag: &Option<PathBuf>, variable: &str| {
            let named = || std::env::var_os(variable).filter(|name| !name.is_empty());
            flag.clone().or_else(|| named().map(PathBuf::from))
        };
        let read = |path: PathBuf, what: &str| {
            std::fs::read_to_string(&path).map_err(|cause| {
                Failure::environment(format!("{what} `{}`: {cause}", path.display()))
            })
        };
        let key = file(&self.key, "QIAO_KEY_FILE");
        let key = key.map(|path| read(path, "API key file")).transpose()?;
        let authority = file(&self.ca, "QIAO_CA_FILE");
        let authority = authority.map(|path| read(path, "certificate")).transpose()?;
        Client::new(&self.url()?, key.as_deref(), authority.as_deref())
    }
}

/// The URL under which a listener is reached from this machine.
pub fn url_of(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("http://127.0.0.1:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

/// A client of one node.
#[derive(Debug)]
pub struct Client {
    url: String,
    key: Option<String>,
    agent: ureq::Agent,
}

/// What a node answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The body, if it is JSON.
    pub body: Value,
}

/// What a node answered, as bytes.
#[derive(Debug)]
pub struct FileAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Client {
    /// A client of the node at this address, with an API key and with the certificate in PEM that
    /// vouches for the node's.
    pub fn new(url: &str, key: Option<&str>, authority: Option<&str>) -> Result<Self, Failure> {
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(5)))
            .timeout_global(Some(Duration::from_secs(120)));
        if url.starts_with("https://") {
            config = config.tls_config(encrypted(authority)?);
        } else if !url.starts_with("http://") {
            return Err(Failure::usage(format!(
                "`{url}` is not an `http://` or `https://` address"
            )));
        }
        let key = key.map(|key| key.trim().to_string());
        Ok(Self { url: url.to_string(), key, agent: config.build().into() })
    }

    /// The address of the node.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Asks; a refusal by the node becomes a failure.
    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let answer = self.answer(request.header("accept", "application/json").call())?;
        accepted(answer).map(|answer| answer.body)
    }

    /// Sends a JSON document; a refusal by the node becomes a failure.
    pub fn post(
        &self,
        path: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Result<Answer, Failure> {
        let mut request = self.agent.post(format!("{}{path}", self.url));
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let is_xml = body.trim_ascii_start().starts_with(b"<");
        let media_type = if is_xml { "application/xml" } else { "application/json" };
        let answer = self.answer(request.header("content-type", media_type).send(body))?;
        accepted(answer)
    }

    /// Puts a JSON document; a refusal by the node becomes a failure.
    pub fn put(&self, path: &str, body: &[u8]) -> Result<Answer, Failure> {
        let mut request = self.agent.put(format!("{}{path}", self.url));
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let answer = self.answer(request.header("content-type", "application/json").send(body))?;
        accepted(answer)
    }

    /// Sends a file as it is. Also the answer that says what is wrong with its rows.
    pub fn upload(&self, path: &str, bytes: &[u8]) -> Result<Answer, Failure> {
        let mut request = self.agent.post(format!("{}{path}", self.url));
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let media_type = "application/octet-stream";
        let answer = self.answer(request.header("content-type", media_type).send(bytes))?;
        if answer.status == 409 && answer.body.get("checked").is_some() {
            return Ok(answer);
        }
        accepted(answer)
    }

    /// Asks for a file; a refusal by the node becomes a failure.
    pub fn file(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let response = request.call().map_err(|error| self.unreachable(&error))?;
        if response.status().as_u16() >= 400 {
            return accepted(self.answer(Ok(response))?).map(|_| Vec::new());
        }
        let mut bytes = Vec::new();
        response
            .into_body()
            .into_reader()
            .take(ANSWER_BYTES_MAX)
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::environment(format!("`{}` broke off: {error}", self.url)))?;
        Ok(bytes)
    }

    /// Sends a table and reads whatever is answered.
    pub fn send_table(
        &self,
        path: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Result<FileAnswer, Failure> {
        let mut request = self.agent.post(format!("{}{path}", self.url));
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let request = request.header("content-type", "application/octet-stream");
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        self.whole(request.send(body))
    }

    fn whole(
        &self,
        result: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<FileAnswer, Failure> {
        let response = result.map_err(|error| self.unreachable(&error))?;
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        let mut reader = response.into_body().into_reader().take(ANSWER_BYTES_MAX);
        reader
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::environment(format!("`{}` broke off: {error}", self.url)))?;
        Ok(FileAnswer { status, bytes })
    }

    fn answer(
        &self,
        result: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, Failure> {
        let response = result.map_err(|error| self.unreachable(&error))?;
        let status = response.status().as_u16();
        let location = response.headers().get("location");
        let location = location.and_then(|value| value.to_str().ok()).map(str::to_string);
        let mut text = String::new();
        response
            .into_body()
            .into_reader()
            .take(ANSWER_BYTES_MAX)
            .read_to_string(&mut text)
            .map_err(|error| Failure::environment(format!("`{}` broke off: {error}", self.url)))?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, location, body })
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        let cause = match error {
            ureq::Error::Io(cause) => cause.kind().to_string(),
            other => other.to_string(),
        };
        Failure::environment(format!("no node answers at `{}`: {cause}", self.url))
            .with_hint("`qiao doctor` says why; `--url` or `--home` names another node")
    }
}

/// Connections to a node whose certificate this one vouches for, and no other.
fn encrypted(authority: Option<&str>) -> Result<TlsConfig, Failure> {
    let authority = authority.ok_or_else(|| {
        Failure::usage("an `https://` address needs the certificate that vouches for it")
            .with_hint("`--ca FILE`: that of whoever signed the node's, in PEM")
    })?;
    let certificate = Certificate::from_pem(authority.as_bytes()).map_err(|cause| {
        Failure::environment(format!("the certificate cannot be read: {cause}")).with_hint(
            "`--ca` names a file in PEM, which begins with `-----BEGIN CERTIFICATE-----`",
        )
    })?;
    let provider = rustls::crypto::ring::default_provider();
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(vec![certificate.to_owned()])))
        .unversioned_rustls_crypto_provider(Arc::new(provider))
        .build())
}

/// Turns a refusal or an internal error of the node into a failure.
fn accepted(answer: Answer) -> Result<Answer, Failure> {
    if answer.status < 400 {
        return Ok(answer);
    }
    let word = |name: &str| answer.body.get(name).and_then(Value::as_str).map(str::to_string);
    let title = word("title").unwrap_or_else(|| format!("HTTP status {}", answer.status));
    let mut message = title;
    if let Some(detail) = word("detail") {
        message = format!("{message}: {detail}");
    }
    for error in answer.body.get("errors").and_then(Value::as_array).into_iter().flatten() {
        message.push_str(&format!("\n  {}", problem_line(error)));
    }
    let failure = if answer.status < 500 { Failure::refused } else { Failure::environment };
    let hint = word("hint");
    Err(Failure { hint, detail: Some(answer.body), ..failure(message) })
}

/// One problem of a document in one line: event, field, rule, code.
fn problem_line(error: &Value) -> String {
    let word = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let field = word("field");
    let event = error.get("event").and_then(Value::as_u64);
    let place = match (event, field) {
        (_, field) if !field.is_empty() => format!("{field}: "),
        (Some(event), _) => format!("event {event}: "),
        _ => String::new(),
    };
    let rule = if word("rule").is_empty() { error.to_string() } else { word("rule").to_string() };
    match word("code") {
        "" => format!("{place}{rule}"),
        code => format!("{place}{rule} ({code})"),
    }
}

/// Percent-encodes everything that would change the path.
pub fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}
