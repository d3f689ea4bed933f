//! A made-up food trade of any size: farms, processors, distribution centres and stores.
//!
//! It consists of *runs*. In a run a processor takes the lots of three farms, makes one product of
//! them, and a distribution centre spreads it over four stores, which sell it: 40 events about four
//! lots, of which nothing is lost or gained. A run takes ten days, one stage a day; the stages of
//! different runs lie between each other in time, so what belongs together does not lie together.
//! Everything follows from the seed.

mod tell;

#[cfg(test)]
mod tests;

use qiao_epcis::check_digit;

use crate::random::mix;

/// Events of a run.
pub const EVENTS_PER_RUN: u64 = 40;

/// Lots of a run: three raw ones and the product.
pub const LOTS_PER_RUN: u64 = 4;

/// Stages of a run, each of them a day.
pub const STAGES: u64 = 10;

/// Runs that go through a stage together.
const GROUP: u64 = 25;

/// The history is this many times as long as a run.
const LENGTH: u64 = 40;

const FARMS: u64 = 20_000;
const PROCESSORS: u64 = 500;
const CENTRES: u64 = 100;
const STORES: u64 = 10_000;
const RAW_PRODUCTS: u64 = 200;
const PRODUCTS: u64 = 2_000;
/// Roll cages go round: each is used again and again.
const CAGES: u64 = 50_000;

/// Who records, by the numbers that the organisations of a network of four have.
const FARMERS: u64 = 1;
const PROCESSING: u64 = 2;
const DISTRIBUTION: u64 = 3;
const RETAIL: u64 = 4;

/// A trade of so many runs.
#[derive(Debug, Clone, Copy)]
pub struct Trade {
    seed: u64,
    runs: u64,
}

/// An event as one party records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The organisation that it is recorded for.
    pub party: u64,
    /// The event: JSON with its own `@context`.
    pub body: String,
}

/// The things, places and documents of one run.
#[derive(Debug, Clone)]
pub struct Run {
    number: u64,
    /// The lots of the farms.
    pub raw: [String; 3],
    /// The lot that is made of them.
    pub product: String,
    /// The pallets on which it leaves the processor.
    pub pallets: [String; 2],
    /// The roll cages in which it reaches the stores.
    pub cages: [String; 4],
    /// The despatch advice of the processor.
    pub despatch: String,
    /// The order of the retailer.
    pub order: String,
    farms: [String; 3],
    processor: String,
    centre: String,
    /// Where it is sold.
    pub stores: [String; 4],
}

impl Trade {
    /// A trade with at least so many events.
    pub fn of(events: u64, seed: u64) -> Self {
        Self { seed, runs: events.div_ceil(EVENTS_PER_RUN).max(1) }
    }

    /// Its runs.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// Its events.
    pub fn events(&self) -> u64 {
        self.runs * EVENTS_PER_RUN
    }

    /// How many days it takes; what is recorded on one of them is [`Trade::day`].
    pub fn days(&self) -> u64 {
        self.groups() + (STAGES - 1) * self.lag()
    }

    /// What is recorded on a day: a stage of each of some groups of runs.
    pub fn day(&self, day: u64) -> Vec<Told> {
        let mut told = Vec::new();
        for stage in 0..STAGES {
            let Some(group) = day.checked_sub(stage * self.lag()) else { break };
            let runs = group * GROUP..((group + 1) * GROUP).min(self.runs);
            for number in runs {
                told.extend(self.run(number).stage(stage, day));
            }
        }
        told
    }

    /// A run, by its number.
    pub fn run(&self, number: u64) -> Run {
        let draw = |of: u64, salt: u64| mix(self.seed ^ mix(number * 64 + salt)) % of;
        // A tenth of the products makes half of the trade.
        let often = |of: u64, salt: u64| match draw(2, salt + 32) {
            0 => draw(of / 10, salt),
            _ => draw(of, salt),
        };
        let raw = |nth: u64| lot(often(RAW_PRODUCTS, nth), &format!("R{number}{}", letter(nth)));
        let cage = |nth: u64| {
            // In turn, so that none is in two places at one time.
            let serial = (number * 4 + nth) % CAGES;
            format!("https://id.gs1.org/8003/0{}{serial}", checked("952100000001"))
        };
        let (processor, centre) = (draw(PROCESSORS, 8), draw(CENTRES, 9));
        let issuer = checked("952100000000");
        Run {
            number,
            raw: [raw(0), raw(1), raw(2)],
            product: lot(1_000 + often(PRODUCTS, 4), &format!("P{number}")),
            pallets: [0, 1].map(|nth| pallet(number * 2 + nth)),
            cages: [0, 1, 2, 3].map(cage),
            despatch: format!("urn:epcglobal:cbv:bt:{issuer}:DA{number}"),
            order: format!("urn:epcglobal:cbv:bt:{issuer}:PO{number}"),
            farms: [0, 1, 2].map(|nth| place(draw(FARMS, 12 + nth))),
            processor: place(30_000 + processor),
            centre: place(31_000 + centre),
            stores: [0, 1, 2, 3].map(|nth| place(40_000 + draw(STORES, 16 + nth))),
        }
    }

    fn groups(&self) -> u64 {
        self.runs.div_ceil(GROUP)
    }

    /// Days between two stages of a run.
    fn lag(&self) -> u64 {
        (self.groups() / (LENGTH * STAGES)).max(1)
    }
}

fn letter(nth: u64) -> char {
    ['a', 'b', 'c'][nth as usize % 3]
}

fn checked(digits: &str) -> String {
    format!("{digits}{}", check_digit(digits).expect("digits"))
}

fn lot(product: u64, name: &str) -> String {
    format!("https://id.gs1.org/01/{}/10/{name}", checked(&format!("09521000{product:05}")))
}

fn pallet(number: u64) -> String {
    format!("https://id.gs1.org/00/{}", checked(&format!("09521000{number:09}")))
}

fn place(number: u64) -> String {
    format!("https://id.gs1.org/414/{}", checked(&format!("9521000{number:05}")))
}
