//! The contract interface of `payments`.

use alloy_sol_types::sol;

sol! {
    /// Accounts of commercial-bank money, kept by member banks in double entry; payments, and delivery
    /// against payment.
    ///
    /// Amounts are integers of the minor unit; currencies have the numbers of ISO 4217. A payment is
    /// known by its UETR, the UUID of ISO 20022, as a number. States of an account: 0 none, 1 open, 2
    /// blocked, 3 closed.
    #[derive(Debug, PartialEq, Eq)]
    interface IPayments {
        /// An account; all zero where there is none.
        struct Account {
            uint64 owner;
            uint64 bank;
            uint16 currency;
            uint64 balance;
            uint8 state;
        }

        /// The books of a bank in a currency: deposited + claims = withdrawn + balances + debts.
        struct Sheet {
            uint64 deposited;
            uint64 claims;
            uint64 withdrawn;
            uint64 balances;
            uint64 debts;
            bool licensed;
        }

        /// A payment; all zero where there is none. One that arrived from outside has no account `payer`.
        struct Payment {
            uint64 payer;
            uint64 payee;
            uint64 amount;
            uint64 time;
        }

        /// A regulator licensed a bank to keep accounts in a currency, or took the licence back.
        event BankLicensed(uint64 indexed bank, uint16 indexed currency, bool licensed);
        /// A bank opened an account.
        event AccountOpened(uint64 indexed account, uint64 indexed owner, uint64 indexed bank, uint16 currency);
        /// A bank blocked an account: nothing leaves it.
        event AccountBlocked(uint64 indexed account, string reason);
        /// A bank unblocked an account.
        event AccountUnblocked(uint64 indexed account);
        /// An owner closed an empty account.
        event AccountClosed(uint64 indexed account);
        /// A bank issued money into an account, for what it received outside of the chain.
        event Deposited(uint64 indexed account, uint64 amount, string remittance);
        /// A payment from outside of the chain arrived, and its payee's bank issued money for it.
        event PaymentArrived(uint128 indexed uetr, uint64 indexed account, uint64 amount, string remittance);
        /// An owner withdrew money, which the bank pays outside of the chain.
        event Withdrawn(uint64 indexed account, uint64 amount, string remittance);
        /// Money moved from one account to another.
        event Paid(uint128 indexed uetr, uint64 indexed payer, uint64 indexed payee, uint64 amount, uint16 currency, string remittance);
        /// A bank says how much another may owe it.
        event CreditSet(uint64 indexed creditor, uint64 indexed debtor, uint16 indexed currency, uint64 limit);
        /// What a bank owes another changed: by a payment, by netting or by settlement.
        event DebtChanged(uint64 indexed creditor, uint64 indexed debtor, uint16 indexed currency, uint64 owed);
        /// A part of a voucher was delivered against payment.
        event PartBought(uint128 indexed uetr, uint64 indexed position, uint64 indexed financing);
        /// A part of a voucher was repaid by a payment.
        event PartPaid(uint128 indexed uetr, uint64 indexed position, uint64 amount);
        /// A guarantor paid a part of a voucher and received it.
        event GuaranteePaid(uint128 indexed uetr, uint64 indexed position);
        /// A seller paid a financed part back and received it.
        event RecoursePaid(uint128 indexed uetr, uint64 indexed financing);

        /// There is no account with this number.
        /// Remedy: use a number that `openAccount` returned.
        error UnknownAccount(uint64 account);
        /// The account is in a state in which this cannot be done.
        /// Remedy: read `account()`; its bank unblocks it.
        error WrongAccountState(uint64 account, uint8 state);
        /// The account belongs to another organisation.
        /// Remedy: let a signer of its owner send the call.
        error NotAccountOwner(uint64 account, uint64 organisation);
        /// The account is kept by another bank.
        /// Remedy: let a signer of its bank send the call.
        error NotAccountBank(uint64 account, uint64 organisation);
        /// The bank has no licence for this currency.
        /// Remedy: ask a regulator.
        error NotLicensed(uint64 bank, uint16 currency);
        /// There is not enough money in the account.
        /// Remedy: pay at most `available`.
        error InsufficientFunds(uint64 account, uint64 asked, uint64 available);
        /// The accounts are in different currencies, or in another than the debt.
        /// Remedy: use accounts in the currency of the debt.
        error CurrencyDiffers(uint64 account, uint16 currency, uint16 expected);
        /// The account to be paid does not belong to who is to be paid.
        /// Remedy: use an account of `payee`.
        error WrongPayee(uint64 account, uint64 payee);
        /// An argument of the payment breaks a rule.
        /// Remedy: follow the rule that the error names.
        error InvalidPayment(string field, string rule);
        /// There is a payment with this UETR already.
        /// Remedy: nothing is to be done if it is the same payment; else use a fresh UUID.
        error UetrUsed(uint128 uetr);
        /// The payee's bank does not let the payer's bank owe it so much.
        /// Remedy: settle between the banks, or pay at most `left`.
        error CreditExceeded(uint64 creditor, uint64 debtor, uint64 asked, uint64 left);
        /// The bank owes less than that.
        /// Remedy: settle at most `owed`.
        error NotOwed(uint64 creditor, uint64 debtor, uint64 asked, uint64 owed);
        /// The account is not empty.
        /// Remedy: withdraw what is left, then close it.
        error AccountNotEmpty(uint64 account, uint64 balance);
        /// There is no such organisation, or it is frozen.
        /// Remedy: name an active organisation.
        error InvalidOwner(uint64 organisation);

        /// Licenses a bank for a currency, or takes the licence back. By a regulator.
        function licenseBank(uint64 bank, uint16 currency, bool licensed) external;
        /// Opens an account for an organisation. By a signer of the bank.
        function openAccount(uint64 owner, uint16 currency) external returns (uint64 account);
        /// Blocks an account: nothing leaves it. By a signer of its bank.
        function blockAccount(uint64 account, string reason) external;
        /// Unblocks an account. By a signer of its bank.
        function unblockAccount(uint64 account) external;
        /// Closes an empty account. By a signer of its owner.
        function closeAccount(uint64 account) external;
        /// Issues money into an account. By a signer of its bank.
        function deposit(uint64 account, uint64 amount, string remittance) external;
        /// Issues money into an account for a payment that arrived from outside of the chain, once for each
        /// UETR. By a signer of the account's bank.
        function receivePayment(uint128 uetr, uint64 account, uint64 amount, string remittance) external;
        /// Withdraws money. By a signer of the account's owner.
        function withdraw(uint64 account, uint64 amount, string remittance) external;
        /// Pays from one account to another, also between banks. By a signer of the payer.
        function pay(uint128 uetr, uint64 payer, uint64 payee, uint64 amount, string remittance) external;
        /// Says how much another bank may owe the caller's. By a signer of the creditor bank.
        function setCredit(uint64 debtor, uint16 currency, uint64 limit) external;
        /// Acknowledges that another bank settled a debt outside of the chain. By a signer of the creditor bank.
        function acknowledgeSettlement(uint64 debtor, uint16 currency, uint64 amount) external;
        /// Nets what two banks owe each other. By a signer of either.
        function net(uint64 bank, uint16 currency) external;
        /// Buys a part of a voucher that is for sale: part and price move together. By a signer of the
        /// buyer, who owns the account `payer`; `payee` belongs to the seller. The registration is not
        /// looked at if the buyer accepted the sale before.
        function buyPart(uint128 uetr, uint64 position, string registration, uint64 payer, uint64 payee) external returns (uint64 financing);
        /// Pays an amount of a part of a voucher. By a signer of the payer, be it the issuer or another
        /// who pays for it; `payee` belongs to the holder, or to the pledgee of a pledged part.
        function payPart(uint128 uetr, uint64 position, uint64 amount, uint64 payer, uint64 payee) external;
        /// Pays a part of an overdue voucher and receives it. By a signer of the guarantor.
        function payGuarantee(uint128 uetr, uint64 position, uint64 payer, uint64 payee) external;
        /// Pays a financed part back and receives it. By a signer of who sold it.
        function payRecourse(uint128 uetr, uint64 financing, uint64 payer, uint64 payee) external;

        /// An account.
        function account(uint64 id) external view returns (Account memory);
        /// The accounts of an owner, in order, from an index, at most 100.
        function accountsOf(uint64 owner, uint64 from, uint64 count) external view returns (uint64[] memory);
        /// The books of a bank in a currency.
        function sheet(uint64 bank, uint16 currency) external view returns (Sheet memory);
        /// What a bank owes another, and how much it may.
        function debt(uint64 creditor, uint64 debtor, uint16 currency) external view returns (uint64 owed, uint64 limit);
        /// A payment by its UETR.
        function payment(uint128 uetr) external view returns (Payment memory);
    }
}
