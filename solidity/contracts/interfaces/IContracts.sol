// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;

/// @title IContracts
/// @notice Contracts as members' property: owner, upgrades, freezes. Authorities that freeze: 1
/// owner, 2 regulator, 3 the validators by a proposal. States of a proposal: 0 none, 1 open, 2
/// carried, 3 abandoned; one that is open past its time has expired. Times are seconds since
/// the Unix epoch.
interface IContracts {
    // A contract; all zero where no transaction created one. Bit a of `frozenBy` is authority
    // a. `codeHash` is that of its true code, frozen or not.
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

    // A freeze by one authority; all zero where there is none.
    struct Freeze {
        address by;
        uint64 since;
        string reason;
    }

    // A proposal to freeze (`freezes`) or unfreeze a contract; all zero where there is none.
    struct Proposal {
        address target;
        uint64 organisation;
        bool freezes;
        uint8 state;
        uint32 approvals;
        uint64 until;
        string reason;
    }

    /// @notice The owner said what the contract is called and whether it may be upgraded.
    event ContractDeclared(address indexed target, uint64 indexed organisation, string name, bool upgradeable);

    /// @notice The owner gave up upgrades for ever.
    event UpgradesRenounced(address indexed target, address indexed by);

    /// @notice The contract runs the code of the implementation from here on.
    event ContractUpgraded(address indexed target, address indexed implementation, bytes32 codeHashBefore, bytes32 codeHashAfter);

    /// @notice An authority holds the contract: it takes no call.
    event FreezeImposed(address indexed target, uint8 indexed authority, address indexed by, string reason);

    /// @notice An authority holds the contract no longer.
    event FreezeLifted(address indexed target, uint8 indexed authority, address indexed by);

    /// @notice An organisation that runs a validator proposes to freeze or unfreeze a contract,
    /// and approves it.
    event ProposalMade(uint64 indexed proposal, address indexed target, uint64 indexed organisation, bool freezes, string reason, uint64 until);

    /// @notice An organisation approved a proposal; `approvals` is how many did by now.
    event ProposalApproved(uint64 indexed proposal, uint64 indexed organisation, address indexed by, uint32 approvals);

    /// @notice An organisation withdrew its approval; `approvals` is how many are left.
    event ApprovalWithdrawn(uint64 indexed proposal, uint64 indexed organisation, address indexed by, uint32 approvals);

    /// @notice More than half approved: the proposal took effect.
    event ProposalCarried(uint64 indexed proposal, address indexed target);

    /// @notice The contract is frozen: it takes no call.
    /// @dev Remedy: `contractOf()` and `freezeOf()` of the module contracts say who froze it
    /// and why.
    error ContractFrozen(address target);

    /// @notice No transaction created a contract there, or none before this one.
    /// @dev Remedy: use the address of a contract whose deployment is final; contracts of the
    /// genesis belong to nobody.
    error UnknownContract(address target);

    /// @notice The caller's organisation does not own the contract.
    /// @dev Remedy: ask an admin of the owner, whose number the error names.
    error NotOwner(address target, uint64 organisation);

    /// @notice The caller may not deploy.
    /// @dev Remedy: let an admin grant role 5 to the account.
    error NotDeployer(address caller);

    /// @notice The contract was declared before.
    /// @dev Remedy: nothing is to be done; upgrades can be given up with `renounceUpgrades`.
    error DeclaredAlready(address target);

    /// @notice The contract is not declared as upgradeable.
    /// @dev Remedy: deploy a new contract; `declare` a contract that is not declared yet.
    error NotUpgradeable(address target);

    /// @notice The contract has the code of the implementation already.
    /// @dev Remedy: compare the addresses.
    error SameCode(address target, address implementation);

    /// @notice This authority holds the contract already.
    /// @dev Remedy: nothing is to be done.
    error FrozenAlready(address target, uint8 authority);

    /// @notice No freeze of this authority lies on the contract.
    /// @dev Remedy: `contractOf()` says which authorities hold it; each lifts its own freeze.
    error NotFrozenBy(address target, uint8 authority);

    /// @notice The caller's organisation runs no validator.
    /// @dev Remedy: ask an organisation that does, or a regulator.
    error NotVoter(address caller);

    /// @notice There is no proposal with this number.
    /// @dev Remedy: numbers go from 1 to `proposalCount()`.
    error UnknownProposal(uint64 proposal);

    /// @notice The proposal is not open any more: carried, abandoned, or past its time.
    /// @dev Remedy: read `proposal()`, and propose anew.
    error ProposalClosed(uint64 proposal, uint8 state, uint64 until);

    /// @notice The organisation approved the proposal before.
    /// @dev Remedy: nothing is to be done.
    error ApprovedAlready(uint64 proposal, uint64 organisation);

    /// @notice The organisation did not approve the proposal.
    /// @dev Remedy: nothing is to be done.
    error NotApproved(uint64 proposal, uint64 organisation);

    /// @notice The time for the vote is too short or too long.
    /// @dev Remedy: use a number of seconds between the two bounds.
    error InvalidVoteTime(uint64 voteSeconds, uint64 min, uint64 max);

    /// @notice Says once what a contract is called and whether its code may be exchanged. By
    /// its creator or an admin of its owner.
    function declare(address target, string calldata name, bool upgradeable) external;

    /// @notice Gives up upgrades of a contract for ever. By an admin of its owner.
    function renounceUpgrades(address target) external;

    /// @notice Gives an upgradeable contract the code of another one; its storage stays. By an
    /// admin of its owner with role 5.
    function upgrade(address target, address implementation) external;

    /// @notice Stops a contract: every call to it reverts. By a regulator or an admin of its
    /// owner.
    function freeze(address target, string calldata reason) external;

    /// @notice Lifts the freeze that the caller's authority imposed. By a regulator or an admin
    /// of its owner.
    function unfreeze(address target) external;

    /// @notice Proposes to freeze or unfreeze a contract with the validators' authority, and
    /// approves that. By an admin of an organisation that runs a validator.
    function propose(address target, bool freezes, string calldata reason, uint64 voteSeconds) external returns (uint64 proposal_);

    /// @notice Approves a proposal; it takes effect with more than half. By an admin of an
    /// organisation that runs a validator.
    function approve(uint64 proposal_) external;

    /// @notice Withdraws the approval of the caller's organisation. By an admin of it.
    function withdraw(uint64 proposal_) external;

    /// @notice A contract: owner, declaration, freezes.
    function contractOf(address target) external view returns (Contract memory);

    /// @notice Whether any authority holds the contract.
    function isFrozen(address target) external view returns (bool);

    /// @notice The freeze of a contract by one authority.
    function freezeOf(address target, uint8 authority) external view returns (Freeze memory);

    /// @notice A proposal by number.
    function proposal(uint64 id) external view returns (Proposal memory);

    /// @notice Whether an organisation approves a proposal.
    function hasApproved(uint64 id, uint64 organisation) external view returns (bool);

    /// @notice How many proposals there are; they are numbered from 1.
    function proposalCount() external view returns (uint64);

    /// @notice How many organisations have a vote; more than half of them carry a proposal.
    function voterCount() external view returns (uint32);
}
