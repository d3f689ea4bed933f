//! Who comes in: keys, what they may do, and encrypted connections.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    sync::Arc,
};

use qiao_api::{
    Door,
    door::{Entry, Holder, Keys, Tls, fresh_key, print_entries},
    rest, rpc,
};
use serde_json::{Value, json};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::support::{Answer, Network, document, event, send};

/// Doors with a key for each of these rights; the file of the keys goes with the folder.
struct Locked {
    network: Network,
    keys: Vec<String>,
    file: PathBuf,
    entries: Vec<Entry>,
    _folder: tempfile::TempDir,
}

impl Locked {
    async fn start(rights: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("api.keys");
        let made = rights.iter().zip(1..);
        let made: Vec<_> = made
            .map(|(rights, nth)| fresh_key(rights, rights.parse().unwrap(), Holder::Own, [nth; 32]))
            .collect();
        let entries: Vec<Entry> = made.iter().map(|key| key.entry.clone()).collect();
        fs::write(&file, print_entries(&entries)).unwrap();
        let door = Door { keys: Some(Keys::open(&file).unwrap()), ..Door::default() };
        let network = Network::behind(door, rpc::Limits::default(), rest::Limits::default()).await;
        let keys = made.into_iter().map(|key| key.text).collect();
        Self { network, keys, file, entries, _folder: folder }
    }

    async fn rpc(&self, key: &str, body: &Value) -> Answer {
        let headers = vec![
            ("Content-Type", "application/json".to_owned()),
            ("Authorization", format!("Bearer {key}")),
        ];
        send("POST", self.network.rpc.clone(), headers, body.to_string().into_bytes()).await
    }

