//! What is malformed, too long or too much is refused with a clear error, and writes nothing.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use qiao_api::{Chain as _, rest, rpc};
use serde_json::json;

use crate::support::{Network, document, event, send};

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_documents_are_refused_with_a_place() {
    let network = Network::start().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let mut wrong_digit = event(1);
    wrong_digit["epcList"] = json!(["https://id.gs1.org/01/09521321123459/21/7"]);
    let mut wrong_type = event(1);
    wrong_type["epcList"] = json!(7);
    let long_list: Vec<_> =
        (0..20_000).map(|n| format!("urn:epc:id:sgtin:9521321.012345.{n}")).collect();
    let mut huge_list = event(1);
    huge_list["epcList"] = json!(long_list);
    let cases = [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        "\"text\"".to_owned(),
        deep,
        json!({ "type": "EPCISDocument" }).to_string(),
        document(Vec::new()),
        document(vec![json!(1)]),
        document(vec![wrong_digit]),
        document(vec![wrong_type]),
        document(vec![huge_list]),
    ];
    for body in cases {
        let shown: String = body.chars().take(80).collect();
        let answer = network.post("/epcis/capture", body).await;
        assert_eq!(answer.status, 400, "{shown}: {}", answer.body);
        let problem = answer.json();
        assert!(problem["code"].as_str().unwrap().starts_with("epcis."), "{shown}: {problem}");
        assert!(!problem["detail"].as_str().unwrap().is_empty());
    }
    let names = (0..2_000).map(|nth| format!("urn:epc:id:sgtin:9521321.012345.{nth}"));
    let mut long = event(1);
    long["epcList"] = json!(names.clone().collect::<Vec<_>>());
    let mut wide = event(1);
    wide["epcList"] = json!(names.take(1_500).collect::<Vec<_>>());
    for (bad, status) in [(long, 413), (wide, 400)] {
        let answer = network.post("/epcis/capture", document(vec![event(0), bad])).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.json()["detail"].as_str().unwrap().contains("event `1`"));
    }
    let bytes = network.post("/epcis/capture", vec![0xff, 0xfe, 0x00]).await;
    assert_eq!(bytes.status, 400, "{}", bytes.body);
    assert_eq!(network.chain.head().number, 0, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_announces_100_megabytes_is_refused_before_it_is_sent() {
    let network = Network::start().await;
    for (url, path) in [(&network.rest, "/epcis/capture"), (&network.rpc, "/")] {
        let address = url.strip_prefix("http://").unwrap().to_owned();
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(&address).unwrap();
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
                 Content-Length: 104857600\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
            let mut answer = [0; 64];
            let read = stream.read(&mut answer).unwrap();
            String::from_utf8_lossy(&answer[..read]).into_owned()
        });
        let answer = answer.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 413"), "{url}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_unannounced_length_is_cut_off_at_the_limit() {
    let limits = rest::Limits { body_bytes_max: 64 * 1024, ..rest::Limits::default() };
    let network = Network::with_limits(rpc::Limits::default(), limits).await;
    let address = network.rest.strip_prefix("http://").unwrap().to_owned();
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(&address).unwrap();
        let head = format!(
            "POST /epcis/capture HTTP/1.1\r\nHost: {address}\r\n\
             Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let part = format!("4000\r\n{}\r\n", " ".repeat(0x4000));
        for _ in 0..64 {
            if stream.write_all(part.as_bytes()).is_err() {
                break;
            }
        }
        let mut answer = [0; 64];
        let read = stream.read(&mut answer).unwrap_or(0);
        String::from_utf8_lossy(&answer[..read]).into_owned()
    });
    let answer = answer.await.unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_json_and_xml_are_read() {
    let network = Network::start().await;
    let url = format!("{}/epcis/capture", network.rest);
    for media_type in [None, Some("text/plain"), Some("text/html"), Some("text/json")] {
        let headers =
            media_type.map(|media_type| ("Content-Type", media_type.to_owned())).into_iter();
        let body = document(vec![event(1)]).into_bytes();
        let answer = send("POST", url.clone(), headers.collect(), body).await;
        assert_eq!(answer.status, 415, "{media_type:?}: {}", answer.body);
        assert_eq!(answer.json()["code"], "rest.media_type");
    }
    let url = network.rpc.clone();
    let plain = vec![("Content-Type", "text/plain".to_owned())];
    assert_eq!(send("POST", url, plain, b"{}".to_vec()).await.status, 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_under_way_are_bounded() {
    let limits = rest::Limits { jobs_running_max: 0, ..rest::Limits::default() };
    let network = Network::with_limits(rpc::Limits::default(), limits).await;
    let answer = network.post("/epcis/capture", document(vec![event(1)])).await;
    assert_eq!((answer.status, &answer.json()["code"]), (429, &json!("capture.too_many_jobs")));
}

#[tokio::test(flavor = "multi_thread")]
async fn json_rpc_that_is_malformed_has_its_own_codes() {
    let network = Network::start().await;
    let cases = [
        ("{", -32700),
        ("{}", -32700),
        ("[]", -32600),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_call\",\"params\":7}", -32602),
    ];
    for (body, code) in cases {
        let answer = network.raw(body).await;
        assert_eq!(answer.json()["error"]["code"], code, "{body}: {}", answer.body);
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = network.raw(deep).await;
    assert!(answer.body.contains("\"error\"") && answer.body.len() < 1_000, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_ranges_and_filters_are_bounded() {
    let limits =
        rpc::Limits { batch_max: 2, log_blocks_max: 1, filters_max: 1, ..rpc::Limits::default() };
    let network = Network::with_limits(limits, rest::Limits::default()).await;
    let one = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_chainId" });
    let two = network.raw(json!([one, one]).to_string()).await.json();
    assert_eq!(two.as_array().unwrap().len(), 2);
    let three = network.raw(json!([one, one, one]).to_string()).await.json();
    assert!(three["error"]["code"].is_i64(), "{three}");
    network.chain.make_block().await.unwrap();
    let error = network.refused("eth_getLogs", json!([{ "fromBlock": "0x0" }])).await;
    assert_eq!(error["code"], -32005, "{error}");
    network.ok("eth_newBlockFilter", json!([])).await;
    let error = network.refused("eth_newBlockFilter", json!([])).await;
    assert_eq!(error["code"], -32005, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_resources_and_methods_are_problems_too() {
    let network = Network::start().await;
    let url = format!("{}/status", network.rest);
    let answer = send("DELETE", url, Vec::new(), Vec::new()).await;
    assert_eq!((answer.status, &answer.json()["code"]), (405, &json!("rest.method")));
    for path in
        ["/epcis/events?party=x&party", "/epcis/capture?perPage=x", "/trace/not%20an%20identifier"]
    {
        let answer = network.get(path).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.body);
        assert_eq!(answer.json()["status"], 400, "{path}");
    }
}
