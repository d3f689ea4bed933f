//! Banks set lines, bid openly and sealed, and lend against pledged parts.

use alloy_primitives::{B256, keccak256};
use qiao_module_kit::interest::RATE_ONE;

use super::{BANKS, CNY, DAY, PARTIES, Trade, account, party};
use crate::{
    financing::{self, IFinancing},
    receivables::{self, IReceivables},
};

/// A rate of one per cent a year.
const PER_CENT: u64 = RATE_ONE / 100;

impl Trade {
    pub(super) fn bid(&mut self) {
        let bank = self.one_of(BANKS);
        match self.below(8) {
            0 => {
                let (issuer, limit) = (self.one_of(PARTIES), self.below(60_000_000));
                let call = IFinancing::setLineCall { issuer, currency: CNY, limit };
                self.send("setLine", party(bank), financing::ADDRESS, call);
            }
            1 | 2 => self.ask(),
            3 | 4 => self.answer(bank),
            5 => self.reveal(bank),
            6 => self.decide(),
            _ => {
                let request = self.one_of(self.requests.max(1));
                let call = IFinancing::releaseLineCall { request };
                self.send("releaseLine", party(bank), financing::ADDRESS, call);
            }
        }
    }

    fn ask(&mut self) {
        let Some((position, _, holder)) = self.some_part() else { return };
        let is_sealed = self.once_in(2);
        let bids_until = self.time + DAY / 2 + self.below(DAY);
        let reveals_until = if is_sealed { bids_until + 1 + self.below(DAY) } else { bids_until };
        let call = IFinancing::askCall {
            position,
            isSealed: is_sealed,
            bidsUntil: bids_until,
            revealsUntil: reveals_until,
        };
        let told = self.send("ask", party(holder), financing::ADDRESS, call);
        self.requests = self.requests.max(told.unwrap_or(0));
    }

    /// A request among the newest.
    fn some_request(&mut self) -> Option<(u64, IFinancing::Request)> {
        let newest = self.requests.min(3);
        let request = self.requests - if newest == 0 { return None } else { self.below(newest) };
        Some((request, self.view(financing::ADDRESS, IFinancing::requestCall { id: request })))
    }

    fn answer(&mut self, bank: u64) {
        let Some((request, told)) = self.some_request() else { return };
        let price = self.below(told.amount + 1);
        if !told.isSealed {
            let call = IFinancing::quoteCall { request, price };
            self.send("quote", party(bank), financing::ADDRESS, call);
            return;
        }
        let salt = keccak256(self.random.to_be_bytes());
        let call = IFinancing::commitmentOfCall { request, bank, price, salt };
        let commitment = self.view(financing::ADDRESS, call);
        let call = IFinancing::commitCall { request, commitment };
        if self.send("commit", party(bank), financing::ADDRESS, call).is_some() {
            self.sealed.insert((request, bank), (price, salt));
        }
    }

    /// Shows a sealed bid; one in eight shows another price.
    fn reveal(&mut self, bank: u64) {
        let Some((request, told)) = self.some_request() else { return };
        let Some((price, salt)) = self.sealed.get(&(request, bank)).copied() else { return };
        if self.time <= told.bidsUntil && !self.once_in(4) {
            self.time = told.bidsUntil + 1;
            self.chain.at_block(self.time, self.time);
        }
        let is_honest = !self.once_in(8);
        let shown = if is_honest { price } else { price + 1 };
        let call = IFinancing::revealCall { request, price: shown, salt };
        let told = self.send("reveal", party(bank), financing::ADDRESS, call);
        assert!(is_honest || told.is_none(), "bank {bank} showed another bid for {request}");
    }

    /// The seller awards or takes back.
    fn decide(&mut self) {
        let Some((request, told)) = self.some_request() else { return };
        let seller = if self.once_in(10) { self.one_of(PARTIES) } else { told.seller };
        if self.once_in(6) {
            let call = IFinancing::lapseCall { request };
            self.send("lapse", party(seller), financing::ADDRESS, call);
            return;
        }
        if self.time <= told.revealsUntil && self.once_in(2) {
            self.time = told.revealsUntil + 1;
            self.chain.at_block(self.time, self.time);
        }
        let call = IFinancing::awardCall { request };
        if self.send("award", party(seller), financing::ADDRESS, call).is_some() {
            self.offered.push(told.position);
        }
    }

