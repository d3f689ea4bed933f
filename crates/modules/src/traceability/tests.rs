//! Stories and invariants of `traceability`.
