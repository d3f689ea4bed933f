// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;

/// @title IRecall
/// @notice Recalls: what is called back, who is told, who answered, and what became of the
/// goods.
interface IRecall {
    // A recall; `id` 0 where there is none. `scope` is the SHA-256 of the list of everything
    // affected as the declarer computed it. Times are in seconds; `endedAt` 0 while it runs.
    struct Recall {
        uint64 id;
        uint64 organisation;
        address by;
        bool regulator;
        uint8 level;
        uint8 reason;
        uint64 declaredAt;
        uint64 deadline;
        uint64 endedAt;
        uint64 hold;
        uint32 notices;
        uint32 acknowledged;
        uint32 inTime;
        uint32 lines;
        uint32 answered;
        bytes32 scope;
        string text;
    }

    // A notice to an organisation; `sentAt` 0 where there is none.
    struct Notice {
        uint64 party;
        uint64 sentAt;
        uint64 acknowledgedAt;
        address acknowledgedBy;
        uint32 lines;
        uint32 answered;
    }

    // An affected thing in a notice and what became of it, in smallest units of its dimension;
    // `unit` is the usual unit, empty for pieces.
    struct Line {
        bytes32 thing;
        string unit;
        uint128 affected;
        uint128 held;
        uint128 returned;
        uint128 destroyed;
        uint128 sold;
        bool answered;
    }

    // How much of something a party is told to look for: a canonical identifier, a decimal
    // number, and a code of UN/ECE Recommendation 20 or nothing for pieces.
    struct Affected {
        string thing;
        string quantity;
        string unit;
    }

    // What became of a thing, as decimal numbers of the unit.
    struct Outcome {
        string thing;
        string unit;
        string held;
        string returned;
        string destroyed;
        string sold;
    }

    // Amounts of all notices in one dimension, in smallest units; `unit` is the usual unit.
    struct Total {
        string unit;
        uint128 affected;
        uint128 held;
        uint128 returned;
        uint128 destroyed;
        uint128 sold;
    }

    /// @notice Things are called back, and on hold everywhere.
    event Declared(uint64 indexed recall, uint64 indexed organisation, uint8 level, uint8 reason, string[] things, string text, uint64 deadline, bytes32 scope, uint64 hold, address by);

    /// @notice An organisation is told that it has, or had, affected things.
    event Notified(uint64 indexed recall, uint64 indexed party, Affected[] lines);

    /// @notice An organisation has taken note.
    event Acknowledged(uint64 indexed recall, uint64 indexed party, address indexed by, bool inTime);

    /// @notice An organisation says what became of affected things.
    event Answered(uint64 indexed recall, uint64 indexed party, Outcome[] outcomes, address indexed by);

    /// @notice A recall is over, and what it held back is free.
    event Ended(uint64 indexed recall, string text, address indexed by);

    /// @notice The caller may not declare a recall of this thing.
    /// @dev Remedy: an admin or capturer of the organisation to which the company prefix is
    /// registered, or a regulator.
    error MayNotRecall(address caller, string thing);

    /// @notice The caller does not act for the organisation that declared the recall, nor for a
    /// regulator.
    /// @dev Remedy: ask the declarer.
    error NotDeclarer(address caller, uint64 recall);

    /// @notice There is no recall with this number, or it is over.
    /// @dev Remedy: read `recall(id)`.
    error NoOpenRecall(uint64 recall);

    /// @notice There is no level with this number.
    /// @dev Remedy: 1 back from consumers, 2 back from shops, 3 back from wholesale.
    error UnknownLevel(uint8 level);

    /// @notice The deadline is out of its bounds.
    /// @dev Remedy: an hour to a year.
    error InvalidDeadline(uint64 secondsGiven);

    /// @notice There is no organisation with this number.
    /// @dev Remedy: numbers go from 1 to `organisationCount()` of `members`.
    error UnknownParty(uint64 party);

    /// @notice The caller's organisation has no notice of this recall.
    /// @dev Remedy: ask the declarer for one, if affected things are there.
    error NotNotified(address caller, uint64 recall);

    /// @notice The organisation has taken note already.
    /// @dev Remedy: nothing is to be done.
    error AlreadyAcknowledged(uint64 recall, uint64 party);

    /// @notice The notice says nothing of this thing.
    /// @dev Remedy: name a thing of the notice.
    error NotInNotice(string thing);

    /// @notice The text is no identifier.
    /// @dev Remedy: write a GS1 Digital Link or an EPC URN.
    error NotIdentifier(string thing, string rule);

    /// @notice The quantity is no exact amount, or in another dimension than the notice.
    /// @dev Remedy: the message names the rule.
    error NotAmount(string thing, string rule);

    /// @notice More is accounted for than the notice says was there.
    /// @dev Remedy: correct the numbers, or ask the declarer to correct the notice.
    error ExceedsNotice(string thing, uint128 affected, uint128 accounted);

    /// @notice A bound of the module is reached.
    /// @dev Remedy: the bounds are under Limits in the module's documentation.
    error TooMuch(string what, uint64 max);

    /// @notice Calls things back and holds them everywhere. By an admin or capturer of their
    /// owner, or a regulator. Returns the number of the recall.
    function declare(string[] calldata things, uint8 level, uint8 reason, string calldata text, uint64 deadlineSeconds, bytes32 scope) external returns (uint64 id);

    /// @notice Tells an organisation which affected things it has, or corrects what it was
    /// told. By the declarer or a regulator.
    function notify(uint64 id, uint64 party, Affected[] calldata lines_) external;

    /// @notice Takes note. By an admin or capturer of a notified organisation.
    function acknowledge(uint64 id) external;

    /// @notice Says what became of affected things; a later answer takes the place of an
    /// earlier one. By an admin or capturer of a notified organisation.
    function answer(uint64 id, Outcome[] calldata outcomes) external;

    /// @notice Ends a recall and its hold. By an admin of the declarer, or the regulator that
    /// declared it.
    function end(uint64 id, string calldata text) external;

    /// @notice A recall by number.
    function recall(uint64 id) external view returns (Recall memory);

    /// @notice How many recalls there are; they are numbered from 1.
    function recallCount() external view returns (uint64);

    /// @notice The notice to an organisation.
    function notice(uint64 id, uint64 party) external view returns (Notice memory);

    /// @notice The notices of a recall in the order in which they were sent.
    function notices(uint64 id, uint64 from, uint64 count) external view returns (Notice[] memory);

    /// @notice The lines of a notice in their order.
    function lines(uint64 id, uint64 party, uint64 from, uint64 count) external view returns (Line[] memory);

    /// @notice What became of everything, by dimension; dimensions without amounts are left
    /// out.
    function totals(uint64 id) external view returns (Total[] memory);
}
