// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;

/// @title IReceivables
/// @notice Confirmed trade debts as vouchers: issued by the buyer, divided, passed on,
/// financed, repaid. Amounts are integers of the minor unit; currencies have the numbers of ISO
/// 4217 (156 is CNY); days are numbers `YYYYMMDD`. States of a voucher: 0 none, 1 offered, 2
/// live, 3 void, 4 overdue, 5 closed. States of a part: 0 none, 1 free, 2 locked, 3 pledged, 4
/// ended.
interface IReceivables {
    // What a voucher promises. `interestBearer` 0: who asks for financing bears the interest;
    // 1: the issuer does. `tenorReason` may be empty where the rules ask for none.
    struct Terms {
        uint64 creditor;
        uint64 amount;
        uint16 currency;
        uint32 due;
        bool recourse;
        uint8 interestBearer;
        string tenorReason;
    }

    // A document behind a voucher: its number as printed, the value that it proves and the
    // SHA-256 of its file.
    struct Document {
        string number;
        uint64 value;
        bytes32 hash;
    }

    // A voucher; all zero where there is none.
    struct Voucher {
        uint64 issuer;
        uint64 creditor;
        uint64 guarantor;
        uint64 amount;
        uint16 currency;
        uint32 issued;
        uint32 due;
        uint8 state;
        bool recourse;
        uint8 interestBearer;
        uint8 pack;
        uint64 repaid;
        uint64 writtenOff;
        uint32 liveParts;
    }

    // The hashes of the documents behind a voucher.
    struct Evidence {
        bytes32 purchaseContract;
        bytes32 invoice;
        bytes32 delivery;
    }

    // A part of a voucher.
    struct Part {
        uint64 voucher;
        uint64 parent;
        uint64 holder;
        uint64 beneficiary;
        uint64 amount;
        uint8 state;
        bool frozen;
        uint8 depth;
        uint64 parts;
    }

    // A part that was sold before it was due. States: 1 open, 2 bought back.
    struct Financing {
        uint64 position;
        uint64 voucher;
        uint64 seller;
        uint64 buyer;
        uint64 amount;
        uint64 price;
        uint32 day;
        bool recourse;
        uint8 state;
        string registration;
    }

    // What an issuer owes in a currency. A limit of 0 was never set.
    struct Exposure {
        uint64 outstanding;
        uint64 limit;
        uint32 overdueVouchers;
    }

    // Rules that the law of a place adds.
    struct Pack {
        string name;
        string citation;
        uint32 tenorMonthsUsual;
        uint32 tenorMonthsMax;
        bool needsLimit;
        bool needsRegistration;
        bool stopsOverdueIssuers;
        bool publishesFees;
        bool freesIssuersSuppliers;
    }

    /// @notice An issuer offered a voucher to its creditor.
    event VoucherIssued(uint64 indexed voucher, uint64 indexed issuer, uint64 indexed creditor, uint64 amount, uint16 currency, uint32 due, bytes32 invoice);

    /// @notice The creditor accepted; the voucher is live.
    event VoucherAccepted(uint64 indexed voucher);

    /// @notice The creditor declined or the issuer withdrew; the voucher is void.
    event VoucherVoided(uint64 indexed voucher, uint64 indexed by);

    /// @notice A guarantor promises to pay if the issuer does not.
    event VoucherEndorsed(uint64 indexed voucher, uint64 indexed guarantor);

    /// @notice A part passed to another holder; `part` differs from `position` if it was split
    /// off.
    event PartPassed(uint64 indexed position, uint64 indexed part, uint64 from, uint64 to, uint64 amount);

    /// @notice A part was split off and stays with its holder.
    event PartSplit(uint64 indexed position, uint64 indexed part, uint64 amount);

    /// @notice A part was merged into another.
    event PartsMerged(uint64 indexed into, uint64 indexed ended, uint64 amount);

    /// @notice A part secures a debt to the pledgee.
    event PartPledged(uint64 indexed position, uint64 indexed pledgee);

    /// @notice The pledgee released a part.
    event PledgeReleased(uint64 indexed position, uint64 indexed pledgee);

    /// @notice The pledgee took a part because the debt that it secures was not paid.
    event PledgeEnforced(uint64 indexed position, uint64 indexed pledgee);

    /// @notice A holder offers a part for sale to a financer.
    event SaleOffered(uint64 indexed position, uint64 indexed seller, uint64 indexed buyer, uint64 price);

    /// @notice An offer was withdrawn by the seller or declined by the buyer.
    event SaleEnded(uint64 indexed position, uint64 indexed by);

    /// @notice The buyer accepted an offer and will pay.
    event SaleAccepted(uint64 indexed position, uint64 indexed buyer, string registration);

    /// @notice A part was sold before it was due.
    event PartFinanced(uint64 indexed financing, uint64 indexed position, uint64 seller, uint64 buyer, uint64 amount, uint64 price, string registration);

    /// @notice The seller took a part back under its recourse.
    event PartBoughtBack(uint64 indexed financing, uint64 indexed position);

