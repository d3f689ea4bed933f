//! Reading JSON by RFC 8259, within limits.

use super::{Json, Object};
use crate::limits::Limits;
use std::collections::BTreeSet;

/// The longest number that is read. Quantities and measurements need far less.
const NUMBER_BYTES_MAX: usize = 64;

/// The largest power of ten that a number may carry, so that writing it out stays short.
const EXPONENT_MAX: u32 = 99;

/// No limit may allow more nesting, so that reading never exhausts the stack.
const DEPTH_MAX: usize = 128;

/// Objects up to this many fields are searched for a repeated name one by one.
const SMALL_OBJECT: usize = 16;

/// Why bytes could not be read as JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Offset in bytes.
    pub offset: usize,
    /// Stable code.
    pub code: &'static str,
    /// What was wrong, in words.
    pub rule: String,
}

impl Json {
    /// Reads one JSON value that spans all of `bytes`.
    ///
    /// # Errors
    /// When the bytes are not JSON or exceed a limit.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, JsonError> {
        if bytes.len() > limits.document_bytes_max {
            return Err(JsonError {
                offset: limits.document_bytes_max,
                code: "epcis.limit_bytes",
                rule: format!(
                    "a document has at most {} bytes, this one has {}",
                    limits.document_bytes_max,
                    bytes.len()
                ),
            });
        }
        let text = std::str::from_utf8(bytes).map_err(|error| JsonError {
            offset: error.valid_up_to(),
            code: "epcis.json_syntax",
            rule: "a document is UTF-8 text".to_owned(),
        })?;
        let mut reader = Reader { text, bytes, at: 0, depth: 0, values: 0, limits };
        let value = reader.value()?;
        reader.skip_space();
        if reader.at < bytes.len() {
            return reader.fail("nothing may follow the document");
        }
        Ok(value)
    }
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    values: usize,
    limits: &'a Limits,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Json, JsonError> {
        self.skip_space();
        if self.values == self.limits.values_max {
            let rule = format!("a document has at most {} values", self.limits.values_max);
            return self.refuse("epcis.limit_values", rule);
        }
        self.values += 1;
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            Some(_) => self.fail("a JSON value was expected"),
            None => self.fail("the document ends too early"),
        }
    }

    fn nested(
        &mut self,
        read: fn(&mut Self) -> Result<Json, JsonError>,
    ) -> Result<Json, JsonError> {
        let depth_max = self.limits.depth_max.min(DEPTH_MAX);
        if self.depth == depth_max {
            let rule = format!("arrays and objects nest at most {depth_max} deep");
            return self.refuse("epcis.limit_depth", rule);
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<Json, JsonError> {
        let mut items = Vec::new();
        self.skip_space();
        if self.take(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            self.check_length(items.len(), "an array has at most", "elements")?;
            items.push(self.value()?);
            self.skip_space();
            if self.take(b']') {
                return Ok(Json::Array(items));
            }
            if !self.take(b',') {
                return self.fail("`,` or `]` was expected");
            }
        }
    }

    fn object(&mut self) -> Result<Json, JsonError> {
        let mut fields: Vec<(String, Json)> = Vec::new();
        let mut names = BTreeSet::new();
        self.skip_space();
        if self.take(b'}') {
            return Ok(Json::Object(Object(fields)));
        }
        loop {
            self.check_length(fields.len(), "an object has at most", "fields")?;
            self.skip_space();
            if self.peek() != Some(b'"') {
                return self.fail("a field name in quotes was expected");
            }
            let name_at = self.at;
            let name = self.string()?;
            if is_repeated(&fields, &mut names, &name) {
                self.at = name_at;
                let rule = format!("a field appears once in an object, `{name}` appears again");
                return self.refuse("epcis.json_duplicate_field", rule);
            }
            self.skip_space();
            if !self.take(b':') {
                return self.fail("`:` was expected");
            }
            let value = self.value()?;
            fields.push((name, value));
            self.skip_space();
            if self.take(b'}') {
                return Ok(Json::Object(Object(fields)));
            }
            if !self.take(b',') {
                return self.fail("`,` or `}` was expected");
            }
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let start = self.at;
        // Most strings have no escape: they are copied at once.
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    let plain = &self.text[start..self.at];
                    self.check_string(plain.len())?;
                    self.at += 1;
                    return Ok(plain.to_owned());
                }
                b'\\' => break,
                0..=0x1f => return self.fail("a control character in a string must be escaped"),
                _ => self.at += 1,
            }
        }
        let mut text = self.text[start..self.at].to_owned();
        loop {
            self.check_string(text.len())?;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    self.at += 1;
                    text.push(self.escape()?);
                }
                Some(0..=0x1f) => {
                    return self.fail("a control character in a string must be escaped");
                }
                Some(_) => {
                    let plain_from = self.at;
                    while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                        self.at += 1;
                    }
                    text.push_str(&self.text[plain_from..self.at]);
                }
                None => return self.fail("the document ends inside a string"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode_escape();
            }
            _ => return self.fail("this escape is not JSON"),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let first = self.four_hex_digits()?;
        let code = match first {
            0xd800..=0xdbff if self.bytes[self.at..].starts_with(b"\\u") => {
                self.at += 2;
                let second = self.four_hex_digits()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return self.fail("an escaped surrogate must be part of a pair");
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            other => other,
        };
        match char::from_u32(code) {
            Some(character) => Ok(character),
            None => self.fail("an escaped surrogate must be part of a pair"),
        }
    }

    fn four_hex_digits(&mut self) -> Result<u32, JsonError> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return self.fail("`\\u` takes four hexadecimal digits");
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let start = self.at;
        self.take(b'-');
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            let exponent_from = self.at;
            self.digits()?;
            let exponent = self.text[exponent_from..self.at].parse::<u32>();
            if !exponent.is_ok_and(|value| value <= EXPONENT_MAX) {
                let rule = format!("a number's exponent is at most {EXPONENT_MAX}");
                return self.refuse("epcis.limit_number", rule);
            }
        }
        if self.at - start > NUMBER_BYTES_MAX {
            let rule = format!("a number has at most {NUMBER_BYTES_MAX} characters");
            return self.refuse("epcis.limit_number", rule);
        }
        Ok(Json::Number(self.text[start..self.at].to_owned()))
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return self.fail("a digit was expected");
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, JsonError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return self.fail("a JSON value was expected");
        }
        self.at += word.len();
        Ok(value)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn check_length(&self, length: usize, holder: &str, what: &str) -> Result<(), JsonError> {
        if length < self.limits.list_length_max {
            return Ok(());
        }
        let rule = format!("{holder} {} {what}", self.limits.list_length_max);
        self.refuse("epcis.limit_list", rule)
    }

    fn check_string(&self, length: usize) -> Result<(), JsonError> {
        if length <= self.limits.string_bytes_max {
            return Ok(());
        }
        let rule = format!("a string has at most {} bytes", self.limits.string_bytes_max);
        self.refuse("epcis.limit_string", rule)
    }

    fn fail<T>(&self, rule: &str) -> Result<T, JsonError> {
        self.refuse("epcis.json_syntax", rule.to_owned())
    }

    fn refuse<T>(&self, code: &'static str, rule: String) -> Result<T, JsonError> {
        let before = &self.bytes[..self.at];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let line_from = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let column = 1 + self.at - line_from;
        let rule = format!("{rule} (line {line}, column {column})");
        Err(JsonError { offset: self.at, code, rule })
    }
}

/// Whether `name` is among `fields`. Keeps the search short for large objects.
fn is_repeated(fields: &[(String, Json)], names: &mut BTreeSet<String>, name: &str) -> bool {
    if fields.len() < SMALL_OBJECT {
        return fields.iter().any(|(key, _)| key == name);
    }
    if names.is_empty() {
        names.extend(fields.iter().map(|(key, _)| key.clone()));
    }
    !names.insert(name.to_owned())
}
