// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;

/// @title ILots
/// @notice How much of a lot there is and where, which lots are on hold, and which serial
/// numbers were seen in two places.
interface ILots {
    // The rules of a product. `unit` is the unit in which people read its amounts, empty for
    // pieces; `content` is what one piece holds, as a decimal number of that unit, empty where
    // pieces have no fixed content.
    struct Rules {
        bool balanced;
        string unit;
        string content;
        uint32 yieldBasisPoints;
        uint32 cloneSeconds;
        uint64 since;
    }

    // What became of a lot, in smallest units of its product's dimension: a piece, a nanogram,
    // a femtolitre, a nanometre, a square micrometre. `openTransit` is on its way to nobody in
    // particular.
    struct Lot {
        string unit;
        uint128 made;
        uint128 used;
        uint128 sold;
        uint128 destroyed;
        uint128 openTransit;
    }

    // A hold. `kind` says who holds: 1 the holder of the goods, for its own; 2 the owner of the
    // product, everywhere; 3 a regulator, everywhere. `id` 0 where there is none.
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

    /// @notice A GS1 company prefix belongs to the organisation.
    event PrefixRegistered(string prefix, uint64 indexed organisation, address indexed by);

    /// @notice A product has these rules from the next block on.
    event ProductRuled(uint64 indexed gtin, bool balanced, string unit, string content, uint32 yieldBasisPoints, uint32 cloneSeconds, address indexed by);

    /// @notice An organisation may, or may no longer, make the product.
    event MakerSet(uint64 indexed gtin, uint64 indexed organisation, bool allowed);

    /// @notice Stock from before the rule is on the books.
    event Admitted(bytes32 indexed thing, string id, uint64 indexed holder, string amount, address by);

    /// @notice Things are on hold; `things` are the keccak-256 hashes of their canonical URIs.
    event HeldBack(uint64 indexed hold, uint64 indexed organisation, uint8 kind, uint8 reason, string note, bytes32[] things, address indexed by);

    /// @notice A hold has ended.
    event Released(uint64 indexed hold, string note, address indexed by);

    /// @notice A serial number cannot be where it was seen. `alarm` 1: seen in two places
    /// within the product's `cloneSeconds` and no movement between; 2: sold twice.
    /// `earlierEvent` is the sighting with which it does not agree; times are in milliseconds.
    event CloneAlarm(bytes32 indexed thing, bytes32 indexed eventHash, bytes32 indexed earlierEvent, uint8 alarm, uint64 time, uint64 earlierTime, uint64 party);

    /// @notice What an event had done to the books was undone, because its party declared it
    /// wrong.
    event Undone(bytes32 indexed eventHash, uint64 indexed party);

    /// @notice The text is no GS1 company prefix of 4 to 12 digits, or begins with five zeros.
    /// @dev Remedy: take the prefix from the company's GS1 licence.
    error InvalidPrefix(string prefix);

    /// @notice The prefix overlaps another that is registered.
    /// @dev Remedy: company prefixes never begin with each other; compare both licences.
    error PrefixOverlaps(string prefix);

    /// @notice The text is no GTIN of 14 digits with the right check digit.
    /// @dev Remedy: write 14 digits; a shorter GTIN is filled up with zeros in front.
    error InvalidGtin(string gtin);

    /// @notice The text names no lot, serial number, logistic unit or asset in a form that is
    /// known.
    /// @dev Remedy: write a GS1 Digital Link or an EPC URN.
    error InvalidThing(string id, string rule);

    /// @notice The caller speaks neither for the owner of the product nor for a regulator.
    /// @dev Remedy: ask an admin of the organisation to which the company prefix is registered.
    error NotProductOwner(address caller, string id);

    /// @notice The rules of a product that is in the books cannot be made weaker.
    /// @dev Remedy: leave `balanced`, the dimension of `unit`, and `content` as they are; a
    /// product with another content has another GTIN.
    error RuleStands(string gtin);

    /// @notice A parameter of the rules is out of its bounds.
    /// @dev Remedy: the message names the field and its bounds.
    error InvalidRule(string field, string rule);

    /// @notice The product is not in the books.
    /// @dev Remedy: `setRules` with `balanced` first; it is in force from the next block on.
    error NotBalanced(string id);

    /// @notice There is no organisation with this number.
    /// @dev Remedy: numbers go from 1 to `organisationCount()` of `members`.
    error NoOrganisation(uint64 organisation);

