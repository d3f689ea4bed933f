// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;

/// @title IFinancing
/// @notice Credit lines, sealed bids for parts of vouchers, and loans against pledged parts.
/// Amounts are integers of the minor unit, yearly rates integers of 10^-16, times seconds since
/// the Unix epoch, days numbers `YYYYMMDD`. Day counts: 0 A365, 1 A360, 2 30E360, 3 AA. States
/// of a request: 0 none, 1 open, 2 awarded, 3 lapsed. States of a loan: 0 none, 1 asked, 2
/// running, 3 repaid, 4 refused, 5 defaulted. Repayments of a loan: 0 at its maturity, 1 in
/// equal parts of the principal, 2 in equal instalments of interest and principal. Services for
/// which a fee is charged: 0 information, 1 financing, 2 guarantee, 3 registration.
interface IFinancing {
    // What a provider charges for a service; `block` is that of its publication, 0 where
    // nothing was published.
    struct Tariff {
        uint64 flat;
        uint32 basisPoints;
        uint64 block;
    }

    // A fee that was paid; all zero where none was.
    struct Fee {
        uint64 provider;
        uint64 payer;
        uint64 amount;
    }

    // What a bank would finance of an issuer's debts, and does.
    struct Line {
        uint64 limit;
        uint64 drawn;
    }

    // A part for which banks bid; all zero where there is none.
    struct Request {
        uint64 position;
        uint64 seller;
        uint64 amount;
        bool isSealed;
        uint64 bidsUntil;
        uint64 revealsUntil;
        uint8 state;
        uint32 bids;
        uint64 bestBank;
        uint64 bestPrice;
        uint64 drawn;
    }

    // What a borrower asks for. `interestMonths` lie between two dates of interest, and of
    // repayment where there are several.
    struct LoanTerms {
        uint64 position;
        uint64 bank;
        uint64 principal;
        uint64 rate;
        uint8 dayCount;
        uint32 interestMonths;
        uint32 maturity;
        uint8 repayment;
    }

    // A loan; all zero where there is none.
    struct Loan {
        uint64 position;
        uint64 borrower;
        uint64 bank;
        uint64 lent;
        uint64 principal;
        uint64 interest;
        uint64 rate;
        uint8 dayCount;
        uint32 interestMonths;
        uint32 starts;
        uint32 maturity;
        uint8 state;
        uint8 repayment;
    }

    /// @notice A bank says what it would finance of an issuer's debts.
    event LineSet(uint64 indexed bank, uint64 indexed issuer, uint16 indexed currency, uint64 limit);

    /// @notice What a bank finances of an issuer's debts changed.
    event LineDrawn(uint64 indexed bank, uint64 indexed issuer, uint16 indexed currency, uint64 drawn);

    /// @notice A holder asks for bids.
    event BidsAsked(uint64 indexed request, uint64 indexed position, uint64 indexed seller, bool isSealed, uint64 bidsUntil, uint64 revealsUntil);

    /// @notice A bank bids, and shows what it would pay.
    event BidMade(uint64 indexed request, uint64 indexed bank, uint64 price);

    /// @notice A bank bids, and shows a hash.
    event BidSealed(uint64 indexed request, uint64 indexed bank, bytes32 commitment);

    /// @notice The part is offered to the best bidder at its price.
    event RequestAwarded(uint64 indexed request, uint64 indexed bank, uint64 price);

    /// @notice The seller takes the request back.
    event RequestLapsed(uint64 indexed request);

    /// @notice A borrower asks a bank for a loan against a pledged part.
    event LoanAsked(uint64 indexed loan, uint64 indexed position, uint64 indexed bank, uint64 principal, uint64 rate, uint32 maturity);

    /// @notice The bank declined, or the borrower withdrew.
    event LoanRefused(uint64 indexed loan, uint64 indexed by);

    /// @notice The bank paid the loan out.
    event LoanDisbursed(uint64 indexed loan, uint128 indexed uetr, uint64 amount);

    /// @notice A payment was set off against interest first, then against principal.
    event LoanRepaid(uint64 indexed loan, uint128 indexed uetr, uint64 interest, uint64 principal, uint64 left);

    /// @notice The loan was not repaid on its day.
    event LoanDefaulted(uint64 indexed loan, uint64 owed);

    /// @notice A provider published what it charges for a service: so much for each part, and
    /// so many ten-thousandths of what is owed on it.
    event TariffSet(uint64 indexed provider, uint16 indexed currency, uint8 indexed service, uint64 flat, uint32 basisPoints);

