//! A chain in memory behind both listeners, and a blocking HTTP client.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use alloy_signer_local::PrivateKeySigner;
use qiao_api::{
    Chain, Door,
    door::{self, Kind, Server},
    rest, rpc,
};
use qiao_devchain::DevChain;
use qiao_types::{
    Address, B256, Genesis, GenesisAccount, GenesisMember, GenesisOrganisation, Parameters,
    RoleName, StateCommitment, U256,
};
use serde_json::{Value, json};

/// Private keys of the accounts in [`genesis`], in the order of its organisations: the well-known
/// development keys, worthless anywhere else.
pub const KEYS: [&str; 3] = [
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
];

/// Three organisations: a producer and a retailer that capture and deploy, and a regulator.
pub fn genesis() -> Genesis {
    let organisations = [
        ("Green Valley Farm", vec![RoleName::Admin, RoleName::Capturer, RoleName::Deployer]),
        ("City Market", vec![RoleName::Admin, RoleName::Capturer, RoleName::Deployer]),
        ("Food Authority", vec![RoleName::Admin, RoleName::Regulator]),
    ];
    let addresses: Vec<Address> = KEYS.iter().map(|key| signer(key).address()).collect();
    let funds =
        GenesisAccount { balance: U256::from(10).pow(U256::from(24)), ..GenesisAccount::default() };
    Genesis {
        chain_id: 20_260,
        name: "local".to_owned(),
        timestamp_ms: 1_767_225_600_000,
        parameters: Parameters::default(),
        organisations: organisations
            .into_iter()
            .zip(&addresses)
            .zip(1..)
            .map(|(((name, roles), address), id)| GenesisOrganisation {
                id,
                name: name.to_owned(),
                gln: None,
                accounts: vec![GenesisMember { address: *address, roles }],
            })
            .collect(),
        validators: Vec::new(),
        accounts: addresses.into_iter().map(|address| (address, funds.clone())).collect(),
        imported: None,
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 0,
        },
    }
}

/// The account of a key from [`KEYS`].
pub fn signer(key: &str) -> PrivateKeySigner {
    key.parse().expect("the keys are valid")
}

/// Listeners on ports of the system's choice.
pub struct Network {
    pub chain: Arc<DevChain>,
    pub rpc: String,
    pub rest: String,
    pub rpc_server: Server,
    pub rest_server: Server,
}

/// An HTTP answer.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Network {
    /// With the node's account being the first organisation's.
    pub async fn start() -> Self {
        Self::with_limits(rpc::Limits::default(), rest::Limits::default()).await
    }

    pub async fn with_limits(rpc_limits: rpc::Limits, rest_limits: rest::Limits) -> Self {
        Self::behind(Door::default(), rpc_limits, rest_limits).await
    }

    /// Behind doors of one's own.
    pub async fn behind(door: Door, rpc_limits: rpc::Limits, rest_limits: rest::Limits) -> Self {
        let chain = DevChain::start(genesis(), Some(signer(KEYS[0]))).await.unwrap();
        let shared: Arc<dyn Chain> = chain.clone();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let routes = rest::router_with(Arc::clone(&shared), rest_limits);
        let scheme = if door.tls.is_some() { "https" } else { "http" };
        let rpc_server = rpc::serve(shared, any, rpc_limits, door.clone()).await.unwrap();
        let rest_server = door::serve(any, routes, door, Kind::Pages).await.unwrap();
        let rpc = format!("{scheme}://{}", rpc_server.address());
        let rest = format!("{scheme}://{}", rest_server.address());
        Self { chain, rpc, rest, rpc_server, rest_server }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send("GET", format!("{}{path}", self.rest), Vec::new(), Vec::new()).await
    }

    pub async fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        let json = vec![("Content-Type", "application/ld+json".to_owned())];
        send("POST", format!("{}{path}", self.rest), json, body.into()).await
    }

    /// The `result` of a call.
    pub async fn ok(&self, method: &str, params: Value) -> Value {
        let answer = self.call(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The `error` of a call.
    pub async fn refused(&self, method: &str, params: Value) -> Value {
        let answer = self.call(method, params).await;
        assert!(answer.get("error").is_some(), "{method}: {answer}");
        answer["error"].clone()
    }

    pub async fn call(&self, method: &str, params: Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        self.raw(body.to_string()).await.json()
    }

    pub async fn raw(&self, body: impl Into<Vec<u8>>) -> Answer {
        let json = vec![("Content-Type", "application/json".to_owned())];
        send("POST", self.rpc.clone(), json, body.into()).await
    }

    /// Follows a capture job to its end.
    pub async fn finished(&self, location: &str) -> Value {
        for _ in 0..600 {
            let job = self.get(location).await.json();
            if job["running"] == false {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("job {location} did not end");
    }

    /// Captures a document and waits until it is final.
    pub async fn captured(&self, document: impl Into<Vec<u8>>) -> Value {
        let answer = self.post("/epcis/capture", document).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        let location = answer.header("location").unwrap().to_owned();
        self.finished(&location).await
    }
}

/// Sends one request and reads the whole answer.
pub async fn send(
    method: &'static str,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
) -> Answer {
    let sending = tokio::task::spawn_blocking(move || {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let agent = ureq::Agent::new_with_config(config);
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut response = agent.run(request.body(body).unwrap()).unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body_mut().read_to_string().unwrap_or_default(),
        }
    });
    sending.await.unwrap()
}

/// The files of a folder of third-party documents; `None`, said loudly, where there are none.
pub fn fixtures(folder: &str) -> Option<Vec<(String, Vec<u8>)>> {
    fixtures_of(folder, &["json", "jsonld"])
}

/// The files with one of these extensions.
pub fn fixtures_of(folder: &str, extensions: &[&str]) -> Option<Vec<(String, Vec<u8>)>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    let root = std::env::var_os("QIAO_FIXTURES").map_or(root, PathBuf::from).join(folder);
    let Ok(entries) = std::fs::read_dir(&root) else {
        eprintln!("SKIPPED: no documents at {}", root.display());
        return None;
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            extension.is_some_and(|extension| extensions.contains(&extension))
        })
        .map(|path| (path.display().to_string(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    Some(files)
}

/// An object event about one serial number.
pub fn event(serial: u64) -> Value {
    json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "epcList": [format!("urn:epc:id:sgtin:9521321.012345.{serial}")],
        "eventTime": "2026-03-01T10:00:00.000Z",
        "eventTimeZoneOffset": "+00:00",
        "readPoint": { "id": "urn:epc:id:sgln:9521321.00001.0" }
    })
}

/// A document with these events.
pub fn document(events: Vec<Value>) -> String {
    let document = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-01T10:00:00.000Z",
        "epcisBody": { "eventList": events }
    });
    document.to_string()
}
