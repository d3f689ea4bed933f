//! How many connections there are, of whom, and who makes place.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicUsize},
};

use super::{
    Counters, Limits,
    connection::{Handle, Shared},
    count,
};

/// The connections of one listener.
#[derive(Debug)]
pub(super) struct Places {
    max: usize,
    address_max: usize,
    counters: Arc<Counters>,
    owed: Arc<AtomicUsize>,
    open: Mutex<Open>,
}

/// Every open connection by its number, and how many each address has.
#[derive(Debug, Default)]
struct Open {
    last: u64,
    connections: BTreeMap<u64, (IpAddr, Arc<Shared>)>,
    addresses: BTreeMap<IpAddr, usize>,
}

impl Places {
    pub(super) fn new(limits: &Limits, counters: Arc<Counters>) -> Self {
        let (max, address_max) = (limits.connections_max, limits.address_connections_max);
        Self { max, address_max, counters, owed: Arc::default(), open: Mutex::default() }
    }

    /// How many are open.
    pub(super) fn taken(&self) -> usize {
        self.open().connections.len()
    }

    /// A place for a connection from an address; `None` if nobody makes place for it.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Handle> {
        let address = network(address);
        let mut open = self.open();
        let is_full = open.connections.len() >= self.max;
        let has_room = if open.of(address) >= self.address_max {
            self.displace(&mut open, Some(address))
        } else if is_full {
            let busiest = open.busiest();
            self.displace(&mut open, busiest) || self.displace(&mut open, None)
        } else {
            true
        };
        if !has_room {
            count(&self.counters.refused);
            return None;
        }
        open.last += 1;
        let number = open.last;
        let shared = Arc::new(Shared::new(Arc::clone(&self.owed)));
        open.connections.insert(number, (address, Arc::clone(&shared)));
        *open.addresses.entry(address).or_default() += 1;
        Some(Handle::new(shared, Arc::new(Place { number, places: Arc::clone(self) })))
    }

    /// Closes the connection that has waited longest, if one waits.
    pub(super) fn make_room(&self) {
        self.displace(&mut self.open(), None);
    }

    /// Closes the connection that has waited longest without a request: of an address, or of all.
    fn displace(&self, open: &mut Open, address: Option<IpAddr>) -> bool {
        let waiting = open.connections.iter().filter(|(_, (of, shared))| {
            address.is_none_or(|address| address == *of) && shared.is_waiting()
        });
        let longest = waiting.min_by_key(|(_, (_, shared))| shared.moved());
        let number = longest.map(|(number, _)| *number);
        let Some(shared) = number.and_then(|number| open.remove(number)) else { return false };
        shared.displace();
        count(&self.counters.displaced);
        true
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn of(&self, address: IpAddr) -> usize {
        self.addresses.get(&address).copied().unwrap_or_default()
    }

    /// The address with the most connections.
    fn busiest(&self) -> Option<IpAddr> {
        self.addresses.iter().max_by_key(|(_, count)| **count).map(|(address, _)| *address)
    }

    fn remove(&mut self, number: u64) -> Option<Arc<Shared>> {
        let (address, shared) = self.connections.remove(&number)?;
        if let Some(count) = self.addresses.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.addresses.remove(&address);
            }
        }
        Some(shared)
    }
}

/// The place of one connection; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Place {
    number: u64,
    places: Arc<Places>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.open().remove(self.number);
    }
}

/// What counts as one address: who has an IPv6 address has a whole network of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}