    /// @notice Who bears the cost of a part paid a fee for it.
    event FeePaid(uint64 indexed position, uint64 indexed provider, uint64 indexed payer, uint64 holder, uint8 service, uint64 amount, uint128 uetr);

    /// @notice A regulator set what the fees of a part may come to under a pack of rules, or
    /// lifted the limit.
    event FeeLimitSet(uint8 indexed pack, bool isSet, uint32 basisPoints);

    /// @notice There is no request with this number, or it is in another state.
    /// @dev Remedy: read `request()`.
    error WrongRequestState(uint64 request, uint8 state);

    /// @notice It is too early or too late for this.
    /// @dev Remedy: bids end at `bidsUntil`, reveals at `revealsUntil`; then comes the award.
    error NotNow(uint64 request, uint64 bidsUntil, uint64 revealsUntil);

    /// @notice The request is sealed and wants a commitment, or it is open and wants a price.
    /// @dev Remedy: `commit` and `reveal` for a sealed request, `quote` for an open one.
    error WrongBidKind(uint64 request, bool isSealed);

    /// @notice The bank has bid, or it has not.
    /// @dev Remedy: each bank commits once, and reveals once what it committed to.
    error WrongBid(uint64 request, uint64 bank);

    /// @notice There are as many bids as a request may have.
    /// @dev Remedy: none; the seller may ask again.
    error TooManyBids(uint64 request, uint32 max);

    /// @notice Nobody bid.
    /// @dev Remedy: let the request lapse, and ask again.
    error NoBids(uint64 request);

    /// @notice The bank would finance more of the issuer's debts than its line.
    /// @dev Remedy: bid at most `left`, or set a higher line.
    error LineExceeded(uint64 bank, uint64 issuer, uint64 asked, uint64 left);

    /// @notice An argument breaks a rule.
    /// @dev Remedy: follow the rule that the error names.
    error InvalidFinancing(string field, string rule);

    /// @notice The part does not belong to the caller, or is not in the condition that this
    /// needs.
    /// @dev Remedy: follow the rule that the error names.
    error UnfitPart(uint64 position, string rule);

    /// @notice There is no loan with this number, or it is in another state.
    /// @dev Remedy: read `loan()`.
    error WrongLoanState(uint64 loan, uint8 state);

    /// @notice The caller's organisation is not this party of the loan.
    /// @dev Remedy: let a signer of that party send the call.
    error NotLoanParty(uint64 loan, uint64 organisation, string role);

    /// @notice More is paid than is owed.
    /// @dev Remedy: pay at most `owed`.
    error ExceedsDebt(uint64 loan, uint64 amount, uint64 owed);

    /// @notice The loan is not due yet, and nothing that its schedule asked for is missing.
    /// @dev Remedy: wait until the day after `maturity`, or until a part of the principal is
    /// late.
    error LoanNotDue(uint64 loan, uint32 maturity);

    /// @notice The provider has not published what it charges for this service, or only in this
    /// block.
    /// @dev Remedy: let the provider call `setTariff`, and pay in a later block.
    error FeeNotPublished(string pack, uint64 provider, uint16 currency, uint8 service, string rule);

    /// @notice What is paid is not what the provider published.
    /// @dev Remedy: agree to `published`, or pay nothing.
    error FeeDiffers(string pack, uint64 position, uint64 agreed, uint64 published, string rule);

    /// @notice The issuer of the voucher charges for it.
    /// @dev Remedy: none; an issuer confirms for nothing what it owes.
    error FeeByIssuer(string pack, uint64 position, uint64 issuer, string rule);

    /// @notice The fees of the part would exceed the limit.
    /// @dev Remedy: charge at most `left`.
    error FeeOverLimit(string pack, uint64 position, uint64 asked, uint64 left, string rule);

    /// @notice The service was paid for this part and holder.
    /// @dev Remedy: none; each service is charged once.
    error FeePaidBefore(uint64 position, uint64 holder, uint8 service);

    /// @notice The caller's organisation does not bear the cost of the part.
    /// @dev Remedy: let a signer of `bearer` send the call.
    error NotFeeBearer(uint64 position, uint64 organisation, uint64 bearer);

    /// @notice Says what the bank would finance of an issuer's debts. By a signer of the bank.
    function setLine(uint64 issuer, uint16 currency, uint64 limit) external;

    /// @notice Asks for bids for a part. By a signer of its holder.
    function ask(uint64 position, bool isSealed, uint64 bidsUntil, uint64 revealsUntil) external returns (uint64 request_);