    pub(super) fn lend(&mut self) {
        match self.below(8) {
            0..=2 => self.ask_loan(),
            3 | 4 => self.disburse(),
            5 | 6 => self.repay(),
            _ => {
                let loan = self.one_of(self.loans.max(1));
                let told = self.view(financing::ADDRESS, IFinancing::loanCall { id: loan });
                let bank = party(told.bank.max(1));
                if self.once_in(2) {
                    let call = IFinancing::refuseLoanCall { loan };
                    self.send("refuseLoan", bank, financing::ADDRESS, call);
                } else {
                    let call = IFinancing::markDefaultedCall { loan };
                    self.send("markDefaulted", bank, financing::ADDRESS, call);
                }
            }
        }
    }

    /// A holder pledges a part to a bank and asks for a loan.
    fn ask_loan(&mut self) {
        let Some((position, part, holder)) = self.some_part() else { return };
        let bank = self.one_of(BANKS);
        let call = IReceivables::pledgeCall { position, pledgee: bank };
        self.send("pledge", party(holder), receivables::ADDRESS, call);
        let call = IReceivables::voucherCall { id: part.voucher };
        let due = self.view(receivables::ADDRESS, call).due;
        let terms = IFinancing::LoanTerms {
            position,
            bank,
            principal: self.below(part.amount + 2),
            rate: self.below(40) * PER_CENT,
            dayCount: u8::try_from(self.below(4)).unwrap(),
            interestMonths: u32::try_from(self.below(4)).unwrap(),
            maturity: due,
            repayment: u8::try_from(self.below(3)).unwrap(),
        };
        let call = IFinancing::askLoanCall { terms };
        let told = self.send("askLoan", party(holder), financing::ADDRESS, call);
        self.loans = self.loans.max(told.unwrap_or(0));
    }

    fn some_loan(&mut self) -> Option<(u64, IFinancing::Loan)> {
        let newest = self.loans.min(20);
        let loan = self.loans - if newest == 0 { return None } else { self.below(newest) };
        Some((loan, self.view(financing::ADDRESS, IFinancing::loanCall { id: loan })))
    }

    fn disburse(&mut self) {
        let Some((loan, told)) = self.some_loan() else { return };
        let payer = self.funded(told.bank, told.lent);
        let (uetr, payee) = (self.next_uetr(), account(1, told.borrower));
        let call = IFinancing::disburseCall { loan, uetr, payer, payee };
        if self.send("disburse", party(told.bank), financing::ADDRESS, call).is_some() {
            self.paid_back.insert(loan, 0);
        }
    }

    /// Half of what is owed, or all, or a little too much.
    fn repay(&mut self) {
        let Some((loan, told)) = self.some_loan() else { return };
        let owed = self.view(financing::ADDRESS, IFinancing::owedCall { loan });
        let owed = owed.interest + owed.principal;
        let amount = match self.below(4) {
            0 => owed / 2,
            1 => owed + 1,
            _ => owed,
        };
        let payer = self.funded(told.borrower, amount);
        let (uetr, payee) = (self.next_uetr(), account(1, told.bank));
        let call = IFinancing::repayCall { loan, amount, uetr, payer, payee };
        if self.send("repay", party(told.borrower), financing::ADDRESS, call).is_some() {
            let paid: u64 =
                self.chain.events::<IFinancing::LoanRepaid>().iter().map(|one| one.principal).sum();
            *self.paid_back.entry(loan).or_default() += paid;
        }
    }

    /// A bid that nobody showed won nothing.
    pub(super) fn best_bid(&self, request: u64, bank: u64) -> Option<(u64, B256)> {
        self.sealed.get(&(request, bank)).copied()
    }
}
