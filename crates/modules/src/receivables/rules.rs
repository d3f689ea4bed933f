//! The decisions of `receivables`, without state.

use alloy_primitives::B256;
use qiao_module_kit::{Outcome, calendar::Date, ensure, money::Currency};

use super::{
    abi::IReceivables::*,
    types::{InterestBearer, VoucherAct, VoucherState},
};

/// Bytes of the reason for a long tenor, a freeze or a write-off.
pub const REASON_BYTES_MAX: usize = 512;
/// Bytes of the number of a registration.
pub const REGISTRATION_BYTES_MAX: usize = 64;
/// Days that the contract-only pack lets a voucher run at most: thirty years.
const MONTHS_MAX: u32 = 360;

/// From, act, to. What is not listed is refused.
pub const TRANSITIONS: &[(VoucherState, VoucherAct, VoucherState)] = &[
    (VoucherState::None, VoucherAct::Issue, VoucherState::Offered),
    (VoucherState::Offered, VoucherAct::Accept, VoucherState::Live),
    (VoucherState::Offered, VoucherAct::Decline, VoucherState::Void),
    (VoucherState::Live, VoucherAct::FallDue, VoucherState::Overdue),
    (VoucherState::Live, VoucherAct::Close, VoucherState::Closed),
    (VoucherState::Overdue, VoucherAct::Close, VoucherState::Closed),
];

/// The state after an act; `None` if the act is not possible.
pub fn after(state: VoucherState, act: VoucherAct) -> Option<VoucherState> {
    TRANSITIONS.iter().find(|(from, by, _)| *from == state && *by == act).map(|(_, _, to)| *to)
}

/// Rules that the law of a place adds to the module's own; data, each with its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RulePack {
    /// Its name.
    pub name: &'static str,
    /// Where the rules stand.
    pub citation: &'static str,
    /// How far the day of the place is ahead of Greenwich.
    pub minutes_east: u32,
    /// A voucher that runs longer needs a reason.
    pub tenor_months_usual: u32,
    /// A voucher never runs longer.
    pub tenor_months_max: u32,
    /// Whether an issuer needs a limit, and keeps to it.
    pub needs_limit: bool,
    /// Whether a financing needs the number of its registration.
    pub needs_registration: bool,
    /// Whether an issuer with overdue vouchers issues none.
    pub stops_overdue_issuers: bool,
    /// Whether a fee is public before it is charged.
    pub publishes_fees: bool,
    /// Whether an issuer charges nobody for vouchers of its own.
    pub frees_issuers_suppliers: bool,
}

/// The packs by number. Append only: the number stands in vouchers.
pub const PACKS: &[RulePack] = &[
    RulePack {
        name: "contract-only",
        citation: "what the parties agreed on",
        minutes_east: 0,
        tenor_months_usual: MONTHS_MAX,
        tenor_months_max: MONTHS_MAX,
        needs_limit: false,
        needs_registration: false,
        stops_overdue_issuers: false,
        publishes_fees: false,
        frees_issuers_suppliers: false,
    },
    RulePack {
        name: "cn-2025-77",
        citation: "Yinfa [2025] No. 77, in force since 2025-06-15",
        minutes_east: 480,
        tenor_months_usual: 6,
        tenor_months_max: 12,
        needs_limit: true,
        needs_registration: true,
        stops_overdue_issuers: true,
        publishes_fees: true,
        frees_issuers_suppliers: true,
    },
];

/// The pack in force from the first block on.
pub const PACK_AT_GENESIS: u8 = 1;

const TENOR_RULE: &str = "Yinfa [2025] 77: the payment term of a receivables voucher is in \
    principle within 6 months and at most 1 year";
const LIMIT_RULE: &str = "Yinfa [2025] 77: vouchers are issued within the limit of the issuer";
const OVERDUE_RULE: &str = "Yinfa [2025] 77: who has overdue vouchers is not served with new ones";
const REGISTRATION_RULE: &str = "Yinfa [2025] 77: a financing is registered in the unified \
    registration system for movable property financing of the Credit Reference Centre";

