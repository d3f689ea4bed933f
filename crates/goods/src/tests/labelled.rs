//! Labels.

use crate::labels::{Label, Layout, pdf, zpl};

fn label() -> Label {
    let id = "https://id.gs1.org/01/09521002000566/21/M%2F0318";
    Label::of(id, "https://id.example.com/", "Minced pork 1 kg").unwrap()
}

#[test]
fn a_label_has_the_digital_link_and_what_people_read() {
    let label = label();
    assert_eq!(label.uri, "https://id.example.com/01/09521002000566/21/M%2F0318");
    assert_eq!(label.lines, ["(01) 09521002000566", "(21) M/0318"]);
    assert!(Label::of("urn:other:thing", "https://id.example.com", "x").is_none());
}

#[test]
fn twenty_five_labels_are_two_sheets_and_the_same_bytes_each_time() {
    let labels = vec![label(); 25];
    let sheet = pdf(&labels, Layout::Sheet).unwrap();
    assert!(sheet.starts_with(b"%PDF-"));
    let count =
        |bytes: &[u8], wanted: &[u8]| bytes.windows(wanted.len()).filter(|w| *w == wanted).count();
    assert_eq!(count(&sheet, b"/Type /Page\n") + count(&sheet, b"/Type/Page\n"), 2);
    assert_eq!(sheet, pdf(&labels, Layout::Sheet).unwrap());
    assert!(pdf(&labels[..1], Layout::Single).unwrap().len() < sheet.len());
}

#[test]
fn zpl_has_no_letter_that_is_a_command() {
    let label = Label { title: "A^XZ~JA_ ü".to_owned(), ..label() };
    let text = zpl(&[label]);
    assert_eq!(text.matches("^XZ").count(), 1);
    assert!(text.contains("A_5EXZ_7EJA_5F _C3_BC"), "{text}");
    assert!(text.contains("^FDMA,https://id.example.com/01/09521002000566/21/M%2F0318^FS"));
}
