//! References and UETRs.

use super::{Reference, reference::derived_uetr, uetr_of, uetr_text};

#[test]
fn the_end_to_end_identification_travels_with_the_payment() {
    let reference =
        |id: &str, text: &str| Reference { end_to_end_id: id.to_owned(), text: text.to_owned() };
    for (id, text, written) in [
        ("INV-1", "March", "EREF+INV-1+SVWZ+March"),
        ("INV-1", "", "EREF+INV-1+SVWZ+"),
        ("", "March", "March"),
        ("", "", ""),
        ("A/B", "x +SVWZ+ y", "EREF+A/B+SVWZ+x +SVWZ+ y"),
    ] {
        assert_eq!(reference(id, text).write().as_deref(), Some(written));
        assert_eq!(Reference::read(written), reference(id, text));
    }
    // What would be read as something else, or does not fit, is not written.
    assert_eq!(reference("", "EREF+A+SVWZ+B").write(), None);
    assert_eq!(reference("A+SVWZ+B", "c").write(), None);
    assert_eq!(reference("INV-1", &"x".repeat(130)).write(), None);
}

#[test]
fn a_uetr_is_a_uuid_and_follows_from_the_message() {
    let text = "97ed4827-7b6f-4491-a06f-b548d5a7512d";
    assert_eq!(uetr_text(uetr_of(text).unwrap()), text);
    for wrong in [
        "",
        "97ed4827",
        "97ed4827-7b6f-4491-a06f-b548d5a7512",
        "x7ed4827-7b6f-4491-a06f-b548d5a7512d",
    ] {
        assert_eq!(uetr_of(wrong), None, "{wrong}");
    }
    let one = derived_uetr(&[b"a", b"bc"]);
    assert_eq!(one, derived_uetr(&[b"a", b"bc"]));
    assert_ne!(one, derived_uetr(&[b"ab", b"c"]));
    let text = uetr_text(one);
    assert_eq!(&text[14..15], "8", "version 8: {text}");
    assert!("89ab".contains(&text[19..20]), "{text}");
}
