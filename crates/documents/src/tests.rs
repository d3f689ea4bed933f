//! What is written is read; what is wrong is named; nothing that is sent makes the reader fall.

use std::io::Write as _;

use proptest::prelude::*;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{Align, Cell, Column, Qr, Report, Sheet, Table, TableError, TableLimits};

fn read(bytes: &[u8]) -> Result<Table, TableError> {
    Table::read(bytes, &TableLimits::default())
}

fn payables() -> Sheet {
    let mut sheet = Sheet::new("Payables", &["Supplier", "Amount", "Due"]);
    sheet.push(vec!["华东轴承".into(), Cell::number("1234.50"), "2027-03-31".into()]);
    sheet.push(vec!["Bolt, nut & Co".into(), Cell::number("90"), "2027-04-30".into()]);
    sheet
}

fn cells(table: &Table) -> Vec<Vec<&str>> {
    table.rows.iter().map(|row| row.cells.iter().map(String::as_str).collect()).collect()
}

#[test]
fn a_sheet_is_read_from_xlsx_as_it_was_written() {
    let table = read(&payables().to_xlsx()).unwrap();
    assert_eq!(table.heads, ["Supplier", "Amount", "Due"]);
    let rows = [["华东轴承", "1234.5", "2027-03-31"], ["Bolt, nut & Co", "90", "2027-04-30"]];
    assert_eq!(cells(&table), rows);
    assert_eq!(table.rows[1].line, 3);
}

#[test]
fn a_sheet_is_read_from_csv_as_it_was_written() {
    let table = read(&payables().to_csv()).unwrap();
    let rows = [["华东轴承", "1234.50", "2027-03-31"], ["Bolt, nut & Co", "90", "2027-04-30"]];
    assert_eq!(cells(&table), rows);
}

#[test]
fn the_same_sheet_gives_the_same_bytes() {
    assert_eq!(payables().to_xlsx(), payables().to_xlsx());
}

#[test]
fn csv_is_read_with_semicolons_and_tabs_too() {
    for separator in [';', '\t'] {
        let text = format!("a{separator}b\n1{separator}\"x,y\"\n\n3{separator}4\n");
        let table = read(text.as_bytes()).unwrap();
        assert_eq!(cells(&table), [["1", "x,y"], ["3", "4"]]);
        assert_eq!(table.rows[1].line, 4, "empty lines count as a spreadsheet counts them");
    }
}

#[test]
fn a_day_of_a_spreadsheet_is_read_as_a_day() {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "due").unwrap();
    let day = ExcelDateTime::from_ymd(2027, 3, 31).unwrap();
    let format = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_datetime_with_format(1, 0, &day, &format).unwrap();
    sheet.write_number(2, 0, 0.1 + 0.2).unwrap();
    let table = read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(cells(&table), [["2027-03-31"], ["0.3"]]);
}

#[test]
fn a_text_that_a_spreadsheet_would_run_is_made_harmless() {
    let mut sheet = Sheet::new("x", &["a"]);
    sheet.push(vec!["=HYPERLINK(\"http://x\")".into()]);
    sheet.push(vec![Cell::number("-5")]);
    let text = String::from_utf8(sheet.to_csv()).unwrap();
    assert!(text.contains("'=HYPERLINK"), "{text}");
    assert!(text.contains("\r\n-5"), "{text}");
}

#[test]
fn heads_are_found_whatever_their_spelling() {
    let table = read(b"Invoice No.,due_date\n1,2\n").unwrap();
    assert_eq!(table.column(&["invoice no"]), Some(0));
    assert_eq!(table.column(&["DueDate"]), Some(1));
    assert_eq!(table.column(&["amount"]), None);
}

#[test]
fn what_is_no_table_is_refused_with_the_reason() {
    assert_eq!(read(b"").unwrap_err(), TableError::Empty);
    assert_eq!(read(b"a,A\n1,2\n").unwrap_err(), TableError::RepeatedHead("A".to_owned()));
    let beyond = read(b"a\n1,2\n").unwrap_err().to_string();
    assert_eq!(beyond, "line 2 has a cell beyond the last column head");
    assert!(matches!(read(&[0xff, 0xfe, 0x41]), Err(TableError::Malformed(_))));
    assert!(matches!(read(b"PK\x03\x04 and no more"), Err(TableError::Malformed(_))));
}

