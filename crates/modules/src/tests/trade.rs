//! A trade of many parties at random over `receivables`, `payments`, `financing` and `collateral`: whatever
//! they try in whichever order, nothing is made or lost, and what the rules forbid is refused.
//!
//! Several worlds run at the same time, each with a seed of its own. The regulator adopts the pack
//! `cn-2025-77` and takes it back; what the rules make of each voucher is computed here a second time.
//!
//! `QIAO_TRADE_ACTS=1000000 cargo test -p qiao-modules a_random_trade -- --nocapture` makes a million.

mod acts;
mod checks;
mod fees;
mod lending;
mod vouchers;

use std::{collections::BTreeMap, env, thread};

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use qiao_module_kit::{calendar::Date, testing::Sandbox};

use crate::{
    MODULES,
    collateral::{self, ICollateral},
    fixtures::trade_genesis,
    members::{self, IMembers},
    payments::{self, IPayments},
    receivables::{self, IReceivables},
    refusals,
};

/// Trading organisations; the first two are banks. One more is the regulator.
const PARTIES: u64 = 10;
const BANKS: u64 = 2;
const CNY: u16 = 156;
const START: u64 = 1_800_000_000;
const DAY: u64 = 86_400;
/// What an issuer may owe.
const LIMIT: u64 = 40_000_000;
/// Transactions where nobody says how many.
const ACTS: u64 = 40_000;
/// Worlds that run at the same time.
const WORLDS: u64 = 4;
const ASSETS: u64 = 40;
/// The pack of the law of China, and the one without law.
const CN: u8 = 1;
const CONTRACT_ONLY: u8 = 0;

/// One world.
struct Trade {
    chain: Sandbox,
    random: u64,
    time: u64,
    pack: u8,
    uetr: u128,
    documents: u64,
    positions: u64,
    claims: u64,
    requests: u64,
    loans: u64,
    accounts: u64,
    /// The parts of each voucher.
    parts: BTreeMap<u64, Vec<u64>>,
    /// Vouchers of which something is owed, by the day on which they are due.
    open: BTreeMap<(u32, u64), ()>,
    /// Who made each claim on an asset.
    claimants: BTreeMap<u64, u64>,
    /// Parts that were offered for sale.
    offered: Vec<u64>,
    /// Prices and salts of sealed bids, by request and bank.
    sealed: BTreeMap<(u64, u64), (u64, B256)>,
    /// What was paid back of the principal of each loan.
    paid_back: BTreeMap<u64, u64>,
    /// What each provider charges for each service: flat, ten-thousandths, the block of publication.
    tariffs: BTreeMap<(u64, u8), (u64, u32, u64)>,
    /// What the fees of a part may come to, by pack.
    fee_limits: BTreeMap<u8, u32>,
    /// Fees that were paid, by part, holder and service.
    fees: BTreeMap<(u64, u64, u8), u64>,
    /// Transactions.
    sent: u64,
    /// Calls by name: accepted and refused.
    done: Calls,
    /// How often each refusal was told.
    refused: Codes,
}

type Calls = BTreeMap<&'static str, (u64, u64)>;
type Codes = BTreeMap<String, u64>;
/// Transactions, parts, claims, requests and loans.
type Counts = [u64; 5];

fn party(id: u64) -> Address {
    Address::left_padding_from(&(0x1000 + id).to_be_bytes())
}

fn regulator() -> Address {
    party(PARTIES + 1)
}

fn asset(number: u64) -> B256 {
    B256::left_padding_from(&(0x2000 + number).to_be_bytes())
}

/// The account of an organisation at a bank, both counted from one.
fn account(bank: u64, owner: u64) -> u64 {
    (bank - 1) * PARTIES + owner
}

