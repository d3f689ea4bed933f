//! How a node makes private keys: it asks every appointed evaluator with its account's signature,
//! checks their proofs, and hashes their answers together.

use std::{sync::Arc, time::Duration};

use alloy_primitives::{B256, Bytes};
use alloy_signer::SignerSync as _;
use futures::future::try_join_all;
use jiff::Timestamp;
use qiao_modules::collateral::{self, ICollateral};
use qiao_oprf::{BATCH_MAX, Element, PublicKey, Question, key};
use tokio::task;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::{
    EvaluationAnswer, EvaluationRequest,
    evaluating::{Asker, EvaluationError},
};
use crate::{
    Chain,
    finance::{ViewError, view},
};

/// An evaluator has so long to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an evaluator's answer that are read.
const ANSWER_BYTES_MAX: u64 = 1 << 20;
/// The role of the `members` module that signs in matters of money.
const SIGNER: u8 = 6;

/// Why there are no private keys.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No evaluators are appointed on this chain.
    #[error("no evaluators are appointed, so there are open keys only")]
    NobodyAppointed,
    /// The node has no account that could ask.
    #[error("this node has no account to ask the evaluators with")]
    NoSigner,
    /// An evaluator did not answer.
    #[error("evaluator {organisation} at `{url}` does not answer: {cause}")]
    Silent {
        /// Its organisation.
        organisation: u64,
        /// Where it was asked.
        url: String,
        /// What went wrong.
        cause: String,
    },
    /// An evaluator refuses.
    #[error("evaluator {organisation} refuses: {detail}")]
    Refused {
        /// Its organisation.
        organisation: u64,
        /// The code that it gives.
        code: String,
        /// What it says.
        detail: String,
    },
    /// An evaluator's answer is not made with the secret that it announced.
    #[error(
        "evaluator {organisation} did not use the secret of its public key; nothing was concluded"
    )]
    False {
        /// Its organisation.
        organisation: u64,
    },
    /// The chain could not be asked.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The node failed.
    #[error("{0}")]
    Failed(String),
}

impl AskError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NobodyAppointed => "evaluation.nobody_appointed",
            Self::NoSigner => "transactions.no_signer",
            Self::Silent { .. } => "evaluation.silent",
            Self::Refused { .. } => "evaluation.refused",
            Self::False { .. } => "evaluation.false_answer",
            Self::View(_) | Self::Failed(_) => "node.failure",
        }
    }
}

/// The appointment under which keys are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Its number.
    pub number: u64,
    /// Who was appointed, in order.
    pub evaluators: Vec<ICollateral::Evaluator>,
}

/// The appointment in force; `None` before the first.
///
/// # Errors
/// The chain cannot be asked.
pub async fn appointment(chain: &dyn Chain) -> Result<Option<Appointment>, ViewError> {
    let number = view(chain, collateral::ADDRESS, ICollateral::appointmentCall {}).await?;
    if number == 0 {
        return Ok(None);
    }
    let call = ICollateral::evaluatorsCall { appointment: number };
    let evaluators = view(chain, collateral::ADDRESS, call).await?;
    Ok(Some(Appointment { number, evaluators }))
}

/// What the chain knows of an account that asks; `None` if it is nobody's.
///
/// # Errors
/// The index cannot answer.
pub async fn asker(
    chain: &dyn Chain,
    account: alloy_primitives::Address,
) -> Result<Option<Asker>, ViewError> {
    use qiao_modules::members::{self, IMembers};
    let call = IMembers::organisationOfCall { account };
    let organisation = view(chain, members::ADDRESS, call).await?;
    if organisation == 0 {
        return Ok(None);
    }
    let call = IMembers::hasRoleCall { account, role: SIGNER };
    let has_role = view(chain, members::ADDRESS, call).await?;
    let call = IMembers::isActiveCall { account };
    let is_active = view(chain, members::ADDRESS, call).await?;
    Ok(Some(Asker { organisation, may_sign: has_role && is_active }))
}

/// The private keys of assets, from their open keys, under the appointment in force.
///
/// # Errors
/// [`AskError`]; one evaluator that is away or lies is enough.
pub async fn private_keys(
    chain: &Arc<dyn Chain>,
    open: &[B256],
) -> Result<(u64, Vec<B256>), AskError> {
    let appointment = appointment(&**chain).await?.ok_or(AskError::NobodyAppointed)?;
    let mut keys = Vec::with_capacity(open.len());
    for chunk in open.chunks(BATCH_MAX) {
        let asked = appointment.evaluators.iter().map(|evaluator| ask(chain, evaluator, chunk));
        let answers = try_join_all(asked).await?;
        for place in 0..chunk.len() {
            let outputs: Vec<_> =
                answers.iter().map(|(public, outputs)| (*public, outputs[place])).collect();
            keys.push(B256::from(key(appointment.number, &outputs)));
        }
    }
    Ok((appointment.number, keys))
}

