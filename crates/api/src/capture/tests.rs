//! Chunks, jobs and signing by themselves.
