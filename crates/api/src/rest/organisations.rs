//! `GET /organisations`: the members of the consortium and their accounts.

use axum::{Json, extract::State};
use qiao_indexer::{Index, IndexError, IndexedAccount, IndexedOrganisation};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Context, events::index_error, problem::Problem};

/// A member organisation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Organisation {
    /// Its number on the chain; captures name it as `party`.
    id: u64,
    /// Its name.
    name: String,
    /// Its GS1 Global Location Number.
    #[serde(skip_serializing_if = "Option::is_none")]
    gln: Option<String>,
    /// Why it is frozen, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    frozen: Option<String>,
    /// The block that registered it; 0 for those of the genesis.
    since_block: u64,
    /// Its accounts.
    accounts: Vec<Account>,
}

/// An account of an organisation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Account {
    /// The Ethereum address.
    #[schema(value_type = String)]
    address: alloy_primitives::Address,
    /// What it may do.
    roles: Vec<&'static str>,
    /// Why it is frozen, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    frozen: Option<String>,
}

/// The member organisations, by number.
#[utoipa::path(
    get,
    path = "/organisations",
    tag = "node",
    responses((status = 200, body = Vec<Organisation>))
)]
pub(super) async fn organisations(
    State(context): State<Context>,
) -> Result<Json<Vec<Organisation>>, Box<Problem>> {
    Ok(Json(list(context.chain.index()).await.map_err(index_error)?))
}

/// The member organisations with their accounts, by number.
pub(crate) async fn list(index: &Index) -> Result<Vec<Organisation>, IndexError> {
    let mut shown = Vec::new();
    for organisation in index.organisations().await? {
        let accounts = index.accounts(organisation.id).await?;
        shown.push(Organisation::new(organisation, accounts));
    }
    Ok(shown)
}

impl Organisation {
    fn new(organisation: IndexedOrganisation, accounts: Vec<IndexedAccount>) -> Self {
        Self {
            id: organisation.id,
            name: organisation.name,
            gln: organisation.gln,
            frozen: organisation.frozen,
            since_block: organisation.since_block,
            accounts: accounts.into_iter().map(Account::new).collect(),
        }
    }
}

impl Account {
    fn new(account: IndexedAccount) -> Self {
        let roles = account.roles.iter().map(|role| role_name(*role)).collect();
        Self { address: account.address, roles, frozen: account.frozen }
    }
}

/// The roles of the `members` module by their numbers.
fn role_name(number: u8) -> &'static str {
    match number {
        1 => "admin",
        2 => "validator",
        3 => "capturer",
        4 => "regulator",
        5 => "deployer",
        6 => "signer",
        _ => "unknown",
    }
}
