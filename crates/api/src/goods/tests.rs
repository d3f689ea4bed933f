//! Tests of what a node keeps of its own.

use super::{Cabinet, CabinetError, Drawer};

#[test]
fn what_is_kept_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let cabinet = Cabinet::open(folder.path()).unwrap();
    cabinet.put(Drawer::Products, "09521002000566", &"Mince").unwrap();
    cabinet.put(Drawer::Links, "01/../../etc", &vec![1, 2]).unwrap();
    assert!(!cabinet.remove(Drawer::Links, "09521002000566").unwrap());
    let again = Cabinet::open(folder.path()).unwrap();
    assert_eq!(again.get::<String>(Drawer::Products, "09521002000566").unwrap(), "Mince");
    assert_eq!(again.names(Drawer::Links), ["01/../../etc"]);
    assert!(again.remove(Drawer::Links, "01/../../etc").unwrap());
    assert!(Cabinet::open(folder.path()).unwrap().names(Drawer::Links).is_empty());
}

#[test]
fn an_entry_is_bounded() {
    let cabinet = Cabinet::in_memory();
    let long = "x".repeat(300 * 1024);
    let refused = cabinet.put(Drawer::Mappings, "long", &long).unwrap_err();
    assert!(matches!(refused, CabinetError::TooLarge));
    assert!(cabinet.names(Drawer::Mappings).is_empty());
}

#[test]
fn a_damaged_file_is_left_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    Cabinet::open(folder.path()).unwrap();
    let file = folder.path().join("links/0.json");
    std::fs::write(&file, b"{").unwrap();
    assert!(Cabinet::open(folder.path()).unwrap().names(Drawer::Links).is_empty());
    assert!(file.exists());
}