    /// @notice The holder was paid.
    event PartRepaid(uint64 indexed position, uint64 indexed voucher, uint64 amount, uint64 left);

    /// @notice The guarantor paid the holder and holds the part from here on.
    event GuarantorPaid(uint64 indexed position, uint64 indexed guarantor, uint64 amount);

    /// @notice A voucher was not paid in full on its day.
    event VoucherOverdue(uint64 indexed voucher, uint64 indexed issuer, uint64 outstanding);

    /// @notice A holder gave up what it holds of an overdue voucher.
    event PartWrittenOff(uint64 indexed position, uint64 indexed voucher, uint64 amount, string reason);

    /// @notice Nothing of the voucher is left.
    event VoucherClosed(uint64 indexed voucher);

    /// @notice A regulator froze a part.
    event PartFrozen(uint64 indexed position, address indexed by, string reason);

    /// @notice A regulator unfroze a part.
    event PartUnfrozen(uint64 indexed position, address indexed by);

    /// @notice A regulator set what an issuer may owe in a currency.
    event LimitSet(uint64 indexed issuer, uint16 indexed currency, uint64 limit);

    /// @notice A regulator adopted a pack of rules for vouchers that are issued from here on.
    event PackAdopted(uint8 pack, string name);

    /// @notice There is no voucher with this number.
    /// @dev Remedy: use a number that `issue` returned.
    error UnknownVoucher(uint64 voucher);

    /// @notice The voucher is in a state in which this cannot be done.
    /// @dev Remedy: read `voucher()`; the module's page tells what leads from state to state.
    error WrongVoucherState(uint64 voucher, uint8 state);

    /// @notice The caller's organisation has not this role in the matter.
    /// @dev Remedy: let a signer of the party with this role send the call.
    error NotInRole(uint64 organisation, string role);

    /// @notice The organisation does not exist, is frozen, or cannot be this party.
    /// @dev Remedy: name an active organisation other than the one that already has the other
    /// role.
    error InvalidParty(uint64 organisation, string role);

    /// @notice A term breaks a rule.
    /// @dev Remedy: follow the rule that the error names.
    error InvalidTerm(string field, string rule);

    /// @notice Contract, invoice and delivery do not match the voucher.
    /// @dev Remedy: follow the rule that the error names.
    error MatchFailed(string document, string rule);

    /// @notice The voucher would fall due later than the rules allow.
    /// @dev Remedy: agree on a day up to `latest`.
    error TenorTooLong(string pack, uint32 due, uint32 latest, string rule);

    /// @notice The voucher would fall due later than is usual, and no reason is given.
    /// @dev Remedy: agree on a day up to `usual`, or state the custom of the trade in
    /// `tenorReason`.
    error TenorNeedsReason(string pack, uint32 due, uint32 usual, string rule);

    /// @notice The issuer would owe more than its limit.
    /// @dev Remedy: issue at most `left`, or ask a regulator for a higher limit.
    error IssuerOverLimit(string pack, uint64 issuer, uint64 asked, uint64 left, string rule);

    /// @notice The issuer has not paid vouchers that are overdue.
    /// @dev Remedy: pay them first.
    error IssuerOverdue(string pack, uint64 issuer, uint32 vouchers, string rule);

    /// @notice The financing is not registered.
    /// @dev Remedy: register it and give the registration's number.
    error RegistrationMissing(string pack, uint64 position, string rule);

    /// @notice The voucher is not due yet.
    /// @dev Remedy: wait until the day after `due`.
    error NotDue(uint64 voucher, uint32 due);

    /// @notice There is no such offer.
    /// @dev Remedy: let the holder call `offerSale`.
    error NoSale(uint64 position);

    /// @notice The buyer has accepted the offer already, or has not accepted it yet.
    /// @dev Remedy: the order is `offerSale`, `acceptSale`, `completeSale`.
    error WrongSaleState(uint64 position, bool accepted);

    /// @notice There is no financing with this number, or it is not open.
    /// @dev Remedy: use the number that `PartFinanced` tells.
    error NoOpenFinancing(uint64 financing);

    /// @notice The voucher gives no recourse.
    /// @dev Remedy: turn to the issuer and its guarantor.
    error NoRecourse(uint64 financing);

    /// @notice The voucher has a guarantor already.
    /// @dev Remedy: nothing is to be done.
    error AlreadyEndorsed(uint64 voucher, uint64 guarantor);

    /// @notice There is no pack of rules with this number.
    /// @dev Remedy: read `pack(0)` and following.
    error UnknownPack(uint8 pack);

    /// @notice Offers a voucher to its creditor. By a signer of the issuer, the buyer of the
    /// goods.
    function issue(Terms calldata terms, Document calldata purchaseContract, Document calldata invoice, Document calldata delivery) external returns (uint64 voucher_);

    /// @notice Accepts a voucher. By a signer of the creditor.
    function accept(uint64 voucher_) external;

    /// @notice Declines or withdraws an offered voucher. By a signer of the creditor or the
    /// issuer.
    function decline(uint64 voucher_) external;

