// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;

/// @title IUniqueness
/// @notice Refusals of the ledger that keeps an asset from being used twice. None of them says
/// who used the rest. States of a claim: 0 none, 1 reserved, 2 used, 3 released.
interface IUniqueness {
    /// @notice The identity of the asset cannot be understood.
    /// @dev Remedy: follow the rule that the error names.
    error InvalidIdentity(string field, string rule);

    /// @notice Nobody registered the asset.
    /// @dev Remedy: register it with its value first.
    error UnknownAsset(bytes32 asset);

    /// @notice The asset was registered with another value or unit.
    /// @dev Remedy: compare your copy of the document with the issuer's.
    error AssetDiffers(bytes32 asset);

    /// @notice The value of the asset is zero, or less than what is used and reserved of it.
    /// @dev Remedy: use a value of at least `min`.
    error InvalidAssetValue(bytes32 asset, uint64 value, uint64 min);

    /// @notice More was asked for than is left of the asset, or nothing at all.
    /// @dev Remedy: ask for at most `left`.
    error ExceedsBalance(bytes32 asset, uint64 asked, uint64 left);

    /// @notice There is no such claim of this party, or it is in another state.
    /// @dev Remedy: use the number of a live claim of your own.
    error NotYourClaim(uint64 claim);

    /// @notice The reservation has run out.
    /// @dev Remedy: reserve again.
    error ReservationExpired(uint64 claim, uint64 until);

    /// @notice The reservation has not run out.
    /// @dev Remedy: wait, or let its party release it.
    error ReservationRuns(uint64 claim, uint64 until);
}
