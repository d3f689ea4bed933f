//! The contract interface of `lots`.

use alloy_sol_types::sol;

sol! {
    /// How much of a lot there is and where, which lots are on hold, and which serial numbers were
    /// seen in two places.
    #[derive(Debug, PartialEq, Eq)]
    interface ILots {
        /// The rules of a product. `unit` is the unit in which people read its amounts, empty for
        /// pieces; `content` is what one piece holds, as a decimal number of that unit, empty where
        /// pieces have no fixed content.
        struct Rules {
            bool balanced;
            string unit;
            string content;
            uint32 yieldBasisPoints;
            uint32 cloneSeconds;
            uint64 since;
        }

        /// What became of a lot, in smallest units of its product's dimension: a piece, a nanogram,
        /// a femtolitre, a nanometre, a square micrometre. `openTransit` is on its way to nobody in
        /// particular.
        struct Lot {
            string unit;
            uint128 made;
            uint128 used;
            uint128 sold;
            uint128 destroyed;
            uint128 openTransit;
        }

        /// A hold. `kind` says who holds: 1 the holder of the goods, for its own; 2 the owner of the
        /// product, everywhere; 3 a regulator, everywhere. `id` 0 where there is none.
        struct Hold {
            uint64 id;
            uint8 kind;
            uint64 organisation;
            address by;
            uint8 reason;
            bool released;
            uint64 since;
            uint32 things;
            string note;
        }

        /// A GS1 company prefix belongs to the organisation.
        event PrefixRegistered(string prefix, uint64 indexed organisation, address indexed by);
        /// A product has these rules from the next block on.
        event ProductRuled(uint64 indexed gtin, bool balanced, string unit, string content, uint32 yieldBasisPoints, uint32 cloneSeconds, address indexed by);
        /// An organisation may, or may no longer, make the product.
        event MakerSet(uint64 indexed gtin, uint64 indexed organisation, bool allowed);
        /// Stock from before the rule is on the books.
        event Admitted(bytes32 indexed thing, string id, uint64 indexed holder, string amount, address by);
        /// Things are on hold; `things` are the keccak-256 hashes of their canonical URIs.
        event HeldBack(uint64 indexed hold, uint64 indexed organisation, uint8 kind, uint8 reason, string note, bytes32[] things, address indexed by);
        /// A hold has ended.
        event Released(uint64 indexed hold, string note, address indexed by);
        /// A serial number cannot be where it was seen. `alarm` 1: seen in two places within the
        /// product's `cloneSeconds` and no movement between; 2: sold twice. `earlierEvent` is the
        /// sighting with which it does not agree; times are in milliseconds.
        event CloneAlarm(bytes32 indexed thing, bytes32 indexed eventHash, bytes32 indexed earlierEvent, uint8 alarm, uint64 time, uint64 earlierTime, uint64 party);
        /// What an event had done to the books was undone, because its party declared it wrong.
        event Undone(bytes32 indexed eventHash, uint64 indexed party);

        /// The text is no GS1 company prefix of 4 to 12 digits, or begins with five zeros.
        /// Remedy: take the prefix from the company's GS1 licence.
        error InvalidPrefix(string prefix);
        /// The prefix overlaps another that is registered.
        /// Remedy: company prefixes never begin with each other; compare both licences.
        error PrefixOverlaps(string prefix);
        /// The text is no GTIN of 14 digits with the right check digit.
        /// Remedy: write 14 digits; a shorter GTIN is filled up with zeros in front.
        error InvalidGtin(string gtin);
        /// The text names no lot, serial number, logistic unit or asset in a form that is known.
        /// Remedy: write a GS1 Digital Link or an EPC URN.
        error InvalidThing(string id, string rule);
        /// The caller speaks neither for the owner of the product nor for a regulator.
        /// Remedy: ask an admin of the organisation to which the company prefix is registered.
        error NotProductOwner(address caller, string id);
        /// The rules of a product that is in the books cannot be made weaker.
        /// Remedy: leave `balanced`, the dimension of `unit`, and `content` as they are; a product
        /// with another content has another GTIN.
        error RuleStands(string gtin);
        /// A parameter of the rules is out of its bounds.
        /// Remedy: the message names the field and its bounds.
        error InvalidRule(string field, string rule);
        /// The product is not in the books.
        /// Remedy: `setRules` with `balanced` first; it is in force from the next block on.
        error NotBalanced(string id);
        /// There is no organisation with this number.
        /// Remedy: numbers go from 1 to `organisationCount()` of `members`.
        error NoOrganisation(uint64 organisation);
        /// The quantity is no exact amount of the product.
        /// Remedy: the message names the rule.
        error InvalidQuantity(string quantity, string rule);
        /// The serial number is in the books already.
        /// Remedy: nothing is to be done.
        error SerialKnown(string id);
        /// The caller may neither hold for its organisation nor everywhere.
        /// Remedy: role 1 or 3 of the holder or of the product's owner, or role 4.
        error MayNotHold(address caller);
        /// No hold with this number is open.
        /// Remedy: read `hold(id)`.
        error NoOpenHold(uint64 id);
        /// The caller may not end this hold.
        /// Remedy: a holder's or an owner's hold is ended by an admin of that organisation, a
        /// regulator's hold and a recall's by those who declared it.
        error MayNotRelease(address caller, uint64 id);
        /// There is no reason with this number.
        /// Remedy: take one of those under Terms in the module's documentation.
        error UnknownReason(uint8 reason);
        /// A bound of the module is reached.
        /// Remedy: the bounds are under Limits in the module's documentation.
        error TooManyThings(uint64 count, uint64 max);

        /// Says to whom a GS1 company prefix belongs. By a regulator.
        function registerPrefix(string prefix, uint64 organisation) external;
        /// Sets the rules of a product, in force from the next block on. By an admin of its owner or
        /// a regulator. `unit` is a code of UN/ECE Recommendation 20 or empty, `content` a decimal
        /// number in it or empty. `yieldBasisPoints` is how much of what goes into a transformation
        /// may come out as this product, 10,000 for as much; 0 compares nothing. `cloneSeconds` is
        /// how far apart two sightings of a serial number in two places must be; 0 compares none.
        function setRules(string gtin, bool balanced, string unit, string content, uint32 yieldBasisPoints, uint32 cloneSeconds) external;
        /// Lets an organisation make the product, or no longer. By an admin of its owner or a regulator.
        function setMaker(string gtin, uint64 organisation, bool allowed) external;
        /// Puts stock from before the rule on the books of its holder. By an admin of the product's
        /// owner or a regulator. A serial number has quantity 1.
        function admit(string id, uint64 holder, string quantity, string unit) external;
        /// Holds lots, serial numbers, logistic units or assets back: for the caller's organisation
        /// alone, or everywhere. Returns the number of the hold.
        function holdBack(string[] calldata things, bool everywhere, uint8 reason, string note) external returns (uint64 id);
        /// Ends a hold.
        function release(uint64 id, string note) external;

        /// The organisation to which the company prefix of an identifier is registered; 0 for none.
        function ownerOf(string id) external view returns (uint64);
        /// The rules of a product.
        function rulesOf(string gtin) external view returns (Rules memory);
        /// Whether an organisation may make a product.
        function mayMake(string gtin, uint64 organisation) external view returns (bool);
        /// What became of a lot.
        function lot(string id) external view returns (Lot memory);
        /// How much of a lot an organisation holds outside of containers, in smallest units.
        function heldBy(string id, uint64 organisation) external view returns (uint128);
        /// How much of a lot is on its way to an organisation, in smallest units.
        function inTransitTo(string id, uint64 organisation) external view returns (uint128);
        /// How much of a lot is in a container, in smallest units.
        function packedIn(string id, string container) external view returns (uint128);
        /// What became of a serial number: 0 not in the books, 1 there, 2 sold, 3 used or destroyed.
        function serial(string id) external view returns (uint8);
        /// A hold by number; numbers go from 1.
        function hold(uint64 id) external view returns (Hold memory);
        /// The things of a hold: the keccak-256 hashes of their canonical URIs.
        function holdThings(uint64 id, uint64 from, uint64 count) external view returns (bytes32[] memory);
        /// How many holds there were; they are numbered from 1.
        function holdCount() external view returns (uint64);
        /// The newest hold that keeps an organisation from passing on a thing; 0 for none.
        function holdOn(string id, uint64 organisation) external view returns (uint64);
    }
}
