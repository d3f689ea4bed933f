//! The file of a member's sharing keys: with them its node opens what was sealed for it.

use std::{fs, path::Path};

use qiao_api::sharing::{Keyring, SharingDesk};
use qiao_types::B256;

use crate::{
    config::Config,
    home::{self, HomeError},
};

/// The file in a member's home, unless the configuration names another.
pub const DEFAULT_FILE: &str = "sharing.key";

/// The newest public key of a file, which is made if it is missing. A fresh key is added to those before,
/// which stay: what was sealed for them is opened with them.
///
/// # Errors
/// The file cannot be read or written, or holds something else.
pub fn key(file: &Path, is_fresh: bool) -> Result<B256, HomeError> {
    let mut keys = match file.exists() {
        true => read_file(file)?,
        false => {
            let keys = Keyring::fresh();
            home::write_file(file, &keys.to_text(), 0o600)?;
            return Ok(B256::from(keys.newest().0));
        }
    };
    if is_fresh {
        keys.renew().map_err(|_| malformed(file))?;
        let part = file.with_extension("new");
        home::write_file(&part, &keys.to_text(), 0o600)?;
        fs::rename(&part, file).map_err(home::inaccessible("sharing key", file))?;
    }
    Ok(B256::from(keys.newest().0))
}

/// The keys that a configuration names; `None` where it names no file.
pub(crate) fn open(config: &Config) -> Result<Option<SharingDesk>, HomeError> {
    let open = |file: &Path| Ok(SharingDesk::new(file, read_file(file)?));
    config.sharing_key_file.as_deref().map(open).transpose()
}

fn read_file(file: &Path) -> Result<Keyring, HomeError> {
    Keyring::parse(&home::read_secret(file)?).map_err(|_| malformed(file))
}

fn malformed(file: &Path) -> HomeError {
    HomeError::KeyMalformed { what: "sharing keys", path: file.to_path_buf() }
}
