//! A simulated consortium, its clients, and the checks that hold at all times.

use std::{collections::BTreeSet, pin::pin, sync::Arc, time::Duration};

use alloy_signer_local::PrivateKeySigner;
use futures::future::{Either, select};
use qiao_consensus::{
    Head, ValidatorKeys,
    simulated::{Cluster, Conditions, Outcome, START_MS, simulate},
};
use qiao_node::{InitOptions, build_genesis};
use qiao_types::{B256, Genesis, GenesisAccount, Parameters, SignedTransaction};
use rand::{SeedableRng as _, rngs::StdRng};

use crate::{
    clients::{Clients, MONEY},
    histories::{POSITION, POSITION_CODE, REGISTER, REGISTER_CODE},
    reference::Reference,
};

/// Validators of a simulated network, where a scenario does not say otherwise.
pub const VALIDATORS: usize = 4;
/// Transactions that a client has under way at most.
const UNDER_WAY_MAX: usize = 40;
/// Executed blocks that are not final and that a validator may hold.
const EXECUTED_MAX: usize = 64;

/// A running network and what was seen of it so far.
pub struct Simulation {
    /// The validators and the wires.
    pub cluster: Cluster,
    /// The clients.
    pub clients: Clients,
    /// The chain as it must be.
    pub reference: Reference,
    /// Out of a hundred looks at the network, so many find a client that sends something.
    pub load_percent: u64,
    /// Validators that lie: nobody asks them anything.
    liars: BTreeSet<usize>,
    looks: u64,
}

/// What a network is like at its beginning.
#[derive(Debug, Clone)]
pub struct Setting {
    /// How many validators there are.
    pub validators: usize,
    /// Wires and patience.
    pub conditions: Conditions,
    /// The parameters of the chain.
    pub parameters: Parameters,
}

impl Setting {
    /// As many validators as usual, on good wires.
    pub fn usual(parameters: Parameters) -> Self {
        Self { validators: VALIDATORS, conditions: Conditions::default(), parameters }
    }
}

/// Runs `script` on a new network under `seed`; all validators run at its beginning.
pub fn run<F, T>(seed: u64, setting: Setting, script: impl FnOnce(Simulation) -> F) -> Outcome<T>
where
    F: Future<Output = T>,
{
    let Setting { validators, conditions, parameters } = setting;
    let mut random = StdRng::seed_from_u64(seed);
    let keys: Vec<_> = (0..validators).map(|_| ValidatorKeys::generate(&mut random)).collect();
    let clients: Vec<_> = (1..=u8::MAX)
        .take(validators)
        .map(|number| {
            let secret = B256::repeat_byte(number);
            PrivateKeySigner::from_bytes(&secret).expect("small numbers are keys")
        })
        .collect();
    let genesis = genesis(parameters, &keys, &clients);
    let clients = Clients::new(genesis.chain_id, clients);
    simulate(seed, conditions, Arc::new(genesis), keys, |mut cluster| async move {
        for index in 0..cluster.size() {
            assert!(cluster.start(index).await, "a healthy machine fell");
        }
        let zero = cluster.engine(0).ledger.by_number(0).await.expect("block 0 is known");
        let zero = zero.expect("block 0 follows from the genesis");
        let zero = Head {
            number: 0,
            hash: zero.hash,
            timestamp_ms: zero.timestamp_ms,
            state_root: zero.block.header.state_root,
        };
        let (genesis, replica) = (cluster.genesis().clone(), cluster.replica().await);
        let reference = Reference::new(&genesis, zero, replica, clients.holders());
        let liars = BTreeSet::new();
        script(Simulation { cluster, clients, reference, load_percent: 0, liars, looks: 0 }).await
    })
}

fn genesis(
    parameters: Parameters,
    keys: &[ValidatorKeys],
    clients: &[PrivateKeySigner],
) -> Genesis {
    let mut options = InitOptions::plain("unused".into(), keys.len(), None);
    options.parameters = parameters;
    options.timestamp_ms = Some(START_MS);
    let rich = |client: &PrivateKeySigner| {
        (client.address(), GenesisAccount { balance: MONEY, ..Default::default() })
    };
    let contract =
        |code: &[u8]| GenesisAccount { nonce: 1, code: code.to_vec().into(), ..Default::default() };
    options.accounts = clients.iter().map(rich).collect();
    options.accounts.insert(REGISTER, contract(&REGISTER_CODE));
    options.accounts.insert(POSITION, contract(&POSITION_CODE));
    let secrets: Vec<_> = keys.iter().cloned().zip(clients.iter().cloned()).collect();
    build_genesis(&options, &secrets).expect("the plain options are valid")
}

