//! What clients do with the modules of finance, and what must be conserved in them.
//!
//! The book is written from the logs of final blocks alone. Money, debts and values are then asked for
//! through the modules' own views on the reference state, and added up.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Log, U256, keccak256};
use alloy_sol_types::{SolCall, SolEvent};
use qiao_execution::{BlockEnvironment, CallRequest, CallStatus, ExecutionConfig, call};
use qiao_module_kit::calendar::Date;
use qiao_modules::{
    collateral::{self, ICollateral},
    payments::{self, IPayments},
    receivables::{
        self,
        IReceivables::{self, Document, Terms},
    },
};
use qiao_types::{Address, B256, Bytes, FinalizedBlock, MemoryState};

/// The number of the renminbi in ISO 4217.
const CNY: u16 = 156;
/// Assets that are ever registered.
const ASSETS: u64 = 6;

/// What the logs of final blocks told.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// Accounts of money, with owner and bank.
    accounts: Vec<(u64, u64, u64)>,
    /// Vouchers, with their creditors.
    vouchers: BTreeMap<u64, u64>,
    /// Parts of vouchers, with voucher and holder.
    parts: BTreeMap<u64, (u64, u64)>,
    assets: BTreeSet<B256>,
    /// Claims on assets.
    claims: BTreeMap<u64, B256>,
}

/// A call to a module.
pub struct Deal {
    /// The module.
    pub to: Address,
    /// The call.
    pub input: Bytes,
}

/// What the regulator allows at the beginning: everybody is a bank and a registrar, and may owe money.
pub fn licenses() -> Vec<Deal> {
    (0..16).map(license).collect()
}

/// How far a bank trusts the others.
pub fn credits(own: u64) -> Vec<Deal> {
    let others = (1..=4).filter(|other| *other != own);
    let credit = |debtor| IPayments::setCreditCall { debtor, currency: CNY, limit: 50_000 };
    others.map(|other| deal(payments::ADDRESS, &credit(other))).collect()
}

fn deal(to: Address, call: &impl SolCall) -> Deal {
    Deal { to, input: call.abi_encode().into() }
}

impl Book {
    /// What a client does next; the draws choose. Organisations have the numbers of the clients, from
    /// 1; the first is the regulator, and all are banks. Not all of it is allowed.
    pub fn next(&self, client: usize, number: u64, draws: [u64; 2], now_ms: u64) -> Deal {
        let own = client as u64 + 1;
        let [kind, choice] = draws;
        let other = 1 + choice % 4;
        let amount = 1 + choice % 10_000;
        match kind % 16 {
            0 if own == 1 => license(choice),
            0 => {
                let limit = choice % 100_000;
                deal(
                    payments::ADDRESS,
                    &IPayments::setCreditCall { debtor: other, currency: CNY, limit },
                )
            }
            1 => {
                deal(payments::ADDRESS, &IPayments::openAccountCall { owner: other, currency: CNY })
            }
            2..=6 => self.money(own, number, [kind / 16, choice], amount),
            7 | 8 => issue(number, other, amount, now_ms),
            9..=12 => self.voucher(own, other, [kind / 16, choice], amount),
            _ => self.claim([kind / 16, choice], amount, now_ms),
        }
    }

    fn money(&self, own: u64, number: u64, [kind, choice]: [u64; 2], amount: u64) -> Deal {
        let any = pick(self.accounts.iter(), choice).map_or(1, |account| account.0);
        let owned = self.accounts.iter().filter(|(_, owner, _)| *owner == own);
        let owned = pick(owned, kind).map_or(1, |account| account.0);
        let kept = self.accounts.iter().filter(|(.., bank)| *bank == own);
        let kept = pick(kept, kind).map_or(1, |account| account.0);
        let remittance = String::new();
        match kind % 6 {
            0 | 1 => deal(
                payments::ADDRESS,
                &IPayments::depositCall { account: kept, amount, remittance },
            ),
            2 => {
                let call = IPayments::withdrawCall { account: owned, amount, remittance };
                deal(payments::ADDRESS, &call)
            }
            3 => {
                deal(payments::ADDRESS, &IPayments::netCall { bank: 1 + choice % 4, currency: CNY })
            }
            _ => {
                let uetr = uetr(number);
                let call =
                    IPayments::payCall { uetr, payer: owned, payee: any, amount, remittance };
                deal(payments::ADDRESS, &call)
            }
        }
    }

