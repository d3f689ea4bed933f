//! Sealing the events of a document before they are captured.

use std::str::FromStr;

use qiao_epcis::Event;
use qiao_sharing::{
    Author, Field, FieldError, Keyring, PublicKey, Reader, SealError, Wish, shows_sealed,
};

use tokio::task;

use crate::{
    Chain, ChainFailure,
    capture::{CaptureError, sealing_key},
};

/// What a sender wants sealed: `acme:price=2,3; quantity=3`. A field without members is for its author alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes(Vec<(Field, Vec<u64>)>);

/// Why a document is not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    /// The wish is not understood.
    #[error("`{0}` is no wish to seal: `FIELD=MEMBER,MEMBER`, several with `;` between")]
    Malformed(String),
    /// It names no field.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// The node has no sharing keys.
    #[error("this node has no sharing keys, so that it could not read what it seals")]
    NoKeys,
    /// Only an organisation's own node seals for it.
    #[error("organisation `{0}` is not the node's own: only its own node seals for it")]
    OtherParty(u64),
    /// A member announced no key.
    #[error("organisation `{0}` announced no sealing key")]
    NoReaderKey(u64),
    /// No event has the field.
    #[error(
        "no event of the document has the field `{0}`; nothing was sealed and nothing captured"
    )]
    NoSuchField(String),
    /// An event shows what is sealed.
    #[error(
        "event `{0}` shows a field that is sealed in it: to capture it so would tell everybody"
    )]
    ShowsSealed(usize),
    /// An event cannot be sealed.
    #[error("event `{event}`: {cause}")]
    Event {
        /// Its position in the document.
        event: usize,
        /// Why.
        cause: SealError,
    },
    /// The chain does not answer.
    #[error(transparent)]
    Chain(#[from] CaptureError),
}

impl SealingError {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Malformed(_) | Self::Field(_) => "sharing.field",
            Self::NoKeys => "sharing.no_keys",
            Self::OtherParty(_) => "sharing.other_party",
            Self::NoReaderKey(_) => "sharing.no_reader_key",
            Self::NoSuchField(_) => "sharing.no_such_field",
            Self::ShowsSealed(_) => "sharing.shows_sealed",
            Self::Event { cause, .. } => cause.code(),
            Self::Chain(error) => error.code(),
        }
    }
}

impl FromStr for Wishes {
    type Err = SealingError;

    fn from_str(text: &str) -> Result<Self, SealingError> {
        let mut wishes: Vec<(Field, Vec<u64>)> = Vec::new();
        for one in text.split(';').map(str::trim).filter(|one| !one.is_empty()) {
            let malformed = || SealingError::Malformed(one.chars().take(200).collect());
            let (field, members) = one.split_once('=').unwrap_or((one, ""));
            let members = members.split(',').map(str::trim).filter(|member| !member.is_empty());
            let member = |text: &str| text.parse::<u64>().map_err(|_| malformed());
            let mut members = members.map(member).collect::<Result<Vec<_>, _>>()?;
            members.sort_unstable();
            members.dedup();
            let field = Field::parse(field.trim())?;
            if wishes.iter().any(|(known, _)| *known == field) {
                return Err(malformed());
            }
            wishes.push((field, members));
        }
        Ok(Self(wishes))
    }
}

impl Wishes {
    /// Whether nothing is to be sealed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The events with what is wished sealed in them, for the node's own organisation.
///
/// # Errors
/// [`SealingError`]; also without wishes, if an event shows what is sealed in it.
pub async fn seal_events(
    chain: &dyn Chain,
    party: Option<u64>,
    wishes: &Wishes,
    events: Vec<Event>,
) -> Result<Vec<Event>, SealingError> {
    if let Some(event) = events.iter().position(shows_sealed) {
        return Err(SealingError::ShowsSealed(event));
    }
    if wishes.is_empty() || events.is_empty() {
        return Ok(events);
    }
    let desk = chain.sharing().ok_or(SealingError::NoKeys)?;
    let organisation = desk.organisation(chain).await.ok_or(SealingError::NoKeys)?;
    if let Some(other) = party.filter(|party| *party != organisation) {
        return Err(SealingError::OtherParty(other));
    }
    let wishes = readers(chain, wishes, organisation).await?;
    let keys = desk.keys();
    // Curve arithmetic for each reader of each event is work for a processor.
    let sealing = task::spawn_blocking(move || seal_all(organisation, &keys, &wishes, &events));
    sealing.await.map_err(|_| CaptureError::Chain(ChainFailure::Stopping))?
}

fn seal_all(
    organisation: u64,
    keys: &Keyring,
    wishes: &[Wish],
    events: &[Event],
) -> Result<Vec<Event>, SealingError> {
    let author = Author { organisation, keys };
    let mut found = vec![false; wishes.len()];
    let mut sealed = Vec::with_capacity(events.len());
    for (event, original) in events.iter().enumerate() {
        let one = qiao_sharing::seal(original, author, wishes)
            .map_err(|cause| SealingError::Event { event, cause })?;
        found.iter_mut().zip(one.found).for_each(|(all, one)| *all |= one);
        sealed.push(one.event);
    }
    match wishes.iter().zip(found).find(|(_, found)| !found) {
        // A field that was misspelt would be captured in the open.
        Some((wish, _)) => Err(SealingError::NoSuchField(wish.field.name().to_owned())),
        None => Ok(sealed),
    }
}

/// The wishes with the keys that their readers announced.
async fn readers(chain: &dyn Chain, wishes: &Wishes, own: u64) -> Result<Vec<Wish>, SealingError> {
    let mut found = Vec::with_capacity(wishes.0.len());
    for (field, members) in &wishes.0 {
        let mut readers = Vec::with_capacity(members.len());
        for organisation in members.iter().copied().filter(|member| *member != own) {
            let key = sealing_key(chain, organisation).await?;
            let key = key.ok_or(SealingError::NoReaderKey(organisation))?;
            readers.push(Reader { organisation, key: PublicKey(key.0) });
        }
        found.push(Wish { field: field.clone(), readers });
    }
    Ok(found)
}
