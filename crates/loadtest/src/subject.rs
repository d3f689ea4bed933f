//! What is measured: our own validators, or processes of other software that somebody else runs.

use anyhow::{Result, bail};

use crate::client::Endpoint;
use crate::usage::{Disk, Usage};
use crate::validators::Validators;

/// The processes under load.
#[derive(Debug)]
pub enum Subject {
    /// Validators that this program started.
    Own(Validators),
    /// A network that somebody else runs.
    Foreign {
        /// Its JSON-RPC addresses.
        urls: Vec<String>,
        /// Its processes on this machine, as far as they are to be watched.
        processes: Vec<u32>,
    },
}

impl Subject {
    /// The nodes to which transactions are sent.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        match self {
            Self::Own(validators) => validators
                .all()
                .iter()
                .map(|one| Endpoint { rpc: one.rpc.clone(), rest: Some(one.rest.clone()) })
                .collect(),
            Self::Foreign { urls, .. } => {
                urls.iter().map(|url| Endpoint { rpc: url.clone(), rest: None }).collect()
            }
        }
    }

    /// The names of the processes.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::Own(validators) => {
                validators.all().iter().map(|validator| validator.name.clone()).collect()
            }
            Self::Foreign { processes, .. } => {
                processes.iter().map(|process| format!("process {process}")).collect()
            }
        }
    }

    /// The process ids; 0 where there is no process.
    pub fn process_ids(&self) -> Vec<u32> {
        match self {
            Self::Own(validators) => validators.process_ids(),
            Self::Foreign { processes, .. } => processes.clone(),
        }
    }

    /// What each process used so far.
    pub fn usage(&self) -> Vec<Usage> {
        match self {
            Self::Own(validators) => validators.usage(),
            Self::Foreign { processes, .. } => processes.iter().map(|id| Usage::of(*id)).collect(),
        }
    }

    /// The data on disk, where it is known.
    pub fn disks(&self) -> Option<Vec<Disk>> {
        match self {
            Self::Own(validators) => Some(validators.disks()),
            Self::Foreign { .. } => None,
        }
    }

    /// The ports on which each process answers clients.
    pub fn client_ports(&self) -> Option<Vec<Vec<u16>>> {
        let all = self.own()?.all().iter();
        Some(all.map(|validator| validator.client_ports.clone()).collect())
    }

    /// Our own validators.
    pub fn own(&self) -> Option<&Validators> {
        match self {
            Self::Own(validators) => Some(validators),
            Self::Foreign { .. } => None,
        }
    }

    /// Checks that the processes to be watched are there.
    pub fn check(&self) -> Result<()> {
        let gone = self.process_ids().into_iter().find(|id| Usage::of(*id) == Usage::default());
        match (self, gone) {
            (Self::Foreign { .. }, Some(process)) => bail!("there is no process {process}"),
            _ => Ok(()),
        }
    }
}
