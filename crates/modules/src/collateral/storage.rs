//! Where `collateral` keeps what it knows.

use qiao_module_kit::{Context, Outcome, layout, storage::Map, uniqueness::Ledger};

use crate::members::OrganisationId;

layout! { pub(super) fn layout();
    /// Assets and claims.
    ASSETS: Ledger;
    /// Who may register assets.
    REGISTRARS: Map<OrganisationId, bool>;
}

/// Assets and claims.
pub(super) const LEDGER: Ledger = ASSETS;

pub(super) fn is_registrar(context: &mut Context<'_>, id: OrganisationId) -> Outcome<bool> {
    REGISTRARS.get(context, &id)
}

pub(super) fn set_registrar(
    context: &mut Context<'_>,
    id: OrganisationId,
    is_licensed: bool,
) -> Outcome<()> {
    REGISTRARS.set(context, &id, &is_licensed)
}
