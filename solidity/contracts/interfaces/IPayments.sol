// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;

/// @title IPayments
/// @notice Accounts of commercial-bank money, kept by member banks in double entry; payments,
/// and delivery against payment. Amounts are integers of the minor unit; currencies have the
/// numbers of ISO 4217. A payment is known by its UETR, the UUID of ISO 20022, as a number.
/// States of an account: 0 none, 1 open, 2 blocked, 3 closed.
interface IPayments {
    // An account; all zero where there is none.
    struct Account {
        uint64 owner;
        uint64 bank;
        uint16 currency;
        uint64 balance;
        uint8 state;
    }

    // The books of a bank in a currency: deposited + claims = withdrawn + balances + debts.
    struct Sheet {
        uint64 deposited;
        uint64 claims;
        uint64 withdrawn;
        uint64 balances;
        uint64 debts;
        bool licensed;
    }

    // A payment; all zero where there is none. One that arrived from outside has no account
    // `payer`.
    struct Payment {
        uint64 payer;
        uint64 payee;
        uint64 amount;
        uint64 time;
    }

    /// @notice A regulator licensed a bank to keep accounts in a currency, or took the licence
    /// back.
    event BankLicensed(uint64 indexed bank, uint16 indexed currency, bool licensed);

    /// @notice A bank opened an account.
    event AccountOpened(uint64 indexed account, uint64 indexed owner, uint64 indexed bank, uint16 currency);

    /// @notice A bank blocked an account: nothing leaves it.
    event AccountBlocked(uint64 indexed account, string reason);

    /// @notice A bank unblocked an account.
    event AccountUnblocked(uint64 indexed account);

    /// @notice An owner closed an empty account.
    event AccountClosed(uint64 indexed account);

    /// @notice A bank issued money into an account, for what it received outside of the chain.
    event Deposited(uint64 indexed account, uint64 amount, string remittance);

    /// @notice A payment from outside of the chain arrived, and its payee's bank issued money
    /// for it.
    event PaymentArrived(uint128 indexed uetr, uint64 indexed account, uint64 amount, string remittance);

    /// @notice An owner withdrew money, which the bank pays outside of the chain.
    event Withdrawn(uint64 indexed account, uint64 amount, string remittance);

    /// @notice Money moved from one account to another.
    event Paid(uint128 indexed uetr, uint64 indexed payer, uint64 indexed payee, uint64 amount, uint16 currency, string remittance);

    /// @notice A bank says how much another may owe it.
    event CreditSet(uint64 indexed creditor, uint64 indexed debtor, uint16 indexed currency, uint64 limit);

    /// @notice What a bank owes another changed: by a payment, by netting or by settlement.
    event DebtChanged(uint64 indexed creditor, uint64 indexed debtor, uint16 indexed currency, uint64 owed);

    /// @notice A part of a voucher was delivered against payment.
    event PartBought(uint128 indexed uetr, uint64 indexed position, uint64 indexed financing);

    /// @notice A part of a voucher was repaid by a payment.
    event PartPaid(uint128 indexed uetr, uint64 indexed position, uint64 amount);

    /// @notice A guarantor paid a part of a voucher and received it.
    event GuaranteePaid(uint128 indexed uetr, uint64 indexed position);

    /// @notice A seller paid a financed part back and received it.
    event RecoursePaid(uint128 indexed uetr, uint64 indexed financing);

    /// @notice There is no account with this number.
    /// @dev Remedy: use a number that `openAccount` returned.
    error UnknownAccount(uint64 account);

    /// @notice The account is in a state in which this cannot be done.
    /// @dev Remedy: read `account()`; its bank unblocks it.
    error WrongAccountState(uint64 account, uint8 state);

    /// @notice The account belongs to another organisation.
    /// @dev Remedy: let a signer of its owner send the call.
    error NotAccountOwner(uint64 account, uint64 organisation);

    /// @notice The account is kept by another bank.
    /// @dev Remedy: let a signer of its bank send the call.
    error NotAccountBank(uint64 account, uint64 organisation);

    /// @notice The bank has no licence for this currency.
    /// @dev Remedy: ask a regulator.
    error NotLicensed(uint64 bank, uint16 currency);

    /// @notice There is not enough money in the account.
    /// @dev Remedy: pay at most `available`.
    error InsufficientFunds(uint64 account, uint64 asked, uint64 available);

    /// @notice The accounts are in different currencies, or in another than the debt.
    /// @dev Remedy: use accounts in the currency of the debt.
    error CurrencyDiffers(uint64 account, uint16 currency, uint16 expected);

    /// @notice The account to be paid does not belong to who is to be paid.
    /// @dev Remedy: use an account of `payee`.
    error WrongPayee(uint64 account, uint64 payee);

