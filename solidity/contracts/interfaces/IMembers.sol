// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;

/// @title IMembers
/// @notice Organisations of the consortium, their accounts, roles and freezes. Roles: 1 admin,
/// 2 validator, 3 capturer, 4 regulator, 5 deployer, 6 signer.
interface IMembers {
    // A member organisation; `id` 0 where there is none.
    struct Organisation {
        uint64 id;
        bool frozen;
        uint32 accounts;
        string name;
        string gln;
    }

    // An account; `organisation` 0 where it is not registered. Bit r of `roles` is role r;
    // `frozen` speaks of the account alone, not of its organisation.
    struct Account {
        uint64 organisation;
        bool frozen;
        uint8 roles;
    }

    // The key for which others seal what an organisation may read; `number` counts its keys, 0
    // where it announced none.
    struct SealingKey {
        uint32 number;
        bytes32 key;
    }

    /// @notice A new organisation is a member; `gln` is empty where it has none.
    event OrganisationRegistered(uint64 indexed organisation, string name, string gln);

    /// @notice An account belongs to the organisation from here on.
    event AccountAdded(uint64 indexed organisation, address indexed account);

    /// @notice An account received a role.
    event RoleGranted(uint64 indexed organisation, address indexed account, uint8 role);

    /// @notice An account lost a role.
    event RoleRevoked(uint64 indexed organisation, address indexed account, uint8 role);

    /// @notice An account may not act any more.
    event AccountFrozen(address indexed account, address indexed by, string reason);

    /// @notice An account may act again.
    event AccountUnfrozen(address indexed account, address indexed by);

    /// @notice No account of the organisation may act any more.
    event OrganisationFrozen(uint64 indexed organisation, address indexed by, string reason);

    /// @notice The accounts of the organisation may act again.
    event OrganisationUnfrozen(uint64 indexed organisation, address indexed by);

    /// @notice From here on others seal for this key what the organisation may read.
    event SealingKeyAnnounced(uint64 indexed organisation, uint32 number, bytes32 key);

    /// @notice The account belongs to no organisation.
    /// @dev Remedy: let an admin of its organisation call `addAccount`.
    error NotMember(address account);

    /// @notice The account or its organisation is frozen.
    /// @dev Remedy: whoever froze it, or a regulator, calls `unfreezeAccount` or
    /// `unfreezeOrganisation`.
    error NotActive(address account);

    /// @notice The caller is not an admin.
    /// @dev Remedy: send the call from an account with role 1 of the organisation.
    error NotAdmin(address caller);

    /// @notice The caller is not a regulator.
    /// @dev Remedy: send the call from an account with role 4.
    error NotRegulator(address caller);

    /// @notice The caller does not sign for its organisation in matters of money.
    /// @dev Remedy: send the call from an account with role 6 of the organisation.
    error NotSigner(address caller);

    /// @notice The caller is neither a regulator nor an admin of an organisation that runs a
    /// validator.
    /// @dev Remedy: ask one of them to register the organisation.
    error NotRegistrar(address caller);

    /// @notice The account belongs to another organisation than the caller.
    /// @dev Remedy: ask an admin of that organisation.
    error ForeignAccount(address account, uint64 organisation);

    /// @notice The account is registered already.
    /// @dev Remedy: use a fresh account; an account never changes its organisation.
    error AlreadyMember(address account, uint64 organisation);

    /// @notice The address cannot act: it is zero or the account of a module.
    /// @dev Remedy: use the address of a key that a person or a service holds.
    error InvalidAccount(address account);

    /// @notice There is no organisation with this number.
    /// @dev Remedy: numbers go from 1 to `organisationCount()`.
    error UnknownOrganisation(uint64 organisation);

    /// @notice There is no role with this number.
    /// @dev Remedy: use 1 admin, 3 capturer, 5 deployer or 6 signer.
    error UnknownRole(uint8 role);

    /// @notice The roles of validators and regulators are given in the genesis only.
    /// @dev Remedy: none on this chain version; the consortium decides on its genesis.
    error RoleFixedAtGenesis(uint8 role);

