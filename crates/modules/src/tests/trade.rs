//! A trade of many parties at random over `receivables`, `payments` and `collateral`: whatever they try
//! in whichever order, nothing is made or lost.
//!
//! `QIAO_TRADE_ACTS=1000000 cargo test -p qiao-modules a_random_trade -- --nocapture` makes a million.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use qiao_module_kit::testing::Sandbox;

use crate::{
    MODULES,
    collateral::{self, ICollateral},
    fixtures::trade_genesis,
    members::{self, IMembers},
    payments::{self, IPayments},
    receivables::{self, IReceivables},
};

/// Trading organisations; the first two are banks. One more is the regulator.
const PARTIES: u64 = 10;
const BANKS: u64 = 2;
const CNY: u16 = 156;
const START: u64 = 1_800_000_000;
const DAY: u64 = 86_400;
/// Acts where nobody says how many.
const ACTS: u64 = 20_000;
/// Acts between two looks at everything.
const LOOK: u64 = 5_000;
const ASSETS: u64 = 40;

struct Trade {
    chain: Sandbox,
    random: u64,
    time: u64,
    uetr: u128,
    documents: u64,
    positions: u64,
    claims: u64,
    accounts: u64,
    done: BTreeMap<&'static str, (u64, u64)>,
}

fn party(id: u64) -> Address {
    Address::left_padding_from(&(0x1000 + id).to_be_bytes())
}

fn asset(number: u64) -> B256 {
    B256::left_padding_from(&(0x2000 + number).to_be_bytes())
}

impl Trade {
    fn open(seed: u64) -> Self {
        let people: Vec<Address> = (1..=PARTIES + 1).map(party).collect();
        let mut chain = Sandbox::new(MODULES, &trade_genesis(&people));
        let regulator = party(PARTIES + 1);
        // The pack of China stops issuers with overdue vouchers: in the end nobody would issue.
        let call = IReceivables::adoptPackCall { pack: 0 };
        chain.call(regulator, receivables::ADDRESS, call).unwrap();
        for id in 1..=PARTIES {
            let call = IMembers::grantRoleCall { account: party(id), role: 6 };
            chain.call(party(id), members::ADDRESS, call).unwrap();
            let call =
                IReceivables::setLimitCall { issuer: id, currency: CNY, limit: u64::MAX / 4 };
            chain.call(regulator, receivables::ADDRESS, call).unwrap();
        }
        for bank in 1..=BANKS {
            let call = IPayments::licenseBankCall { bank, currency: CNY, licensed: true };
            chain.call(regulator, payments::ADDRESS, call).unwrap();
            let call = ICollateral::licenseRegistrarCall { organisation: bank, licensed: true };
            chain.call(regulator, collateral::ADDRESS, call).unwrap();
        }
        for bank in 1..=BANKS {
            let debtor = BANKS + 1 - bank;
            let call = IPayments::setCreditCall { debtor, currency: CNY, limit: 50_000_000 };
            chain.call(party(bank), payments::ADDRESS, call).unwrap();
            for owner in 1..=PARTIES {
                let call = IPayments::openAccountCall { owner, currency: CNY };
                chain.call(party(bank), payments::ADDRESS, call).unwrap();
            }
        }
        Self {
            chain,
            random: seed,
            time: START,
            uetr: 0,
            documents: 0,
            positions: 0,
            claims: 0,
            accounts: BANKS * PARTIES,
            done: BTreeMap::new(),
        }
    }

