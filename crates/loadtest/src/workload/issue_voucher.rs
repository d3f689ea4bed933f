//! Supply-chain finance: the issuer, a buyer of goods, promises its supplier to pay, against contract,
//! invoice and delivery. The rules of the law are checked, three documents are claimed, a position is
//! opened.

use alloy_primitives::{U256, keccak256};
use alloy_sol_types::SolCall as _;
use qiao_module_kit::calendar::Date;
use qiao_modules::receivables::{
    self,
    IReceivables::{self, Document, Terms},
};

use super::{Action, Call, Scene, Turn};

/// `issue` of the module `receivables`.
#[derive(Debug)]
pub struct IssueVoucher;

/// The number of the renminbi in ISO 4217.
const CNY: u16 = 156;

/// The organisation to which everything is owed: the first member.
const CREDITOR: u64 = 1;

/// How long a voucher runs: less than half a year needs no reason.
const TENOR_DAYS: u32 = 90;

/// In fen.
const AMOUNT: u64 = 1_000_000;

/// The day of the place where the rules apply is ahead of Greenwich.
const MINUTES_EAST: u32 = 480;

impl Action for IssueVoucher {
    fn name(&self) -> &'static str {
        "receivables.issue"
    }

    fn call(&self, scene: &Scene, turn: &Turn) -> Call {
        let document = |kind: &str| {
            let number = format!("{kind}-{}-{}", scene.seed, turn.number());
            let hash = keccak256(&number);
            Document { number, value: AMOUNT, hash }
        };
        let terms = Terms {
            creditor: CREDITOR,
            amount: AMOUNT,
            currency: CNY,
            due: Date::at(scene.now_unix, MINUTES_EAST).plus_days(TENOR_DAYS).yyyymmdd(),
            recourse: true,
            interestBearer: 0,
            tenorReason: String::new(),
        };
        let call = IReceivables::issueCall {
            terms,
            purchaseContract: document("contract"),
            invoice: document("invoice"),
            delivery: document("delivery"),
        };
        Call { to: receivables::ADDRESS, value: U256::ZERO, input: call.abi_encode().into() }
    }

    /// What the issuer may owe is set by a regulator, which the first sender is.
    fn prepare(&self, scene: &Scene) -> Vec<Call> {
        let limit = u64::MAX;
        let call = IReceivables::setLimitCall { issuer: scene.party, currency: CNY, limit };
        let input = call.abi_encode().into();
        vec![Call { to: receivables::ADDRESS, value: U256::ZERO, input }]
    }
}
