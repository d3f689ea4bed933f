//! The types that a configuration value can have.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Reads a value from the file, or from the text of a flag or variable.
pub trait Value: Sized {
    /// From the file; the error says what is expected.
    fn read(value: &toml::Value) -> Result<Self, String>;

    /// From a flag or a variable; the error says what is expected.
    fn parse(text: &str) -> Result<Self, String>;

    /// As it would stand in the file.
    fn show(&self) -> String;
}

impl Value for String {
    fn read(value: &toml::Value) -> Result<Self, String> {
        value.as_str().map(str::to_string).ok_or_else(|| "must be text in quotes".to_string())
    }

    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_string())
    }

    fn show(&self) -> String {
        super::quoted(self)
    }
}

impl Value for PathBuf {
    fn read(value: &toml::Value) -> Result<Self, String> {
        String::read(value).and_then(|text| Self::parse(&text))
    }

    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("must be a path".to_string()) } else { Ok(text.into()) }
    }

    fn show(&self) -> String {
        super::quoted(&self.to_string_lossy())
    }
}

impl Value for Option<PathBuf> {
    fn read(value: &toml::Value) -> Result<Self, String> {
        String::read(value).and_then(|text| Self::parse(&text))
    }

    fn parse(text: &str) -> Result<Self, String> {
        Ok((!text.is_empty()).then(|| text.into()))
    }

    fn show(&self) -> String {
        super::quoted(&self.as_deref().unwrap_or(Path::new("")).to_string_lossy())
    }
}

impl Value for bool {
    fn read(value: &toml::Value) -> Result<Self, String> {
        value.as_bool().ok_or_else(|| "must be true or false".to_string())
    }

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "must be true or false".to_string())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// What people without a key may read of goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PublicPages {
    /// Nothing.
    #[default]
    Off,
    /// Journeys without names.
    Plain,
    /// Journeys with the names of organisations, places and products.
    Named,
}

impl Value for PublicPages {
    fn read(value: &toml::Value) -> Result<Self, String> {
        String::read(value).and_then(|text| Self::parse(&text))
    }

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            "plain" => Ok(Self::Plain),
            "named" => Ok(Self::Named),
            _ => Err("must be `off`, `plain` or `named`".to_string()),
        }
    }

    fn show(&self) -> String {
        super::quoted(match self {
            Self::Off => "off",
            Self::Plain => "plain",
            Self::Named => "named",
        })
    }
}

impl Value for SocketAddr {
    fn read(value: &toml::Value) -> Result<Self, String> {
        String::read(value).and_then(|text| Self::parse(&text))
    }

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "must be an address and port such as `127.0.0.1:8080`".to_string())
    }

    fn show(&self) -> String {
        super::quoted(&self.to_string())
    }
}

impl Value for u64 {
    fn read(value: &toml::Value) -> Result<Self, String> {
        let number = value.as_integer().and_then(|number| Self::try_from(number).ok());
        number.filter(|number| *number > 0).ok_or_else(|| "must be a whole number above 0".into())
    }

    fn parse(text: &str) -> Result<Self, String> {
        let number = text.replace('_', "").parse().ok();
        number.filter(|number| *number > 0).ok_or_else(|| "must be a whole number above 0".into())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for Vec<String> {
    fn read(value: &toml::Value) -> Result<Self, String> {
        let rule = || "must be a list of texts in quotes".to_string();
        let items = value.as_array().ok_or_else(rule)?;
        items.iter().map(|item| item.as_str().map(str::to_string).ok_or_else(rule)).collect()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        Ok(items.map(str::to_string).collect())
    }

    fn show(&self) -> String {
        toml::Value::from(self.clone()).to_string()
    }
}
