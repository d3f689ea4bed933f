//! Bids under seal: a hash first, what is behind it later.
//!
//! A bid that cannot be shown counts for nothing, and nobody makes its salt anew. So price and salt are
//! on disk before the hash leaves, each bid in a file of its own, and no file is ever written over.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use qiao_modules::financing;
use qiao_node::home;
use qiao_types::B256;
use rand_core_os::RngCore as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::act::Bid;
use crate::desk::{DeskArguments, amount, count, done, list, money, text, time};
use crate::failure::Failure;
use crate::output::Output;

/// Bid under seal: others see a hash until you show it
#[derive(Debug, clap::Args)]
pub struct Commit {
    /// The request.
    request: u64,
    #[command(flatten)]
    bid: Bid,
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Show a bid that you made under seal
#[derive(Debug, clap::Args)]
pub struct Reveal {
    /// The request.
    request: u64,
    /// What you bid, if it was not by `qiao finance commit` on this machine.
    #[arg(long, value_name = "DECIMAL", requires = "salt")]
    price: Option<String>,
    /// The salt of that bid: 64 hexadecimal digits.
    #[arg(long, value_name = "HEX", requires = "price")]
    salt: Option<B256>,
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    desk: DeskArguments,
}

/// Where bids are kept.
#[derive(Debug, clap::Args)]
struct Folder {
    /// The folder that keeps bids until they are shown [default: `bids` in the home, else ~/.qiao/bids].
    #[arg(long, value_name = "DIR")]
    bids: Option<PathBuf>,
}

impl Folder {
    fn path(&self, desk: &DeskArguments) -> Result<PathBuf, Failure> {
        if let Some(named) = &self.bids {
            return Ok(named.clone());
        }
        if let Some(home) = desk.home() {
            return Ok(home.join("bids"));
        }
        std::env::home_dir().map(|home| home.join(".qiao").join("bids")).ok_or_else(|| {
            Failure::usage("there is no folder for bids").with_hint("name one with `--bids DIR`")
        })
    }
}

/// What is kept of a bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The request.
    pub(super) request: u64,
    /// Who bids.
    pub(super) bank: u64,
    /// What it pays, in the minor unit.
    pub(super) price: u64,
    /// What keeps others from trying prices out.
    pub(super) salt: B256,
    /// The hash that everybody sees.
    pub(super) commitment: B256,
}

impl Kept {
    /// A bid with a fresh salt.
    pub(super) fn new(request: u64, bank: u64, price: u64) -> Self {
        let mut salt = [0; 32];
        rand_core_os::OsRng.fill_bytes(&mut salt);
        let salt = B256::from(salt);
        let commitment = financing::commitment(request, bank, price, salt);
        Self { request, bank, price, salt, commitment }
    }

    /// Its place in the folder: of this bid only, as the commitment is.
    fn file(&self, folder: &Path) -> PathBuf {
        let Self { request, bank, commitment, .. } = self;
        folder.join(format!("request-{request}-bank-{bank}-{commitment}.json"))
    }

    /// Writes it for the owner's eyes, durably, before anybody hears of the bid.
    pub(super) fn keep(&self, folder: &Path) -> Result<PathBuf, Failure> {
        let troubled = |cause| Failure::environment(format!("`{}`: {cause}", folder.display()));
        fs::create_dir_all(folder).map_err(troubled)?;
        let file = self.file(folder);
        let content = serde_json::to_string_pretty(self).map_err(anyhow::Error::from)?;
        home::write_file(&file, &format!("{content}\n"), 0o600)?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(troubled)?;
        Ok(file)
    }

    /// The bid that this commitment stands for, if the folder has it.
    pub(super) fn find(folder: &Path, of: &Self) -> Result<Option<Self>, Failure> {
        let file = of.file(folder);
        if !file.exists() {
            return Ok(None);
        }
        let wrong = |cause: &dyn std::fmt::Display| {
            Failure::environment(format!("`{}` is no bid: {cause}", file.display()))
        };
        let kept: Self =
            serde_json::from_str(&home::read_secret(&file)?).map_err(|cause| wrong(&cause))?;
        let Self { request, bank, price, salt, .. } = kept;
        let is_it = (request, bank) == (of.request, of.bank)
            && financing::commitment(request, bank, price, salt) == of.commitment;
        if is_it { Ok(Some(kept)) } else { Err(wrong(&"it does not make its commitment")) }
    }
}

