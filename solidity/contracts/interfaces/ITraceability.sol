// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;

/// @title ITraceability
/// @notice EPCIS 2.0 events, recorded under their CBV 2.0 Event Hash ID.
interface ITraceability {
    // Who captured an event, for whom and when. `capturedAt` is the time of the block in
    // seconds, `position` the event's index in the transaction's list; `party` 0 where the
    // event was not captured.
    struct EventRecord {
        uint64 party;
        address capturer;
        uint64 capturedAt;
        uint64 blockNumber;
        uint32 position;
    }

    /// @notice An event is recorded. `identifiers` are the keccak-256 hashes of the canonical
    /// URIs of the things in the event, sorted, each once; `position` is the event's index in
    /// the transaction's list, where its body is.
    event Captured(bytes32 indexed eventHash, uint64 indexed party, address indexed capturer, uint32 position, bytes32[] identifiers);

    /// @notice An account of another organisation may capture for the party.
    event CapturerAuthorised(uint64 indexed party, address indexed capturer);

    /// @notice An account of another organisation may no longer capture for the party.
    event CapturerRevoked(uint64 indexed party, address indexed capturer);

    /// @notice The account may not speak for the party: it is no active capturer of the party,
    /// and the party did not authorise it; or the party is frozen.
    /// @dev Remedy: an admin of the party grants role 3 in `members`, or calls `authorise`.
    error NotAuthorised(address capturer, uint64 party);

    /// @notice The transaction carries more events than one may.
    /// @dev Remedy: split the list over several transactions.
    error TooManyEvents(uint64 count, uint64 max);

    /// @notice An event breaks a rule of EPCIS, a bound of this module, or a rule that `lots`
    /// keeps for its product; nothing was recorded.
    /// @dev Remedy: correct the field that the error names; `code` is in the error reference.
    error EventRefused(uint64 position, string code, string field, string rule);

    /// @notice The call is not the transaction itself; the bodies are read back from its
    /// calldata.
    /// @dev Remedy: send the transaction to the module directly, not through a contract.
    error NotTopLevel();

    /// @notice The account belongs to the party itself.
    /// @dev Remedy: grant it role 3 in `members` instead.
    error OwnAccount(address capturer);

    /// @notice The account is authorised already.
    /// @dev Remedy: nothing is to be done.
    error AlreadyAuthorised(address capturer, uint64 party);

    /// @notice Records events, each the UTF-8 JSON of one self-contained EPCIS 2.0 event. Every
    /// validator parses them, checks them by the rules of EPCIS and CBV and computes their
    /// hashes. An event that is recorded already is skipped; `captured` counts the others.
    function capture(uint64 party, bytes[] calldata events) external returns (bytes32[] memory eventHashes, uint32 captured);

    /// @notice Lets an account of another organisation capture for the caller's. By an admin.
    function authorise(address capturer) external;

    /// @notice Takes that right back. By an admin of the party.
    function revoke(address capturer) external;

    /// @notice Who captured the event with this hash, for whom and when.
    function record(bytes32 eventHash) external view returns (EventRecord memory);

    /// @notice Whether the account may capture for the party.
    function maySpeakFor(address capturer, uint64 party) external view returns (bool);
}