impl Trade {
    fn open(seed: u64) -> Self {
        let people: Vec<Address> = (1..=PARTIES + 1).map(party).collect();
        let mut chain = Sandbox::new(MODULES, &trade_genesis(&people));
        for id in 1..=PARTIES {
            let call = IMembers::grantRoleCall { account: party(id), role: 6 };
            chain.call(party(id), members::ADDRESS, call).unwrap();
            let call = IReceivables::setLimitCall { issuer: id, currency: CNY, limit: LIMIT };
            chain.call(regulator(), receivables::ADDRESS, call).unwrap();
        }
        for bank in 1..=BANKS {
            let call = IPayments::licenseBankCall { bank, currency: CNY, licensed: true };
            chain.call(regulator(), payments::ADDRESS, call).unwrap();
            let call = ICollateral::licenseRegistrarCall { organisation: bank, licensed: true };
            chain.call(regulator(), collateral::ADDRESS, call).unwrap();
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
            pack: CN,
            uetr: 0,
            documents: 0,
            positions: 0,
            claims: 0,
            requests: 0,
            loans: 0,
            accounts: BANKS * PARTIES,
            parts: BTreeMap::new(),
            open: BTreeMap::new(),
            claimants: BTreeMap::new(),
            offered: Vec::new(),
            sealed: BTreeMap::new(),
            paid_back: BTreeMap::new(),
            tariffs: BTreeMap::new(),
            fee_limits: BTreeMap::new(),
            fees: BTreeMap::new(),
            sent: 0,
            done: BTreeMap::new(),
            refused: BTreeMap::new(),
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

    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn next_uetr(&mut self) -> u128 {
        self.uetr += 1;
        self.uetr
    }

    fn send<C: SolCall>(
        &mut self,
        name: &'static str,
        by: Address,
        module: Address,
        call: C,
    ) -> Option<C::Return> {
        self.sent += 1;
        let told = self.chain.call(by, module, call);
        let counts = self.done.entry(name).or_default();
        match told {
            Ok(answer) => {
                counts.0 += 1;
                Some(answer)
            }
            Err(data) => {
                counts.1 += 1;
                let refusal = refusals().find(&data.0).expect("a refusal is told in words");
                *self.refused.entry(refusal.code.clone()).or_default() += 1;
                None
            }
        }
    }

    fn view<C: SolCall>(&mut self, module: Address, call: C) -> C::Return {
        self.chain.call(regulator(), module, call).unwrap()
    }

    /// The day of the pack in force.
    fn today(&self) -> Date {
        Date::at(self.time, if self.pack == CN { 480 } else { 0 })
    }

    fn pass_time(&mut self) {
        self.time += self.random % DAY;
        self.chain.at_block(self.time, self.time);
    }

    fn step(&mut self) {
        match self.below(100) {
            0..=6 => self.issue(),
            7..=40 => self.dispose(),
            41..=43 => self.charge(),
            44..=53 => self.sell(),
            54..=60 => self.settle(),
            61..=70 => self.pay(),
            71..=80 => self.claim(),
            81..=89 => self.bid(),
            90..=96 => self.lend(),
            97 => self.regulate(),
            _ => self.pass_time(),
        }
    }
}

/// Runs one world until so many transactions were sent.
fn live(seed: u64, acts: u64) -> (Calls, Codes, Counts) {
    let mut trade = Trade::open(seed);
    let (mut next_look, look) = (0, acts.div_ceil(8));
    while trade.sent < acts {
        trade.step();
        if trade.sent >= next_look {
            trade.check();
            next_look += look;
        }
    }
    trade.check();
    let counts = [trade.sent, trade.positions, trade.claims, trade.requests, trade.loans];
    (trade.done, trade.refused, counts)
}

#[test]
fn a_random_trade_makes_and_loses_nothing() {
    let acts = env::var("QIAO_TRADE_ACTS").ok().and_then(|text| text.parse().ok());
    let acts: u64 = acts.unwrap_or(ACTS);
    let worlds: Vec<_> =
        (1..=WORLDS).map(|seed| thread::spawn(move || live(seed, acts / WORLDS))).collect();
    let (mut calls, mut codes) = (Calls::new(), Codes::new());
    let mut sums = [0; 5];
    for world in worlds {
        let (done, refused, counts) = world.join().expect("a world keeps its invariants");
        for (name, (accepted, refused)) in done {
            let counts = calls.entry(name).or_default();
            *counts = (counts.0 + accepted, counts.1 + refused);
        }
        for (code, count) in refused {
            *codes.entry(code).or_default() += count;
        }
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let accepted: u64 = calls.values().map(|counts| counts.0).sum();
    let [sent, parts, claims, requests, loans] = sums;
    println!(
        "{sent} transactions in {WORLDS} worlds: {accepted} accepted, {} refused",
        sent - accepted
    );
    println!("{parts} parts, {claims} claims, {requests} requests, {loans} loans");
    for (name, (accepted, refused)) in &calls {
        println!("{name}: {accepted} accepted, {refused} refused");
        assert!(*accepted > 0 || acts < ACTS, "nobody ever did `{name}`");
    }
    for (code, count) in &codes {
        println!("{code}: {count}");
    }
    for code in ["tenor_too_long", "tenor_needs_reason", "issuer_over_limit", "issuer_overdue"] {
        let code = format!("receivables.{code}");
        assert!(codes.contains_key(&code) || acts < ACTS, "`{code}` was never told");
    }
    for code in ["fee_not_published", "fee_differs", "fee_by_issuer", "fee_over_limit"] {
        let code = format!("financing.{code}");
        assert!(codes.contains_key(&code) || acts < ACTS, "`{code}` was never told");
    }
    let code = "receivables.registration_missing";
    assert!(codes.contains_key(code) || acts < ACTS, "`{code}` was never told");
}
