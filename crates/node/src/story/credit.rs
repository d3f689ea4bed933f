//! Telling the sample of supply-chain finance: each party signs its own acts.

use std::sync::Arc;

use alloy_primitives::keccak256;
use alloy_sol_types::SolCall;
use qiao_api::{
    Chain,
    collateral::{
        asking::AskError,
        checking::{keys, open_key},
    },
    finance::{Access, Desk, Desks, FinanceError, view, words},
};
use qiao_modules::{
    collateral::{self, ICollateral::*},
    financing::{self, IFinancing::*},
    payments::{self, IPayments::*},
    receivables::{
        self,
        IReceivables::{
            Document, Terms, acceptCall, acceptSaleCall, issueCall, offerSaleCall, passCall,
            pledgeCall, setLimitCall,
        },
    },
};
use qiao_sample::credit::{
    CONTRACT_VALUE, CreditInvoice, DECLARATION, DECLARATION_FINANCED, DECLARATION_VALUE, ISSUED,
    credit_parties, place,
};

use super::StoryError;
use crate::status::now_ms;

#[cfg(test)]
mod tests;

/// Yuan, by its number of ISO 4217.
const CNY: u16 = 156;
const DAY_MS: u64 = 86_400_000;
/// Seconds for which the open request takes bids: somebody who walks through the story may bid.
const BID_SECONDS: u64 = 6 * 60 * 60;

/// What was told.
#[derive(Debug, Clone, Default)]
pub struct CreditReport {
    /// Vouchers that were issued.
    pub vouchers: usize,
    /// Parts that changed hands.
    pub passed: usize,
    /// Parts that were financed, or accepted to be.
    pub financed: usize,
    /// Loans that were paid out.
    pub loans: usize,
    /// Why selling a part a second time was refused.
    pub refused: String,
    /// Milliseconds from the first act to the last.
    pub elapsed_ms: u64,
}

/// The desks of the sample, by place.
struct Cast {
    chain: Arc<dyn Chain>,
    desks: Vec<Desk>,
    now_ms: u64,
    payments: u64,
}

/// Tells the story, unless the node does not keep its desks or it was told already.
/// `url` is where other nodes ask this one.
pub async fn tell(chain: Arc<dyn Chain>, url: &str) -> Result<Option<CreditReport>, StoryError> {
    let open = Desks::new(Arc::clone(&chain)).open_to(Access::All).await.map_err(failed)?;
    let named = credit_parties().iter();
    let named: Option<Vec<Desk>> =
        named.map(|party| open.iter().find(|desk| desk.name == party.name).cloned()).collect();
    let Some(desks) = named else { return Ok(None) };
    let office = desks[place::OFFICE].account;
    let nonce = chain.next_nonce(office).await.map_err(|error| StoryError(error.to_string()))?;
    if nonce > 0 {
        return Ok(None);
    }
    let began = now_ms();
    let mut cast = Cast { chain, desks, now_ms: began, payments: 0 };
    let accounts = cast.supervise_and_open().await.map_err(failed)?;
    cast.appoint(url).await.map_err(failed)?;
    let mut report = CreditReport { vouchers: ISSUED.len(), ..CreditReport::default() };
    cast.confirm_and_pass(&mut report, &accounts).await.map_err(failed)?;
    report.elapsed_ms = now_ms().saturating_sub(began);
    Ok(Some(report))
}

fn failed(error: FinanceError) -> StoryError {
    StoryError(format!("supply-chain finance: {error}"))
}

/// Accounts of money, by the place of their owner.
type Accounts = std::collections::BTreeMap<usize, u64>;

impl Cast {
    fn number(&self, place: usize) -> u64 {
        self.desks[place].organisation
    }

    async fn act<C: SolCall>(
        &self,
        place: usize,
        module: alloy_primitives::Address,
        call: C,
    ) -> Result<C::Return, FinanceError> {
        Ok(self.desks[place].act(module, call).await?.returned)
    }

