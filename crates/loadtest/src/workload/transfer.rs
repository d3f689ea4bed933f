//! Moves one wei.

use alloy_primitives::{Bytes, U256};

use super::{Action, Call, Scene, Turn};

/// A transfer of the chain's own unit.
#[derive(Debug)]
pub struct Transfer;

impl Action for Transfer {
    fn name(&self) -> &'static str {
        "transfer"
    }

    fn call(&self, scene: &Scene, turn: &Turn) -> Call {
        Call { to: scene.recipient(turn), value: U256::ONE, input: Bytes::new() }
    }
}
