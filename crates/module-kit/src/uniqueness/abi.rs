//! What the uniqueness ledger refuses, in whichever module it is kept.

use alloy_sol_types::sol;

sol! {
    /// Refusals of the ledger that keeps an asset from being used twice. None of them says who
    /// used the rest.
    ///
    /// States of a claim: 0 none, 1 reserved, 2 used, 3 released.
    interface IUniqueness {
        /// The identity of the asset cannot be understood.
        /// Remedy: follow the rule that the error names.
        #[derive(Debug, PartialEq, Eq)]
        error InvalidIdentity(string field, string rule);
        /// Nobody registered the asset.
        /// Remedy: register it with its value first.
        #[derive(Debug, PartialEq, Eq)]
        error UnknownAsset(bytes32 asset);
        /// The asset was registered with another value or unit.
        /// Remedy: compare your copy of the document with the issuer's.
        #[derive(Debug, PartialEq, Eq)]
        error AssetDiffers(bytes32 asset);
        /// The value of the asset is zero, or less than what is used and reserved of it.
        /// Remedy: use a value of at least `min`.
        #[derive(Debug, PartialEq, Eq)]
        error InvalidAssetValue(bytes32 asset, uint64 value, uint64 min);
        /// More was asked for than is left of the asset, or nothing at all.
        /// Remedy: ask for at most `left`.
        #[derive(Debug, PartialEq, Eq)]
        error ExceedsBalance(bytes32 asset, uint64 asked, uint64 left);
        /// There is no such claim of this party, or it is in another state.
        /// Remedy: use the number of a live claim of your own.
        #[derive(Debug, PartialEq, Eq)]
        error NotYourClaim(uint64 claim);
        /// The reservation has run out.
        /// Remedy: reserve again.
        #[derive(Debug, PartialEq, Eq)]
        error ReservationExpired(uint64 claim, uint64 until);
        /// The reservation has not run out.
        /// Remedy: wait, or let its party release it.
        #[derive(Debug, PartialEq, Eq)]
        error ReservationRuns(uint64 claim, uint64 until);
    }
}