#[test]
fn a_file_beyond_a_bound_is_refused_with_the_bound() {
    let limits = TableLimits {
        bytes_max: 100,
        rows_max: 2,
        columns_max: 3,
        cell_bytes_max: 5,
        ..TableLimits::default()
    };
    let refusal = |text: &[u8]| Table::read(text, &limits).unwrap_err().to_string();
    assert_eq!(refusal(&[b'a'; 101]), "the file has more than 100 bytes");
    assert_eq!(refusal(b"a\n1\n2\n3\n"), "the file has more than 2 rows");
    assert_eq!(refusal(b"a,b,c,d\n"), "the file has more than 3 columns");
    assert_eq!(refusal(b"a\n123456\n"), "line 2, column 1: more than 5 bytes in a cell");
}

#[test]
fn an_archive_that_inflates_without_end_is_refused() {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("xl/workbook.xml", options).unwrap();
    for _ in 0..200 {
        archive.write_all(&[b' '; 1_000_000]).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert!(bytes.len() < 1_000_000);
    let refusal = read(&bytes).unwrap_err();
    assert!(matches!(refusal, TableError::TooLarge { what: "inflated bytes", .. }), "{refusal}");
}

#[test]
fn a_report_is_a_pdf_of_as_many_pages_as_it_needs() {
    let mut report = Report::new("Certificate 证书", "Qiao");
    report.heading("Facts");
    report.paragraph(&"A long sentence with many words in it. ".repeat(20));
    report.facts(&[("Holder", "华东轴承有限公司".to_owned())]);
    let columns = [
        Column { head: "Name", share: 2.0, align: Align::Left },
        Column { head: "Amount", share: 1.0, align: Align::Right },
    ];
    let rows: Vec<Vec<String>> =
        (0..90).map(|number| vec![format!("Row {number}"), format!("{number}.00")]).collect();
    report.table(&columns, &rows);
    report.qr(&Qr::new("https://example.org/1").unwrap(), &["Scan it."]);
    let bytes = report.finish();
    assert!(bytes.starts_with(b"%PDF-"));
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("/Count 3"), "three pages");
    assert!(text.contains("STSong-Light"));
}

#[test]
fn a_code_covers_its_dark_modules_and_no_others() {
    let code = Qr::new("HTTPS://ID.GS1.ORG/01/09521002000368").unwrap();
    let dark: usize = code.runs().map(|(_, _, length)| length).sum();
    let all = (0..code.width()).flat_map(|y| (0..code.width()).map(move |x| (x, y)));
    assert_eq!(dark, all.filter(|(x, y)| code.is_dark(*x, *y)).count());
    assert!(code.is_dark(0, 0) && !code.is_dark(7, 7), "the finder pattern stands at its place");
    assert!(code.to_svg("a \"b\" <c>").contains("aria-label=\"a &quot;b&quot; &lt;c>\""));
    assert!(Qr::new(&"x".repeat(5_000)).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_fall(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn no_damage_to_a_workbook_makes_the_reader_fall(
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..20)
    ) {
        let mut bytes = payables().to_xlsx();
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = read(&bytes);
    }

    #[test]
    fn any_text_survives_csv(text in "[^\0\r\n]{1,40}") {
        prop_assume!(!text.trim().is_empty() && !text.starts_with(['=', '+', '-', '@', '\t', '\'']));
        let mut sheet = Sheet::new("x", &["head", "other"]);
        sheet.push(vec![Cell::text(text.as_str()), Cell::text("b")]);
        let table = read(&sheet.to_csv()).unwrap();
        prop_assert_eq!(table.rows[0].cells[0].as_str(), text.trim());
    }

    #[test]
    fn any_text_fits_a_report(text in "\\PC{0,200}") {
        let mut report = Report::new(&text, &text);
        report.paragraph(&text);
        report.facts(&[("name", text)]);
        prop_assert!(report.finish().starts_with(b"%PDF-"));
    }
}
