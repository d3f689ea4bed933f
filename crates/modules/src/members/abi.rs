//! The contract interface of `members`.

use alloy_sol_types::sol;

sol! {
    /// Organisations of the consortium, their accounts, roles and freezes.
    ///
    /// Roles: 1 admin, 2 validator, 3 capturer, 4 regulator, 5 deployer, 6 signer.
    #[derive(Debug, PartialEq, Eq)]
    interface IMembers {
        /// A member organisation; `id` 0 where there is none.
        struct Organisation {
            uint64 id;
            bool frozen;
            uint32 accounts;
            string name;
            string gln;
        }

        /// An account; `organisation` 0 where it is not registered. Bit r of `roles` is role r;
        /// `frozen` speaks of the account alone, not of its organisation.
        struct Account {
            uint64 organisation;
            bool frozen;
            uint8 roles;
        }

        /// The key for which others seal what an organisation may read; `number` counts its keys, 0
        /// where it announced none.
        struct SealingKey {
            uint32 number;
            bytes32 key;
        }

        /// A new organisation is a member; `gln` is empty where it has none.
        event OrganisationRegistered(uint64 indexed organisation, string name, string gln);
        /// An account belongs to the organisation from here on.
        event AccountAdded(uint64 indexed organisation, address indexed account);
        /// An account received a role.
        event RoleGranted(uint64 indexed organisation, address indexed account, uint8 role);
        /// An account lost a role.
        event RoleRevoked(uint64 indexed organisation, address indexed account, uint8 role);
        /// An account may not act any more.
        event AccountFrozen(address indexed account, address indexed by, string reason);
        /// An account may act again.
        event AccountUnfrozen(address indexed account, address indexed by);
        /// No account of the organisation may act any more.
        event OrganisationFrozen(uint64 indexed organisation, address indexed by, string reason);
        /// The accounts of the organisation may act again.
        event OrganisationUnfrozen(uint64 indexed organisation, address indexed by);
        /// From here on others seal for this key what the organisation may read.
        event SealingKeyAnnounced(uint64 indexed organisation, uint32 number, bytes32 key);

        /// The account belongs to no organisation.
        /// Remedy: let an admin of its organisation call `addAccount`.
        error NotMember(address account);
        /// The account or its organisation is frozen.
        /// Remedy: whoever froze it, or a regulator, calls `unfreezeAccount` or `unfreezeOrganisation`.
        error NotActive(address account);
        /// The caller is not an admin.
        /// Remedy: send the call from an account with role 1 of the organisation.
        error NotAdmin(address caller);
        /// The caller is not a regulator.
        /// Remedy: send the call from an account with role 4.
        error NotRegulator(address caller);
        /// The caller does not sign for its organisation in matters of money.
        /// Remedy: send the call from an account with role 6 of the organisation.
        error NotSigner(address caller);
        /// The caller is neither a regulator nor an admin of an organisation that runs a validator.
        /// Remedy: ask one of them to register the organisation.
        error NotRegistrar(address caller);
        /// The account belongs to another organisation than the caller.
        /// Remedy: ask an admin of that organisation.
        error ForeignAccount(address account, uint64 organisation);
        /// The account is registered already.
        /// Remedy: use a fresh account; an account never changes its organisation.
        error AlreadyMember(address account, uint64 organisation);
        /// The address cannot act: it is zero or the account of a module.
        /// Remedy: use the address of a key that a person or a service holds.
        error InvalidAccount(address account);
        /// There is no organisation with this number.
        /// Remedy: numbers go from 1 to `organisationCount()`.
        error UnknownOrganisation(uint64 organisation);
        /// There is no role with this number.
        /// Remedy: use 1 admin, 3 capturer, 5 deployer or 6 signer.
        error UnknownRole(uint8 role);
        /// The roles of validators and regulators are given in the genesis only.
        /// Remedy: none on this chain version; the consortium decides on its genesis.
        error RoleFixedAtGenesis(uint8 role);
        /// The account has this role already.
        /// Remedy: nothing is to be done.
        error RoleHeld(address account, uint8 role);
        /// The account does not have this role.
        /// Remedy: read `account()` to see its roles.
        error RoleNotHeld(address account, uint8 role);
        /// The organisation would be left without an admin.
        /// Remedy: grant role 1 to another account first.
        error LastAdmin(uint64 organisation);
        /// It is frozen already.
        /// Remedy: nothing is to be done.
        error AlreadyFrozen();
        /// It is not frozen.
        /// Remedy: nothing is to be done.
        error NotFrozen();
        /// A regulator froze it, so an admin cannot unfreeze it.
        /// Remedy: ask a regulator.
        error FrozenByRegulator(address account);
        /// Nobody freezes its own account or its own organisation.
        /// Remedy: ask another admin or regulator.
        error OwnFreeze(address caller);
        /// The text breaks a rule on names and reasons.
        /// Remedy: follow the rule that the error names.
        error InvalidText(string field, string rule);
        /// The Global Location Number is not valid.
        /// Remedy: 13 digits with a GS1 check digit, or an empty string for none.
        error InvalidGln(string gln, string rule);
        /// The Global Location Number belongs to another organisation.
        /// Remedy: compare the number with the GS1 certificate of the party.
        error GlnTaken(string gln, uint64 organisation);
        /// A bound of the module is reached.
        /// Remedy: the bounds are under Limits in the module's documentation.
        error TooMany(string what, uint64 max);
        /// The key is zero, or the one that the organisation announced last.
        /// Remedy: make a fresh key: `qiao sharing key`.
        error InvalidSealingKey(bytes32 key);

        /// Registers an organisation with its first admin and returns its number. By a regulator or
        /// an admin of an organisation that runs a validator.
        function registerOrganisation(string name, string gln, address admin) external returns (uint64 id);
        /// Adds an account to the caller's organisation. By an admin.
        function addAccount(address account) external;
        /// Gives a role to an account of the caller's organisation. By an admin.
        function grantRole(address account, uint8 role) external;
        /// Takes a role from an account of the caller's organisation. By an admin.
        function revokeRole(address account, uint8 role) external;
        /// Freezes an account. By a regulator, or an admin of the account's organisation.
        function freezeAccount(address account, string reason) external;
        /// Unfreezes an account. By a regulator; by an admin of its organisation if an admin froze it.
        function unfreezeAccount(address account) external;
        /// Freezes an organisation with all its accounts. By a regulator.
        function freezeOrganisation(uint64 organisation, string reason) external;
        /// Unfreezes an organisation. By a regulator.
        function unfreezeOrganisation(uint64 organisation) external;
        /// Announces the key (X25519) for which others seal what the caller's organisation may read,
        /// in place of the one before, and returns its number. By an admin.
        function announceSealingKey(bytes32 key) external returns (uint32 number);

        /// The organisation of an account; 0 where it is not registered.
        function organisationOf(address account) external view returns (uint64);
        /// An organisation by number.
        function organisation(uint64 id) external view returns (Organisation memory);
        /// The organisation with this Global Location Number; 0 where there is none.
        function organisationByGln(string gln) external view returns (uint64);
        /// How many organisations there are; they are numbered from 1.
        function organisationCount() external view returns (uint64);
        /// An account with its roles.
        function account(address account) external view returns (Account memory);
        /// Whether the account was given this role, frozen or not.
        function hasRole(address account, uint8 role) external view returns (bool);
        /// Whether the account is registered and neither it nor its organisation is frozen.
        function isActive(address account) external view returns (bool);
        /// The key for which others seal what an organisation may read.
        function sealingKey(uint64 organisation) external view returns (SealingKey memory);
    }
}