    fn voucher(&self, own: u64, other: u64, [kind, choice]: [u64; 2], amount: u64) -> Deal {
        let offered = self.vouchers.iter().filter(|(_, creditor)| **creditor == own);
        let voucher = pick(offered, choice).map_or(1, |(voucher, _)| *voucher);
        let held: Vec<u64> =
            self.parts.iter().filter(|(_, part)| part.1 == own).map(|(id, _)| *id).collect();
        let position = pick(held.iter(), choice).copied().unwrap_or(1);
        let second = pick(held.iter(), kind).copied().unwrap_or(1);
        let to = receivables::ADDRESS;
        match kind % 6 {
            0 | 1 => deal(to, &IReceivables::acceptCall { voucher }),
            2 => deal(to, &IReceivables::passCall { position, to: other, amount }),
            3 => deal(to, &IReceivables::splitCall { position, amount }),
            4 => deal(to, &IReceivables::mergeCall { into: position, other: second }),
            _ => deal(to, &IReceivables::acknowledgeCall { position, amount }),
        }
    }

    fn claim(&self, [kind, choice]: [u64; 2], amount: u64, now_ms: u64) -> Deal {
        let asset = asset(choice);
        let claim = pick(self.claims.iter(), choice).map_or(1, |(claim, _)| *claim);
        let to = collateral::ADDRESS;
        match kind % 6 {
            0 => {
                let value = 1 + choice % 100_000;
                deal(to, &ICollateral::registerCall { asset, value, currency: CNY })
            }
            1 | 2 => {
                let until = now_ms / 1_000 + 60 + choice % 600;
                deal(to, &ICollateral::reserveCall { asset, amount, currency: CNY, until })
            }
            3 => deal(to, &ICollateral::takeCall { claim }),
            4 => deal(to, &ICollateral::releaseCall { claim, amount }),
            _ => deal(to, &ICollateral::expireCall { claim }),
        }
    }

    /// Writes down what a final block tells.
    pub fn follow(&mut self, block: &FinalizedBlock) {
        let receipts = block.receipts.iter().filter(|receipt| receipt.succeeded());
        for log in receipts.flat_map(|receipt| receipt.envelope.logs()) {
            if let Some(event) = told::<IPayments::AccountOpened>(payments::ADDRESS, log) {
                self.accounts.push((event.account, event.owner, event.bank));
            }
            if let Some(event) = told::<IReceivables::VoucherIssued>(receivables::ADDRESS, log) {
                self.vouchers.insert(event.voucher, event.creditor);
                self.parts.insert(event.voucher, (event.voucher, event.creditor));
            }
            if let Some(event) = told::<IReceivables::PartPassed>(receivables::ADDRESS, log) {
                self.part(event.position, event.part, Some(event.to));
            }
            if let Some(event) = told::<IReceivables::PartSplit>(receivables::ADDRESS, log) {
                self.part(event.position, event.part, None);
            }
            if let Some(event) = told::<ICollateral::AssetRegistered>(collateral::ADDRESS, log) {
                self.assets.insert(event.asset);
            }
            if let Some(event) = told::<ICollateral::ClaimReserved>(collateral::ADDRESS, log) {
                self.claims.insert(event.claim, event.asset);
            }
        }
    }

    fn part(&mut self, from: u64, part: u64, to: Option<u64>) {
        let (voucher, holder) = self.parts.get(&from).copied().expect("a part comes from another");
        self.parts.insert(part, (voucher, to.unwrap_or(holder)));
    }

    /// How many accounts, parts of vouchers and claims there are.
    pub fn counts(&self) -> [u64; 3] {
        [self.accounts.len(), self.parts.len(), self.claims.len()].map(|count| count as u64)
    }

    /// Nothing appeared or vanished: not money, not debts, not value.
    pub async fn check(&self, views: &Views<'_>) {
        self.check_money(views).await;
        self.check_vouchers(views).await;
        self.check_collateral(views).await;
    }

    async fn check_money(&self, views: &Views<'_>) {
        let (mut claims, mut debts) = (0u128, 0u128);
        for bank in 1..=4 {
            let call = IPayments::sheetCall { bank, currency: CNY };
            let sheet = views.ask(payments::ADDRESS, &call).await;
            let [deposited, withdrawn] = [sheet.deposited, sheet.withdrawn].map(u128::from);
            let [claimed, kept, owed] = [sheet.claims, sheet.balances, sheet.debts].map(u128::from);
            assert_eq!(deposited + claimed, withdrawn + kept + owed, "books of bank {bank}");
            let mut balances = 0u128;
            for (id, ..) in self.accounts.iter().filter(|account| account.2 == bank) {
                let account =
                    views.ask(payments::ADDRESS, &IPayments::accountCall { id: *id }).await;
                balances += u128::from(account.balance);
            }
            assert_eq!(balances, kept, "accounts at bank {bank}");
            claims += claimed;
            debts += owed;
        }
        assert_eq!(claims, debts, "what banks owe each other");
    }

