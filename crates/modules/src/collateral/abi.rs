//! The contract interface of `collateral`.

use alloy_sol_types::sol;

sol! {
    /// Assets that are financed up to their value, once: customs declarations, warehouse receipts,
    /// parcels of land, machines.
    ///
    /// Values are integers of the minor unit; currencies have the numbers of ISO 4217; times are
    /// seconds since the Unix epoch. States of a claim: 0 none, 1 reserved, 2 used, 3 released.
    #[derive(Debug, PartialEq, Eq)]
    interface ICollateral {
        /// An asset; all zero where there is none. Who used the rest is not told.
        struct Asset {
            uint64 value;
            uint64 left;
            uint16 currency;
        }

        /// A claim; all zero where there is none. Whose it is is not told.
        struct Claim {
            bytes32 asset;
            uint64 amount;
            uint64 until;
            uint8 state;
        }

        /// Who helps to make private keys of assets: an organisation, the public key of its secret (RFC 9497,
        /// ristretto255-SHA512) and where it is asked.
        struct Evaluator {
            uint64 organisation;
            bytes32 publicKey;
            string url;
        }

        /// A regulator lets an organisation register assets, or does so no longer.
        event RegistrarLicensed(uint64 indexed organisation, bool licensed);
        /// A registrar registered an asset with its value.
        event AssetRegistered(bytes32 indexed asset, uint64 value, uint16 currency);
        /// A registrar changed the value of an asset.
        event AssetRevised(bytes32 indexed asset, uint64 value);
        /// A part of an asset is kept for somebody until a time.
        event ClaimReserved(uint64 indexed claim, bytes32 indexed asset, uint64 amount, uint64 until);
        /// A part of an asset is financed.
        event ClaimUsed(uint64 indexed claim);
        /// A part of an asset is available again.
        event ClaimReleased(uint64 indexed claim, uint64 amount);

        /// A regulator appointed who helps to make private keys from here on.
        event EvaluatorsAppointed(uint64 indexed appointment, uint64 count);
        /// A registrar made an asset known by another key, too.
        event AssetRekeyed(bytes32 indexed asset, bytes32 indexed key);

        /// The caller's organisation may not register assets.
        /// Remedy: ask a regulator for `licenseRegistrar`.
        error NotRegistrarOfAssets(uint64 organisation);
        /// The asset was registered by another organisation.
        /// Remedy: let a signer of the organisation that registered it send the call.
        error NotYourAsset(bytes32 asset, uint64 organisation);
        /// There is an asset with this key already.
        /// Remedy: use the key that the appointment in force gives for the asset.
        error KeyTaken(bytes32 key);
        /// An evaluator cannot be appointed so.
        /// Remedy: follow the rule that the error names.
        error InvalidEvaluator(string field, string rule);
        /// The time lies in the past, or too far ahead.
        /// Remedy: use a time up to `latest`.
        error InvalidReservationTime(uint64 until, uint64 latest);
        /// The asset is valued in another currency, or the currency is not known here.
        /// Remedy: read `asset()`.
        error AssetCurrency(bytes32 asset, uint16 currency);

        /// Lets an organisation register assets, or does so no longer. By a regulator.
        function licenseRegistrar(uint64 organisation, bool licensed) external;
        /// Registers an asset with its value; the same again changes nothing. By a signer of a registrar.
        function register(bytes32 asset, uint64 value, uint16 currency) external returns (bool isNew);
        /// Changes the value of an asset, as an amended document says. By a signer of the registrar that
        /// registered it.
        function revise(bytes32 asset, uint64 value) external;
        /// Makes an asset known by another key, too, as after a new appointment. By a signer of the registrar
        /// that registered it.
        function rekey(bytes32 asset, bytes32 key) external;
        /// Appoints who helps to make private keys from here on, in place of those before. By a regulator.
        function appointEvaluators(Evaluator[] evaluators) external returns (uint64 appointment);
        /// Keeps a part of an asset until a time. By a signer of the financer.
        function reserve(bytes32 asset, uint64 amount, uint16 currency, uint64 until) external returns (uint64 claim);
        /// Uses a reserved part. By a signer of the financer.
        function take(uint64 claim) external;
        /// Makes an amount of a claim available again. By a signer of the financer.
        function release(uint64 claim, uint64 amount) external;
        /// Makes a reservation that ran out available again. By anybody.
        function expire(uint64 claim) external;

        /// The key of an asset: its kind (`customs_declaration`) and the parts of its identity, however
        /// they are spelled. Ask your own node only.
        function assetKey(string kind, string[] identity) external view returns (bytes32);
        /// An asset: its value and what is left of it.
        function asset(bytes32 key) external view returns (Asset memory);
        /// A claim.
        function claim(uint64 id) external view returns (Claim memory);
        /// The number of the appointment in force; 0 before the first.
        function appointment() external view returns (uint64);
        /// The evaluators of an appointment, in their order.
        function evaluators(uint64 appointment) external view returns (Evaluator[] memory);
        /// Whether an organisation may register assets.
        function isRegistrar(uint64 organisation) external view returns (bool);
    }
}
