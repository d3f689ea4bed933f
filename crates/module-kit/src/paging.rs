//! Long lists come in pages.

use crate::{
    abi::IModule::PageTooLong,
    context::Context,
    halt::{Outcome, ensure},
};

/// Items of one page.
pub const PAGE_MAX: u64 = 100;

/// Items of a list from an index until the list or the page ends.
///
/// # Errors
/// `PageTooLong`: more than [`PAGE_MAX`] items were asked for. Those of `item`.
pub fn page<T>(
    context: &mut Context<'_>,
    from: u64,
    count: u64,
    item: impl Fn(&mut Context<'_>, u64) -> Outcome<Option<T>>,
) -> Outcome<Vec<T>> {
    ensure(count <= PAGE_MAX, || PageTooLong { asked: count, max: PAGE_MAX })?;
    let mut items = Vec::new();
    for index in from..from.saturating_add(count) {
        match item(context, index)? {
            Some(item) => items.push(item),
            None => break,
        }
    }
    Ok(items)
}