    /// @notice Promises to pay if the issuer does not. By a signer of the guarantor.
    function endorse(uint64 voucher_) external;

    /// @notice Splits a part off. By a signer of its holder.
    function split(uint64 position, uint64 amount) external returns (uint64 part_);

    /// @notice Merges `other` into `into`; both come from one voucher. By a signer of their
    /// holder.
    function merge(uint64 into, uint64 other) external;

    /// @notice Passes an amount of a part on, in payment of the holder's own debt. By a signer
    /// of its holder.
    function pass(uint64 position, uint64 to, uint64 amount) external returns (uint64 part_);

    /// @notice Pledges a part. By a signer of its holder.
    function pledge(uint64 position, uint64 pledgee) external;

    /// @notice Releases a pledged part. By a signer of the pledgee.
    function releasePledge(uint64 position) external;

    /// @notice Takes a pledged part of a voucher that is due. By a signer of the pledgee.
    function enforcePledge(uint64 position) external;

    /// @notice Offers a part for sale at a price. By a signer of its holder.
    function offerSale(uint64 position, uint64 buyer, uint64 price) external;

    /// @notice Withdraws an offer that was not accepted, or whose voucher is past its day; or
    /// declines it. By a signer of seller or buyer.
    function endSale(uint64 position) external;

    /// @notice Accepts an offer, with the number of its registration. By a signer of the buyer.
    function acceptSale(uint64 position, string calldata registration) external;

    /// @notice Delivers a sold part, because the buyer paid outside of the chain. By a signer
    /// of the seller.
    function completeSale(uint64 position) external returns (uint64 financing_);

    /// @notice Returns a part to its seller, who paid it back under its recourse. By a signer
    /// of the buyer.
    function buyBack(uint64 financing_) external;

    /// @notice Acknowledges that the issuer paid an amount of a part. By a signer of its
    /// holder, or of the pledgee of a pledged part.
    function acknowledge(uint64 position, uint64 amount) external;

    /// @notice Passes a part of an overdue voucher to the guarantor, who paid it. By a signer
    /// of its holder.
    function passToGuarantor(uint64 position) external;

    /// @notice Notes that a voucher was not paid in full on its day. By anybody.
    function markOverdue(uint64 voucher_) external;

    /// @notice Gives up a part of an overdue voucher. By a signer of its holder.
    function writeOff(uint64 position, string calldata reason) external;

    /// @notice Freezes a part. By a regulator.
    function freezePart(uint64 position, string calldata reason) external;

    /// @notice Unfreezes a part. By a regulator.
    function unfreezePart(uint64 position) external;

    /// @notice Sets what an issuer may owe in a currency. By a regulator.
    function setLimit(uint64 issuer, uint16 currency, uint64 limit) external;

    /// @notice Adopts a pack of rules for vouchers that are issued from here on. By a
    /// regulator.
    function adoptPack(uint8 pack_) external;

    /// @notice A voucher.
    function voucher(uint64 id) external view returns (Voucher memory);

    /// @notice The documents behind a voucher.
    function evidence(uint64 voucher_) external view returns (Evidence memory);

    /// @notice A part of a voucher.
    function part(uint64 position) external view returns (Part memory);

    /// @notice The way from the voucher down to a part, both included.
    function lineage(uint64 position) external view returns (uint64[] memory);

    /// @notice The parts that were split off from a part, from an index, at most 100.
    function partsOf(uint64 position, uint64 from, uint64 count) external view returns (uint64[] memory);

    /// @notice The parts that an organisation received, in order, from an index, at most 100;
    /// those that it no longer holds are 0.
    function holdings(uint64 organisation, uint64 from, uint64 count) external view returns (uint64[] memory);

    /// @notice How many parts an organisation received.
    function holdingsCount(uint64 organisation) external view returns (uint64);

    /// @notice The vouchers of an issuer, in order, from an index, at most 100.
    function vouchersOf(uint64 issuer, uint64 from, uint64 count) external view returns (uint64[] memory);

    /// @notice The vouchers that ever were overdue, in order, from an index, at most 100; those
    /// that were paid since are 0.
    function overdue(uint64 from, uint64 count) external view returns (uint64[] memory);

    /// @notice A financing, with what its registration needs.
    function financing(uint64 id) external view returns (Financing memory);

    /// @notice The file for the registration of a part that is for sale: two lines of CSV.
    function registrationFile(uint64 position) external view returns (string memory);

    /// @notice What an issuer owes in a currency.
    function exposure(uint64 issuer, uint16 currency) external view returns (Exposure memory);

    /// @notice The value of an invoice from a seller to a buyer, and how much of it no voucher
    /// uses.
    function invoiceBalance(uint64 seller, uint64 buyer, string calldata number) external view returns (uint64 value, uint64 left);

    /// @notice A pack of rules.
    function pack(uint8 id) external view returns (Pack memory);

    /// @notice The number of the pack under which vouchers are issued now.
    function packInForce() external view returns (uint8);
}
