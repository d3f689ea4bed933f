//! Newtypes over a number: ids, parties, amounts.

/// A `u64` with a meaning of its own that storage holds like a `uint64`.
///
/// ```text
/// identifier! {
///     /// The number of a voucher; 0 stands for none.
///     pub struct VoucherId;
/// }
/// ```
#[macro_export]
macro_rules! identifier {
    ($(#[$meta:meta])* $vis:vis struct $name:ident;) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
        $vis struct $name(u64);

        impl $name {
            /// None: the value of storage that was never written.
            pub const NONE: Self = Self(0);

            /// The one with this number.
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// Its number.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// Whether this stands for none.
            pub const fn is_none(self) -> bool {
                self.0 == 0
            }
        }

        impl $crate::storage::Word for $name {
            const BYTES: usize = 8;
            const NAME: &'static str = "uint64";

            fn pack(self) -> $crate::U256 {
                $crate::U256::from(self.0)
            }

            fn unpack(bits: $crate::U256) -> Option<Self> {
                u64::try_from(bits).ok().map(Self)
            }
        }
    };
}
