//! Calls, answers, events and errors of contracts whose interface is known, from and into words.

use std::fmt;

use alloy_dyn_abi::{
    DynSolType, DynSolValue, EventExt as _, FunctionExt as _, JsonAbiExt as _, Specifier as _,
};
use alloy_json_abi::{Event, Function, JsonAbi, Param, StateMutability};
use alloy_primitives::{Address, B256, Bytes, hex};
use serde_json::Value;

/// Functions, events and errors that an interface may have.
const ITEMS_MAX: usize = 4_096;

/// The interface of a contract: its JSON ABI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abi {
    json: JsonAbi,
}

/// Something does not fit an interface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AbiError {
    /// It is no JSON ABI.
    #[error("the ABI cannot be read: {0}")]
    Malformed(String),
    /// It is too long.
    #[error("the ABI has more than {ITEMS_MAX} items")]
    TooLong,
    /// There is no such function.
    #[error("the contract has no function `{0}`")]
    NoFunction(String),
    /// Several functions of this name.
    #[error("there are several functions `{0}`; name one with its types: {1}")]
    Ambiguous(String, String),
    /// The number of arguments is wrong.
    #[error("{expected} arguments are needed, {given} are given")]
    Count {
        /// As many as there are parameters.
        expected: usize,
        /// As many as were given.
        given: usize,
    },
    /// An argument does not fit its type.
    #[error("argument `{name}` is no `{kind}`: {reason}")]
    Argument {
        /// Its name, or its number.
        name: String,
        /// The Solidity type.
        kind: String,
        /// Why.
        reason: String,
    },
    /// A constructor that takes nothing was given something, or the other way round.
    #[error("the contract has no constructor with arguments")]
    NoConstructor,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name; may be empty.
    pub name: String,
    /// Its Solidity type.
    pub kind: String,
}

/// A function as a form shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionShown {
    /// Its name.
    pub name: String,
    /// Its name with its types: `transfer(address,uint256)`.
    pub signature: String,
    /// What it takes.
    pub inputs: Vec<Parameter>,
    /// What it answers.
    pub outputs: Vec<Parameter>,
    /// Whether it only reads.
    pub is_read: bool,
    /// Whether it takes ether.
    pub is_payable: bool,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AbiValue {
    /// A number of any width, in decimal.
    Number(String),
    /// A truth value.
    Truth(bool),
    /// An address.
    Account(Address),
    /// Bytes, of a fixed or of any length.
    Bytes(Vec<u8>),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<AbiValue>),
    /// A struct.
    Record(Vec<(String, AbiValue)>),
}

/// A call, an event or an error, with its values by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its name.
    pub name: String,
    /// Its name with its types.
    pub signature: String,
    /// Its values.
    pub values: Vec<(String, AbiValue)>,
}

impl Abi {
    /// Reads a JSON ABI, the array that compilers write.
    ///
    /// # Errors
    /// It is none, or too long.
    pub fn read(value: &Value) -> Result<Self, AbiError> {
        let items = value.as_array().ok_or_else(|| AbiError::Malformed("no array".to_owned()))?;
        if items.len() > ITEMS_MAX {
            return Err(AbiError::TooLong);
        }
        // Its reader borrows from text.
        let json = serde_json::from_str(&value.to_string());
        let json = json.map_err(|error| AbiError::Malformed(error.to_string()))?;
        let abi = Self { json };
        abi.require_types()?;
        Ok(abi)
    }

    /// Its functions in the order of their names.
    pub fn functions(&self) -> Vec<FunctionShown> {
        self.json.functions().map(shown).collect()
    }

    /// What its constructor takes; empty where there is none.
    pub fn constructor(&self) -> Vec<Parameter> {
        let inputs = self.json.constructor.as_ref().map(|one| one.inputs.as_slice());
        inputs.unwrap_or_default().iter().map(parameter).collect()
    }

    /// A function by its name or signature.
    ///
    /// # Errors
    /// There is none, or several.
    pub fn function(&self, wanted: &str) -> Result<FunctionShown, AbiError> {
        self.find(wanted).map(shown)
    }