type Outputs = (PublicKey, Vec<[u8; 64]>);

/// Asks one evaluator.
async fn ask(
    chain: &Arc<dyn Chain>,
    evaluator: &ICollateral::Evaluator,
    open: &[B256],
) -> Result<Outputs, AskError> {
    let organisation = evaluator.organisation;
    let lies = || AskError::False { organisation };
    let public = PublicKey::from_bytes(evaluator.publicKey.0).map_err(|_| lies())?;
    let identities = open.to_vec();
    let question = apart(move || Question::new(&identities)).await?;
    let question = question.map_err(|error| AskError::Failed(error.to_string()))?;
    let request = signed(&**chain, evaluator.publicKey, question.blinded())?;
    let is_here =
        chain.evaluator().is_some_and(|desk| desk.public_keys().contains(&evaluator.publicKey));
    let answer = if is_here {
        ask_oneself(chain, organisation, request).await?
    } else {
        let (url, authority) = (evaluator.url.clone(), chain.evaluators_authority());
        let authority = authority.map(str::to_owned);
        apart(move || send(organisation, &url, authority.as_deref(), &request)).await??
    };
    let answer = answer.answer().ok_or_else(lies)?;
    let outputs = apart(move || question.finish(&answer, public)).await?.map_err(|_| lies())?;
    Ok((public, outputs))
}

/// The request, signed by the node's account.
fn signed(
    chain: &dyn Chain,
    public_key: B256,
    blinded: &[Element],
) -> Result<EvaluationRequest, AskError> {
    let signer = chain.signer().ok_or(AskError::NoSigner)?;
    let mut request = EvaluationRequest {
        account: signer.address(),
        time_ms: now_ms(),
        public_key,
        blinded: blinded.iter().map(|element| B256::from(*element)).collect(),
        signature: Bytes::new(),
    };
    let digest = request.digest(chain.genesis().fingerprint());
    let signature = signer.sign_hash_sync(&digest);
    let signature = signature.map_err(|error| AskError::Failed(error.to_string()))?;
    request.signature = signature.as_bytes().to_vec().into();
    Ok(request)
}

/// The evaluator is this node: it asks itself, and notes that as it notes everybody.
async fn ask_oneself(
    chain: &Arc<dyn Chain>,
    organisation: u64,
    request: EvaluationRequest,
) -> Result<EvaluationAnswer, AskError> {
    let asker = asker(&**chain, request.account).await?;
    let chain = Arc::clone(chain);
    let answer = apart(move || {
        let desk = chain.evaluator().expect("it was asked for its keys before");
        desk.evaluate(&request, asker, chain.genesis().fingerprint(), now_ms())
    });
    answer.await?.map_err(|error: EvaluationError| AskError::Refused {
        organisation,
        code: error.code().to_owned(),
        detail: error.to_string(),
    })
}

fn send(
    organisation: u64,
    url: &str,
    authority: Option<&str>,
    request: &EvaluationRequest,
) -> Result<EvaluationAnswer, AskError> {
    let silent = |cause: String| AskError::Silent { organisation, url: url.to_owned(), cause };
    let mut config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(PATIENCE));
    if url.starts_with("https://") {
        config = config.tls_config(encrypted(authority).map_err(silent)?);
    }
    let agent: ureq::Agent = config.build().into();
    let address = format!("{}/collateral/evaluations", url.trim_end_matches('/'));
    let response = agent.post(&address).send_json(request);
    let response = response.map_err(|error| silent(error.to_string()))?;
    let status = response.status();
    let mut body = response.into_body();
    let reader = body.with_config().limit(ANSWER_BYTES_MAX);
    if status.is_success() {
        return reader.read_json().map_err(|error| silent(error.to_string()));
    }
    let problem: serde_json::Value = reader.read_json().unwrap_or_default();
    let word = |name: &str| problem.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    match word("code") {
        Some(code) => Err(AskError::Refused {
            organisation,
            code,
            detail: word("detail").unwrap_or_default(),
        }),
        None => Err(silent(format!("it answered {status}"))),
    }
}

/// Connections to nodes whose certificates this one vouches for, and no others.
fn encrypted(authority: Option<&str>) -> Result<TlsConfig, String> {
    let authority = authority.ok_or("`evaluators_ca_file` names no certificate")?;
    let certificate = Certificate::from_pem(authority.as_bytes()).map_err(|e| e.to_string())?;
    let provider = tokio_rustls::rustls::crypto::ring::default_provider();
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(vec![certificate.to_owned()])))
        .unversioned_rustls_crypto_provider(Arc::new(provider))
        .build())
}

/// Work that blocks or computes for long.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AskError> {
    task::spawn_blocking(work).await.map_err(|error| AskError::Failed(error.to_string()))
}

pub(crate) fn now_ms() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0)
}
