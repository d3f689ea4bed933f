//! The words of `collateral`; assets and claims are those of `qiao_module_kit::uniqueness`.

use alloy_primitives::B256;
use qiao_module_kit::record;

use crate::members::OrganisationId;

pub use qiao_module_kit::uniqueness::ClaimId;

record! {
    /// Who helps to make private keys of assets.
    pub struct Evaluator {
        /// The organisation.
        pub organisation: OrganisationId,
        /// The public key of its secret; zero where there is none.
        pub public_key: B256,
        /// Where it is asked.
        pub url: String,
    }
}
