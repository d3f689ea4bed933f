//! Calls that nobody wrote: seeded, mostly well-formed, sometimes not.

use alloy_primitives::{Address, Bytes, U256};

use crate::interface::{Function, Interface, Parameter};

/// One invented transaction.
#[derive(Debug, Clone)]
pub(super) struct Invented {
    pub(super) sender: Address,
    pub(super) input: Bytes,
}

/// Invents calls of an interface; the same seed gives the same calls.
pub(super) struct Inventor<'a> {
    interface: &'a Interface,
    people: &'a [Address],
    state: u64,
}

impl<'a> Inventor<'a> {
    pub(super) fn new(interface: &'a Interface, people: &'a [Address], seed: u64) -> Self {
        assert!(!people.is_empty(), "somebody must call");
        Self { interface, people, state: seed | 1 }
    }

    pub(super) fn next(&mut self) -> Invented {
        let sender = self.person();
        let functions = &self.interface.functions;
        let function = &functions[self.below(functions.len())];
        let mut input = self.call(function);
        match self.below(10) {
            0 => input.truncate(self.below(input.len() + 1)),
            1 => {
                let at = self.below(input.len());
                input[at] = self.byte();
            }
            2 => input.extend((0..self.below(64)).map(|_| self.byte()).collect::<Vec<_>>()),
            _ => {}
        }
        Invented { sender, input: input.into() }
    }

    fn call(&mut self, function: &Function) -> Vec<u8> {
        let mut input = self.interface.selector(&function.item).to_vec();
        input.extend(self.arguments(&function.item.parameters));
        input
    }

    /// Heads, then the tails of the dynamic values.
    fn arguments(&mut self, parameters: &[Parameter]) -> Vec<u8> {
        let values: Vec<(bool, Vec<u8>)> =
            parameters.iter().map(|parameter| self.value(&parameter.kind)).collect();
        let heads =
            values.iter().map(|(is_dynamic, value)| if *is_dynamic { 32 } else { value.len() });
        let head_bytes: usize = heads.sum();
        let (mut head, mut tail) = (Vec::new(), Vec::new());
        for (is_dynamic, value) in values {
            if is_dynamic {
                head.extend(word(head_bytes + tail.len()));
                tail.extend(value);
            } else {
                head.extend(value);
            }
        }
        head.extend(tail);
        head
    }

    /// A value, and whether it stands in the tail.
    fn value(&mut self, kind: &str) -> (bool, Vec<u8>) {
        if let Some(fields) = self.interface.fields(kind) {
            return (self.is_dynamic(kind), self.arguments(fields));
        }
        match self.dynamic(kind) {
            Some(value) => (true, value),
            None => (false, self.word(kind).to_vec()),
        }
    }

    fn is_dynamic(&self, kind: &str) -> bool {
        match self.interface.fields(kind) {
            Some(fields) => fields.iter().any(|field| self.is_dynamic(&field.kind)),
            None => matches!(kind, "string" | "bytes") || kind.ends_with("[]"),
        }
    }

    fn word(&mut self, kind: &str) -> [u8; 32] {
        match kind {
            "address" => self.person().into_word().0,
            "bool" => word(self.below(2)),
            "bytes32" => std::array::from_fn(|_| self.byte()),
            _ if self.below(20) == 0 => [0xff; 32],
            _ => word(self.below(8)),
        }
    }

    fn dynamic(&mut self, kind: &str) -> Option<Vec<u8>> {
        match kind {
            "string" => {
                let length = self.below(40);
                Some(padded((0..length).map(|_| b' ' + self.byte() % 95).collect()))
            }
            "bytes" => {
                let length = self.below(80);
                Some(padded((0..length).map(|_| self.byte()).collect()))
            }
            "bytes[]" | "string[]" => {
                let count = self.below(3);
                let (mut head, mut tail) = (Vec::new(), Vec::new());
                for _ in 0..count {
                    head.extend(word(32 * count + tail.len()));
                    tail.extend(self.dynamic("bytes")?);
                }
                Some([word(count).to_vec(), head, tail].concat())
            }
            kind => {
                let base = kind.strip_suffix("[]")?.to_owned();
                let count = self.below(4);
                let items = (0..count).flat_map(|_| self.word(&base)).collect::<Vec<u8>>();
                Some([word(count).to_vec(), items].concat())
            }
        }
    }

    fn person(&mut self) -> Address {
        self.people[self.below(self.people.len())]
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).expect("below 256")
    }

    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let bound = u64::try_from(bound).expect("usize has 64 bits or fewer");
        usize::try_from(self.state % bound).expect("below a usize")
    }
}

fn word(value: usize) -> [u8; 32] {
    U256::from(value).to_be_bytes()
}

/// Length and bytes, filled up to whole words.
fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut value = word(bytes.len()).to_vec();
    bytes.resize(bytes.len().next_multiple_of(32), 0);
    value.extend(bytes);
    value
}
