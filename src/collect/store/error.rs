//! Trouble with the working folder or the output of a collection. Not here: trouble with Graph
//! (`client`).

use std::io;
use std::path::{Path, PathBuf};

use crate::snapshot::SnapshotError;

/// Trouble with the working folder or the output.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum StoreError {
    /// Something is there.
    #[error("{} exists already", .0.display())]
    #[diagnostic(
        code(levelmark::collect::in_the_way),
        help("bring the collection into it with --into, or write over it with --force")
    )]
    InTheWay(PathBuf),
    /// An interrupted collection is there.
    #[error("{} holds an interrupted collection", .0.display())]
    #[diagnostic(
        code(levelmark::collect::interrupted),
        help("go on with it with --resume, or begin anew with --force")
    )]
    Interrupted(PathBuf),
    /// It was begun otherwise.
    #[error("{}: the interrupted collection was begun {how}", .folder.display())]
    #[diagnostic(code(levelmark::collect::another), help("begin anew with --force"))]
    Another {
        /// The working folder.
        folder: PathBuf,
        /// What differs.
        how: String,
    },
    /// Somebody else is at it.
    #[error("{} is in use by another collection", .0.display())]
    #[diagnostic(code(levelmark::collect::in_use), help("wait for its end, or choose another output"))]
    InUse(PathBuf),
    /// No name to put a working folder beside.
    #[error("`{}` has no name of its own", .0.display())]
    #[diagnostic(
        code(levelmark::collect::nameless),
        help("name a folder that does not exist yet, e.g. contoso/snapshot")
    )]
    Nameless(PathBuf),
    /// The disk.
    #[error("{}: {what}", .path.display())]
    #[diagnostic(
        code(levelmark::collect::disk),
        help("what was read until then is kept, if anything was: --resume goes on with it")
    )]
    Disk {
        /// Where.
        path: PathBuf,
        /// What the system said.
        what: String,
    },
    /// The snapshot.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Snapshot(#[from] SnapshotError),
}

/// What the system said of a path.
pub(super) fn disk(path: &Path) -> impl FnOnce(io::Error) -> StoreError + '_ {
    |error| StoreError::Disk { path: path.to_owned(), what: error.to_string() }
}
