//! How a command ends badly: what kind, in one sentence, and what to do about it.

use std::process::ExitCode;

use qiao_node::config::{ConfigError, Origin};
use qiao_node::home::HomeError;

/// Whose turn it is after a failure; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The rules say no.
    Refused,
    /// The command was called wrongly.
    Usage,
    /// A file, a port, a disk or another node.
    Environment,
}

/// A failed command.
#[derive(Debug)]
pub struct Failure {
    /// Whose turn it is.
    pub kind: Kind,
    /// Lower case, without a period.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// More to say to a program, under `--json`.
    pub detail: Option<serde_json::Value>,
}

impl Failure {
    /// The rules say no.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { kind: Kind::Refused, message: message.into(), hint: None, detail: None }
    }

    /// The command was called wrongly.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, message: message.into(), hint: None, detail: None }
    }

    /// A file, a port, a disk or another node.
    pub fn environment(message: impl Into<String>) -> Self {
        Self { kind: Kind::Environment, message: message.into(), hint: None, detail: None }
    }

    /// Adds what to do.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The exit code of the process.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self.kind {
            Kind::Refused => 1,
            Kind::Usage => 2,
            Kind::Environment => 3,
        })
    }
}

impl From<HomeError> for Failure {
    fn from(error: HomeError) -> Self {
        Self::environment(error.to_string()).with_hint(error.hint())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let is_flag = matches!(&error, ConfigError::Value { origin: Origin::Flag, .. });
        let failure = if is_flag { Self::usage } else { Self::environment };
        failure(error.to_string()).with_hint(error.hint())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        let hint = error.chain().find_map(|cause| {
            let home = cause.downcast_ref::<HomeError>().map(HomeError::hint);
            home.or_else(|| cause.downcast_ref::<ConfigError>().map(ConfigError::hint))
        });
        Self { hint, ..Self::environment(format!("{error:#}")) }
    }
}
