//! The contract interface of `recall`.

#![allow(clippy::too_many_arguments, reason = "the macro writes constructors of events")]

use alloy_sol_types::sol;

sol! {
    /// Recalls: what is called back, who is told, who answered, and what became of the goods.
    #[derive(Debug, PartialEq, Eq)]
    interface IRecall {
        /// A recall; `id` 0 where there is none. `scope` is the SHA-256 of the list of everything
        /// affected as the declarer computed it. Times are in seconds; `endedAt` 0 while it runs.
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

        /// A notice to an organisation; `sentAt` 0 where there is none.
        struct Notice {
            uint64 party;
            uint64 sentAt;
            uint64 acknowledgedAt;
            address acknowledgedBy;
            uint32 lines;
            uint32 answered;
        }

        /// An affected thing in a notice and what became of it, in smallest units of its dimension;
        /// `unit` is the usual unit, empty for pieces.
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

        /// How much of something a party is told to look for: a canonical identifier, a decimal
        /// number, and a code of UN/ECE Recommendation 20 or nothing for pieces.
        struct Affected {
            string thing;
            string quantity;
            string unit;
        }

        /// What became of a thing, as decimal numbers of the unit.
        struct Outcome {
            string thing;
            string unit;
            string held;
            string returned;
            string destroyed;
            string sold;
        }

        /// Amounts of all notices in one dimension, in smallest units; `unit` is the usual unit.
        struct Total {
            string unit;
            uint128 affected;
            uint128 held;
            uint128 returned;
            uint128 destroyed;
            uint128 sold;
        }

        /// Things are called back, and on hold everywhere.
        event Declared(uint64 indexed recall, uint64 indexed organisation, uint8 level, uint8 reason, string[] things, string text, uint64 deadline, bytes32 scope, uint64 hold, address by);
        /// An organisation is told that it has, or had, affected things.
        event Notified(uint64 indexed recall, uint64 indexed party, Affected[] lines);
        /// An organisation has taken note.
        event Acknowledged(uint64 indexed recall, uint64 indexed party, address indexed by, bool inTime);
        /// An organisation says what became of affected things.
        event Answered(uint64 indexed recall, uint64 indexed party, Outcome[] outcomes, address indexed by);
        /// A recall is over, and what it held back is free.
        event Ended(uint64 indexed recall, string text, address indexed by);

        /// The caller may not declare a recall of this thing.
        /// Remedy: an admin or capturer of the organisation to which the company prefix is
        /// registered, or a regulator.
        error MayNotRecall(address caller, string thing);
        /// The caller does not act for the organisation that declared the recall, nor for a regulator.
        /// Remedy: ask the declarer.
        error NotDeclarer(address caller, uint64 recall);
        /// There is no recall with this number, or it is over.
        /// Remedy: read `recall(id)`.
        error NoOpenRecall(uint64 recall);
        /// There is no level with this number.
        /// Remedy: 1 back from consumers, 2 back from shops, 3 back from wholesale.
        error UnknownLevel(uint8 level);
        /// The deadline is out of its bounds.
        /// Remedy: an hour to a year.
        error InvalidDeadline(uint64 secondsGiven);
        /// There is no organisation with this number.
        /// Remedy: numbers go from 1 to `organisationCount()` of `members`.
        error UnknownParty(uint64 party);
        /// The caller's organisation has no notice of this recall.
        /// Remedy: ask the declarer for one, if affected things are there.
        error NotNotified(address caller, uint64 recall);
        /// The organisation has taken note already.
        /// Remedy: nothing is to be done.
        error AlreadyAcknowledged(uint64 recall, uint64 party);
        /// The notice says nothing of this thing.
        /// Remedy: name a thing of the notice.
        error NotInNotice(string thing);
        /// The text is no identifier.
        /// Remedy: write a GS1 Digital Link or an EPC URN.
        error NotIdentifier(string thing, string rule);
        /// The quantity is no exact amount, or in another dimension than the notice.
        /// Remedy: the message names the rule.
        error NotAmount(string thing, string rule);
        /// More is accounted for than the notice says was there.
        /// Remedy: correct the numbers, or ask the declarer to correct the notice.
        error ExceedsNotice(string thing, uint128 affected, uint128 accounted);
        /// A bound of the module is reached.
        /// Remedy: the bounds are under Limits in the module's documentation.
        error TooMuch(string what, uint64 max);

        /// Calls things back and holds them everywhere. By an admin or capturer of their owner, or a
        /// regulator. Returns the number of the recall.
        function declare(string[] calldata things, uint8 level, uint8 reason, string text, uint64 deadlineSeconds, bytes32 scope) external returns (uint64 id);
        /// Tells an organisation which affected things it has, or corrects what it was told. By the
        /// declarer or a regulator.
        function notify(uint64 id, uint64 party, Affected[] calldata lines) external;
        /// Takes note. By an admin or capturer of a notified organisation.
        function acknowledge(uint64 id) external;
        /// Says what became of affected things; a later answer takes the place of an earlier one. By
        /// an admin or capturer of a notified organisation.
        function answer(uint64 id, Outcome[] calldata outcomes) external;
        /// Ends a recall and its hold. By an admin of the declarer, or the regulator that declared it.
        function end(uint64 id, string text) external;

        /// A recall by number.
        function recall(uint64 id) external view returns (Recall memory);
        /// How many recalls there are; they are numbered from 1.
        function recallCount() external view returns (uint64);
        /// The notice to an organisation.
        function notice(uint64 id, uint64 party) external view returns (Notice memory);
        /// The notices of a recall in the order in which they were sent.
        function notices(uint64 id, uint64 from, uint64 count) external view returns (Notice[] memory);
        /// The lines of a notice in their order.
        function lines(uint64 id, uint64 party, uint64 from, uint64 count) external view returns (Line[] memory);
        /// What became of everything, by dimension; dimensions without amounts are left out.
        function totals(uint64 id) external view returns (Total[] memory);
    }
}
