//! One file per page.

pub(crate) mod accounts;
pub(crate) mod blocks;
pub(crate) mod calls;
pub(crate) mod contracts;
pub(crate) mod desks;
pub(crate) mod events;
pub(crate) mod goods;
pub(crate) mod login;
pub(crate) mod members;
pub(crate) mod overview;
pub(crate) mod product;
pub(crate) mod sealed;
pub(crate) mod search;
pub(crate) mod told;
pub(crate) mod trace;
pub(crate) mod transactions;
