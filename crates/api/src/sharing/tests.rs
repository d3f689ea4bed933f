//! What senders and operators write.

use super::*;

#[test]
fn a_wish_names_fields_and_members() {
    assert!("".parse::<Wishes>().unwrap().is_empty());
    let plain: Wishes = "farm:price=3,2; quantity".parse().unwrap();
    assert_eq!(plain, "farm:price = 2, 3,3 ;quantity=;".parse::<Wishes>().unwrap());
    for text in ["price=2", "quantity=x", "quantity=-1", "quantity;quantity=2", "=2"] {
        let error = text.parse::<Wishes>().unwrap_err();
        assert_eq!(error.code(), "sharing.field", "{text}");
    }
}
