//! Starts empty.

pub(super) use qiao_module_kit::empty_genesis as write;