impl Simulation {
    /// Lets time pass; looks at the network several times a second.
    pub async fn pass(&mut self, duration: Duration) {
        let step = Duration::from_millis(200);
        let mut left = duration;
        while !left.is_zero() {
            let now = left.min(step);
            self.cluster.sleep(now).await;
            left -= now;
            self.look().await;
        }
    }

    /// Lets whole seconds pass.
    pub async fn seconds(&mut self, seconds: u64) {
        self.pass(Duration::from_secs(seconds)).await;
    }

    /// A number below `end`, drawn from the seed.
    pub fn draw(&mut self, end: u64) -> u64 {
        self.cluster.draw(end)
    }

    /// One of the validators, drawn from the seed.
    pub fn draw_validator(&mut self) -> usize {
        self.draw(self.cluster.size() as u64) as usize
    }

    /// Nobody asks this validator anything from now on.
    pub fn distrust(&mut self, validator: usize) {
        self.liars.insert(validator);
    }

    /// The newest final height of each validator; `None` while it is down, and of those that lie.
    pub fn heights(&self) -> Vec<Option<u64>> {
        self.heads().into_iter().map(|head| head.map(|head| head.number)).collect()
    }

    /// The newest final height of all.
    pub fn height(&self) -> u64 {
        self.heights().into_iter().flatten().max().unwrap_or_else(|| self.reference.head().number)
    }

    /// Waits until every running validator has reached a height.
    pub async fn reach(&mut self, height: u64, within_seconds: u64) {
        let deadline = self.cluster.now_ms() + 1_000 * within_seconds;
        while self.heights().into_iter().flatten().any(|reached| reached < height) {
            let is_late = self.cluster.now_ms() > deadline;
            assert!(!is_late, "height {height} was not reached: {:?}", self.heights());
            self.pass(Duration::from_millis(200)).await;
        }
    }

    /// The chain makes so many blocks more, everywhere, although nobody needs to send anything.
    pub async fn progress(&mut self, blocks: u64, within_seconds: u64) {
        let goal = self.height() + blocks;
        self.reach(goal, within_seconds).await;
    }

    /// All faults are over: what clients sent becomes final, and everybody is at one height.
    pub async fn calm(&mut self, within_seconds: u64) {
        self.load_percent = 0;
        let deadline = self.cluster.now_ms() + 1_000 * within_seconds;
        while self.clients.waiting_count() > 0 {
            let left = self.clients.waiting_count();
            let is_late = self.cluster.now_ms() > deadline;
            assert!(!is_late, "{left} transactions are not final: {:?}", self.heights());
            self.pass(Duration::from_millis(1_000)).await;
            self.send_again().await;
        }
        self.progress(3, within_seconds).await;
    }

    /// A client sends a transaction through a validator.
    pub async fn send(&mut self, client: usize, validator: usize) -> B256 {
        let draws = [self.draw(u64::MAX), self.draw(u64::MAX)];
        let (book, now_ms) = (&self.reference.book, self.cluster.now_ms());
        let transaction = self.clients.next(client, draws, book, now_ms);
        self.submit(&transaction, validator).await;
        transaction.hash()
    }

    /// Hands a transaction to a validator, as its API does.
    pub async fn submit(&mut self, transaction: &Arc<SignedTransaction>, validator: usize) {
        let engine = self.cluster.engine(validator).clone();
        let submission = async {
            let answers = engine.admission.admit(std::slice::from_ref(transaction)).await;
            if answers.iter().all(Result::is_ok) {
                engine.outbox.announce(transaction.clone()).await;
            }
        };
        self.ask(validator, submission).await;
    }

    /// Somebody drawn from the seed that can be asked.
    pub fn draw_honest(&mut self) -> Option<usize> {
        let honest: Vec<usize> =
            (0..self.cluster.size()).filter(|index| self.is_honest(*index)).collect();
        let drawn = self.draw(honest.len() as u64) as usize;
        honest.get(drawn).copied()
    }

    /// What was announced as final is still there, at every running validator that reached it.
    pub async fn check_nothing_lost(&self) {
        for (index, head) in self.heads().into_iter().enumerate() {
            let Some(head) = head else { continue };
            // What is before a state that was fetched comes later.
            let missing = self.cluster.engine(index).ledger.missing();
            let is_missing = |number| missing.as_ref().is_some_and(|some| some.contains(number));
            let held = self.reference.blocks().take_while(|seen| seen.number <= head.number);
            for seen in held.filter(|seen| !is_missing(&seen.number)) {
                let block = self.cluster.engine(index).ledger.by_number(seen.number).await;
                let block = block.unwrap_or_else(|error| panic!("validator {index}: {error}"));
                let block = block.expect("it is below the head");
                assert_eq!(block.hash, seen.hash, "validator {index} lost block {}", seen.number);
            }
        }
    }

