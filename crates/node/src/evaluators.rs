//! The file of an evaluator's secrets, and what the node does with them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use qiao_api::collateral::evaluating::EvaluatorDesk;
use qiao_oprf::Evaluator;
use qiao_types::B256;

use crate::{
    config::Config,
    home::{self, HomeError},
};

/// The file in a member's home, unless the configuration names another.
pub const DEFAULT_FILE: &str = "evaluator.key";

/// The log of what was answered to whom, in the data folder.
const LOG: &str = "evaluations.log";

/// Adds a fresh secret to a file, which is made if it is missing, and answers with its public key. Old
/// secrets stay: assets of earlier appointments are known by them.
///
/// # Errors
/// The file cannot be read or written, or holds something else.
pub fn add(file: &Path) -> Result<B256, HomeError> {
    let mut secrets = if file.exists() { secrets(file)? } else { Vec::new() };
    let wrong = || HomeError::KeyMalformed { what: "evaluator key", path: file.to_path_buf() };
    let evaluator = Evaluator::fresh().map_err(|_| wrong())?;
    let public = B256::from(evaluator.public_key().to_bytes());
    secrets.push(evaluator);
    let lines = secrets.iter().map(|one| format!("{:x}\n", B256::from(one.secret())));
    let fresh = file.with_extension("new");
    home::write_file(&fresh, &lines.collect::<String>(), 0o600)?;
    fs::rename(&fresh, file).map_err(home::inaccessible("evaluator key", file))?;
    Ok(public)
}

/// The secrets that a configuration names; none where it names no file.
pub(crate) fn read(config: &Config) -> Result<Vec<Evaluator>, HomeError> {
    config.evaluator_key_file.as_deref().map_or(Ok(Vec::new()), secrets)
}

/// The certificate that a configuration names.
pub(crate) fn authority(config: &Config) -> Result<Option<String>, HomeError> {
    let read = |path: &PathBuf| {
        let wrong = |_| HomeError::KeyMalformed { what: "certificate (PEM)", path: path.clone() };
        fs::read_to_string(path).map_err(wrong)
    };
    config.evaluators_ca_file.as_ref().map(read).transpose()
}

/// What the node does as an evaluator; `None` without secrets.
pub(crate) fn open(
    evaluators: Vec<Evaluator>,
    config: &Config,
    data: &Path,
) -> Result<Option<EvaluatorDesk>, HomeError> {
    if evaluators.is_empty() {
        return Ok(None);
    }
    let path = data.join(LOG);
    let desk = EvaluatorDesk::open(evaluators, config.evaluations_per_day, &path);
    desk.map(Some).map_err(home::inaccessible("log of evaluations", &path))
}

fn secrets(file: &Path) -> Result<Vec<Evaluator>, HomeError> {
    let wrong = || HomeError::KeyMalformed { what: "evaluator key", path: file.to_path_buf() };
    let text = home::read_secret(file)?;
    let secret = |line: &str| {
        let bytes: B256 = line.trim().parse().map_err(|_| wrong())?;
        Evaluator::from_secret(&bytes.0).map_err(|_| wrong())
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(secret).collect()
}
