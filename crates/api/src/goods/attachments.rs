//! Photos and documents that belong to events: kept by their SHA-256, which the event names.
//!
//! The chain has the hash alone. A file is served to whoever may read the node, and its bytes are checked
//! against its name each time.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use sha2::{Digest as _, Sha256};

use super::cabinet::write_whole;

/// Bytes of one file at most.
pub const ATTACHMENT_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Bytes of all files at most.
const ALL_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// Why a file is not kept.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentError {
    /// It is too large, or empty.
    #[error("an attachment has 1 to {ATTACHMENT_BYTES_MAX} bytes")]
    Size,
    /// It is something else.
    #[error("an attachment is a JPEG, PNG or WebP picture or a PDF document, by its first bytes")]
    Kind,
    /// There is no room.
    #[error("this node keeps no more attachments")]
    Full,
    /// The disk.
    #[error("the attachment cannot be kept: {0}")]
    Disk(#[from] io::Error),
}

impl AttachmentError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Size => "attachments.size",
            Self::Kind => "attachments.kind",
            Self::Full => "attachments.full",
            Self::Disk(_) => "node.failure",
        }
    }
}

/// The attachments of a node.
#[derive(Debug)]
pub struct Attachments {
    folder: Option<PathBuf>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    bytes: u64,
    /// Only where there is no folder.
    memory: BTreeMap<String, Vec<u8>>,
}

impl Attachments {
    /// Attachments that are forgotten when the process ends.
    pub(super) fn in_memory() -> Self {
        Self { folder: None, kept: Mutex::default() }
    }

    /// The attachments in a folder.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut bytes = 0;
        for shelf in fs::read_dir(folder)? {
            let shelf = shelf?.path();
            if shelf.is_dir() {
                for file in fs::read_dir(shelf)? {
                    bytes += file?.metadata()?.len();
                }
            }
        }
        let kept = Mutex::new(Kept { bytes, ..Kept::default() });
        Ok(Self { folder: Some(folder.to_owned()), kept })
    }

    /// Keeps a file and gives its hash in hexadecimal. One that is here already is not kept again.
    ///
    /// # Errors
    /// It is none that is kept here, there is no room, or the disk refuses.
    pub fn keep(&self, bytes: &[u8]) -> Result<String, AttachmentError> {
        if bytes.is_empty() || bytes.len() > ATTACHMENT_BYTES_MAX {
            return Err(AttachmentError::Size);
        }
        kind_of(bytes).ok_or(AttachmentError::Kind)?;
        let hash = hash_of(bytes);
        if self.get(&hash)?.is_some() {
            return Ok(hash);
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + bytes.len() as u64 > ALL_BYTES_MAX {
            return Err(AttachmentError::Full);
        }
        match self.path(&hash) {
            Some(path) => {
                if let Some(shelf) = path.parent() {
                    fs::create_dir_all(shelf)?;
                }
                write_whole(&path, bytes)?;
            }
            None => _ = kept.memory.insert(hash.clone(), bytes.to_vec()),
        }
        kept.bytes += bytes.len() as u64;
        Ok(hash)
    }

    /// A file and its media type, by its hash in hexadecimal.
    ///
    /// # Errors
    /// The disk refuses, or what it holds is not what was kept.
    pub fn get(&self, hash: &str) -> io::Result<Option<(Vec<u8>, &'static str)>> {
        let is_hash =
            hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_hash {
            return Ok(None);
        }
        let bytes = match self.path(hash) {
            Some(path) => match fs::read(path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            },
            None => {
                let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(bytes) = kept.memory.get(hash) else { return Ok(None) };
                bytes.clone()
            }
        };
        match kind_of(&bytes).filter(|_| hash_of(&bytes) == hash) {
            Some(kind) => Ok(Some((bytes, kind))),
            None => Err(io::Error::other(format!("attachment `{hash}` is damaged"))),
        }
    }

    fn path(&self, hash: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(&hash[..2]).join(hash))
    }
}

fn hash_of(bytes: &[u8]) -> String {
    alloy_primitives::hex::encode(Sha256::digest(bytes))
}

/// The media type by the first bytes. Nothing that a browser would run is among them.
fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    match bytes {
        _ if bytes.starts_with(b"\xff\xd8\xff") => Some("image/jpeg"),
        _ if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Some("image/png"),
        _ if is_webp => Some("image/webp"),
        _ if bytes.starts_with(b"%PDF-") => Some("application/pdf"),
        _ => None,
    }
}
