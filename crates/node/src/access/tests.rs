//! Tests of the file of keys.

use super::*;

#[test]
fn a_key_is_added_listed_and_taken_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(DEFAULT_FILE);
    assert!(list(&file).unwrap().is_empty());
    let rights: Rights = "write,read".parse().unwrap();
    let key = add(&file, "erp", &rights, Holder::Own).unwrap();
    let other = add(&file, "auditor", &"read".parse().unwrap(), Holder::Desk(12)).unwrap();
    let partner = Holder::Partner("acme".to_owned());
    add(&file, "acme", &"read".parse().unwrap(), partner.clone()).unwrap();
    assert_eq!(list(&file).unwrap()[2].holder, partner);
    assert!(key.len() == 69 && key != other);
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains(&key) && text.contains("\nerp read,write "), "{text}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert!(matches!(add(&file, "erp", &rights, Holder::Own), Err(AccessError::Taken(_))));
    remove(&file, "erp").unwrap();
    assert!(matches!(remove(&file, "erp"), Err(AccessError::Unknown(_))));
    let names: Vec<_> = list(&file).unwrap().into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["auditor", "acme"]);
    for name in ["", "two words", "#", "a\nb", &"x".repeat(65)] {
        assert!(
            matches!(add(&file, name, &rights, Holder::Own), Err(AccessError::Name { .. })),
            "{name}"
        );
    }
}