    fn uetr(&mut self) -> u128 {
        self.payments += 1;
        words::fresh_uetr(&[b"sample", &self.now_ms.to_be_bytes(), &self.payments.to_be_bytes()])
    }

    /// Limits, licences, lines and accounts: what there is before the first voucher.
    async fn supervise_and_open(&mut self) -> Result<Accounts, FinanceError> {
        use place::{AXLES, BEARINGS, CASTINGS, HILL_BANK, MAKER, OFFICE, RIVER_BANK, SAND};
        let maker = self.number(MAKER);
        let limit = setLimitCall { issuer: maker, currency: CNY, limit: 500_000_000 };
        self.act(OFFICE, receivables::ADDRESS, limit).await?;
        let lines = [(RIVER_BANK, 300_000_000), (HILL_BANK, 120_000_000)];
        for (bank, line) in lines {
            let licence =
                licenseBankCall { bank: self.number(bank), currency: CNY, licensed: true };
            self.act(OFFICE, payments::ADDRESS, licence).await?;
            let line = setLineCall { issuer: maker, currency: CNY, limit: line };
            self.act(bank, financing::ADDRESS, line).await?;
        }
        for (bank, flat, basis_points) in [(RIVER_BANK, 2_000, 5), (HILL_BANK, 0, 20)] {
            let (service, currency) = (financing::FeeService::Financing as u8, CNY);
            let tariff = setTariffCall { currency, service, flat, basisPoints: basis_points };
            self.act(bank, financing::ADDRESS, tariff).await?;
        }
        for (creditor, debtor) in [(RIVER_BANK, HILL_BANK), (HILL_BANK, RIVER_BANK)] {
            let debtor = self.number(debtor);
            let credit = setCreditCall { debtor, currency: CNY, limit: 200_000_000 };
            self.act(creditor, payments::ADDRESS, credit).await?;
        }
        let mut accounts = Accounts::new();
        let kept = [
            (RIVER_BANK, vec![MAKER, AXLES, BEARINGS, RIVER_BANK]),
            (HILL_BANK, vec![CASTINGS, SAND, HILL_BANK]),
        ];
        for (bank, owners) in kept {
            for owner in owners {
                let open = openAccountCall { owner: self.number(owner), currency: CNY };
                accounts.insert(owner, self.act(bank, payments::ADDRESS, open).await?);
            }
        }
        for (bank, owner, amount) in [
            (RIVER_BANK, MAKER, 250_000_000),
            (RIVER_BANK, RIVER_BANK, 150_000_000),
            (HILL_BANK, HILL_BANK, 80_000_000),
        ] {
            let remittance = "opening balance".to_owned();
            let deposit = depositCall { account: accounts[&owner], amount, remittance };
            self.act(bank, payments::ADDRESS, deposit).await?;
        }
        Ok(accounts)
    }

    /// The supervision appoints both banks as evaluators of private keys: neither can guess alone. On this
    /// one node their secrets lie side by side, which no network should do.
    async fn appoint(&self, url: &str) -> Result<(), FinanceError> {
        use place::{HILL_BANK, OFFICE, RIVER_BANK};
        let keys = self.chain.evaluator().map(|desk| desk.public_keys()).unwrap_or_default();
        let evaluators: Vec<Evaluator> = [RIVER_BANK, HILL_BANK]
            .into_iter()
            .zip(keys)
            .map(|(bank, public_key)| Evaluator {
                organisation: self.number(bank),
                publicKey: public_key,
                url: url.to_owned(),
            })
            .collect();
        if !evaluators.is_empty() {
            let call = appointEvaluatorsCall { evaluators };
            self.act(OFFICE, collateral::ADDRESS, call).await?;
        }
        Ok(())
    }