    /// @notice The quantity is no exact amount of the product.
    /// @dev Remedy: the message names the rule.
    error InvalidQuantity(string quantity, string rule);

    /// @notice The serial number is in the books already.
    /// @dev Remedy: nothing is to be done.
    error SerialKnown(string id);

    /// @notice The caller may neither hold for its organisation nor everywhere.
    /// @dev Remedy: role 1 or 3 of the holder or of the product's owner, or role 4.
    error MayNotHold(address caller);

    /// @notice No hold with this number is open.
    /// @dev Remedy: read `hold(id)`.
    error NoOpenHold(uint64 id);

    /// @notice The caller may not end this hold.
    /// @dev Remedy: a holder's or an owner's hold is ended by an admin of that organisation, a
    /// regulator's hold and a recall's by those who declared it.
    error MayNotRelease(address caller, uint64 id);

    /// @notice There is no reason with this number.
    /// @dev Remedy: take one of those under Terms in the module's documentation.
    error UnknownReason(uint8 reason);

    /// @notice A bound of the module is reached.
    /// @dev Remedy: the bounds are under Limits in the module's documentation.
    error TooManyThings(uint64 count, uint64 max);

    /// @notice Says to whom a GS1 company prefix belongs. By a regulator.
    function registerPrefix(string calldata prefix, uint64 organisation) external;

    /// @notice Sets the rules of a product, in force from the next block on. By an admin of its
    /// owner or a regulator. `unit` is a code of UN/ECE Recommendation 20 or empty, `content` a
    /// decimal number in it or empty. `yieldBasisPoints` is how much of what goes into a
    /// transformation may come out as this product, 10,000 for as much; 0 compares nothing.
    /// `cloneSeconds` is how far apart two sightings of a serial number in two places must be;
    /// 0 compares none.
    function setRules(string calldata gtin, bool balanced, string calldata unit, string calldata content, uint32 yieldBasisPoints, uint32 cloneSeconds) external;

    /// @notice Lets an organisation make the product, or no longer. By an admin of its owner or
    /// a regulator.
    function setMaker(string calldata gtin, uint64 organisation, bool allowed) external;

    /// @notice Puts stock from before the rule on the books of its holder. By an admin of the
    /// product's owner or a regulator. A serial number has quantity 1.
    function admit(string calldata id, uint64 holder, string calldata quantity, string calldata unit) external;

    /// @notice Holds lots, serial numbers, logistic units or assets back: for the caller's
    /// organisation alone, or everywhere. Returns the number of the hold.
    function holdBack(string[] calldata things, bool everywhere, uint8 reason, string calldata note) external returns (uint64 id);

    /// @notice Ends a hold.
    function release(uint64 id, string calldata note) external;

    /// @notice The organisation to which the company prefix of an identifier is registered; 0
    /// for none.
    function ownerOf(string calldata id) external view returns (uint64);

    /// @notice The rules of a product.
    function rulesOf(string calldata gtin) external view returns (Rules memory);

    /// @notice Whether an organisation may make a product.
    function mayMake(string calldata gtin, uint64 organisation) external view returns (bool);

    /// @notice What became of a lot.
    function lot(string calldata id) external view returns (Lot memory);

    /// @notice How much of a lot an organisation holds outside of containers, in smallest
    /// units.
    function heldBy(string calldata id, uint64 organisation) external view returns (uint128);

    /// @notice How much of a lot is on its way to an organisation, in smallest units.
    function inTransitTo(string calldata id, uint64 organisation) external view returns (uint128);

    /// @notice How much of a lot is in a container, in smallest units.
    function packedIn(string calldata id, string calldata container) external view returns (uint128);

    /// @notice What became of a serial number: 0 not in the books, 1 there, 2 sold, 3 used or
    /// destroyed.
    function serial(string calldata id) external view returns (uint8);

    /// @notice A hold by number; numbers go from 1.
    function hold(uint64 id) external view returns (Hold memory);

    /// @notice The things of a hold: the keccak-256 hashes of their canonical URIs.
    function holdThings(uint64 id, uint64 from, uint64 count) external view returns (bytes32[] memory);

    /// @notice How many holds there were; they are numbered from 1.
    function holdCount() external view returns (uint64);

    /// @notice The newest hold that keeps an organisation from passing on a thing; 0 for none.
    function holdOn(string calldata id, uint64 organisation) external view returns (uint64);
}