    fn is_honest(&self, index: usize) -> bool {
        self.cluster.is_running(index) && !self.liars.contains(&index) && !self.is_broken(index)
    }

    /// Whether the machine of a validator has just failed.
    fn is_broken(&self, index: usize) -> bool {
        self.cluster.has_fallen(index) || self.cluster.is_disk_full(index)
    }

    fn heads(&self) -> Vec<Option<Head>> {
        let heads = self.cluster.heads().into_iter().enumerate();
        heads.map(|(index, head)| head.filter(|_| self.is_honest(index))).collect()
    }

    /// Waits for an answer of a validator; `None` if its machine fails meanwhile.
    pub async fn ask<T>(&self, index: usize, question: impl Future<Output = T>) -> Option<T> {
        let patience = async {
            for _ in 0..2_000 {
                self.cluster.sleep(Duration::from_millis(20)).await;
                if self.is_broken(index) {
                    return;
                }
            }
            panic!("validator {index} does not answer");
        };
        match select(pin!(question), pin!(patience)).await {
            Either::Left((answer, _)) => Some(answer),
            Either::Right(((), _)) => None,
        }
    }

    /// What `look` knows of a machine that failed: the validator on it is gone.
    pub async fn bury(&mut self) {
        for index in 0..self.cluster.size() {
            if self.cluster.is_running(index) && self.is_broken(index) {
                self.cluster.crash(index).await;
            }
        }
    }

    /// Everything that holds at all times, and some load.
    async fn look(&mut self) {
        self.looks += 1;
        self.bury().await;
        self.follow().await;
        for index in 0..self.cluster.size() {
            self.check(index).await;
        }
        let is_sending = self.draw(100) < self.load_percent;
        if is_sending {
            self.load().await;
        }
        if self.looks.is_multiple_of(25) {
            self.send_again().await;
        }
    }

    /// What a validator shows is what the reference holds.
    async fn check(&mut self, index: usize) {
        let Some(head) = self.heads()[index] else { return };
        // It may have gone on since the reference was brought up to date.
        if let Some(seen) = self.reference.block(head.number) {
            assert_eq!(seen, &head, "two blocks are final at height {}", head.number);
        }
        let draws = [(); 4].map(|()| self.draw(u64::MAX));
        let engine = self.cluster.engine(index).clone();
        self.ask(index, async {
            self.reference.check_reads(&engine, index, draws).await;
            self.reference.check_paths(&engine, index, draws).await;
            self.reference.check_certificate(&engine, index).await;
        })
        .await;
        if self.is_honest(index) {
            self.check_bounds(index);
        }
    }

    /// Brings the reference to the newest block that anybody has.
    async fn follow(&mut self) {
        loop {
            let next = self.reference.head().number + 1;
            let heads = self.heads().into_iter().enumerate();
            let ahead = heads.filter(|(_, head)| head.is_some_and(|head| head.number >= next));
            let has_next = |index: &usize| {
                let missing = self.cluster.engine(*index).ledger.missing();
                missing.is_none_or(|missing| !missing.contains(&next))
            };
            let Some(index) = ahead.map(|(index, _)| index).find(has_next) else {
                break;
            };
            let ledger = self.cluster.engine(index).ledger.clone();
            let Some(block) = self.ask(index, ledger.by_number(next)).await else { break };
            if self.is_broken(index) {
                break;
            }
            let block = block.unwrap_or_else(|error| panic!("validator {index}: {error}"));
            let block = block.expect("it is not above the head");
            self.reference.follow(&block).await;
        }
        let reference = &self.reference;
        self.clients.settle(|hash| reference.height_of(hash).is_some());
    }

    fn check_bounds(&self, index: usize) {
        let counts = self.cluster.pool(index).counts();
        let sent = self.clients.sent() as usize;
        let held = counts.ready + counts.queued;
        assert!(held <= sent, "validator {index} holds {held} transactions, {sent} were sent");
        let executed = self.cluster.executed_blocks(index);
        assert!(executed <= EXECUTED_MAX, "validator {index} holds {executed} executed blocks");
    }

    async fn load(&mut self) {
        for _ in 0..=self.draw(3) {
            let client = self.draw(self.clients.count() as u64) as usize;
            if self.clients.waiting(client).len() >= UNDER_WAY_MAX {
                continue;
            }
            if let Some(validator) = self.draw_honest() {
                self.send(client, validator).await;
            }
        }
    }

    /// Clients that wait send again, through somebody else.
    async fn send_again(&mut self) {
        for client in 0..self.clients.count() {
            let Some(validator) = self.draw_honest() else { return };
            for transaction in self.clients.waiting(client) {
                self.submit(&transaction, validator).await;
            }
        }
    }
}
