//! Nothing is recalled before the first block.

pub(super) use qiao_module_kit::empty_genesis as write;