    /// A number below a bound; the same seed gives the same numbers.
    fn below(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.random >> 33) % bound
    }

    fn one_of(&mut self, count: u64) -> u64 {
        1 + self.below(count)
    }

    fn send<C: SolCall>(
        &mut self,
        name: &'static str,
        by: Address,
        module: Address,
        call: C,
    ) -> Option<C::Return> {
        let told = self.chain.call(by, module, call).ok();
        let counts = self.done.entry(name).or_default();
        if told.is_some() {
            counts.0 += 1
        } else {
            counts.1 += 1
        }
        told
    }

    fn view<C: SolCall>(&mut self, module: Address, call: C) -> C::Return {
        self.chain.call(party(PARTIES + 1), module, call).unwrap()
    }

    fn part(&mut self, position: u64) -> IReceivables::Part {
        self.view(receivables::ADDRESS, IReceivables::partCall { position })
    }

    /// A part among the newest, and who may dispose of it nine times of ten; anybody else otherwise.
    fn some_part(&mut self) -> Option<(u64, IReceivables::Part, Address)> {
        let newest = self.positions.min(200);
        if newest == 0 {
            return None;
        }
        let position = self.positions - self.below(newest);
        let part = self.part(position);
        let holder = if self.below(10) == 0 { self.one_of(PARTIES) } else { part.holder.max(1) };
        Some((position, part, party(holder)))
    }

    fn step(&mut self) {
        match self.below(100) {
            0..=5 => self.issue(),
            6..=49 => self.dispose(),
            50..=69 => self.finance(),
            70..=84 => self.pay(),
            85..=98 => self.claim(),
            _ => {
                self.time += self.random % DAY;
                self.chain.at_block(self.time, self.time);
            }
        }
    }

    fn issue(&mut self) {
        let (issuer, creditor) = (self.one_of(PARTIES), self.one_of(PARTIES));
        let amount = 1_000 + self.below(1_000_000);
        self.documents += 1;
        let number = self.documents;
        let document = |letter: u8| IReceivables::Document {
            number: format!("{}{number}", char::from(letter)),
            value: amount,
            hash: B256::left_padding_from(&(number * 256 + u64::from(letter)).to_be_bytes()),
        };
        let today = qiao_module_kit::calendar::Date::at(self.time, 480);
        let terms = IReceivables::Terms {
            creditor,
            amount,
            currency: CNY,
            due: today.plus_days(1 + u32::try_from(self.below(150)).unwrap()).yyyymmdd(),
            recourse: self.below(2) == 0,
            interestBearer: 0,
            tenorReason: String::new(),
        };
        let call = IReceivables::issueCall {
            terms,
            purchaseContract: document(b'C'),
            invoice: document(b'I'),
            delivery: document(b'D'),
        };
        let told = self.send("issue", party(issuer), receivables::ADDRESS, call);
        if let Some(voucher) = told {
            self.positions = self.positions.max(voucher);
            let call = IReceivables::acceptCall { voucher };
            if self.below(8) == 0 {
                let call = IReceivables::declineCall { voucher };
                self.send("decline", party(creditor), receivables::ADDRESS, call);
            } else {
                self.send("accept", party(creditor), receivables::ADDRESS, call);
            }
        }
    }

    /// Splits, merges, passes on, pledges, freezes.
    fn dispose(&mut self) {
        let Some((position, part, by)) = self.some_part() else { return };
        let amount = self.below(part.amount + 2);
        let to = self.one_of(PARTIES);
        let module = receivables::ADDRESS;
        let told = match self.below(10) {
            0..=2 => self.send("split", by, module, IReceivables::splitCall { position, amount }),
            3..=5 => {
                let call = IReceivables::passCall { position, to, amount };
                self.send("pass", by, module, call)
            }
            6 => {
                let other = position.saturating_sub(self.below(4)).max(1);
                let call = IReceivables::mergeCall { into: position, other };
                self.send("merge", by, module, call);
                None
            }
            7 => {
                let call = IReceivables::pledgeCall { position, pledgee: to };
                self.send("pledge", by, module, call);
                None
            }
            8 => {
                let by = party(part.beneficiary.max(1));
                let call = IReceivables::releasePledgeCall { position };
                self.send("releasePledge", by, module, call);
                None
            }
            _ => {
                let regulator = party(PARTIES + 1);
                if part.frozen {
                    let call = IReceivables::unfreezePartCall { position };
                    self.send("unfreezePart", regulator, module, call);
                } else if self.below(4) == 0 {
                    let call =
                        IReceivables::freezePartCall { position, reason: "order".to_owned() };
                    self.send("freezePart", regulator, module, call);
                }
                None
            }
        };
        self.positions = self.positions.max(told.unwrap_or(0));
    }

    /// Sells, buys against payment, repays, goes overdue, gives up.
    fn finance(&mut self) {
        let Some((position, part, by)) = self.some_part() else { return };
        self.uetr += 1;
        let (uetr, module) = (self.uetr, receivables::ADDRESS);
        let (payer, payee) = (self.one_of(self.accounts), self.one_of(self.accounts));
        let owner = |account: u64| party((account - 1) % PARTIES + 1);
        match self.below(8) {
            0 | 1 => {
                let buyer = self.one_of(PARTIES);
                let price = self.below(part.amount + 1);
                let call = IReceivables::offerSaleCall { position, buyer, price };
                self.send("offerSale", by, module, call);
            }
            2 | 3 => {
                // The buyer's account, and one of the seller's.
                let (bank, other) = (self.below(BANKS), self.below(BANKS));
                let payer = bank * PARTIES + part.beneficiary.max(1);
                let payee = other * PARTIES + part.holder.max(1);
                let registration = format!("R{uetr}");
                let call = IPayments::buyPartCall { uetr, position, registration, payer, payee };
                self.send("buyPart", owner(payer), payments::ADDRESS, call);
            }
            4 => {
                self.send("endSale", by, module, IReceivables::endSaleCall { position });
            }
            5 | 6 => {
                let amount = self.below(part.amount + 2);
                let call = IPayments::payPartCall { uetr, position, amount, payer, payee };
                self.send("payPart", owner(payer), payments::ADDRESS, call);
            }
            _ => {
                let voucher = part.voucher;
                let call = IReceivables::markOverdueCall { voucher };
                self.send("markOverdue", by, module, call);
                let call = IReceivables::writeOffCall { position, reason: "lost".to_owned() };
                if self.below(4) == 0 {
                    self.send("writeOff", by, module, call);
                }
            }
        }
    }

    fn pay(&mut self) {
        self.uetr += 1;
        let uetr = self.uetr - u128::from(self.below(20) / 19);
        let (payer, payee) = (self.one_of(self.accounts), self.one_of(self.accounts));
        let amount = self.below(2_000_000);
        let owner = party((payer - 1) % PARTIES + 1);
        let bank = party((payer - 1) / PARTIES + 1);
        let (module, remittance) = (payments::ADDRESS, String::new());
        match self.below(10) {
            0..=4 => {
                let call = IPayments::payCall { uetr, payer, payee, amount, remittance };
                self.send("pay", owner, module, call);
            }
            5 | 6 => {
                let call = IPayments::depositCall { account: payer, amount, remittance };
                self.send("deposit", bank, module, call);
            }
            7 => {
                let call =
                    IPayments::receivePaymentCall { uetr, account: payer, amount, remittance };
                self.send("receivePayment", bank, module, call);
            }
            8 => {
                let call = IPayments::withdrawCall { account: payer, amount, remittance };
                self.send("withdraw", owner, module, call);
            }
            _ => {
                let other = self.one_of(BANKS);
                let call = IPayments::netCall { bank: other, currency: CNY };
                self.send("net", bank, module, call);
            }
        }
    }

    fn claim(&mut self) {
        let (key, amount) = (asset(self.below(ASSETS)), self.below(400));
        let (by, module) = (party(self.one_of(PARTIES)), collateral::ADDRESS);
        let claim = self.one_of(self.claims.max(1));
        match self.below(10) {
            0 => {
                let call = ICollateral::registerCall { asset: key, value: 1_000, currency: CNY };
                self.send("register", by, module, call);
            }
            1 => {
                let value = 500 + self.below(2_000);
                self.send("revise", by, module, ICollateral::reviseCall { asset: key, value });
            }
            2..=5 => {
                let until = self.time + self.below(2 * DAY);
                let call = ICollateral::reserveCall { asset: key, amount, currency: CNY, until };
                let told = self.send("reserve", by, module, call);
                self.claims = self.claims.max(told.unwrap_or(0));
            }
            6 => {
                self.send("take", by, module, ICollateral::takeCall { claim });
            }
            7 | 8 => {
                self.send("release", by, module, ICollateral::releaseCall { claim, amount });
            }
            _ => {
                self.send("expire", by, module, ICollateral::expireCall { claim });
            }
        }
    }

    /// What the parts of a voucher hold is its amount less what was repaid and written off; a part's way
    /// leads from the voucher through its parents; what an issuer owes is the sum of its vouchers.
    fn check_vouchers(&mut self) {
        let mut held: BTreeMap<u64, (u64, u32)> = BTreeMap::new();
        for position in 1..=self.positions {
            let part = self.part(position);
            let live = held.entry(part.voucher).or_default();
            live.0 += part.amount;
            live.1 += u32::from(part.amount > 0);
            if part.parent != 0 {
                assert!(part.parent < position, "a part is younger than its parent");
                let parent = self.part(part.parent);
                assert_eq!((parent.voucher, parent.depth + 1), (part.voucher, part.depth));
            } else {
                assert_eq!((part.voucher, part.depth), (position, 0));
            }
        }
        let mut owed: BTreeMap<u64, u64> = BTreeMap::new();
        for (id, (amount, live)) in held {
            let call = IReceivables::voucherCall { id };
            let voucher = self.view(receivables::ADDRESS, call);
            let gone = voucher.repaid + voucher.writtenOff;
            const VOID: u8 = 3;
            let left = if voucher.state == VOID { 0 } else { voucher.amount - gone };
            assert_eq!((amount, live), (left, voucher.liveParts), "voucher {id} {voucher:?}");
            *owed.entry(voucher.issuer).or_default() += left;
        }
        for issuer in 1..=PARTIES {
            let call = IReceivables::exposureCall { issuer, currency: CNY };
            let told = self.view(receivables::ADDRESS, call).outstanding;
            assert_eq!(told, owed.get(&issuer).copied().unwrap_or(0), "issuer {issuer}");
        }
        if self.positions > 0 {
            let position = self.one_of(self.positions);
            let call = IReceivables::lineageCall { position };
            let way = self.view(receivables::ADDRESS, call);
            assert_eq!(way.first(), Some(&self.part(position).voucher));
            assert_eq!(way.last(), Some(&position));
        }
    }

    /// The books of both banks balance, and agree with the accounts and with each other.
    fn check_books(&mut self) {
        let mut sheets = Vec::new();
        for bank in 1..=BANKS {
            let sheet = self.view(payments::ADDRESS, IPayments::sheetCall { bank, currency: CNY });
            let received = u128::from(sheet.deposited) + u128::from(sheet.claims);
            let owed =
                u128::from(sheet.withdrawn) + u128::from(sheet.balances) + u128::from(sheet.debts);
            assert_eq!(received, owed, "bank {bank}: {sheet:?}");
            let accounts = (bank - 1) * PARTIES + 1..=bank * PARTIES;
            let balances: u64 = accounts
                .map(|id| self.view(payments::ADDRESS, IPayments::accountCall { id }).balance)
                .sum();
            assert_eq!(balances, sheet.balances, "bank {bank}");
            sheets.push(sheet);
        }
        assert_eq!(sheets[0].claims, sheets[1].debts);
        assert_eq!(sheets[1].claims, sheets[0].debts);
    }

    /// What is reserved and used of an asset is the sum of its claims and never exceeds its value.
    fn check_assets(&mut self) {
        let mut claimed: BTreeMap<B256, u64> = BTreeMap::new();
        for id in 1..=self.claims {
            let claim = self.view(collateral::ADDRESS, ICollateral::claimCall { id });
            if claim.state == 1 || claim.state == 2 {
                *claimed.entry(claim.asset).or_default() += claim.amount;
            }
        }
        for number in 0..ASSETS {
            let key = asset(number);
            let told = self.view(collateral::ADDRESS, ICollateral::assetCall { key });
            let claimed = claimed.get(&key).copied().unwrap_or(0);
            assert_eq!(told.value, told.left + claimed, "asset {number}");
        }
    }

    fn check(&mut self) {
        self.check_vouchers();
        self.check_books();
        self.check_assets();
    }
}

#[test]
fn a_random_trade_makes_and_loses_nothing() {
    let acts = std::env::var("QIAO_TRADE_ACTS").ok().and_then(|text| text.parse().ok());
    let acts = acts.unwrap_or(ACTS);
    let look = LOOK.max(acts / 20);
    let mut trade = Trade::open(7);
    for act in 1..=acts {
        trade.step();
        if act % look == 0 {
            trade.check();
        }
    }
    trade.check();
    let (accepted, refused) =
        trade.done.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!("{acts} acts: {accepted} accepted, {refused} refused");
    println!("{} parts of vouchers, {} claims", trade.positions, trade.claims);
    for (name, (accepted, refused)) in &trade.done {
        println!("{name}: {accepted} accepted, {refused} refused");
        assert!(*accepted > 0 || acts < ACTS, "nobody ever did `{name}`");
    }
}
