// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;

import {IMembers} from "./interfaces/IMembers.sol";
import {ITraceability} from "./interfaces/ITraceability.sol";
import {IReceivables} from "./interfaces/IReceivables.sol";
import {IPayments} from "./interfaces/IPayments.sol";
import {IFinancing} from "./interfaces/IFinancing.sol";
import {ICollateral} from "./interfaces/ICollateral.sol";
import {IContracts} from "./interfaces/IContracts.sol";
import {ILots} from "./interfaces/ILots.sol";
import {IRecall} from "./interfaces/IRecall.sol";

/// @title Modules
/// @notice The native modules of the chain at their addresses, the same on every network.
library Modules {
    IMembers internal constant MEMBERS = IMembers(0x5169616F00000000000000000000000000000001);
    ITraceability internal constant TRACEABILITY = ITraceability(0x5169616f00000000000000000000000000000002);
    IReceivables internal constant RECEIVABLES = IReceivables(0x5169616F00000000000000000000000000000003);
    IPayments internal constant PAYMENTS = IPayments(0x5169616f00000000000000000000000000000004);
    IFinancing internal constant FINANCING = IFinancing(0x5169616f00000000000000000000000000000005);
    ICollateral internal constant COLLATERAL = ICollateral(0x5169616F00000000000000000000000000000006);
    IContracts internal constant CONTRACTS = IContracts(0x5169616F00000000000000000000000000000007);
    ILots internal constant LOTS = ILots(0x5169616F00000000000000000000000000000008);
    IRecall internal constant RECALL = IRecall(0x5169616f00000000000000000000000000000009);
}
