//! Writing JSON without any space.

use super::{Json, Object};
use std::fmt::{self, Display, Formatter, Write};

impl Display for Json {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Number(text) => out.write_str(text),
            Self::String(text) => write_string(out, text),
            Self::Array(items) => {
                out.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.write_char(',')?;
                    }
                    item.fmt(out)?;
                }
                out.write_char(']')
            }
            Self::Object(object) => object.fmt(out),
        }
    }
}

impl Display for Object {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_char('{')?;
        write_fields(out, self)?;
        out.write_char('}')
    }
}

/// Writes the fields of an object without its braces.
pub(crate) fn write_fields(out: &mut impl Write, object: &Object) -> fmt::Result {
    for (index, (name, value)) in object.iter().enumerate() {
        if index > 0 {
            out.write_char(',')?;
        }
        write_string(out, name)?;
        write!(out, ":{value}")?;
    }
    Ok(())
}

/// Writes a quoted string, escaping only what JSON demands.
pub(crate) fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    let mut plain_from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.write_str(&text[plain_from..at])?;
        plain_from = at + 1;
        match byte {
            b'"' => out.write_str("\\\"")?,
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            other => write!(out, "\\u{other:04x}")?,
        }
    }
    out.write_str(&text[plain_from..])?;
    out.write_char('"')
}