    /// From the car maker's vouchers down to the fourth tier, and to the banks.
    async fn confirm_and_pass(
        &mut self,
        report: &mut CreditReport,
        accounts: &Accounts,
    ) -> Result<(), FinanceError> {
        use place::{AXLES, BEARINGS, CASTINGS, SAND};
        let mut vouchers = Vec::new();
        for invoice in &ISSUED {
            let call = self.terms(invoice);
            vouchers.push(self.act(place::MAKER, receivables::ADDRESS, call).await?);
        }
        for voucher in [vouchers[0], vouchers[1]] {
            self.act(AXLES, receivables::ADDRESS, acceptCall { voucher }).await?;
        }
        let (mut part, mut bearings) = (vouchers[0], 0);
        for (from, to, amount) in [
            (AXLES, BEARINGS, 50_000_000),
            (BEARINGS, CASTINGS, 20_000_000),
            (CASTINGS, SAND, 6_000_000),
        ] {
            let call = passCall { position: part, to: self.number(to), amount };
            let passed = self.act(from, receivables::ADDRESS, call).await?;
            report.passed += 1;
            if to == BEARINGS {
                bearings = passed;
            }
            if to == SAND {
                self.finance_the_last(passed, accounts).await?;
            } else {
                part = passed;
            }
        }
        self.compete(part).await?;
        report.refused = self.sell_twice(vouchers[1]).await?;
        report.financed = 2;
        self.lend(bearings, accounts).await?;
        report.loans = 1;
        self.finance_a_declaration().await
    }

    /// The second tier borrows against what it kept, and pays a first amount back.
    async fn lend(&mut self, position: u64, accounts: &Accounts) -> Result<(), FinanceError> {
        use place::{BEARINGS, RIVER_BANK};
        let bank = self.number(RIVER_BANK);
        let pledge = pledgeCall { position, pledgee: bank };
        self.act(BEARINGS, receivables::ADDRESS, pledge).await?;
        let terms = LoanTerms {
            position,
            bank,
            principal: 24_000_000,
            rate: words::read_rate("rate", "4.35")?,
            dayCount: 0,
            interestMonths: 1,
            maturity: words::today(self.now_ms + ISSUED[0].days * DAY_MS),
            repayment: financing::LoanRepayment::EqualInstalments as u8,
        };
        let loan = self.act(BEARINGS, financing::ADDRESS, askLoanCall { terms }).await?;
        let (payer, payee) = (accounts[&RIVER_BANK], accounts[&BEARINGS]);
        let disburse = disburseCall { loan, uetr: self.uetr(), payer, payee };
        self.act(RIVER_BANK, financing::ADDRESS, disburse).await?;
        let service = financing::FeeService::Financing as u8;
        let asked = feeOfCall { position, provider: bank, service };
        let amount = view(&*self.chain, financing::ADDRESS, asked).await?;
        let fee = payFeeCall {
            position,
            provider: bank,
            service,
            amount,
            uetr: self.uetr(),
            payer: payee,
            payee: payer,
        };
        self.act(BEARINGS, financing::ADDRESS, fee).await?;
        let (amount, uetr) = (2_000_000, self.uetr());
        let repay = repayCall { loan, amount, uetr, payer: payee, payee: payer };
        self.act(BEARINGS, financing::ADDRESS, repay).await?;
        Ok(())
    }

    /// One bank registers a customs declaration and finances a part of it: the other can finance the rest.
    /// Its key is private where there are evaluators.
    async fn finance_a_declaration(&self) -> Result<(), FinanceError> {
        use place::{OFFICE, RIVER_BANK};
        let identity = [("number".to_owned(), DECLARATION.to_owned())].into();
        let asset = open_key("customs_declaration", &identity)
            .map_err(|problem| FinanceError::input(&problem.field, problem.rule))?;
        let asset = match keys(&self.chain, vec![asset], true).await {
            Ok((_, keys)) => keys.first().copied().unwrap_or(asset),
            Err(AskError::NobodyAppointed) => asset,
            Err(error) => return Err(FinanceError::input("declaration", error.to_string())),
        };
        let organisation = self.number(RIVER_BANK);
        let licence = licenseRegistrarCall { organisation, licensed: true };
        self.act(OFFICE, collateral::ADDRESS, licence).await?;
        let register = registerCall { asset, value: DECLARATION_VALUE, currency: CNY };
        self.act(RIVER_BANK, collateral::ADDRESS, register).await?;
        let (amount, until) = (DECLARATION_FINANCED, now_ms() / 1_000 + 86_400);
        let reserve = reserveCall { asset, amount, currency: CNY, until };
        let claim = self.act(RIVER_BANK, collateral::ADDRESS, reserve).await?;
        self.act(RIVER_BANK, collateral::ADDRESS, takeCall { claim }).await?;
        Ok(())
    }