    /// The calldata of a function, by its name or signature, with arguments as people write them.
    ///
    /// # Errors
    /// The function or an argument does not fit.
    pub fn encode(&self, wanted: &str, arguments: &[String]) -> Result<Bytes, AbiError> {
        let function = self.find(wanted)?;
        let values = coerce(&function.inputs, arguments)?;
        let encoded = function.abi_encode_input(&values);
        encoded.map(Bytes::from).map_err(|error| AbiError::Malformed(error.to_string()))
    }

    /// The constructor's arguments, which follow the creation code.
    ///
    /// # Errors
    /// The arguments do not fit.
    pub fn encode_constructor(&self, arguments: &[String]) -> Result<Bytes, AbiError> {
        let Some(constructor) = &self.json.constructor else {
            return if arguments.is_empty() {
                Ok(Bytes::new())
            } else {
                Err(AbiError::NoConstructor)
            };
        };
        let values = coerce(&constructor.inputs, arguments)?;
        let encoded = constructor.abi_encode_input(&values);
        encoded.map(Bytes::from).map_err(|error| AbiError::Malformed(error.to_string()))
    }

    /// A call in words.
    pub fn call(&self, input: &[u8]) -> Option<Told> {
        let (selector, arguments) = input.split_first_chunk::<4>()?;
        let function = self.json.functions().find(|one| one.selector() == *selector)?;
        let values = function.abi_decode_input(arguments).ok()?;
        Some(Told {
            name: function.name.clone(),
            signature: function.signature(),
            values: named(&function.inputs, values),
        })
    }

    /// What a function answered, in words.
    pub fn answer(&self, wanted: &str, output: &[u8]) -> Option<Vec<(String, AbiValue)>> {
        let function = self.find(wanted).ok()?;
        let values = function.abi_decode_output(output).ok()?;
        Some(named(&function.outputs, values))
    }

    /// An event in words.
    pub fn event(&self, topics: &[B256], data: &[u8]) -> Option<Told> {
        let signature = topics.first()?;
        let is_named = |event: &&Event| !event.anonymous && event.selector() == *signature;
        let event = self.json.events().find(is_named)?;
        let decoded = event.decode_log_parts(topics.iter().copied(), data).ok()?;
        let (mut indexed, mut body) = (decoded.indexed.into_iter(), decoded.body.into_iter());
        let values = event.inputs.iter().enumerate().map(|(at, input)| {
            let value = if input.indexed { indexed.next() } else { body.next() };
            Some((name_or_number(&input.name, at), value_of(&input.components, value?)))
        });
        Some(Told {
            name: event.name.clone(),
            signature: event.signature(),
            values: values.collect::<Option<_>>()?,
        })
    }

    /// An error in words.
    pub fn error(&self, output: &[u8]) -> Option<Told> {
        let (selector, arguments) = output.split_first_chunk::<4>()?;
        let error = self.json.errors().find(|one| one.selector() == *selector)?;
        let values = error.abi_decode_input(arguments).ok()?;
        Some(Told {
            name: error.name.clone(),
            signature: error.signature(),
            values: named(&error.inputs, values),
        })
    }

    fn find(&self, wanted: &str) -> Result<&Function, AbiError> {
        if wanted.contains('(') {
            let found = self.json.functions().find(|one| one.signature() == wanted);
            return found.ok_or_else(|| AbiError::NoFunction(wanted.to_owned()));
        }
        match self.json.function(wanted).map(Vec::as_slice) {
            Some([only]) => Ok(only),
            Some(several) if !several.is_empty() => {
                let signatures: Vec<String> = several.iter().map(Function::signature).collect();
                Err(AbiError::Ambiguous(wanted.to_owned(), signatures.join(", ")))
            }
            _ => Err(AbiError::NoFunction(wanted.to_owned())),
        }
    }

    /// Every type must be one that can be encoded.
    fn require_types(&self) -> Result<(), AbiError> {
        let constructor = self.json.constructor.iter().flat_map(|one| &one.inputs);
        let functions = self.json.functions().flat_map(|one| one.inputs.iter().chain(&one.outputs));
        let errors = self.json.errors().flat_map(|one| &one.inputs);
        for parameter in constructor.chain(functions).chain(errors) {
            parameter.resolve().map_err(|error| AbiError::Malformed(error.to_string()))?;
        }
        for event in self.json.events() {
            event.resolve().map_err(|error| AbiError::Malformed(error.to_string()))?;
        }
        Ok(())
    }
}

