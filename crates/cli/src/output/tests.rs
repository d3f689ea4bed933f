//! Tests of what is printed.

use super::*;

#[test]
fn numbers_bytes_and_spans_read_well() {
    assert_eq!(
        [number(0), number(999), number(1_000), number(1_234_567)],
        ["0", "999", "1,000", "1,234,567"]
    );
    assert_eq!([bytes(12), bytes(1_500), bytes(2_000_000_000)], ["12 B", "1.5 kB", "2.0 GB"]);
    assert_eq!([span(12), span(1_500), span(180_000)], ["12 ms", "1.5 s", "3 min"]);
}

#[test]
fn columns_line_up() {
    let rows =
        [vec!["a".to_string(), "long".to_string()], vec!["bbbb".to_string(), "x".to_string()]];
    assert_eq!(table(&["ONE", "TWO"], &rows), "ONE   TWO\na     long\nbbbb  x");
}
