//! A member's index in PostgreSQL: the database goes away and comes back, at the start and under way,
//! and the member says so, votes on, and catches up.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::support::{Network, agent, document, qiao, transcript};

/// A way to the database that can be cut.
struct Way {
    port: u16,
    is_open: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl Way {
    fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let way = Self { port, is_open: Arc::new(AtomicBool::new(true)), streams: Arc::default() };
        let (is_open, streams) = (way.is_open.clone(), way.streams.clone());
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if !is_open.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(far) = TcpStream::connect(&server) else { continue };
                let ends = [(&near, &far), (&far, &near)];
                for (from, to) in
                    ends.map(|(a, b)| (a.try_clone().unwrap(), b.try_clone().unwrap()))
                {
                    std::thread::spawn(move || pass(from, to));
                }
                streams.lock().unwrap().extend([near, far]);
            }
        });
        way
    }

    fn cut(&self) {
        self.is_open.store(false, Ordering::SeqCst);
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        self.is_open.store(true, Ordering::SeqCst);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Status and JSON of an answer, whatever the status.
fn ask(url: &str) -> (u16, Value) {
    let request = agent().get(url).config().http_status_as_error(false).build();
    let Ok(answer) = request.call() else { return (0, Value::Null) };
    (answer.status().as_u16(), answer.into_body().read_json().unwrap_or_default())
}

fn keep_index_in(home: &Path, url: &str) {
    let file = home.join("qiao.toml");
    let mut text = fs::read_to_string(&file).unwrap();
    text.push_str(&format!("\nindex_url = \"{url}\"\n"));
    fs::write(file, text).unwrap();
}

#[test]
fn an_index_in_postgres_outlives_the_absence_of_its_database() {
    let Ok(server) = std::env::var("QIAO_TEST_POSTGRES") else {
        println!("SKIPPED: `QIAO_TEST_POSTGRES` names no server; `cargo xtask test` starts one");
        return;
    };
    let authority = server.trim_start_matches("postgres://");
    let (user, rest) = authority.split_once('@').unwrap();
    let (address, database) = rest.split_once('/').unwrap();
    let way = Way::to(address.to_owned());
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
    let url = format!("postgres://{user}@127.0.0.1:{}/{database}?schema=n{since}", way.port);

    let mut network = Network::init();
    keep_index_in(&network.home(1), &url);
    way.cut();
    for member in 1..=4 {
        network.start_member(member);
    }
    network.wait("three others go on while the first waits for its database", |network| {
        network.height(2).is_some_and(|height| height > 2)
    });
    assert_eq!(network.height(1), None, "it does not serve what it does not have");
    assert!(network.is_running(1) && network.log(1).contains("database of the index is away"));
    way.mend();
    network.wait("the first serves", |network| network.height(1).is_some());
    let captured = network.capture(1, &document(1, 100));
    assert!(captured.status.success(), "{}\n{}", transcript(&captured), network.logs());
    assert_eq!(network.event_count(1), 100);

    way.cut();
    let health = format!("{}/health", network.url(1));
    network.wait("it says that the index is away", |_| {
        let (status, answer) = ask(&health);
        status == 503 && answer["status"] == "index_away"
    });
    let (status, refusal) = ask(&format!("{}/epcis/events", network.url(1)));
    assert_eq!((status, &refusal["code"]), (503, &Value::from("index.away")), "{refusal}");
    let doctor = qiao(&["doctor", "--home"]).arg(network.home(1)).output().unwrap();
    assert_eq!(doctor.status.code(), Some(3), "{}", transcript(&doctor));
    assert!(transcript(&doctor).contains("index: stands at block"), "{}", transcript(&doctor));
    assert!(network.capture(2, &document(2, 50)).status.success());
    way.mend();
    network.wait("it catches up", |network| network.event_count(1) == 150);
    network.wait("it is well", |_| ask(&health).0 == 200);

    keep_index_in(&network.home(2), &url);
    network.stop(2);
    let (code, words) = network.try_start(2).expect_err("the schema is in use");
    assert_eq!(code, Some(3), "{words}");
    assert!(words.contains("is written by another node"), "{words}");

    network.stop(1);
    let rebuilt = qiao(&["index", "rebuild", "--home"]).arg(network.home(1)).output().unwrap();
    assert!(rebuilt.status.success(), "{}", transcript(&rebuilt));
    network.start_member(1);
    network.wait("it is built again from the blocks", |network| network.event_count(1) == 150);
}