fn shown(function: &Function) -> FunctionShown {
    FunctionShown {
        name: function.name.clone(),
        signature: function.signature(),
        inputs: function.inputs.iter().map(parameter).collect(),
        outputs: function.outputs.iter().map(parameter).collect(),
        is_read: matches!(function.state_mutability, StateMutability::Pure | StateMutability::View),
        is_payable: function.state_mutability == StateMutability::Payable,
    }
}

fn parameter(parameter: &Param) -> Parameter {
    Parameter { name: parameter.name.clone(), kind: parameter.selector_type().into_owned() }
}

/// Arguments as people write them, in the types of the parameters.
fn coerce(parameters: &[Param], arguments: &[String]) -> Result<Vec<DynSolValue>, AbiError> {
    let (expected, given) = (parameters.len(), arguments.len());
    if expected != given {
        return Err(AbiError::Count { expected, given });
    }
    let pairs = parameters.iter().zip(arguments).enumerate();
    pairs
        .map(|(at, (parameter, text))| {
            let kind =
                parameter.resolve().map_err(|error| AbiError::Malformed(error.to_string()))?;
            coerce_one(&kind, text).map_err(|reason| AbiError::Argument {
                name: name_or_number(&parameter.name, at),
                kind: parameter.selector_type().into_owned(),
                reason,
            })
        })
        .collect()
}

fn coerce_one(kind: &DynSolType, text: &str) -> Result<DynSolValue, String> {
    // A text stands for itself: quotes in it are part of it.
    if *kind == DynSolType::String {
        return Ok(DynSolValue::String(text.to_owned()));
    }
    kind.coerce_str(text.trim()).map_err(|error| error.to_string().replace('\n', " "))
}

fn named(parameters: &[Param], values: Vec<DynSolValue>) -> Vec<(String, AbiValue)> {
    let pairs = parameters.iter().zip(values).enumerate();
    pairs
        .map(|(at, (parameter, value))| {
            (name_or_number(&parameter.name, at), value_of(&parameter.components, value))
        })
        .collect()
}

/// A value; `components` are the fields of the struct that it is, or of those in the list.
fn value_of(components: &[Param], value: DynSolValue) -> AbiValue {
    match value {
        DynSolValue::Bool(truth) => AbiValue::Truth(truth),
        DynSolValue::Int(number, _) => AbiValue::Number(number.to_string()),
        DynSolValue::Uint(number, _) => AbiValue::Number(number.to_string()),
        DynSolValue::FixedBytes(word, length) => AbiValue::Bytes(word[..length].to_vec()),
        DynSolValue::Address(account) => AbiValue::Account(account),
        DynSolValue::Function(function) => AbiValue::Bytes(function.to_vec()),
        DynSolValue::Bytes(bytes) => AbiValue::Bytes(bytes),
        DynSolValue::String(text) => AbiValue::Text(text),
        DynSolValue::Array(items) | DynSolValue::FixedArray(items) => {
            AbiValue::List(items.into_iter().map(|item| value_of(components, item)).collect())
        }
        DynSolValue::Tuple(items) if items.len() == components.len() => {
            AbiValue::Record(named(components, items))
        }
        DynSolValue::Tuple(items) => {
            AbiValue::List(items.into_iter().map(|item| value_of(&[], item)).collect())
        }
    }
}

fn name_or_number(name: &str, at: usize) -> String {
    if name.is_empty() { (at + 1).to_string() } else { name.to_owned() }
}

impl fmt::Display for AbiValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.write_str(number),
            Self::Truth(truth) => write!(f, "{truth}"),
            Self::Account(account) => write!(f, "{account}"),
            Self::Bytes(bytes) => f.write_str(&hex::encode_prefixed(bytes)),
            Self::Text(text) => f.write_str(text),
            Self::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Record(fields) => {
                f.write_str("(")?;
                for (at, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
        }
    }
}
