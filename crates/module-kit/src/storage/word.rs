//! Values that fit into one slot and share it with their neighbours.

use alloy_primitives::{Address, B256, U256};

use super::{Cursor, Stored};
use crate::{
    context::Context,
    halt::{Halt, Outcome},
};

/// A value of up to 32 bytes.
pub trait Word: Copy {
    /// How many bytes it takes.
    const BYTES: usize;
    /// Its Solidity type.
    const NAME: &'static str;
    /// Its bits, right-aligned; nothing above `BYTES`.
    fn pack(self) -> U256;
    /// Reads the bits back; `None` if no value has them.
    fn unpack(bits: U256) -> Option<Self>;
}

macro_rules! unsigned_word {
    ($($kind:ty = $bytes:literal $name:literal),* $(,)?) => { $(
        impl Word for $kind {
            const BYTES: usize = $bytes;
            const NAME: &'static str = $name;
            #[inline]
            fn pack(self) -> U256 {
                U256::from(self)
            }
            #[inline]
            fn unpack(bits: U256) -> Option<Self> {
                <$kind>::try_from(bits).ok()
            }
        }
    )* };
}

unsigned_word! {
    u8 = 1 "uint8",
    u16 = 2 "uint16",
    u32 = 4 "uint32",
    u64 = 8 "uint64",
    u128 = 16 "uint128",
}

impl Word for U256 {
    const BYTES: usize = 32;
    const NAME: &'static str = "uint256";
    #[inline]
    fn pack(self) -> U256 {
        self
    }
    #[inline]
    fn unpack(bits: U256) -> Option<Self> {
        Some(bits)
    }
}

impl Word for B256 {
    const BYTES: usize = 32;
    const NAME: &'static str = "bytes32";
    #[inline]
    fn pack(self) -> U256 {
        self.into()
    }
    #[inline]
    fn unpack(bits: U256) -> Option<Self> {
        Some(bits.into())
    }
}

impl Word for bool {
    const BYTES: usize = 1;
    const NAME: &'static str = "bool";
    #[inline]
    fn pack(self) -> U256 {
        U256::from(u8::from(self))
    }
    #[inline]
    fn unpack(bits: U256) -> Option<Self> {
        Some(!bits.is_zero())
    }
}

impl Word for Address {
    const BYTES: usize = 20;
    const NAME: &'static str = "address";
    #[inline]
    fn pack(self) -> U256 {
        self.into_word().into()
    }
    #[inline]
    fn unpack(bits: U256) -> Option<Self> {
        Some(Address::from_word(bits.into()))
    }
}

impl<T: Word> Stored for T {
    const PACKED_BYTES: usize = T::BYTES;
    const SLOTS: u64 = 1;
    const TYPE: &'static str = T::NAME;

    #[inline]
    fn read(context: &mut Context<'_>, cursor: &mut Cursor) -> Outcome<Self> {
        let bits = cursor.read_bits(context, T::BYTES)?;
        T::unpack(bits)
            .ok_or_else(|| Halt::bug(format!("storage holds {bits} for a `{}`", T::NAME)))
    }

    #[inline]
    fn write(&self, context: &mut Context<'_>, cursor: &mut Cursor) -> Outcome<()> {
        cursor.write_bits(context, T::BYTES, self.pack())
    }
}

/// An enum without data, stored as one byte like Solidity's. The first variant is the value of
/// storage that was never written.
///
/// ```text
/// word_enum! { pub enum State { None, Open, Settled } }
/// ```
#[macro_export]
macro_rules! word_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$variant_meta:meta])* $variant:ident),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        $vis enum $name { $($(#[$variant_meta])* $variant),* }

        impl $name {
            /// Every variant in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
        }

        impl $crate::storage::Word for $name {
            const BYTES: usize = 1;
            const NAME: &'static str = stringify!($name);
            fn pack(self) -> $crate::U256 {
                $crate::U256::from(self as u8)
            }
            fn unpack(bits: $crate::U256) -> Option<Self> {
                Self::ALL.get(usize::try_from(bits).ok()?).copied()
            }
        }
    };
}

/// A set of the values of a small enum, one bit each, stored as one byte: bit n is the value whose
/// `number()` is n, at most 7.
///
/// ```text
/// word_set! { pub struct Roles of Role }
/// ```
#[macro_export]
macro_rules! word_set {
    ($(#[$meta:meta])* $vis:vis struct $name:ident of $member:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        $vis struct $name(u8);

        impl $name {
            /// Whether it is among them.
            pub const fn has(self, member: $member) -> bool {
                self.0 & Self::bit(member) != 0
            }

            /// These and one more.
            #[must_use]
            pub const fn with(self, member: $member) -> Self {
                Self(self.0 | Self::bit(member))
            }

            /// These without one.
            #[must_use]
            pub const fn without(self, member: $member) -> Self {
                Self(self.0 & !Self::bit(member))
            }

            /// The bits as the interface shows them.
            pub const fn bits(self) -> u8 {
                self.0
            }

            const fn bit(member: $member) -> u8 {
                1 << member.number()
            }
        }

        impl $crate::storage::Word for $name {
            const BYTES: usize = 1;
            const NAME: &'static str = "uint8";
            fn pack(self) -> $crate::U256 {
                $crate::U256::from(self.0)
            }
            fn unpack(bits: $crate::U256) -> Option<Self> {
                u8::try_from(bits).ok().map(Self)
            }
        }
    };
}
