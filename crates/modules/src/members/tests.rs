//! Stories and invariants of `members`.
