//! A chain in memory behind the real interfaces, for trying out clients without a network.
//!
//! `cargo run -p qiao-api --features testing --example local_chain -- --port 8545`

use std::{net::SocketAddr, sync::Arc};

use qiao_api::{
    Chain, Guard, guard, rest, rpc,
    testing::{KEYS, LocalChain, genesis, signer},
};

/// The port of JSON-RPC; REST is on the next one.
const PORT: u16 = 8545;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = match std::env::args().skip_while(|argument| argument != "--port").nth(1) {
        Some(port) => port.parse()?,
        None => PORT,
    };
    let chain: Arc<dyn Chain> = LocalChain::start(genesis(), Some(signer(KEYS[0]))).await?;
    let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let limits = rpc::Limits::default();
    let server = rpc::serve(Arc::clone(&chain), loopback(port), limits, Guard::default()).await?;
    let routes = guard::protect(rest::router(chain), Guard::default());
    let listener = tokio::net::TcpListener::bind(loopback(port + 1)).await?;
    println!("json-rpc     http://{}", server.address());
    println!("rest         http://{}", listener.local_addr()?);
    println!("private key  {}", KEYS[1]);
    axum::serve(listener, routes).await?;
    Ok(())
}
