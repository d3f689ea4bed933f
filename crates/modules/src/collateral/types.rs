//! The words of `collateral`; assets and claims are those of `qiao_module_kit::uniqueness`.

pub use qiao_module_kit::uniqueness::ClaimId;
