//! Tests of the load and its measurement.

mod client;
mod measuring;
mod reports;
mod workloads;
