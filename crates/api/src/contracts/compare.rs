//! Whether compiled code is the code on the chain.
//!
//! Three kinds of bytes differ for honest reasons: immutables, which the constructor fills in; the
//! addresses of libraries, which are linked in; and the metadata that the compiler appends, a hash of
//! sources and settings down to their comments. The first two are left out of the comparison where the
//! compiler says they are; a difference in the last is told.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `PUSH20`, with which the code of a library begins: its own address follows, filled in when it is
/// deployed.
const PUSH20: u8 = 0x73;

/// Bytes of an address.
const ADDRESS_BYTES: usize = 20;

/// Places in the code at which the chain may hold other bytes than the compiler wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Place {
    /// The first byte.
    pub start: usize,
    /// How many bytes.
    pub length: usize,
}

/// What the compiler made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compiled {
    /// The runtime code.
    pub code: Vec<u8>,
    /// Where immutables and libraries stand in it.
    pub places: Vec<Place>,
}

/// How well compiled code matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// Every byte, the metadata included: these very sources were compiled.
    Exact,
    /// All that executes; comments, names or paths may differ.
    ExceptMetadata,
}

/// Compiled code is not what is on the chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The chain has none.
    #[error("there is no code at this address")]
    NoCode,
    /// The compiler made none: an interface or an abstract contract.
    #[error("the compiler made no code of this contract: it is abstract or an interface")]
    NotDeployable,
    /// Another length.
    #[error(
        "the chain has {chain} bytes of code before the metadata, the compiler made {compiled}"
    )]
    Length {
        /// On the chain.
        chain: usize,
        /// From the compiler.
        compiled: usize,
    },
    /// Another byte.
    #[error("the code differs from byte {at} of {length} on")]
    Code {
        /// The first byte that differs.
        at: usize,
        /// Bytes before the metadata.
        length: usize,
    },
    /// A place lies outside of the code.
    #[error("the place {start}+{length} of an immutable or a library lies outside of the code")]
    Place {
        /// Its first byte.
        start: usize,
        /// Its length.
        length: usize,
    },
}

/// Compares compiled code with the chain's.
///
/// # Errors
/// How they differ.
pub fn compare(compiled: &Compiled, chain: &[u8]) -> Result<Match, Mismatch> {
    if chain.is_empty() {
        return Err(Mismatch::NoCode);
    }
    if compiled.code.is_empty() {
        return Err(Mismatch::NotDeployable);
    }
    let (ours, theirs) = (without_metadata(&compiled.code), without_metadata(chain));
    if ours.len() != theirs.len() {
        return Err(Mismatch::Length { chain: theirs.len(), compiled: ours.len() });
    }
    let (mut ours, mut theirs) = (ours.to_vec(), theirs.to_vec());
    for place in places(compiled)? {
        ours[place.clone()].fill(0);
        theirs[place].fill(0);
    }
    let length = ours.len();
    if let Some(at) = (0..length).find(|at| ours[*at] != theirs[*at]) {
        return Err(Mismatch::Code { at, length });
    }
    let is_exact = compiled.code[length..] == chain[length..];
    Ok(if is_exact { Match::Exact } else { Match::ExceptMetadata })
}

fn places(compiled: &Compiled) -> Result<Vec<Range<usize>>, Mismatch> {
    let end = without_metadata(&compiled.code).len();
    let mut places = Vec::new();
    for Place { start, length } in compiled.places.iter().copied() {
        let within = start.checked_add(length).filter(|last| *last <= end);
        places.push(start..within.ok_or(Mismatch::Place { start, length })?);
    }
    let own_address = 1..1 + ADDRESS_BYTES;
    let is_library = compiled.code[0] == PUSH20
        && compiled
            .code
            .get(own_address.clone())
            .is_some_and(|bytes| bytes.iter().all(|b| *b == 0));
    if is_library && own_address.end <= end {
        places.push(own_address);
    }
    Ok(places)
}

/// The code without the CBOR map at its end, whose length the last two bytes tell.
fn without_metadata(code: &[u8]) -> &[u8] {
    let Some((rest, length)) = code.split_last_chunk::<2>() else { return code };
    let length = usize::from(u16::from_be_bytes(*length));
    let Some(start) = rest.len().checked_sub(length) else { return code };
    // A map of one to six pairs: what every compiler since 0.4.7 writes.
    match rest.get(start) {
        Some(0xa1..=0xa6) => &code[..start],
        _ => code,
    }
}