    /// @notice Bids openly; a higher bid of the same bank replaces the lower. By a signer of
    /// the bank.
    function quote(uint64 request_, uint64 price) external;

    /// @notice Bids by the hash that `commitmentOf` tells. By a signer of the bank.
    function commit(uint64 request_, bytes32 commitment) external;

    /// @notice Shows what was committed to. By a signer of the bank.
    function reveal(uint64 request_, uint64 price, bytes32 salt) external;

    /// @notice Offers the part to the best bidder at its price, and draws its line. By a signer
    /// of the seller.
    function award(uint64 request_) external;

    /// @notice Takes the request back. By a signer of the seller.
    function lapse(uint64 request_) external;

    /// @notice Gives back to a line what is repaid or no longer held of an awarded part. By
    /// anybody.
    function releaseLine(uint64 request_) external;

    /// @notice Asks a bank for a loan against a part that is pledged to it. By a signer of the
    /// holder.
    function askLoan(LoanTerms calldata terms) external returns (uint64 loan_);

    /// @notice Declines or withdraws what was asked. By a signer of the bank or the borrower.
    function refuseLoan(uint64 loan_) external;

    /// @notice Pays a loan out from the bank's account to the borrower's. By a signer of the
    /// bank.
    function disburse(uint64 loan_, uint128 uetr, uint64 payer, uint64 payee) external;

    /// @notice Pays on a loan: interest first, then principal; the last payment releases the
    /// pledge. By a signer of the borrower.
    function repay(uint64 loan_, uint64 amount, uint128 uetr, uint64 payer, uint64 payee) external;

    /// @notice Notes that a loan, or a part of it, was not repaid on its day; the pledge can
    /// then be enforced in `receivables`. By a signer of the bank.
    function markDefaulted(uint64 loan_) external;

    /// @notice Publishes what the provider charges for a service; 0 and 0 say that it is free.
    /// By a signer of the provider.
    function setTariff(uint16 currency, uint8 service, uint64 flat, uint32 basisPoints) external;

    /// @notice Pays a fee for a part: what the provider published, to which the payer agrees by
    /// naming it. By a signer of who bears the cost by the terms of the voucher: the holder or
    /// the issuer.
    function payFee(uint64 position, uint64 provider, uint8 service, uint64 amount, uint128 uetr, uint64 payer, uint64 payee) external;

    /// @notice Says what the fees of a part may come to, in ten-thousandths of what is owed on
    /// it, under a pack of rules; or lifts the limit. By a regulator.
    function setFeeLimit(uint8 pack, bool isSet, uint32 basisPoints) external;

    /// @notice What a bank would finance of an issuer's debts, and does.
    function line(uint64 bank, uint64 issuer, uint16 currency) external view returns (Line memory);

    /// @notice A request with its best bid so far.
    function request(uint64 id) external view returns (Request memory);

    /// @notice The hash of a sealed bid; ask your own node only.
    function commitmentOf(uint64 request_, uint64 bank, uint64 price, bytes32 salt) external view returns (bytes32);

    /// @notice What a part costs today at a yearly rate of simple discount.
    function discountedPrice(uint64 position, uint64 rate, uint8 dayCount) external view returns (uint64);

    /// @notice A loan as its last payment left it.
    function loan(uint64 id) external view returns (Loan memory);

    /// @notice What is owed on a loan today.
    function owed(uint64 loan_) external view returns (uint64 interest, uint64 principal);

    /// @notice What should have been paid back of the principal before today, and was not.
    function late(uint64 loan_) external view returns (uint64 principal);

    /// @notice The cash flows that a loan was agreed with: days, kinds (0 disbursement, 2
    /// interest, 4 maturity, 5 a part of the principal) and amounts.
    function schedule(uint64 loan_) external view returns (uint32[] memory dates, uint8[] memory kinds, uint64[] memory amounts);

    /// @notice What a provider charges for a service.
    function tariff(uint64 provider, uint16 currency, uint8 service) external view returns (Tariff memory);

    /// @notice What a provider charges for a service on a part now; 0 where it published
    /// nothing.
    function feeOf(uint64 position, uint64 provider, uint8 service) external view returns (uint64 amount);

    /// @notice What was paid for a service on a part as long as somebody held it.
    function feePaid(uint64 position, uint64 holder, uint8 service) external view returns (Fee memory);

    /// @notice What the fees of a part may come to under a pack of rules, if there is a limit.
    function feeLimit(uint8 pack) external view returns (bool isSet, uint32 basisPoints);
}
