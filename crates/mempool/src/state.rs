//! What the pool holds. Every rule about several transactions is here.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use alloy_consensus::Transaction as _;
use alloy_primitives::{
    Address, B256,
    map::{B256Set, HashMap},
};
use qiao_types::SignedTransaction;

use crate::{Added, Listed, PoolConfig, PoolCounts, Refusal};

/// What a transaction weighs besides its bytes when the pool is full.
const TRANSACTION_WEIGHT: usize = 1_024;

/// No transaction is shorter, as its signature takes about this much: with less room a block is
/// full.
const TRANSACTION_BYTES_MIN: u64 = 64;

/// After so many transactions that do not fit, the search for smaller ones ends.
const MISFITS_MAX: usize = 64;

/// So many senders without waiting transactions are remembered with their next nonce: somebody who
/// still reads an older state cannot put a used nonce into the pool again.
const REMEMBERED_MAX: usize = 65_536;

/// A transaction's place among the ready ones.
type Place = u64;

#[derive(Debug)]
struct Waiting {
    tx: Arc<SignedTransaction>,
    place: Option<Place>,
}

/// The transactions of one sender.
#[derive(Debug, Default)]
struct Sender {
    /// The next nonce in the newest final state that the pool heard of.
    next: u64,
    waiting: BTreeMap<u64, Waiting>,
    bytes: usize,
}

impl Sender {
    fn weight(&self) -> usize {
        self.bytes + TRANSACTION_WEIGHT * self.waiting.len()
    }
}

#[derive(Debug)]
pub(crate) struct State {
    per_sender_max: usize,
    total_max: usize,
    total_bytes_max: usize,
    gap_max: u64,
    senders: BTreeMap<Address, Sender>,
    by_hash: HashMap<B256, (Address, u64)>,
    ready: BTreeMap<Place, Arc<SignedTransaction>>,
    by_weight: BTreeSet<(usize, Address)>,
    next_place: Place,
    bytes: usize,
    arrived: u64,
    remembered: HashMap<Address, u64>,
    remembered_order: VecDeque<Address>,
}

impl State {
    pub(crate) fn new(config: &PoolConfig) -> Self {
        Self {
            per_sender_max: config.per_sender_max,
            total_max: config.total_max,
            total_bytes_max: config.total_bytes_max,
            gap_max: config.gap_max,
            senders: BTreeMap::new(),
            by_hash: HashMap::default(),
            ready: BTreeMap::new(),
            by_weight: BTreeSet::new(),
            next_place: 0,
            bytes: 0,
            arrived: 0,
            remembered: HashMap::default(),
            remembered_order: VecDeque::new(),
        }
    }

    pub(crate) fn add(
        &mut self,
        tx: Arc<SignedTransaction>,
        final_nonce: u64,
    ) -> Result<Added, Refusal> {
        if self.by_hash.contains_key(&tx.hash()) {
            return Err(Refusal::AlreadyKnown);
        }
        let (address, nonce) = (tx.sender(), tx.nonce());
        let remembered = self.remembered.get(&address).copied().unwrap_or_default();
        self.advance(address, final_nonce.max(remembered));
        let next = self.senders.get(&address).map_or(final_nonce.max(remembered), |s| s.next);
        if nonce < next {
            return Err(Refusal::NonceTooLow { nonce, next });
        }
        if nonce - next > self.gap_max {
            return Err(Refusal::NonceTooHigh { nonce, next, gap_max: self.gap_max });
        }
        let replaced = self.replaceable(&tx)?;
        self.make_room(&tx, replaced.as_ref())?;
        let place = match &replaced {
            Some(old) => self.take_out(address, old.nonce()).and_then(|waiting| waiting.place),
            None => None,
        };
        self.put_in(tx, place, next);
        self.promote(address);
        let ready = self.senders[&address].waiting[&nonce].place.is_some();
        Ok(Added { ready, replaced: replaced.map(|old| old.hash()) })
    }

    pub(crate) fn get(&self, hash: &B256) -> Option<Arc<SignedTransaction>> {
        let (address, nonce) = self.by_hash.get(hash)?;
        Some(self.senders[address].waiting[nonce].tx.clone())
    }

    pub(crate) fn remove(&mut self, hash: &B256) -> Option<Arc<SignedTransaction>> {
        let (address, nonce) = *self.by_hash.get(hash)?;
        let removed = self.take_out(address, nonce)?;
        self.demote(address, nonce);
        self.forget_if_empty(address);
        Some(removed.tx)
    }

    pub(crate) fn next_nonce(&self, address: Address) -> Option<u64> {
        let sender = self.senders.get(&address)?;
        Some(sender.next + count_ready(sender))
    }

    pub(crate) fn ready(&self, bytes_max: u64, exclude: &B256Set) -> Vec<Arc<SignedTransaction>> {
        let mut chosen = Vec::new();
        let mut bytes_left = bytes_max;
        let mut misfits: BTreeSet<Address> = BTreeSet::new();
        for tx in self.ready.values() {
            if bytes_left < TRANSACTION_BYTES_MIN {
                break;
            }
            if misfits.contains(&tx.sender()) || exclude.contains(&tx.hash()) {
                continue;
            }
            let bytes = tx.encoded().len() as u64;
            if bytes <= bytes_left {
                bytes_left -= bytes;
                chosen.push(tx.clone());
                continue;
            }
            // Later nonces of this sender cannot stand without this one.
            misfits.insert(tx.sender());
            if misfits.len() >= MISFITS_MAX {
                break;
            }
        }
        chosen
    }

