//! `qiao doctor`: what is wrong, the likely reason, and what to try.

mod local;
mod remote;

use std::process::ExitCode;

use serde::Serialize;

use crate::client::NodeArguments;
use crate::failure::Failure;
use crate::output::Output;

/// Find out what is wrong with a node or the network, and why
///
/// Looks at the home folder, disk, ports and clock of this machine (with `--home`), and asks the
/// node who is voting. Works when the node is down. Exit code 0: all is well; 1: the network has a
/// problem; 3: this node or this machine has one.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:\n  qiao doctor\n  qiao doctor --home net/member-3 --json")]
pub struct Arguments {
    #[command(flatten)]
    node: NodeArguments,
}

/// How bad a finding is; later ones are worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Fine,
    /// Worth a look, works for now.
    Warning,
    /// The network has a problem.
    Network,
    /// This node or machine has a problem.
    Machine,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub subject: String,
    /// How bad it is.
    pub verdict: Verdict,
    /// What was found, and the likely reason.
    pub found: String,
    /// What to try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn fine(subject: &str, found: impl Into<String>) -> Self {
        Self { subject: subject.into(), verdict: Verdict::Fine, found: found.into(), remedy: None }
    }

    /// Something to look at, and what to try.
    pub fn bad(
        subject: &str,
        verdict: Verdict,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let remedy = Some(remedy.into());
        Self { subject: subject.into(), verdict, found: found.into(), remedy }
    }
}

/// Looks at everything and prints what it found; the exit code is that of the worst finding.
pub fn run(arguments: &Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let mut findings = Vec::new();
    let mut client = arguments.node.client();
    if let Some(home) = &arguments.node.home {
        match local::config(home, &mut findings) {
            Some(config) => local::check(&config, &mut findings),
            // Without a configuration there is nobody to ask.
            None => client = Err(Failure::environment("no configuration")),
        }
    } else if let Err(failure) = client {
        return Err(failure);
    }
    if let Ok(client) = client {
        remote::check(&client, arguments.node.home.as_deref(), &mut findings)?;
    }
    print(&findings, output);
    let worst = findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Fine);
    Ok(ExitCode::from(match worst {
        Verdict::Fine | Verdict::Warning => 0,
        Verdict::Network => 1,
        Verdict::Machine => 3,
    }))
}

fn print(findings: &[Finding], output: &Output) {
    if output.json {
        output.document(&findings);
        return;
    }
    for finding in findings {
        let mark = match finding.verdict {
            Verdict::Fine => "ok     ",
            Verdict::Warning => "warning",
            Verdict::Network | Verdict::Machine => "PROBLEM",
        };
        output.line(&format!("{mark}  {}: {}", finding.subject, finding.found));
        if let Some(remedy) = &finding.remedy {
            output.line(&format!("         try: {remedy}"));
        }
    }
    let problems = findings.iter().filter(|finding| finding.verdict >= Verdict::Network).count();
    if problems == 0 {
        output.next("`qiao status` shows what the chain is doing");
    } else {
        output.next("try the above, then `qiao doctor` again");
    }
}