    async fn get(&self, path: &str, header: (&'static str, String)) -> Answer {
        let url = format!("{}{path}", self.network.rest);
        send("GET", url, vec![header], Vec::new()).await
    }
}

fn call(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_nothing_but_health_is_answered() {
    let locked = Locked::start(&["read"]).await;
    let network = &locked.network;
    for path in ["/status", "/epcis/events", "/organisations", "/openapi.json", "/trace/x", "/"] {
        let answer = network.get(path).await;
        let told = (answer.status, answer.json()["code"].clone());
        assert_eq!(told, (401, json!("key.missing")), "{path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    assert_eq!(network.get("/health").await.status, 200);
    assert_eq!(network.post("/epcis/capture", document(vec![event(1)])).await.status, 401);
    assert_eq!(network.post("/health", "").await.status, 401);
    // An evaluator asks for a member's signature instead, and this node is none.
    let answer = network.post("/collateral/evaluations", "{}").await;
    assert_eq!((answer.status, &answer.json()["code"]), (404, &json!("evaluation.no_evaluator")));
    assert_eq!(network.post("/collateral/checks", "{}").await.status, 401);
    let answer = network.raw(call("eth_chainId", json!([])).to_string()).await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (401, &json!(-32001)));
    let answer = locked.rpc("qiao_0000", &call("eth_chainId", json!([]))).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["data"]["code"]),
        (401, &json!("key.unknown"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_does_what_it_may_and_nothing_else() {
    let locked = Locked::start(&["read", "read,write", "debug"]).await;
    let [reader, writer, debugger] = &locked.keys[..] else { panic!("three keys") };
    let send_raw = call("eth_sendRawTransaction", json!(["0xdead"]));
    let trace = call("debug_getRawHeader", json!(["latest"]));
    let cases = [
        (reader, &call("eth_chainId", json!([])), Value::Null),
        (reader, &send_raw, json!(-32001)),
        (reader, &trace, json!(-32001)),
        (reader, &call("evm_mine", json!([])), json!(-32001)),
        (writer, &send_raw, json!(-32602)),
        (writer, &trace, json!(-32001)),
        (debugger, &trace, Value::Null),
        (debugger, &call("eth_chainId", json!([])), json!(-32001)),
    ];
    for (key, body, code) in cases {
        let answer = locked.rpc(key, body).await;
        let answer = (answer.status, answer.json());
        assert_eq!((answer.0, &answer.1["error"]["code"]), (200, &code), "{body}: {}", answer.1);
    }
    let batch = json!([call("eth_chainId", json!([])), send_raw]);
    let answers = locked.rpc(reader, &batch).await.json();
    assert_eq!(answers[0]["result"], "0x4f24");
    assert_eq!(answers[1]["error"]["data"]["code"], "key.not_permitted", "{answers}");
    let url = format!("{}/epcis/capture", locked.network.rest);
    for (key, status) in [(reader, 403), (writer, 202)] {
        let headers = vec![
            ("Content-Type", "application/json".to_owned()),
            ("Authorization", format!("Bearer {key}")),
        ];
        let body = document(vec![event(1)]).into_bytes();
        let answer = send("POST", url.clone(), headers, body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_may_stand_in_the_path_of_json_rpc_and_of_a_websocket() {
    let locked = Locked::start(&["read"]).await;
    let url = format!("{}/key/{}", locked.network.rpc, locked.keys[0]);
    let json = vec![("Content-Type", "application/json".to_owned())];
    let body = call("eth_chainId", json!([])).to_string().into_bytes();
    assert_eq!(send("POST", url, json, body).await.json()["result"], "0x4f24");
    let authority = locked.network.rpc.trim_start_matches("http://").to_owned();
    let key = locked.keys[0].clone();
    let opened = tokio::task::spawn_blocking(move || {
        ["/".to_owned(), format!("/key/{key}")].map(|path| {
            let mut stream = TcpStream::connect(&authority).unwrap();
            let request = format!(
                "GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: Upgrade\r\n\
                 Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                 Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).unwrap();
            String::from_utf8_lossy(&answer).into_owned()
        })
    });
    assert_eq!(opened.await.unwrap(), ["HTTP/1.1 401", "HTTP/1.1 101"]);
}

/// Sends a form and tells where it leads, with the cookie.
async fn submit(url: String, form: String) -> (u16, String, Option<String>) {
    let sending = tokio::task::spawn_blocking(move || {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = ureq::Agent::new_with_config(config.build());
        let form = agent.post(url).content_type("application/x-www-form-urlencoded").send(form);
        let answer = form.unwrap();
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value.and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        (answer.status().as_u16(), header("location").unwrap_or_default(), header("set-cookie"))
    });
    sending.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_logs_in_and_holds_its_key_in_a_cookie() {
    let locked = Locked::start(&["read"]).await;
    let (login, key) = (format!("{}/login", locked.network.rest), &locked.keys[0]);
    let (status, to, cookie) = submit(login.clone(), format!("key={key}&next=%2Fstatus")).await;
    assert_eq!((status, to.as_str()), (303, "/status"));
    let cookie = cookie.unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax") && !cookie.contains("Secure"), "{cookie}");
    let held = cookie.split(';').next().unwrap().to_owned();
    let answer = locked.get("/status", ("Cookie", format!("other=1; {held}"))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let wrong = submit(login.clone(), "key=qiao_00&next=%2Fstatus".to_owned()).await;
    assert_eq!(wrong, (303, "/login?wrong=true&next=/status".to_owned(), None));
    for elsewhere in ["https://evil.example", "//evil.example", "/%5Cevil.example", "/%0A"] {
        let (_, to, _) = submit(login.clone(), format!("key={key}&next={elsewhere}")).await;
        assert_eq!(to, "/", "{elsewhere}");
    }
    let (status, to, cookie) = submit(login.replace("login", "logout"), String::new()).await;
    assert_eq!((status, to.as_str()), (303, "/login"));
    assert!(cookie.unwrap().starts_with("qiao_key=; Path=/; Max-Age=0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_change_while_the_listener_runs() {
    let locked = Locked::start(&["read"]).await;
    let ask = call("eth_chainId", json!([]));
    let added = fresh_key("late", "read".parse().unwrap(), Holder::Own, [99; 32]);
    assert_eq!(locked.rpc(&added.text, &ask).await.status, 401);
    let entries = [added.entry];
    assert_ne!(&locked.entries[..], &entries[..]);
    fs::write(&locked.file, print_entries(&entries)).unwrap();
    for _ in 0..300 {
        if locked.rpc(&added.text, &ask).await.status == 200 {
            assert_eq!(locked.rpc(&locked.keys[0], &ask).await.status, 401);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the new key was not read");
}

pub fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/certificate").join(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_encrypted_where_there_is_a_certificate() {
    let tls = Tls::open(&certificate("node.pem"), &certificate("node.key")).unwrap();
    let door = Door { tls: Some(tls), ..Door::default() };
    let network = Network::behind(door, rpc::Limits::default(), rest::Limits::default()).await;
    let url = network.rpc.clone();
    let asked = tokio::task::spawn_blocking(move || {
        let authority = fs::read(certificate("authority.pem")).unwrap();
        let authority = Certificate::from_pem(&authority).unwrap().to_owned();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(vec![authority])))
            .unversioned_rustls_crypto_provider(Arc::new(
                tokio_rustls::rustls::crypto::ring::default_provider(),
            ))
            .build();
        let agent =
            ureq::Agent::new_with_config(ureq::Agent::config_builder().tls_config(tls).build());
        let body = call("eth_chainId", json!([])).to_string();
        let secure = agent.post(&url).content_type("application/json").send(&body).unwrap();
        let plain = ureq::post(url.replace("https", "http")).send(&body);
        (secure.into_body().read_to_string().unwrap(), plain.is_err())
    });
    let (secure, is_plain_refused) = asked.await.unwrap();
    assert!(secure.contains("0x4f24"), "{secure}");
    assert!(is_plain_refused);
}

#[test]
fn a_certificate_that_cannot_be_used_is_named() {
    let (chain, key) = (certificate("node.pem"), certificate("node.key"));
    let other = certificate("authority.pem");
    let cases = [
        (&key, &key, "holds no certificate"),
        (&chain, &chain, "holds no private key"),
        (&other, &key, "cannot be used"),
    ];
    for (chain, key, expected) in cases {
        let error = Tls::open(chain, key).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