    /// @notice The account has this role already.
    /// @dev Remedy: nothing is to be done.
    error RoleHeld(address account, uint8 role);

    /// @notice The account does not have this role.
    /// @dev Remedy: read `account()` to see its roles.
    error RoleNotHeld(address account, uint8 role);

    /// @notice The organisation would be left without an admin.
    /// @dev Remedy: grant role 1 to another account first.
    error LastAdmin(uint64 organisation);

    /// @notice It is frozen already.
    /// @dev Remedy: nothing is to be done.
    error AlreadyFrozen();

    /// @notice It is not frozen.
    /// @dev Remedy: nothing is to be done.
    error NotFrozen();

    /// @notice A regulator froze it, so an admin cannot unfreeze it.
    /// @dev Remedy: ask a regulator.
    error FrozenByRegulator(address account);

    /// @notice Nobody freezes its own account or its own organisation.
    /// @dev Remedy: ask another admin or regulator.
    error OwnFreeze(address caller);

    /// @notice The text breaks a rule on names and reasons.
    /// @dev Remedy: follow the rule that the error names.
    error InvalidText(string field, string rule);

    /// @notice The Global Location Number is not valid.
    /// @dev Remedy: 13 digits with a GS1 check digit, or an empty string for none.
    error InvalidGln(string gln, string rule);

    /// @notice The Global Location Number belongs to another organisation.
    /// @dev Remedy: compare the number with the GS1 certificate of the party.
    error GlnTaken(string gln, uint64 organisation);

    /// @notice A bound of the module is reached.
    /// @dev Remedy: the bounds are under Limits in the module's documentation.
    error TooMany(string what, uint64 max);

    /// @notice The key is zero, or the one that the organisation announced last.
    /// @dev Remedy: make a fresh key: `qiao sharing key`.
    error InvalidSealingKey(bytes32 key);

    /// @notice Registers an organisation with its first admin and returns its number. By a
    /// regulator or an admin of an organisation that runs a validator.
    function registerOrganisation(string calldata name, string calldata gln, address admin) external returns (uint64 id);

    /// @notice Adds an account to the caller's organisation. By an admin.
    function addAccount(address account_) external;

    /// @notice Gives a role to an account of the caller's organisation. By an admin.
    function grantRole(address account_, uint8 role) external;

    /// @notice Takes a role from an account of the caller's organisation. By an admin.
    function revokeRole(address account_, uint8 role) external;

    /// @notice Freezes an account. By a regulator, or an admin of the account's organisation.
    function freezeAccount(address account_, string calldata reason) external;

    /// @notice Unfreezes an account. By a regulator; by an admin of its organisation if an
    /// admin froze it.
    function unfreezeAccount(address account_) external;

    /// @notice Freezes an organisation with all its accounts. By a regulator.
    function freezeOrganisation(uint64 organisation_, string calldata reason) external;

    /// @notice Unfreezes an organisation. By a regulator.
    function unfreezeOrganisation(uint64 organisation_) external;

    /// @notice Announces the key (X25519) for which others seal what the caller's organisation
    /// may read, in place of the one before, and returns its number. By an admin.
    function announceSealingKey(bytes32 key) external returns (uint32 number);

    /// @notice The organisation of an account; 0 where it is not registered.
    function organisationOf(address account_) external view returns (uint64);

    /// @notice An organisation by number.
    function organisation(uint64 id) external view returns (Organisation memory);

    /// @notice The organisation with this Global Location Number; 0 where there is none.
    function organisationByGln(string calldata gln) external view returns (uint64);

    /// @notice How many organisations there are; they are numbered from 1.
    function organisationCount() external view returns (uint64);

    /// @notice An account with its roles.
    function account(address account_) external view returns (Account memory);

    /// @notice Whether the account was given this role, frozen or not.
    function hasRole(address account_, uint8 role) external view returns (bool);

    /// @notice Whether the account is registered and neither it nor its organisation is frozen.
    function isActive(address account_) external view returns (bool);

    /// @notice The key for which others seal what an organisation may read.
    function sealingKey(uint64 organisation_) external view returns (SealingKey memory);
}
