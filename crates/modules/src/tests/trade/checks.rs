//! What must hold of a world, whatever was tried in it.

use std::collections::BTreeMap;

use alloy_primitives::B256;

use super::{ASSETS, BANKS, CNY, PARTIES, Trade, account, asset};
use crate::{
    collateral::{self, ICollateral},
    financing::{self, IFinancing},
    payments::{self, IPayments},
    receivables::{self, IReceivables},
};

impl Trade {
    pub(super) fn check(&mut self) {
        self.check_vouchers();
        self.check_registrations();
        self.check_books();
        self.check_assets();
        self.check_lines();
        self.check_loans();
        self.check_fees();
    }

    /// What the parts of a voucher hold is its amount less what was repaid and written off; a part's way
    /// leads from the voucher through its parents; what an issuer owes is the sum of its vouchers.
    fn check_vouchers(&mut self) {
        let mut held: BTreeMap<u64, (u64, u32)> = BTreeMap::new();
        for position in 1..=self.positions {
            let part = self.part(position);
            let live = held.entry(part.voucher).or_default();
            live.0 += part.amount;
            live.1 += u32::from(part.amount > 0);
            if part.parent != 0 {
                assert!(part.parent < position, "a part is younger than its parent");
                let parent = self.part(part.parent);
                assert_eq!((parent.voucher, parent.depth + 1), (part.voucher, part.depth));
            } else {
                assert_eq!((part.voucher, part.depth), (position, 0));
            }
        }
        let mut owed: BTreeMap<u64, u64> = BTreeMap::new();
        for (id, (amount, live)) in held {
            let call = IReceivables::voucherCall { id };
            let voucher = self.view(receivables::ADDRESS, call);
            let gone = voucher.repaid + voucher.writtenOff;
            const VOID: u8 = 3;
            let left = if voucher.state == VOID { 0 } else { voucher.amount - gone };
            assert_eq!((amount, live), (left, voucher.liveParts), "voucher {id} {voucher:?}");
            *owed.entry(voucher.issuer).or_default() += left;
        }
        for issuer in 1..=PARTIES {
            let call = IReceivables::exposureCall { issuer, currency: CNY };
            let told = self.view(receivables::ADDRESS, call).outstanding;
            assert_eq!(told, owed.get(&issuer).copied().unwrap_or(0), "issuer {issuer}");
        }
        if self.positions > 0 {
            let position = self.one_of(self.positions);
            let call = IReceivables::lineageCall { position };
            let way = self.view(receivables::ADDRESS, call);
            assert_eq!(way.first(), Some(&self.part(position).voucher));
            assert_eq!(way.last(), Some(&position));
        }
    }

    /// No part of a voucher of the law of China was sold without the number of its registration.
    fn check_registrations(&mut self) {
        for financing in 1..=self.financings() {
            assert!(self.is_registered(financing), "financing {financing} is not registered");
        }
    }

    /// The books of both banks balance, and agree with the accounts and with each other.
    fn check_books(&mut self) {
        let mut sheets = Vec::new();
        for bank in 1..=BANKS {
            let sheet = self.view(payments::ADDRESS, IPayments::sheetCall { bank, currency: CNY });
            let received = u128::from(sheet.deposited) + u128::from(sheet.claims);
            let owed =
                u128::from(sheet.withdrawn) + u128::from(sheet.balances) + u128::from(sheet.debts);
            assert_eq!(received, owed, "bank {bank}: {sheet:?}");
            let balances: u64 = (1..=PARTIES)
                .map(|owner| IPayments::accountCall { id: account(bank, owner) })
                .map(|call| self.view(payments::ADDRESS, call).balance)
                .sum();
            assert_eq!(balances, sheet.balances, "bank {bank}");
            sheets.push(sheet);
        }
        assert_eq!(sheets[0].claims, sheets[1].debts);
        assert_eq!(sheets[1].claims, sheets[0].debts);
    }

    /// What is reserved and used of an asset is the sum of its claims and never exceeds its value.
    fn check_assets(&mut self) {
        let mut claimed: BTreeMap<B256, u64> = BTreeMap::new();
        for id in 1..=self.claims {
            let claim = self.view(collateral::ADDRESS, ICollateral::claimCall { id });
            if claim.state == 1 || claim.state == 2 {
                *claimed.entry(claim.asset).or_default() += claim.amount;
            }
        }
        for number in 0..ASSETS {
            let key = asset(number);
            let told = self.view(collateral::ADDRESS, ICollateral::assetCall { key });
            let claimed = claimed.get(&key).copied().unwrap_or(0);
            assert_eq!(told.value, told.left + claimed, "asset {number}");
        }
    }

    /// What a bank finances of an issuer is the sum of what it was awarded; who won a sealed request won it
    /// with the bid that it had committed to.
    fn check_lines(&mut self) {
        let mut drawn: BTreeMap<(u64, u64), u64> = BTreeMap::new();
        for id in 1..=self.requests {
            let request = self.view(financing::ADDRESS, IFinancing::requestCall { id });
            const AWARDED: u8 = 2;
            assert!(request.drawn == 0 || request.state == AWARDED, "request {id}");
            if request.state == AWARDED && request.isSealed {
                let bid = self.best_bid(id, request.bestBank).map(|(price, _)| price);
                assert_eq!(bid, Some(request.bestPrice), "request {id}");
            }
            let part = self.part(request.position);
            let call = IReceivables::voucherCall { id: part.voucher };
            let issuer = self.view(receivables::ADDRESS, call).issuer;
            *drawn.entry((request.bestBank, issuer)).or_default() += request.drawn;
        }
        for bank in 1..=BANKS {
            for issuer in 1..=PARTIES {
                let call = IFinancing::lineCall { bank, issuer, currency: CNY };
                let told = self.view(financing::ADDRESS, call).drawn;
                let sum = drawn.get(&(bank, issuer)).copied().unwrap_or(0);
                assert_eq!(told, sum, "bank {bank}, issuer {issuer}");
            }
        }
    }

    /// What is left of a loan and what was paid back are what was lent.
    fn check_loans(&mut self) {
        for (loan, paid_back) in self.paid_back.clone() {
            let told = self.view(financing::ADDRESS, IFinancing::loanCall { id: loan });
            assert_eq!(told.principal + paid_back, told.lent, "loan {loan}: {told:?}");
            const REPAID: u8 = 3;
            let is_over = told.principal + told.interest == 0;
            assert_eq!(is_over, told.state == REPAID, "loan {loan}: {told:?}");
        }
    }
}