    pub(crate) fn has_ready(&self, exclude: &B256Set) -> bool {
        self.ready.values().any(|tx| !exclude.contains(&tx.hash()))
    }

    /// All nonces of the sender below `next` are used: those transactions leave.
    pub(crate) fn advance(&mut self, address: Address, next: u64) {
        if let Some(sender) = self.senders.get_mut(&address) {
            sender.next = sender.next.max(next);
            let used: Vec<u64> =
                sender.waiting.range(..sender.next).map(|(nonce, _)| *nonce).collect();
            for nonce in used {
                self.take_out(address, nonce);
            }
            self.promote(address);
            self.forget_if_empty(address);
        } else {
            self.remember(address, next);
        }
    }

    /// Keeps only the transactions of the sender that `may_stay`.
    pub(crate) fn retain(
        &mut self,
        address: Address,
        may_stay: impl Fn(&SignedTransaction) -> bool,
    ) {
        let Some(sender) = self.senders.get(&address) else { return };
        let leaving: Vec<u64> = sender
            .waiting
            .iter()
            .filter(|(_, waiting)| !may_stay(&waiting.tx))
            .map(|(nonce, _)| *nonce)
            .collect();
        let Some(first) = leaving.first().copied() else { return };
        for nonce in leaving {
            self.take_out(address, nonce);
        }
        self.demote(address, first);
        self.forget_if_empty(address);
    }

    pub(crate) fn senders(&self) -> Vec<Address> {
        self.senders.keys().copied().collect()
    }

    /// What waits, in order of sender and nonce, of one sender or of all; at most `limit`.
    pub(crate) fn content(&self, sender: Option<Address>, limit: usize) -> Vec<Listed> {
        let (first, last) = match sender {
            Some(address) => (address, address),
            None => (Address::ZERO, Address::repeat_byte(0xff)),
        };
        self.senders
            .range(first..=last)
            .flat_map(|(_, sender)| sender.waiting.values())
            .take(limit)
            .map(|waiting| Listed {
                transaction: waiting.tx.clone(),
                is_ready: waiting.place.is_some(),
            })
            .collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_hash.len()
    }

    pub(crate) fn counts(&self) -> PoolCounts {
        let ready = self.ready.len();
        PoolCounts { ready, queued: self.by_hash.len() - ready, bytes: self.bytes }
    }

    /// How many transactions became ready since the last time.
    pub(crate) fn take_arrived(&mut self) -> u64 {
        std::mem::take(&mut self.arrived)
    }

    /// The transaction that this one would replace; refuses if its fee is not higher.
    fn replaceable(
        &self,
        tx: &SignedTransaction,
    ) -> Result<Option<Arc<SignedTransaction>>, Refusal> {
        let Some(sender) = self.senders.get(&tx.sender()) else { return Ok(None) };
        let Some(old) = sender.waiting.get(&tx.nonce()) else { return Ok(None) };
        let (fee, replaced) =
            (tx.envelope().max_fee_per_gas(), old.tx.envelope().max_fee_per_gas());
        if fee <= replaced {
            return Err(Refusal::ReplacementUnderpriced { fee, replaced });
        }
        Ok(Some(old.tx.clone()))
    }

    /// Sees to it that the transaction keeps within all limits, or refuses it and changes nothing.
    fn make_room(
        &mut self,
        tx: &SignedTransaction,
        replaced: Option<&Arc<SignedTransaction>>,
    ) -> Result<(), Refusal> {
        let address = tx.sender();
        let bytes_replaced = replaced.map_or(0, |old| old.encoded().len());
        let own = self.senders.get(&address);
        let mut own_last = None;
        if let Some(sender) =
            own.filter(|s| replaced.is_none() && s.waiting.len() >= self.per_sender_max)
        {
            let (last, waiting) = sender.waiting.last_key_value().expect("it is at its limit");
            if *last < tx.nonce() {
                return Err(Refusal::SenderLimit { sender: address, max: self.per_sender_max });
            }
            own_last = Some((*last, waiting.tx.encoded().len()));
        }
        let leaving = usize::from(replaced.is_some() || own_last.is_some());
        let bytes_leaving = bytes_replaced + own_last.map_or(0, |(_, bytes)| bytes);
        let count = self.by_hash.len() - leaving + 1;
        let bytes = self.bytes - bytes_leaving + tx.encoded().len();
        let surplus = Surplus {
            count: count.saturating_sub(self.total_max),
            bytes: bytes.saturating_sub(self.total_bytes_max),
        };
        let own_weight = own.map_or(0, Sender::weight) + tx.encoded().len() + TRANSACTION_WEIGHT
            - bytes_leaving
            - TRANSACTION_WEIGHT * leaving;
        let evicted = self.plan_eviction(surplus, address, own_weight)?;
        if let Some((nonce, _)) = own_last {
            self.take_out(address, nonce);
        }
        for (victim, nonce) in evicted {
            self.take_out(victim, nonce);
            self.forget_if_empty(victim);
        }
        Ok(())
    }

