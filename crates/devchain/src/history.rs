//! A chain that begins with blocks made elsewhere.

use std::{collections::VecDeque, sync::Arc};

use qiao_api::ChainFailure;
use qiao_types::{FinalizedBlock, Genesis, MemoryState};

use crate::DevChain;

impl DevChain {
    /// Serves blocks, and the states after them, that somebody vouches for: nothing is executed or
    /// compared. The first block is block 0; the last has a state.
    ///
    /// # Errors
    /// The index cannot take the blocks.
    pub async fn imported(
        genesis: Genesis,
        blocks: Vec<Arc<FinalizedBlock>>,
        states: Vec<MemoryState>,
    ) -> Result<Arc<Self>, ChainFailure> {
        let chain = Self::start_open(genesis, None).await?;
        let states: VecDeque<_> = states.into_iter().map(Arc::new).collect();
        chain.replace(blocks, states).await?;
        Ok(chain)
    }
}
