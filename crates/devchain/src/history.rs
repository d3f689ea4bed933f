//! The chain as a whole: it begins with blocks made elsewhere, goes back, starts anew.

use std::{
    collections::VecDeque,
    sync::{Arc, PoisonError},
};

use qiao_api::{Chain as _, ChainFailure};
use qiao_mempool::{Pool, PoolConfig};
use qiao_types::{FinalizedBlock, Genesis, MemoryState};

use crate::{
    DevChain,
    blocks::{beginning, head_of},
    chain::{Stored, store},
    control::Control,
};

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

    /// Replaces the whole chain, with an empty pool.
    pub(crate) async fn replace(
        &self,
        blocks: Vec<Arc<FinalizedBlock>>,
        states: VecDeque<Arc<MemoryState>>,
    ) -> Result<(), ChainFailure> {
        self.index.reset().await.map_err(store)?;
        self.index.apply_genesis(&self.genesis).await.map_err(store)?;
        self.index.apply_all(&blocks).await.map_err(store)?;
        let mut fresh = Stored {
            pool: Some(Arc::new(Pool::new(self.pool_config()))),
            states,
            ..Stored::default()
        };
        blocks.into_iter().for_each(|block| fresh.add(block));
        let head = head_of(fresh.blocks.last().expect("a chain has block 0"));
        *self.stored.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        self.heads.send_replace(head);
        Ok(())
    }

    /// Starts anew at block 0.
    pub(crate) async fn restart(&self) -> Result<(), ChainFailure> {
        let _making = self.making().await;
        let (block, state) = beginning(&self.genesis)?;
        *self.control() = Control::new(self.genesis.parameters.block_gas_limit);
        self.replace(vec![Arc::new(block)], VecDeque::from([Arc::new(state)])).await
    }

    /// Goes back to a block, whose state is the given one, with an empty pool.
    pub(crate) async fn go_back(
        &self,
        height: u64,
        state: Arc<MemoryState>,
    ) -> Result<(), ChainFailure> {
        if !self.index.forget_after(height).await.map_err(store)? {
            let (blocks, mut states) = self.cut(height);
            states.pop_back();
            states.push_back(state);
            return self.replace(blocks, states).await;
        }
        let mut stored = self.stored.write().unwrap_or_else(PoisonError::into_inner);
        stored.truncate(height, state);
        stored.pool = Some(Arc::new(Pool::new(self.pool_config())));
        self.heads.send_replace(head_of(stored.blocks.last().expect("a chain has block 0")));
        Ok(())
    }

    /// The blocks up to a height with the states kept of them, and the newest block and state.
    fn cut(&self, height: u64) -> (Vec<Arc<FinalizedBlock>>, VecDeque<Arc<MemoryState>>) {
        let stored = self.stored.read().unwrap_or_else(PoisonError::into_inner);
        let kept = usize::try_from(height).unwrap_or(usize::MAX).saturating_add(1);
        let left_out = stored.blocks.len().saturating_sub(kept);
        let states = stored.states.len().saturating_sub(left_out);
        let blocks = stored.blocks.iter().take(kept).cloned().collect();
        (blocks, stored.states.iter().take(states).cloned().collect())
    }

    fn pool_config(&self) -> PoolConfig {
        let initcode_bytes_max = 2 * self.execution().code_bytes_max;
        PoolConfig { initcode_bytes_max, ..PoolConfig::of(&self.genesis) }
    }
}
