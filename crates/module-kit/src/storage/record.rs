//! Records: packed like a Solidity struct.

use super::Part;

/// How many slots the parts of a record take in this order.
pub const fn record_slots(parts: &[Part]) -> u64 {
    let mut slots = 0;
    let mut bytes_used = 0;
    let mut index = 0;
    while index < parts.len() {
        let part = parts[index];
        if part.packed_bytes == 0 {
            if bytes_used > 0 {
                slots += 1;
                bytes_used = 0;
            }
            slots += part.slots;
        } else if bytes_used + part.packed_bytes > 32 {
            slots += 1;
            bytes_used = part.packed_bytes;
        } else {
            bytes_used += part.packed_bytes;
        }
        index += 1;
    }
    if bytes_used > 0 { slots + 1 } else { slots }
}

/// A struct that storage can hold, packed in the order of its fields like Solidity packs it.
///
/// ```text
/// record! {
///     /// A member organisation.
///     pub struct Organisation {
///         /// Whether a regulator froze it.
///         pub is_frozen: bool,
///         /// Its name.
///         pub name: String,
///     }
/// }
/// ```
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident : $kind:ty),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $kind),* }

        impl $crate::storage::Stored for $name {
            const PACKED_BYTES: usize = 0;
            const SLOTS: u64 = $crate::storage::record_slots(Self::PARTS);
            const TYPE: &'static str = stringify!($name);
            const PARTS: &'static [$crate::storage::Part] = &[$($crate::storage::Part {
                name: stringify!($field),
                kind: <$kind as $crate::storage::Stored>::TYPE,
                packed_bytes: <$kind as $crate::storage::Stored>::PACKED_BYTES,
                slots: <$kind as $crate::storage::Stored>::SLOTS,
            }),*];

            fn read(
                context: &mut $crate::Context<'_>,
                cursor: &mut $crate::storage::Cursor,
            ) -> $crate::Outcome<Self> {
                cursor.align();
                let record = Self {
                    $($field: <$kind as $crate::storage::Stored>::read(context, cursor)?),*
                };
                cursor.align();
                Ok(record)
            }

            fn write(
                &self,
                context: &mut $crate::Context<'_>,
                cursor: &mut $crate::storage::Cursor,
            ) -> $crate::Outcome<()> {
                cursor.flush(context)?;
                cursor.align();
                $($crate::storage::Stored::write(&self.$field, context, cursor)?;)*
                cursor.flush(context)?;
                cursor.align();
                Ok(())
            }
        }
    };
}
