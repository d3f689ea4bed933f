//! Contracts: which transactions created one, and what their owners call them, from the logs of
//! `contracts`.

use alloy_primitives::Address;
use alloy_sol_types::SolEvent as _;
use qiao_modules::contracts::{self, IContracts::ContractDeclared};
use qiao_types::FinalizedBlock;

use crate::columns::address;
use crate::database::{Connection, sql};
use crate::{Index, IndexError, Page, PageRequest, keys};

#[cfg(test)]
mod tests;

/// Takes over what the logs of a block declare.
pub(crate) async fn write(
    connection: &mut Connection,
    block: &FinalizedBlock,
) -> Result<(), IndexError> {
    let logs = block.receipts.iter().flat_map(|receipt| receipt.logs());
    let logs = logs.filter(|log| log.address == contracts::ADDRESS);
    for (nth, log) in logs.enumerate() {
        let Ok(event) = ContractDeclared::decode_log_data(log) else { continue };
        sql("INSERT INTO contracts (address, name, place) VALUES (?, ?, ?)")
            .bind(event.target.as_slice())
            .bind(event.name)
            .bind(keys::place(block.block.number(), nth)?)
            .execute(connection)
            .await?;
    }
    Ok(())
}

impl Index {
    /// The contracts that transactions created, newest first. A contract that a contract created is not
    /// among them.
    pub async fn deployments(&self, page: &PageRequest) -> Result<Page<Address>, IndexError> {
        let rows = sql("SELECT place, created FROM transactions \
             WHERE created IS NOT NULL AND succeeded = 1 AND place < ? ORDER BY place DESC LIMIT ?")
        .bind(page.row()?.unwrap_or(i64::MAX))
        .bind(page.limit() as i64 + 1)
        .fetch_all(&mut self.reader().await?)
        .await?;
        let mut found: Vec<(i64, Address)> = Vec::with_capacity(rows.len());
        for row in &rows {
            found.push((row.try_get("place")?, address(row, "created")?));
        }
        let page = Page::cut(found, page.limit(), |(place, _)| place.to_string());
        let items = page.items.into_iter().map(|(_, contract)| contract).collect();
        Ok(Page { items, next: page.next })
    }

    /// The declared contracts whose name contains a text, whatever its case, newest first.
    pub async fn contracts_named(
        &self,
        text: &str,
        limit: u32,
    ) -> Result<Vec<(Address, String)>, IndexError> {
        let rows =
            sql("SELECT address, name FROM contracts WHERE instr(lower(name), lower(?)) > 0 \
             ORDER BY place DESC LIMIT ?")
            .bind(text)
            .bind(i64::from(limit.min(PageRequest::LIMIT_MAX)))
            .fetch_all(&mut self.reader().await?)
            .await?;
        rows.iter().map(|row| Ok((address(row, "address")?, row.try_get("name")?))).collect()
    }
}