    /// @notice An argument of the payment breaks a rule.
    /// @dev Remedy: follow the rule that the error names.
    error InvalidPayment(string field, string rule);

    /// @notice There is a payment with this UETR already.
    /// @dev Remedy: nothing is to be done if it is the same payment; else use a fresh UUID.
    error UetrUsed(uint128 uetr);

    /// @notice The payee's bank does not let the payer's bank owe it so much.
    /// @dev Remedy: settle between the banks, or pay at most `left`.
    error CreditExceeded(uint64 creditor, uint64 debtor, uint64 asked, uint64 left);

    /// @notice The bank owes less than that.
    /// @dev Remedy: settle at most `owed`.
    error NotOwed(uint64 creditor, uint64 debtor, uint64 asked, uint64 owed);

    /// @notice The account is not empty.
    /// @dev Remedy: withdraw what is left, then close it.
    error AccountNotEmpty(uint64 account, uint64 balance);

    /// @notice There is no such organisation, or it is frozen.
    /// @dev Remedy: name an active organisation.
    error InvalidOwner(uint64 organisation);

    /// @notice Licenses a bank for a currency, or takes the licence back. By a regulator.
    function licenseBank(uint64 bank, uint16 currency, bool licensed) external;

    /// @notice Opens an account for an organisation. By a signer of the bank.
    function openAccount(uint64 owner, uint16 currency) external returns (uint64 account_);

    /// @notice Blocks an account: nothing leaves it. By a signer of its bank.
    function blockAccount(uint64 account_, string calldata reason) external;

    /// @notice Unblocks an account. By a signer of its bank.
    function unblockAccount(uint64 account_) external;

    /// @notice Closes an empty account. By a signer of its owner.
    function closeAccount(uint64 account_) external;

    /// @notice Issues money into an account. By a signer of its bank.
    function deposit(uint64 account_, uint64 amount, string calldata remittance) external;

    /// @notice Issues money into an account for a payment that arrived from outside of the
    /// chain, once for each UETR. By a signer of the account's bank.
    function receivePayment(uint128 uetr, uint64 account_, uint64 amount, string calldata remittance) external;

    /// @notice Withdraws money. By a signer of the account's owner.
    function withdraw(uint64 account_, uint64 amount, string calldata remittance) external;

    /// @notice Pays from one account to another, also between banks. By a signer of the payer.
    function pay(uint128 uetr, uint64 payer, uint64 payee, uint64 amount, string calldata remittance) external;

    /// @notice Says how much another bank may owe the caller's. By a signer of the creditor
    /// bank.
    function setCredit(uint64 debtor, uint16 currency, uint64 limit) external;

    /// @notice Acknowledges that another bank settled a debt outside of the chain. By a signer
    /// of the creditor bank.
    function acknowledgeSettlement(uint64 debtor, uint16 currency, uint64 amount) external;

    /// @notice Nets what two banks owe each other. By a signer of either.
    function net(uint64 bank, uint16 currency) external;

    /// @notice Buys a part of a voucher that is for sale: part and price move together. By a
    /// signer of the buyer, who owns the account `payer`; `payee` belongs to the seller. The
    /// registration is not looked at if the buyer accepted the sale before.
    function buyPart(uint128 uetr, uint64 position, string calldata registration, uint64 payer, uint64 payee) external returns (uint64 financing);

    /// @notice Pays an amount of a part of a voucher. By a signer of the payer, be it the
    /// issuer or another who pays for it; `payee` belongs to the holder, or to the pledgee of a
    /// pledged part.
    function payPart(uint128 uetr, uint64 position, uint64 amount, uint64 payer, uint64 payee) external;

    /// @notice Pays a part of an overdue voucher and receives it. By a signer of the guarantor.
    function payGuarantee(uint128 uetr, uint64 position, uint64 payer, uint64 payee) external;

    /// @notice Pays a financed part back and receives it. By a signer of who sold it.
    function payRecourse(uint128 uetr, uint64 financing, uint64 payer, uint64 payee) external;

    /// @notice An account.
    function account(uint64 id) external view returns (Account memory);

    /// @notice The accounts of an owner, in order, from an index, at most 100.
    function accountsOf(uint64 owner, uint64 from, uint64 count) external view returns (uint64[] memory);

    /// @notice The books of a bank in a currency.
    function sheet(uint64 bank, uint16 currency) external view returns (Sheet memory);

    /// @notice What a bank owes another, and how much it may.
    function debt(uint64 creditor, uint64 debtor, uint16 currency) external view returns (uint64 owed, uint64 limit);

    /// @notice A payment by its UETR.
    function payment(uint128 uetr) external view returns (Payment memory);
}
