//! Member organisations and their accounts, from the genesis and the logs of `members`.

use alloy_primitives::{Address, Log};
use alloy_sol_types::SolEvent;
use qiao_modules::members::{self, IMembers};
use qiao_types::{FinalizedBlock, Genesis, RoleName};
use serde::{Deserialize, Serialize};

use crate::columns::{address, count, number};
use crate::database::{Connection, Row, sql};
use crate::{Index, IndexError};

#[cfg(test)]
mod tests;

/// A member organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedOrganisation {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its GS1 Global Location Number.
    pub gln: Option<String>,
    /// Why it is frozen, if it is.
    pub frozen: Option<String>,
    /// The block that registered it; 0 for those of the genesis.
    pub since_block: u64,
    /// Number of its accounts.
    pub accounts: u32,
}

/// An account of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedAccount {
    /// The account.
    pub address: Address,
    /// Number of its organisation.
    pub organisation: u64,
    /// What it may do, by the numbers of the roles.
    pub roles: Vec<u8>,
    /// Why it is frozen, if it is.
    pub frozen: Option<String>,
    /// The block that added it; 0 for those of the genesis.
    pub since_block: u64,
}

/// Numbers of roles on the chain are below this.
const ROLES_END: u8 = 63;

/// Writes the organisations and accounts that exist at block 0.
pub(crate) async fn write_genesis(
    connection: &mut Connection,
    genesis: &Genesis,
) -> Result<(), IndexError> {
    for organisation in &genesis.organisations {
        let gln = organisation.gln.as_deref().unwrap_or_default();
        register(connection, organisation.id, &organisation.name, gln, 0).await?;
        for account in &organisation.accounts {
            add_account(connection, account.address, organisation.id, 0).await?;
            for role in &account.roles {
                set_role(connection, account.address, role_number(*role), true).await?;
            }
        }
    }
    Ok(())
}

/// Takes over what the members' logs of a block changed.
pub(crate) async fn write(
    connection: &mut Connection,
    block: &FinalizedBlock,
) -> Result<(), IndexError> {
    let logs = block.receipts.iter().flat_map(|receipt| receipt.logs());
    for log in logs.filter(|log| log.address == members::ADDRESS) {
        write_log(connection, log, block.block.number()).await?;
    }
    Ok(())
}

async fn write_log(connection: &mut Connection, log: &Log, block: u64) -> Result<(), IndexError> {
    if let Some(event) = read::<IMembers::OrganisationRegistered>(log) {
        register(connection, event.organisation, &event.name, &event.gln, block).await
    } else if let Some(event) = read::<IMembers::AccountAdded>(log) {
        add_account(connection, event.account, event.organisation, block).await
    } else if let Some(event) = read::<IMembers::RoleGranted>(log) {
        set_role(connection, event.account, event.role, true).await
    } else if let Some(event) = read::<IMembers::RoleRevoked>(log) {
        set_role(connection, event.account, event.role, false).await
    } else if let Some(event) = read::<IMembers::AccountFrozen>(log) {
        freeze_account(connection, event.account, Some(&event.reason)).await
    } else if let Some(event) = read::<IMembers::AccountUnfrozen>(log) {
        freeze_account(connection, event.account, None).await
    } else if let Some(event) = read::<IMembers::OrganisationFrozen>(log) {
        freeze_organisation(connection, event.organisation, Some(&event.reason)).await
    } else if let Some(event) = read::<IMembers::OrganisationUnfrozen>(log) {
        freeze_organisation(connection, event.organisation, None).await
    } else {
        Ok(())
    }
}

fn read<E: SolEvent>(log: &Log) -> Option<E> {
    E::decode_log_data(log).ok()
}

/// The number of a role on the chain.
fn role_number(role: RoleName) -> u8 {
    match role {
        RoleName::Admin => 1,
        RoleName::Validator => 2,
        RoleName::Capturer => 3,
        RoleName::Regulator => 4,
        RoleName::Deployer => 5,
        RoleName::Signer => 6,
    }
}