/// The pack with this number.
///
/// # Errors
/// `UnknownPack`.
pub fn pack(number: u8) -> Outcome<&'static RulePack> {
    PACKS.get(usize::from(number)).ok_or_else(|| UnknownPack { pack: number }.into())
}

impl RulePack {
    /// The day on which a voucher falls due, if the rules allow it.
    ///
    /// # Errors
    /// `InvalidTerm`, `TenorTooLong`, `TenorNeedsReason`.
    pub fn check_tenor(&self, today: Date, due: u32, has_reason: bool) -> Outcome<Date> {
        let day = Date::from_yyyymmdd(due)
            .ok_or_else(|| invalid_term("due", "must be a day, written YYYYMMDD"))?;
        ensure(day > today, || invalid_term("due", "must lie in the future"))?;
        let latest = today.plus_months(self.tenor_months_max);
        ensure(day <= latest, || TenorTooLong {
            pack: self.name.to_owned(),
            due,
            latest: latest.yyyymmdd(),
            rule: TENOR_RULE.to_owned(),
        })?;
        let usual = today.plus_months(self.tenor_months_usual);
        ensure(day <= usual || has_reason, || TenorNeedsReason {
            pack: self.name.to_owned(),
            due,
            usual: usual.yyyymmdd(),
            rule: TENOR_RULE.to_owned(),
        })?;
        Ok(day)
    }

    /// What the issuer owes after it owes `asked` more.
    ///
    /// # Errors
    /// `IssuerOverLimit`.
    pub fn check_limit(
        &self,
        issuer: u64,
        outstanding: u64,
        limit: u64,
        asked: u64,
    ) -> Outcome<u64> {
        let most = if self.needs_limit { limit } else { u64::MAX };
        let left = most.saturating_sub(outstanding);
        ensure(asked <= left, || IssuerOverLimit {
            pack: self.name.to_owned(),
            issuer,
            asked,
            left,
            rule: LIMIT_RULE.to_owned(),
        })?;
        Ok(outstanding + asked)
    }

    /// Whether an issuer with so many overdue vouchers may issue.
    ///
    /// # Errors
    /// `IssuerOverdue`.
    pub fn check_overdue(&self, issuer: u64, vouchers: u32) -> Outcome<()> {
        let may_issue = vouchers == 0 || !self.stops_overdue_issuers;
        ensure(may_issue, || IssuerOverdue {
            pack: self.name.to_owned(),
            issuer,
            vouchers,
            rule: OVERDUE_RULE.to_owned(),
        })
    }

    /// Whether a part may be financed under this registration.
    ///
    /// # Errors
    /// `RegistrationMissing`, `InvalidTerm`.
    pub fn check_registration(&self, position: u64, registration: &str) -> Outcome<()> {
        let is_missing = self.needs_registration && registration.is_empty();
        ensure(!is_missing, || RegistrationMissing {
            pack: self.name.to_owned(),
            position,
            rule: REGISTRATION_RULE.to_owned(),
        })?;
        let is_number = registration.len() <= REGISTRATION_BYTES_MAX
            && registration.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        ensure(is_number, || {
            invalid_term("registration", "must have at most 64 letters, digits and `-`")
        })
    }
}

/// The currency with this number of ISO 4217.
///
/// # Errors
/// `InvalidTerm`.
pub fn currency(number: u16) -> Outcome<Currency> {
    Currency::from_number(number).ok_or_else(|| {
        invalid_term("currency", "must be the number of a currency of ISO 4217 that is known here")
            .into()
    })
}

/// Who bears the interest.
///
/// # Errors
/// `InvalidTerm`.
pub fn interest_bearer(number: u8) -> Outcome<InterestBearer> {
    let found = InterestBearer::ALL.get(usize::from(number)).copied();
    found.ok_or_else(|| invalid_term("interestBearer", "must be 0 or 1").into())
}

