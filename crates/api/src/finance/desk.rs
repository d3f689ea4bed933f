//! Desks: organisations for which this node asks and signs, and who may sit down at which.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::Address;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::SolCall;

use super::{Done, FinanceError, act};
use crate::{
    Chain,
    door::Granted,
    sending::{Order, SendError, Submitter, Trial},
};

/// The roles of the `members` module that matter at a desk.
const REGULATOR: u8 = 4;
const SIGNER: u8 = 6;

/// Which desks whoever asks may sit down at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// All of this node: it asks for no keys.
    All,
    /// That of the node's own organisation: a key of the node's people.
    Own,
    /// That of one organisation: a key that is bound to it.
    Only(u64),
}

impl Access {
    /// What a request's key opens; a node that asks for none opens everything that it has.
    pub fn of(granted: Option<&Granted>) -> Self {
        match granted.map(Granted::organisation) {
            None => Self::All,
            Some(None) => Self::Own,
            Some(Some(organisation)) => Self::Only(organisation),
        }
    }
}

/// An organisation for which the node asks and signs.
#[derive(Clone)]
pub struct Desk {
    /// Its number.
    pub organisation: u64,
    /// Its name.
    pub name: String,
    /// The account that signs.
    pub account: Address,
    /// Whether the account supervises.
    pub is_regulator: bool,
    /// Whether the account signs in matters of money.
    pub is_signer: bool,
    /// Whether it is the node's own organisation.
    pub is_own: bool,
    submitter: Arc<Submitter>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Desk").field("organisation", &self.organisation).finish()
    }
}

impl Desk {
    /// Calls a module with the desk's account, and waits until that is final.
    ///
    /// # Errors
    /// The module refuses, or the node cannot send.
    pub async fn act<C: SolCall>(
        &self,
        module: Address,
        call: C,
    ) -> Result<Done<C::Return>, FinanceError> {
        Ok(act(&self.submitter, module, call).await?)
    }

    /// What a call would do, without sending it.
    ///
    /// # Errors
    /// The module refuses.
    pub async fn try_out(&self, module: Address, call: &impl SolCall) -> Result<Trial, SendError> {
        let data = call.abi_encode().into();
        self.submitter.try_out(&Order { to: Some(module), data, ..Order::default() }).await
    }

    /// What sends and follows transactions of the desk.
    pub fn submitter(&self) -> &Submitter {
        &self.submitter
    }
}

/// The desks of a node.
pub struct Desks {
    chain: Arc<dyn Chain>,
    own: Option<Address>,
    submitters: BTreeMap<Address, Arc<Submitter>>,
}

impl Desks {
    /// Those of the accounts that the node has.
    pub fn new(chain: Arc<dyn Chain>) -> Self {
        let own = chain.signer().map(PrivateKeySigner::address);
        let hosted = chain.hosted_signers().iter();
        let submitters = chain.signer().into_iter().chain(hosted).map(|signer| {
            let submitter = Submitter::with(Arc::clone(&chain), signer.clone());
            (signer.address(), Arc::new(submitter))
        });
        Self { own, submitters: submitters.collect(), chain }
    }

    /// The desks that are open to whoever asks, by organisation.
    ///
    /// # Errors
    /// The index cannot answer.
    pub async fn open_to(&self, access: Access) -> Result<Vec<Desk>, FinanceError> {
        let organisations = self.chain.index().organisations().await?;
        let mut desks: Vec<Desk> = Vec::new();
        for (address, submitter) in &self.submitters {
            // An account that was not registered yet has no desk.
            let Some(account) = self.chain.index().account(*address).await? else { continue };
            let is_own = self.own == Some(*address);
            let is_open = match access {
                Access::All => true,
                Access::Own => is_own,
                Access::Only(organisation) => account.organisation == organisation,
            };
            let organisation = organisations.iter().find(|one| one.id == account.organisation);
            let Some(organisation) = organisation.filter(|_| is_open) else { continue };
            desks.push(Desk {
                organisation: organisation.id,
                name: organisation.name.clone(),
                account: *address,
                is_regulator: account.roles.contains(&REGULATOR),
                is_signer: account.roles.contains(&SIGNER),
                is_own,
                submitter: Arc::clone(submitter),
            });
        }
        desks.sort_by_key(|desk| (desk.organisation, !desk.is_own));
        desks.dedup_by_key(|desk| desk.organisation);
        Ok(desks)
    }

    /// The desk of an organisation; the only one, or the node's own, where none is named.
    ///
    /// # Errors
    /// There is none that is open to whoever asks.
    pub async fn open(
        &self,
        access: Access,
        organisation: Option<u64>,
    ) -> Result<Desk, FinanceError> {
        let desks = self.open_to(access).await?;
        let Some(organisation) = organisation else {
            let only = if desks.len() == 1 { desks.first() } else { None };
            let own = desks.iter().find(|desk| desk.is_own);
            return own.or(only).cloned().ok_or(FinanceError::Nobody);
        };
        let mut desks = desks.into_iter();
        let found = desks.find(|desk| desk.organisation == organisation);
        found.ok_or(FinanceError::NoDesk { organisation })
    }
}