async fn register(
    connection: &mut Connection,
    id: u64,
    name: &str,
    gln: &str,
    block: u64,
) -> Result<(), IndexError> {
    sql("INSERT INTO organisations (id, name, gln, since_block) VALUES (?, ?, ?, ?)")
        .bind(id as i64)
        .bind(name)
        .bind(Some(gln).filter(|gln| !gln.is_empty()))
        .bind(block as i64)
        .execute(connection)
        .await?;
    Ok(())
}

/// An account belongs to one organisation; `members` refuses a second.
async fn add_account(
    connection: &mut Connection,
    account: Address,
    organisation: u64,
    block: u64,
) -> Result<(), IndexError> {
    sql("INSERT INTO accounts (address, organisation, roles, since_block) VALUES (?, ?, 0, ?) \
         ON CONFLICT (address) DO UPDATE SET organisation = excluded.organisation")
    .bind(account.as_slice())
    .bind(organisation as i64)
    .bind(block as i64)
    .execute(connection)
    .await?;
    Ok(())
}

async fn set_role(
    connection: &mut Connection,
    account: Address,
    role: u8,
    granted: bool,
) -> Result<(), IndexError> {
    if role >= ROLES_END {
        return Ok(());
    }
    let change = if granted {
        "UPDATE accounts SET roles = roles | ? WHERE address = ?"
    } else {
        "UPDATE accounts SET roles = roles & ~? WHERE address = ?"
    };
    sql(change).bind(1_i64 << role).bind(account.as_slice()).execute(connection).await?;
    Ok(())
}

async fn freeze_account(
    connection: &mut Connection,
    account: Address,
    reason: Option<&str>,
) -> Result<(), IndexError> {
    sql("UPDATE accounts SET frozen = ? WHERE address = ?")
        .bind(reason)
        .bind(account.as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

async fn freeze_organisation(
    connection: &mut Connection,
    organisation: u64,
    reason: Option<&str>,
) -> Result<(), IndexError> {
    sql("UPDATE organisations SET frozen = ? WHERE id = ?")
        .bind(reason)
        .bind(organisation as i64)
        .execute(connection)
        .await?;
    Ok(())
}

impl Index {
    /// All organisations, by number.
    pub async fn organisations(&self) -> Result<Vec<IndexedOrganisation>, IndexError> {
        let rows = sql("SELECT o.id, o.name, o.gln, o.frozen, o.since_block, \
             (SELECT count(*) FROM accounts a WHERE a.organisation = o.id) AS accounts \
             FROM organisations o ORDER BY o.id")
        .fetch_all(&mut self.reader().await?)
        .await?;
        rows.iter().map(IndexedOrganisation::from_row).collect()
    }

    /// The accounts of an organisation, by address.
    pub async fn accounts(&self, organisation: u64) -> Result<Vec<IndexedAccount>, IndexError> {
        let rows = sql("SELECT address, organisation, roles, frozen, since_block FROM accounts \
             WHERE organisation = ? ORDER BY address")
        .bind(i64::try_from(organisation).unwrap_or(i64::MAX))
        .fetch_all(&mut self.reader().await?)
        .await?;
        rows.iter().map(IndexedAccount::from_row).collect()
    }

    /// What the index knows of one account.
    pub async fn account(&self, account: Address) -> Result<Option<IndexedAccount>, IndexError> {
        let row = sql("SELECT address, organisation, roles, frozen, since_block FROM accounts \
             WHERE address = ?")
        .bind(account.as_slice())
        .fetch_optional(&mut self.reader().await?)
        .await?;
        row.as_ref().map(IndexedAccount::from_row).transpose()
    }
}

impl IndexedOrganisation {
    fn from_row(row: &Row) -> Result<Self, IndexError> {
        Ok(Self {
            id: number(row, "id")?,
            name: row.try_get("name")?,
            gln: row.try_get("gln")?,
            frozen: row.try_get("frozen")?,
            since_block: number(row, "since_block")?,
            accounts: count(row, "accounts")?,
        })
    }
}

impl IndexedAccount {
    fn from_row(row: &Row) -> Result<Self, IndexError> {
        let roles = number(row, "roles")?;
        Ok(Self {
            address: address(row, "address")?,
            organisation: number(row, "organisation")?,
            roles: (0..ROLES_END).filter(|role| roles & (1 << role) != 0).collect(),
            frozen: row.try_get("frozen")?,
            since_block: number(row, "since_block")?,
        })
    }
}