/// The three-way match: what is promised was invoiced, what was invoiced was delivered and
/// contracted.
///
/// # Errors
/// `MatchFailed` names the document and the rule.
pub fn check_match(
    amount: u64,
    purchase_contract: &Document,
    invoice: &Document,
    delivery: &Document,
) -> Outcome<()> {
    let documents = [("contract", purchase_contract), ("invoice", invoice), ("delivery", delivery)];
    for (name, document) in documents {
        ensure(!document.hash.is_zero(), || mismatch(name, "must have the hash of its file"))?;
        let covers = document.value >= amount;
        ensure(covers, || mismatch(name, "must prove at least the amount of the voucher"))?;
    }
    ensure(invoice.value <= purchase_contract.value, || {
        mismatch("invoice", "must not exceed the contract")
    })?;
    ensure(delivery.value <= invoice.value, || {
        mismatch("delivery", "must not exceed the invoice")
    })?;
    let hashes = [purchase_contract.hash, invoice.hash, delivery.hash];
    let are_three = hashes[0] != hashes[1] && hashes[1] != hashes[2] && hashes[0] != hashes[2];
    ensure(are_three, || mismatch("contract", "must be another file than invoice and delivery"))
}

/// What the registry for movable property financing is told of a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Who sells.
    pub transferor: String,
    /// Who finances.
    pub transferee: String,
    /// Who owes.
    pub debtor: String,
    /// Who guarantees; empty if nobody does.
    pub guarantor: String,
    /// The number of the voucher.
    pub voucher: u64,
    /// The number of the part.
    pub part: u64,
    /// In which currency.
    pub currency: Currency,
    /// How much is owed on the part.
    pub amount: u64,
    /// What is paid for it.
    pub price: u64,
    /// When the voucher was issued.
    pub issued: Date,
    /// When it is to be paid.
    pub due: Date,
    /// Whether the part can be returned to the transferor.
    pub has_recourse: bool,
    /// The hashes of contract, invoice and delivery.
    pub documents: [B256; 3],
}

/// The columns of the file for the registry.
const REGISTRATION_COLUMNS: &str = "出让人,受让人,应收账款债务人,增信方,凭证编号,凭证份额,币种,\
    金额,转让价款,开立日,付款日,追索权,合同摘要,发票摘要,交付摘要,转让财产描述";

/// The file for the registry: a line of columns and a line of values, in CSV (RFC 4180).
pub fn registration_file(registration: &Registration) -> String {
    let Registration { currency, voucher, part, .. } = *registration;
    let amount = currency.decimal(registration.amount);
    let (debtor, due) = (&registration.debtor, registration.due.yyyymmdd());
    let code = currency.code();
    let description = format!(
        "{debtor}开立的应收账款电子凭证第{voucher}号之份额第{part}号,金额{code} {amount},付款日{due}"
    );
    let recourse = if registration.has_recourse { "有" } else { "无" };
    let [contract, invoice, delivery] = registration.documents;
    let values = [
        registration.transferor.clone(),
        registration.transferee.clone(),
        debtor.clone(),
        registration.guarantor.clone(),
        voucher.to_string(),
        part.to_string(),
        code.to_owned(),
        amount,
        currency.decimal(registration.price),
        registration.issued.yyyymmdd().to_string(),
        due.to_string(),
        recourse.to_owned(),
        contract.to_string(),
        invoice.to_string(),
        delivery.to_string(),
        description,
    ];
    let quoted = values.map(|value| format!("\"{}\"", value.replace('"', "\"\"")));
    format!("{REGISTRATION_COLUMNS}\r\n{}\r\n", quoted.join(","))
}

pub(super) fn invalid_term(field: &str, rule: &str) -> InvalidTerm {
    InvalidTerm { field: field.to_owned(), rule: rule.to_owned() }
}

fn mismatch(document: &str, rule: &str) -> MatchFailed {
    MatchFailed { document: document.to_owned(), rule: rule.to_owned() }
}
