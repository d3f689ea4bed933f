//! Captures EPCIS events.

use alloy_primitives::{Bytes, U256};
use alloy_sol_types::SolCall as _;
use qiao_modules::traceability::{self, ITraceability};

use super::{Action, Call, Scene, Turn};

/// Events into the module `traceability`.
#[derive(Debug)]
pub struct Capture;

impl Action for Capture {
    fn name(&self) -> &'static str {
        "capture"
    }

    fn call(&self, scene: &Scene, turn: &Turn) -> Call {
        let event = |position| Bytes::from(event(scene, turn, position).into_bytes());
        let events = (0..scene.events.max(1)).map(event).collect();
        let call = ITraceability::captureCall { party: scene.party, events };
        Call { to: traceability::ADDRESS, value: U256::ZERO, input: call.abi_encode().into() }
    }
}

/// A shipping event that differs from every other in its serial numbers.
pub(crate) fn event(scene: &Scene, turn: &Turn, position: u64) -> String {
    let number = turn.nonce * scene.events.max(1) + position;
    let (hours, rest) = (number / 3_600 % 24, number % 3_600);
    let (minutes, seconds) = (rest / 60, rest % 60);
    let day = 1 + number / 86_400 % 28;
    // A serial number has 20 characters at most.
    let (seed, sender) = (scene.seed % 1_000_000, turn.sender % 100_000);
    let serial = format!("{seed}{sender:05}{number:09}");
    format!(
        "{{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],\
         \"type\":\"ObjectEvent\",\"eventTime\":\"2026-01-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.000Z\",\
         \"eventTimeZoneOffset\":\"+00:00\",\"epcList\":[\"urn:epc:id:sgtin:9521141.012345.{serial}\",\
         \"urn:epc:id:sgtin:9521141.012346.{serial}\"],\"action\":\"OBSERVE\",\"bizStep\":\"shipping\",\
         \"disposition\":\"in_transit\",\"readPoint\":{{\"id\":\"urn:epc:id:sgln:9521141.12345.400\"}},\
         \"bizTransactionList\":[{{\"type\":\"desadv\",\"bizTransaction\":\"urn:epcglobal:cbv:bt:9521141123450:{serial}\"}}]}}"
    )
}
