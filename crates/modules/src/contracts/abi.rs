//! The contract interface of `contracts`.

use alloy_sol_types::sol;

sol! {
    /// Contracts as members' property: owner, upgrades, freezes.
    ///
    /// Authorities that freeze: 1 owner, 2 regulator, 3 the validators by a proposal. States of a
    /// proposal: 0 none, 1 open, 2 carried, 3 abandoned; one that is open past its time has expired.
    /// Times are seconds since the Unix epoch.
    #[derive(Debug, PartialEq, Eq)]
    interface IContracts {
        /// A contract; all zero where no transaction created one. Bit a of `frozenBy` is authority a.
        /// `codeHash` is that of its true code, frozen or not.
        struct Contract {
            uint64 organisation;
            address creator;
            uint64 createdInBlock;
            bool declared;
            bool upgradeable;
            uint8 frozenBy;
            bytes32 codeHash;
            string name;
        }

        /// A freeze by one authority; all zero where there is none.
        struct Freeze {
            address by;
            uint64 since;
            string reason;
        }

        /// A proposal to freeze (`freezes`) or unfreeze a contract; all zero where there is none.
        struct Proposal {
            address target;
            uint64 organisation;
            bool freezes;
            uint8 state;
            uint32 approvals;
            uint64 until;
            string reason;
        }

        /// The owner said what the contract is called and whether it may be upgraded.
        event ContractDeclared(address indexed target, uint64 indexed organisation, string name, bool upgradeable);
        /// The owner gave up upgrades for ever.
        event UpgradesRenounced(address indexed target, address indexed by);
        /// The contract runs the code of the implementation from here on.
        event ContractUpgraded(address indexed target, address indexed implementation, bytes32 codeHashBefore, bytes32 codeHashAfter);
        /// An authority holds the contract: it takes no call.
        event FreezeImposed(address indexed target, uint8 indexed authority, address indexed by, string reason);
        /// An authority holds the contract no longer.
        event FreezeLifted(address indexed target, uint8 indexed authority, address indexed by);
        /// An organisation that runs a validator proposes to freeze or unfreeze a contract, and approves it.
        event ProposalMade(uint64 indexed proposal, address indexed target, uint64 indexed organisation, bool freezes, string reason, uint64 until);
        /// An organisation approved a proposal; `approvals` is how many did by now.
        event ProposalApproved(uint64 indexed proposal, uint64 indexed organisation, address indexed by, uint32 approvals);
        /// An organisation withdrew its approval; `approvals` is how many are left.
        event ApprovalWithdrawn(uint64 indexed proposal, uint64 indexed organisation, address indexed by, uint32 approvals);
        /// More than half approved: the proposal took effect.
        event ProposalCarried(uint64 indexed proposal, address indexed target);

        /// The contract is frozen: it takes no call.
        /// Remedy: `contractOf()` and `freezeOf()` of the module contracts say who froze it and why.
        error ContractFrozen(address target);
        /// No transaction created a contract there, or none before this one.
        /// Remedy: use the address of a contract whose deployment is final; contracts of the genesis belong to nobody.
        error UnknownContract(address target);
        /// The caller's organisation does not own the contract.
        /// Remedy: ask an admin of the owner, whose number the error names.
        error NotOwner(address target, uint64 organisation);
        /// The caller may not deploy.
        /// Remedy: let an admin grant role 5 to the account.
        error NotDeployer(address caller);
        /// The contract was declared before.
        /// Remedy: nothing is to be done; upgrades can be given up with `renounceUpgrades`.
        error DeclaredAlready(address target);
        /// The contract is not declared as upgradeable.
        /// Remedy: deploy a new contract; `declare` a contract that is not declared yet.
        error NotUpgradeable(address target);
        /// The contract has the code of the implementation already.
        /// Remedy: compare the addresses.
        error SameCode(address target, address implementation);
        /// This authority holds the contract already.
        /// Remedy: nothing is to be done.
        error FrozenAlready(address target, uint8 authority);
        /// No freeze of this authority lies on the contract.
        /// Remedy: `contractOf()` says which authorities hold it; each lifts its own freeze.
        error NotFrozenBy(address target, uint8 authority);
        /// The caller's organisation runs no validator.
        /// Remedy: ask an organisation that does, or a regulator.
        error NotVoter(address caller);
        /// There is no proposal with this number.
        /// Remedy: numbers go from 1 to `proposalCount()`.
        error UnknownProposal(uint64 proposal);
        /// The proposal is not open any more: carried, abandoned, or past its time.
        /// Remedy: read `proposal()`, and propose anew.
        error ProposalClosed(uint64 proposal, uint8 state, uint64 until);
        /// The organisation approved the proposal before.
        /// Remedy: nothing is to be done.
        error ApprovedAlready(uint64 proposal, uint64 organisation);
        /// The organisation did not approve the proposal.
        /// Remedy: nothing is to be done.
        error NotApproved(uint64 proposal, uint64 organisation);
        /// The time for the vote is too short or too long.
        /// Remedy: use a number of seconds between the two bounds.
        error InvalidVoteTime(uint64 voteSeconds, uint64 min, uint64 max);

        /// Says once what a contract is called and whether its code may be exchanged. By its creator or
        /// an admin of its owner.
        function declare(address target, string name, bool upgradeable) external;
        /// Gives up upgrades of a contract for ever. By an admin of its owner.
        function renounceUpgrades(address target) external;
        /// Gives an upgradeable contract the code of another one; its storage stays. By an admin of its
        /// owner with role 5.
        function upgrade(address target, address implementation) external;
        /// Stops a contract: every call to it reverts. By a regulator or an admin of its owner.
        function freeze(address target, string reason) external;
        /// Lifts the freeze that the caller's authority imposed. By a regulator or an admin of its owner.
        function unfreeze(address target) external;
        /// Proposes to freeze or unfreeze a contract with the validators' authority, and approves that.
        /// By an admin of an organisation that runs a validator.
        function propose(address target, bool freezes, string reason, uint64 voteSeconds) external returns (uint64 proposal);
        /// Approves a proposal; it takes effect with more than half. By an admin of an organisation that
        /// runs a validator.
        function approve(uint64 proposal) external;
        /// Withdraws the approval of the caller's organisation. By an admin of it.
        function withdraw(uint64 proposal) external;

        /// A contract: owner, declaration, freezes.
        function contractOf(address target) external view returns (Contract memory);
        /// Whether any authority holds the contract.
        function isFrozen(address target) external view returns (bool);
        /// The freeze of a contract by one authority.
        function freezeOf(address target, uint8 authority) external view returns (Freeze memory);
        /// A proposal by number.
        function proposal(uint64 id) external view returns (Proposal memory);
        /// Whether an organisation approves a proposal.
        function hasApproved(uint64 id, uint64 organisation) external view returns (bool);
        /// How many proposals there are; they are numbered from 1.
        function proposalCount() external view returns (uint64);
        /// How many organisations have a vote; more than half of them carry a proposal.
        function voterCount() external view returns (uint32);
    }
}
