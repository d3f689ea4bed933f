'use strict';

// One ERC-20 transfer per transaction, to accounts that follow from the number of the transaction.

const { WorkloadModuleBase } = require('@hyperledger/caliper-core');

class Transfer extends WorkloadModuleBase {
    async submitTransaction() {
        this.sent = (this.sent ?? 0) + 1;
        const recipient = '0x' + (this.sent % this.roundArguments.accounts + 1).toString(16).padStart(40, '0');
        await this.sutAdapter.sendRequests({
            contract: 'erc20',
            verb: 'transfer',
            args: [recipient, 1],
            readOnly: false,
        });
    }
}

module.exports.createWorkloadModule = () => new Transfer();