    async fn check_vouchers(&self, views: &Views<'_>) {
        const LIVE: u8 = 2;
        let mut sums: BTreeMap<u64, u64> = BTreeMap::new();
        for (position, (voucher, _)) in &self.parts {
            let call = IReceivables::partCall { position: *position };
            let part = views.ask(receivables::ADDRESS, &call).await;
            *sums.entry(*voucher).or_default() += part.amount;
        }
        for (id, sum) in sums {
            let voucher = views.ask(receivables::ADDRESS, &IReceivables::voucherCall { id }).await;
            if voucher.state == LIVE {
                let whole = sum + voucher.repaid + voucher.writtenOff;
                assert_eq!(whole, voucher.amount, "voucher {id}");
            }
        }
    }

    async fn check_collateral(&self, views: &Views<'_>) {
        let mut taken: BTreeMap<B256, u64> = BTreeMap::new();
        for (id, asset) in &self.claims {
            let claim = views.ask(collateral::ADDRESS, &ICollateral::claimCall { id: *id }).await;
            // Reserved or used.
            if claim.state == 1 || claim.state == 2 {
                *taken.entry(*asset).or_default() += claim.amount;
            }
        }
        for key in &self.assets {
            let asset = views.ask(collateral::ADDRESS, &ICollateral::assetCall { key: *key }).await;
            let taken = taken.get(key).copied().unwrap_or(0);
            assert_eq!(asset.left + taken, asset.value, "asset {key}");
        }
    }
}

/// What the regulator allows.
fn license(choice: u64) -> Deal {
    let organisation = 1 + choice / 4 % 4;
    match choice % 4 {
        0 | 1 => {
            let call =
                IPayments::licenseBankCall { bank: organisation, currency: CNY, licensed: true };
            deal(payments::ADDRESS, &call)
        }
        2 => {
            let limit = 1_000_000;
            let call = IReceivables::setLimitCall { issuer: organisation, currency: CNY, limit };
            deal(receivables::ADDRESS, &call)
        }
        _ => {
            let call = ICollateral::licenseRegistrarCall { organisation, licensed: true };
            deal(collateral::ADDRESS, &call)
        }
    }
}

fn issue(number: u64, creditor: u64, amount: u64, now_ms: u64) -> Deal {
    let document = |kind: &str| {
        let number = format!("{kind}-{number}");
        let hash = keccak256(&number);
        Document { number, value: amount, hash }
    };
    let call = IReceivables::issueCall {
        terms: Terms {
            creditor,
            amount,
            currency: CNY,
            due: Date::at(now_ms / 1_000, 480).plus_days(90).yyyymmdd(),
            recourse: true,
            interestBearer: 0,
            tenorReason: String::new(),
        },
        purchaseContract: document("contract"),
        invoice: document("invoice"),
        delivery: document("delivery"),
    };
    deal(receivables::ADDRESS, &call)
}

/// A UUID of version 4, as a number.
fn uetr(number: u64) -> u128 {
    let bits =
        u128::from_be_bytes(keccak256(number.to_be_bytes()).0[..16].try_into().unwrap_or_default());
    let version = bits & !(0xf << 76) | 0x4 << 76;
    version & !(0x3 << 62) | 0x2 << 62
}

fn asset(choice: u64) -> B256 {
    keccak256((choice % ASSETS).to_be_bytes())
}

fn pick<T>(of: impl Iterator<Item = T> + Clone, choice: u64) -> Option<T> {
    let count = of.clone().count() as u64;
    let mut of = of;
    of.nth((choice % count.max(1)) as usize)
}

fn told<E: SolEvent>(module: Address, log: &Log) -> Option<E> {
    if log.address != module {
        return None;
    }
    E::decode_log(log).ok().map(|log| log.data)
}

/// The modules' views on the reference state.
pub struct Views<'a> {
    /// How calls execute.
    pub execution: &'a ExecutionConfig,
    /// The block after which they execute.
    pub env: &'a BlockEnvironment,
    /// The state.
    pub state: &'a MemoryState,
}

impl Views<'_> {
    async fn ask<C: SolCall>(&self, module: Address, view: &C) -> C::Return {
        let request = CallRequest {
            to: Some(module),
            data: view.abi_encode().into(),
            value: U256::ZERO,
            ..CallRequest::default()
        };
        let outcome = call(self.execution, self.env, self.state, request).await;
        let outcome = outcome.unwrap_or_else(|error| panic!("{}: {error}", C::SIGNATURE));
        assert_eq!(outcome.status, CallStatus::Success, "{}: {}", C::SIGNATURE, outcome.output);
        C::abi_decode_returns(&outcome.output).expect("a view answers in its own form")
    }
}
