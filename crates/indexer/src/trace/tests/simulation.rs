//! Made-up trades against a simulation.
