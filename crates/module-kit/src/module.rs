//! What a module declares about itself, and the way from calldata to its functions.

use alloy_primitives::{Address, Bytes, FixedBytes};
use alloy_sol_types::{SolCall, SolInterface, abi::AbiDecoderConfig};

use qiao_types::Genesis;

use crate::{
    abi::IModule::{MalformedArguments, UnknownFunction},
    context::Context,
    halt::Outcome,
    index::Indexed,
    storage::Field,
};

/// The first four bytes of every module's address: "Qiao" in ASCII.
pub const ADDRESS_PREFIX: [u8; 4] = *b"Qiao";

/// Arguments are taken in the canonical encoding only: no dirty bits, gaps, overlaps or tails. What
/// the calldata of a transaction says is then one thing, and no short calldata stands for a long
/// value. The limits are fixed here because they are consensus.
const DECODING: AbiDecoderConfig =
    AbiDecoderConfig::new().strict(true).recursion_limit(16).memory_limit(64 * 1024 * 1024);

/// Decodes calldata, runs the function that it names and encodes the result.
pub type Entry = fn(&mut Context<'_>, &[u8]) -> Outcome<Bytes>;

/// Writes what a module holds at the beginning of the chain.
pub type GenesisWriter = fn(&mut Context<'_>, &Genesis) -> Result<(), GenesisRefused>;

/// A native module: everything that other crates derive their surfaces from.
#[derive(Debug, Clone, Copy)]
pub struct Module {
    /// Where the module answers; see [`module_address`].
    pub address: Address,
    /// Its name, the same word in folder, text codes, tables and documents.
    pub name: &'static str,
    /// The number of the first block in which it answers.
    pub since: u64,
    /// The names of the sibling modules that it may call.
    pub requires: &'static [&'static str],
    /// The way from calldata to its functions.
    pub entry: Entry,
    /// The text of its `abi.rs`: from the `sol!` block in it come the Solidity interface, the JSON
    /// ABI and the causes and remedies of its refusals.
    pub source: &'static str,
    /// Its storage fields in the order of their slots.
    pub layout: fn() -> Vec<Field>,
    /// What it writes into the genesis state.
    pub genesis: GenesisWriter,
    /// Which of its events the index keeps, and how.
    pub index: &'static [Indexed],
}

/// The genesis file asks for something that a module's rules exclude.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("module `{module}` refuses the genesis: {}", .problems.join("; "))]
pub struct GenesisRefused {
    /// The module that refuses.
    pub module: &'static str,
    /// Every reason, in the order of the file.
    pub problems: Vec<String>,
}

/// The address of the module with this number: "Qiao", zeros, the number.
pub const fn module_address(number: u16) -> Address {
    let mut bytes = [0; 20];
    [bytes[0], bytes[1], bytes[2], bytes[3]] = ADDRESS_PREFIX;
    [bytes[18], bytes[19]] = number.to_be_bytes();
    Address::new(bytes)
}

/// A genesis writer for a module that starts empty.
///
/// # Errors
/// None.
pub fn empty_genesis(_: &mut Context<'_>, _: &Genesis) -> Result<(), GenesisRefused> {
    Ok(())
}

/// Decodes calldata of an interface; used by [`crate::dispatch!`].
///
/// # Errors
/// `UnknownFunction`, `MalformedArguments`.
pub fn decode<I: SolInterface>(input: &[u8]) -> Outcome<I> {
    let mut selector = [0; 4];
    let named = input.len().min(4);
    selector[..named].copy_from_slice(&input[..named]);
    if named < 4 || !I::valid_selector(selector) {
        return Err(UnknownFunction { selector: FixedBytes(selector) }.into());
    }
    I::abi_decode_with_config(input, DECODING)
        .map_err(|_| MalformedArguments { selector: FixedBytes(selector) }.into())
}

/// Runs one function and encodes what it returns; used by [`crate::dispatch!`].
///
/// # Errors
/// Those of the function.
pub fn reply<C: SolCall, R: Into<C::Return>>(
    call: C,
    run: impl FnOnce(C) -> Outcome<R>,
) -> Outcome<Bytes> {
    Ok(C::abi_encode_returns(&run(call)?.into()).into())
}

/// Defines a module's entry from the interface in its `abi.rs`: one line per function.
///
/// The match over the generated enum is exhaustive: a function that is forgotten, or whose result
/// has another type than the interface says, does not compile.
///
/// ```text
/// dispatch! { fn entry(IMembers::IMembersCalls) {
///     addAccount => calls::add_account,
///     isActive => views::is_active,
/// } }
/// ```
#[macro_export]
macro_rules! dispatch {
    ($(#[$meta:meta])* $vis:vis fn $entry:ident($interface:ident :: $calls:ident) {
        $($function:ident => $run:path),* $(,)?
    }) => {
        $(#[$meta])*
        $vis fn $entry(
            context: &mut $crate::Context<'_>,
            input: &[u8],
        ) -> $crate::Outcome<$crate::Bytes> {
            match $crate::decode::<$interface::$calls>(input)? {
                $($interface::$calls::$function(call) => {
                    $crate::reply(call, |call| $run(context, call))
                })*
            }
        }
    };
}
