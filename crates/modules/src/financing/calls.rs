//! What changes lines, requests and loans: authorize, load, decide, store, emit.

mod bids;
mod fees;
mod lines;
mod loans;

use qiao_module_kit::{Context, Outcome};

pub(super) use bids::*;
pub(super) use fees::*;
pub(super) use lines::*;
pub(super) use loans::*;

use crate::members::{self, OrganisationId};

/// The organisation for which the caller signs.
fn signer(context: &mut Context<'_>) -> Outcome<OrganisationId> {
    members::require_signer(context, context.caller())
}