    /// The fourth tier sells its part, and is paid in the same transaction.
    async fn finance_the_last(
        &mut self,
        position: u64,
        accounts: &Accounts,
    ) -> Result<(), FinanceError> {
        use place::{HILL_BANK, SAND};
        let buyer = self.number(HILL_BANK);
        let offer = offerSaleCall { position, buyer, price: 5_940_000 };
        self.act(SAND, receivables::ADDRESS, offer).await?;
        let buy = buyPartCall {
            uetr: self.uetr(),
            position,
            registration: "REG-2026-004471".to_owned(),
            payer: accounts[&HILL_BANK],
            payee: accounts[&SAND],
        };
        self.act(HILL_BANK, payments::ADDRESS, buy).await?;
        Ok(())
    }

    /// The third tier asks for bids, and both banks bid.
    async fn compete(&self, position: u64) -> Result<(), FinanceError> {
        use place::{CASTINGS, HILL_BANK, RIVER_BANK};
        let until = now_ms() / 1_000 + BID_SECONDS;
        let ask = askCall { position, isSealed: false, bidsUntil: until, revealsUntil: until };
        let request = self.act(CASTINGS, financing::ADDRESS, ask).await?;
        for (bank, price) in [(HILL_BANK, 13_850_000), (RIVER_BANK, 13_866_000)] {
            self.act(bank, financing::ADDRESS, quoteCall { request, price }).await?;
        }
        Ok(())
    }

    /// The first tier promises a part to one bank, which registers and accepts it; the second bank is
    /// refused.
    async fn sell_twice(&self, position: u64) -> Result<String, FinanceError> {
        use place::{AXLES, HILL_BANK, RIVER_BANK};
        let buyer = self.number(RIVER_BANK);
        let offer = offerSaleCall { position, buyer, price: 78_700_000 };
        self.act(AXLES, receivables::ADDRESS, offer).await?;
        let again = offerSaleCall { position, buyer: self.number(HILL_BANK), price: 78_800_000 };
        let refused = match self.act(AXLES, receivables::ADDRESS, again).await {
            Err(error @ FinanceError::Send(_)) => error.to_string(),
            Err(error) => return Err(error),
            Ok(_) => return Err(FinanceError::input("part", "was sold twice")),
        };
        let registration = "REG-2026-004502".to_owned();
        let accept = acceptSaleCall { position, registration };
        self.act(RIVER_BANK, receivables::ADDRESS, accept).await?;
        Ok(refused)
    }

    fn terms(&self, invoice: &CreditInvoice) -> issueCall {
        let document =
            |number: String, value: u64| Document { hash: keccak256(&number), number, value };
        issueCall {
            terms: Terms {
                creditor: self.number(invoice.supplier),
                amount: invoice.amount,
                currency: CNY,
                due: words::today(self.now_ms + invoice.days * DAY_MS),
                recourse: false,
                interestBearer: 0,
                tenorReason: String::new(),
            },
            purchaseContract: document(invoice.contract.to_owned(), CONTRACT_VALUE),
            invoice: document(invoice.number.to_owned(), invoice.amount),
            delivery: document(format!("DN-{}", invoice.number), invoice.amount),
        }
    }
}
