//! Reads columns back into the types of the chain; what does not fit is a damaged row.

use alloy_primitives::{Address, B256, FixedBytes};

use crate::IndexError;
use crate::database::Row;

/// A non-negative number.
pub(crate) fn number(row: &Row, column: &str) -> Result<u64, IndexError> {
    let value: i64 = row.try_get(column)?;
    u64::try_from(value).map_err(|_| IndexError::Damaged(format!("`{column}` is {value}")))
}

/// A count or a position.
pub(crate) fn count(row: &Row, column: &str) -> Result<u32, IndexError> {
    let value: i64 = row.try_get(column)?;
    u32::try_from(value).map_err(|_| IndexError::Damaged(format!("`{column}` is {value}")))
}

/// Whether something is so.
pub(crate) fn flag(row: &Row, column: &str) -> Result<bool, IndexError> {
    Ok(row.try_get::<i64>(column)? != 0)
}

/// A hash.
pub(crate) fn hash(row: &Row, column: &str) -> Result<B256, IndexError> {
    fixed(row.try_get(column)?, column).map(B256::from)
}

/// An address.
pub(crate) fn address(row: &Row, column: &str) -> Result<Address, IndexError> {
    fixed(row.try_get(column)?, column).map(Address::from)
}

/// An address that may be absent.
pub(crate) fn optional_address(row: &Row, column: &str) -> Result<Option<Address>, IndexError> {
    let bytes: Option<&[u8]> = row.try_get(column)?;
    bytes.map(|bytes| fixed(bytes, column).map(Address::from)).transpose()
}

/// A few bytes that may be absent.
pub(crate) fn optional_bytes<const N: usize>(
    row: &Row,
    column: &str,
) -> Result<Option<FixedBytes<N>>, IndexError> {
    let bytes: Option<&[u8]> = row.try_get(column)?;
    bytes.map(|bytes| fixed(bytes, column).map(FixedBytes::from)).transpose()
}

/// A hash out of bytes.
pub(crate) fn hash_from(bytes: &[u8]) -> Result<B256, IndexError> {
    fixed(bytes, "hash").map(B256::from)
}

fn fixed<const N: usize>(bytes: &[u8], column: &str) -> Result<[u8; N], IndexError> {
    bytes
        .try_into()
        .map_err(|_| IndexError::Damaged(format!("`{column}` has {} bytes", bytes.len())))
}
