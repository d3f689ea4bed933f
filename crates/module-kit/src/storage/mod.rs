//! Typed storage in Solidity's layout.
//!
//! A module's storage is a list of constants, numbered in the order of declaration by
//! [`crate::layout!`]. What lies in which slot is exactly what `solc` would choose for the same
//! declarations: words are packed from the low end, no field straddles a slot, records and dynamic
//! values begin a slot of their own, map entries lie at `keccak256(key ‖ slot)`. A Solidity
//! reference implementation can therefore stand at the same address over the same storage.

mod bytes;
mod collections;
mod cursor;
mod record;
mod word;

pub use collections::{Key, List, Lists, Map, Value};
pub use cursor::Cursor;
pub use record::record_slots;
pub use word::Word;

use alloy_primitives::U256;

use crate::{context::Context, halt::Outcome};

/// Something with a place in storage: a word, a string, a record.
pub trait Stored: Sized {
    /// Bytes that it takes in a slot shared with its neighbours; 0 if it never shares.
    const PACKED_BYTES: usize;
    /// Slots that it takes when it stands alone.
    const SLOTS: u64;
    /// Its Solidity type.
    const TYPE: &'static str;
    /// The parts of a record, in order, with name and type.
    const PARTS: &'static [Part] = &[];

    /// Reads it at the cursor, which then stands behind it.
    ///
    /// # Errors
    /// `OutOfGas`, `Fatal`.
    fn read(context: &mut Context<'_>, cursor: &mut Cursor) -> Outcome<Self>;

    /// Writes it at the cursor, which then stands behind it.
    ///
    /// # Errors
    /// `StaticCall`, `OutOfGas`, `Fatal`.
    fn write(&self, context: &mut Context<'_>, cursor: &mut Cursor) -> Outcome<()>;

    /// Reads it where it stands alone.
    ///
    /// # Errors
    /// `OutOfGas`, `Fatal`.
    fn load(context: &mut Context<'_>, slot: U256) -> Outcome<Self> {
        Self::read(context, &mut Cursor::at(slot))
    }

    /// Writes it where it stands alone.
    ///
    /// # Errors
    /// `StaticCall`, `OutOfGas`, `Fatal`.
    fn save(&self, context: &mut Context<'_>, slot: U256) -> Outcome<()> {
        let mut cursor = Cursor::at(slot);
        self.write(context, &mut cursor)?;
        cursor.flush(context)
    }
}

/// One field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// Its Solidity type.
    pub kind: &'static str,
    /// Bytes in a shared slot; 0 if it begins its own.
    pub packed_bytes: usize,
    /// Slots when it stands alone.
    pub slots: u64,
}

/// One field of a module's storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name of the constant.
    pub name: &'static str,
    /// Its first slot.
    pub slot: u64,
    /// Its Solidity type, as in `mapping(uint64 => Organisation)`.
    pub kind: String,
    /// The parts of the record that it holds, if it holds one.
    pub parts: &'static [Part],
}

/// Numbers the fields of a module's storage from slot 0 in the order of declaration and lists them
/// in a function of the given name.
///
/// ```text
/// layout! { fn layout();
///     /// The number of the last organisation.
///     LAST: Value<u64>;
///     /// Organisations by number.
///     ORGANISATIONS: Map<u64, Organisation>;
/// }
/// ```
#[macro_export]
macro_rules! layout {
    ($vis:vis fn $list:ident(); $($fields:tt)*) => {
        $crate::layout!(@number 0u64; $($fields)*);
        $crate::layout!(@list $vis $list; $($fields)*);
    };
    (@number $slot:expr;) => {};
    (@number $slot:expr; $(#[$meta:meta])* $name:ident : $kind:ty; $($rest:tt)*) => {
        $(#[$meta])*
        const $name: $kind = <$kind>::at($slot);
        $crate::layout!(@number $slot + <$kind>::SLOTS; $($rest)*);
    };
    (@list $vis:vis $list:ident; $($(#[$meta:meta])* $name:ident : $kind:ty;)*) => {
        /// The fields of this module's storage in the order of their slots.
        $vis fn $list() -> Vec<$crate::storage::Field> {
            vec![$($name.describe(stringify!($name))),*]
        }
    };
}