/// Bids under seal.
pub fn commit(arguments: &Commit, output: &Output) -> Result<ExitCode, Failure> {
    let number = arguments.request;
    let bank = arguments.desk.organisation_or_own()?;
    let folder = arguments.folder.path(&arguments.desk)?;
    let desk = arguments.desk.desk()?;
    let seen = desk.get(&format!("/finance/requests/{number}"))?;
    if seen.get("sealed").and_then(Value::as_bool) != Some(true) {
        let failure = Failure::refused(format!("request {number} takes open bids"));
        return Err(failure.with_hint("`qiao finance quote REQUEST` bids openly"));
    }
    if let Some(commitment) = own_commitment(&seen, bank) {
        let of = Kept { commitment, ..blank(number, bank) };
        let failure = Failure::refused("a bank bids once under seal, and you have");
        return Err(match Kept::find(&folder, &of)? {
            Some(kept) => failure.with_hint(format!(
                "`{}` keeps it, at {}",
                kept.file(&folder).display(),
                money(kept.price, text(&seen["part"], "currency"))
            )),
            None => failure.with_hint("it was made elsewhere; keep what you have of it there"),
        });
    }
    let kept = Kept::new(number, bank, arguments.bid.price(&seen["part"])?);
    let file = kept.keep(&folder)?;
    output.say(&format!(
        "price and salt are in `{}`: without it the bid counts for nothing",
        file.display()
    ));
    let path = format!("/finance/requests/{number}/commit");
    let acted = desk.post(&path, &json!({ "commitment": kept.commitment }))?;
    let next = format!(
        "`qiao finance reveal {number}` shows it, after {} and until {}",
        time(count(&seen, "bidsUntil")),
        time(count(&seen, "revealsUntil"))
    );
    done(output, &acted, "bid under seal", &next)
}

/// Shows a bid.
pub fn reveal(arguments: &Reveal, output: &Output) -> Result<ExitCode, Failure> {
    let number = arguments.request;
    let desk = arguments.desk.desk()?;
    let seen = desk.get(&format!("/finance/requests/{number}"))?;
    let (price, salt) = match (&arguments.price, arguments.salt) {
        (Some(price), Some(salt)) => {
            (amount("price", text(&seen["part"], "currency"), price)?, salt)
        }
        _ => {
            let bank = arguments.desk.organisation_or_own()?;
            let kept = kept(&arguments.folder.path(&arguments.desk)?, &seen, number, bank)?;
            (kept.price, kept.salt)
        }
    };
    let path = format!("/finance/requests/{number}/reveal");
    let acted = desk.post(&path, &json!({ "price": price, "salt": salt }))?;
    let shown = money(price, text(&seen["part"], "currency"));
    let next = "its seller runs `qiao finance award REQUEST` when the time for showing is over";
    done(output, &acted, &format!("shown at {shown}"), next)
}

/// What is kept of the bid that the chain has.
fn kept(folder: &Path, seen: &Value, request: u64, bank: u64) -> Result<Kept, Failure> {
    let commitment = own_commitment(seen, bank).ok_or_else(|| {
        Failure::refused(format!("you have no bid under seal for request {request}"))
            .with_hint("`qiao finance commit REQUEST` makes one, as long as bids are taken")
    })?;
    let of = Kept { commitment, ..blank(request, bank) };
    Kept::find(folder, &of)?.ok_or_else(|| {
        Failure::environment(format!("`{}` is not there", of.file(folder).display())).with_hint(
            "name the folder with `--bids`, or what you kept with `--price` and `--salt`",
        )
    })
}

/// The hash that the bank committed to, if it did.
fn own_commitment(seen: &Value, bank: u64) -> Option<B256> {
    let bids = list(seen.get("sealedBids")?).iter();
    let mut own = bids.filter(|bid| count(&bid["bank"], "organisation") == bank);
    text(own.next()?, "commitment").parse().ok()
}

fn blank(request: u64, bank: u64) -> Kept {
    Kept { request, bank, price: 0, salt: B256::ZERO, commitment: B256::ZERO }
}
