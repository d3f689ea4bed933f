//! The decisions of `members`, without state.

use alloy_primitives::Address;
use qiao_epcis::check_digit;
use qiao_module_kit::ADDRESS_PREFIX;

use super::types::{Freeze, FreezeAct, Role};

/// Bytes of an organisation's name.
pub const NAME_BYTES_MAX: usize = 128;
/// Bytes of the reason for a freeze.
pub const REASON_BYTES_MAX: usize = 512;
/// Accounts of one organisation.
pub const ACCOUNTS_MAX: u32 = 10_000;
/// Organisations of the consortium.
pub const ORGANISATIONS_MAX: u64 = 100_000;

/// From, act, to. What is not listed is refused.
pub const TRANSITIONS: &[(Freeze, FreezeAct, Freeze)] = &[
    (Freeze::None, FreezeAct::AdminFreezes, Freeze::ByAdmin),
    (Freeze::None, FreezeAct::RegulatorFreezes, Freeze::ByRegulator),
    (Freeze::ByAdmin, FreezeAct::RegulatorFreezes, Freeze::ByRegulator),
    (Freeze::ByAdmin, FreezeAct::AdminUnfreezes, Freeze::None),
    (Freeze::ByAdmin, FreezeAct::RegulatorUnfreezes, Freeze::None),
    (Freeze::ByRegulator, FreezeAct::RegulatorUnfreezes, Freeze::None),
];

/// The freeze after an act; `None` if the act is not possible.
pub fn after(freeze: Freeze, act: FreezeAct) -> Option<Freeze> {
    TRANSITIONS.iter().find(|(from, by, _)| *from == freeze && *by == act).map(|(_, _, to)| *to)
}

/// Whether an admin may grant and revoke this role, rather than the genesis alone.
pub fn is_grantable(role: Role) -> bool {
    match role {
        Role::Admin | Role::Capturer | Role::Deployer | Role::Signer => true,
        Role::Validator | Role::Regulator => false,
    }
}

/// Whether somebody can hold the key of this address.
pub fn can_act(account: Address) -> bool {
    !account.is_zero() && account[..ADDRESS_PREFIX.len()] != ADDRESS_PREFIX
}

/// The rule that a text of people breaks, if it breaks one.
pub fn broken_text_rule(text: &str, bytes_max: usize) -> Option<String> {
    if text.is_empty() {
        return Some("must not be empty".to_owned());
    }
    if text.len() > bytes_max {
        return Some(format!("must have at most {bytes_max} bytes"));
    }
    if text.chars().any(char::is_control) {
        return Some("must not contain control characters".to_owned());
    }
    if text.trim() != text {
        return Some("must not begin or end with a space".to_owned());
    }
    None
}

/// The rule that a Global Location Number breaks, if it breaks one. Empty stands for none.
///
/// GS1 General Specifications, 7.9.
pub fn broken_gln_rule(gln: &str) -> Option<&'static str> {
    if gln.is_empty() {
        return None;
    }
    if gln.len() != 13 || !gln.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("must have 13 digits");
    }
    let is_right = check_digit(&gln[..12]).is_some_and(|digit| gln.ends_with(digit));
    if is_right { None } else { Some("has a wrong check digit") }
}
