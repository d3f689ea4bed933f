//! Where the official tests are: packed beside the workspace, unpacked once into `target/`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder of the unpacked archive; `None`, said loudly, where the fixtures are absent.
pub fn unpacked(archive_name: &str) -> Option<PathBuf> {
    // Beside the workspace, or beside the folder of its worktrees.
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(3);
    let found = folders.find_map(|folder| {
        let archive = folder.join("shared/fixtures").join(archive_name);
        fs::metadata(&archive).ok().map(|metadata| (archive, metadata))
    });
    let Some((archive, metadata)) = found else {
        eprintln!("\n!!! SKIPPED: `../shared/fixtures/{archive_name}` is absent !!!\n");
        return None;
    };
    // The length names the version: another archive is unpacked beside the old one.
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = cache.join(format!("{archive_name}-{}", metadata.len()));
    if !folder.exists() {
        let partial = cache.join(format!("{archive_name}-partial-{}", std::process::id()));
        fs::create_dir_all(&partial).expect("the target folder can be written");
        let status = Command::new("tar")
            .arg("-C")
            .arg(&partial)
            .arg("-xf")
            .arg(&archive)
            .status()
            .expect("`tar` runs; it is part of every Unix");
        assert!(status.success(), "`tar` failed; hint: `apt-get install xz-utils`");
        // Whoever else unpacked meanwhile has the same content.
        if fs::rename(&partial, &folder).is_err() {
            fs::remove_dir_all(&partial).expect("the own folder can be removed");
        }
    }
    Some(folder)
}

/// All files below a folder whose name ends with `.json`, in order.
pub fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder was unpacked") {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
