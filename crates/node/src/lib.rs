//! A node: everything that one member runs, put together.

pub mod config;
pub mod home;