    /// Which transactions of the heaviest sender leave so that the surplus is gone.
    fn plan_eviction(
        &self,
        mut surplus: Surplus,
        newcomer: Address,
        newcomer_weight: usize,
    ) -> Result<Vec<(Address, u64)>, Refusal> {
        let mut evicted = Vec::new();
        if surplus.is_none() {
            return Ok(evicted);
        }
        let heaviest = self.by_weight.iter().rev().find(|(_, address)| *address != newcomer);
        let (mut weight, victim) = *heaviest.ok_or(Refusal::Full)?;
        for (nonce, waiting) in self.senders[&victim].waiting.iter().rev() {
            let bytes = waiting.tx.encoded().len();
            weight -= bytes + TRANSACTION_WEIGHT;
            if weight < newcomer_weight {
                return Err(Refusal::Full);
            }
            evicted.push((victim, *nonce));
            surplus.count = surplus.count.saturating_sub(1);
            surplus.bytes = surplus.bytes.saturating_sub(bytes);
            if surplus.is_none() {
                return Ok(evicted);
            }
        }
        Err(Refusal::Full)
    }

    fn put_in(&mut self, tx: Arc<SignedTransaction>, place: Option<Place>, next: u64) {
        let (address, nonce, bytes) = (tx.sender(), tx.nonce(), tx.encoded().len());
        self.by_hash.insert(tx.hash(), (address, nonce));
        self.bytes += bytes;
        if let Some(place) = place {
            self.ready.insert(place, tx.clone());
        }
        self.reweigh(address, |sender| {
            sender.next = sender.next.max(next);
            sender.bytes += bytes;
            sender.waiting.insert(nonce, Waiting { tx, place });
        });
    }

    /// Takes one transaction out of every index; what follows from the gap is the caller's.
    fn take_out(&mut self, address: Address, nonce: u64) -> Option<Waiting> {
        let mut removed = None;
        self.reweigh(address, |sender| {
            removed = sender.waiting.remove(&nonce);
            sender.bytes -= removed.as_ref().map_or(0, |waiting| waiting.tx.encoded().len());
        });
        let removed = removed?;
        self.bytes -= removed.tx.encoded().len();
        self.by_hash.remove(&removed.tx.hash());
        if let Some(place) = removed.place {
            self.ready.remove(&place);
        }
        Some(removed)
    }

    /// Changes a sender and keeps the order by weight true.
    fn reweigh(&mut self, address: Address, change: impl FnOnce(&mut Sender)) {
        let sender = self.senders.entry(address).or_default();
        self.by_weight.remove(&(sender.weight(), address));
        change(sender);
        if !sender.waiting.is_empty() {
            self.by_weight.insert((sender.weight(), address));
        }
    }

    /// Gives places to the transactions that have become ready.
    fn promote(&mut self, address: Address) {
        let Some(sender) = self.senders.get_mut(&address) else { return };
        for (expected, (nonce, waiting)) in (sender.next..).zip(&mut sender.waiting) {
            if *nonce != expected {
                break;
            }
            if waiting.place.is_none() {
                waiting.place = Some(self.next_place);
                self.ready.insert(self.next_place, waiting.tx.clone());
                self.next_place += 1;
                self.arrived += 1;
            }
        }
    }

    /// The transactions after a gap at `nonce` are not ready any more.
    fn demote(&mut self, address: Address, nonce: u64) {
        let Some(sender) = self.senders.get_mut(&address) else { return };
        for waiting in sender.waiting.range_mut(nonce..).map(|(_, waiting)| waiting) {
            if let Some(place) = waiting.place.take() {
                self.ready.remove(&place);
            }
        }
    }

    fn forget_if_empty(&mut self, address: Address) {
        let Some(sender) = self.senders.get(&address) else { return };
        if sender.waiting.is_empty() {
            let next = sender.next;
            self.senders.remove(&address);
            self.remember(address, next);
        }
    }

    fn remember(&mut self, address: Address, next: u64) {
        if next == 0 {
            return;
        }
        if let Some(known) = self.remembered.get_mut(&address) {
            *known = next.max(*known);
            return;
        }
        self.remembered.insert(address, next);
        self.remembered_order.push_back(address);
        if self.remembered_order.len() > REMEMBERED_MAX {
            let oldest = self.remembered_order.pop_front().expect("it is longer than its limit");
            self.remembered.remove(&oldest);
        }
    }
}

/// By how much the pool would be too full.
#[derive(Debug, Clone, Copy)]
struct Surplus {
    count: usize,
    bytes: usize,
}

impl Surplus {
    fn is_none(&self) -> bool {
        self.count == 0 && self.bytes == 0
    }
}

fn count_ready(sender: &Sender) -> u64 {
    sender.waiting.values().take_while(|waiting| waiting.place.is_some()).count() as u64
}
