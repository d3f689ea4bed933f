//! What holders, buyers, payers and registrars try.

use super::{ASSETS, BANKS, CN, CNY, DAY, PARTIES, Trade, account, asset, party, regulator};
use crate::{
    collateral::{self, ICollateral},
    payments::{self, IPayments},
    receivables::{self, IReceivables},
};

impl Trade {
    pub(super) fn part(&mut self, position: u64) -> IReceivables::Part {
        self.view(receivables::ADDRESS, IReceivables::partCall { position })
    }

    /// A part among the newest, and who may dispose of it nine times of ten; anybody else otherwise.
    pub(super) fn some_part(&mut self) -> Option<(u64, IReceivables::Part, u64)> {
        let newest = self.positions.min(200);
        if newest == 0 {
            return None;
        }
        let position = self.positions - self.below(newest);
        let part = self.part(position);
        let holder = if self.once_in(10) { self.one_of(PARTIES) } else { part.holder.max(1) };
        Some((position, part, holder))
    }

    /// Splits, merges, passes on, pledges, freezes.
    pub(super) fn dispose(&mut self) {
        let Some((position, part, holder)) = self.some_part() else { return };
        let (by, amount, to) = (party(holder), self.below(part.amount + 2), self.one_of(PARTIES));
        let module = receivables::ADDRESS;
        let told = match self.below(11) {
            0..=2 => self.send("split", by, module, IReceivables::splitCall { position, amount }),
            3..=5 => {
                let call = IReceivables::passCall { position, to, amount };
                self.send("pass", by, module, call)
            }
            6 => {
                let parts = self.parts.get(&part.voucher).map_or(1, |parts| parts.len() as u64);
                let place = usize::try_from(self.below(parts)).unwrap();
                let other = self.parts.get(&part.voucher).map_or(1, |parts| parts[place]);
                let call = IReceivables::mergeCall { into: position, other };
                self.send("merge", by, module, call);
                None
            }
            7 => {
                let call = IReceivables::pledgeCall { position, pledgee: to };
                self.send("pledge", by, module, call);
                None
            }
            8 => {
                let by = party(part.beneficiary.max(1));
                let call = IReceivables::releasePledgeCall { position };
                self.send("releasePledge", by, module, call);
                None
            }
            9 => {
                let by = party(part.beneficiary.max(1));
                let call = IReceivables::enforcePledgeCall { position };
                self.send("enforcePledge", by, module, call);
                None
            }
            _ => {
                self.order(position, part.frozen);
                None
            }
        };
        if let Some(child) = told.filter(|child| *child > self.positions) {
            self.add_part(part.voucher, child);
        }
    }

    fn order(&mut self, position: u64, is_frozen: bool) {
        if is_frozen {
            let call = IReceivables::unfreezePartCall { position };
            self.send("unfreezePart", regulator(), receivables::ADDRESS, call);
        } else if self.once_in(4) {
            let call = IReceivables::freezePartCall { position, reason: "order".to_owned() };
            self.send("freezePart", regulator(), receivables::ADDRESS, call);
        }
    }

    /// A part among those that were offered last, and who holds it; or any.
    fn some_offer(&mut self) -> Option<(u64, IReceivables::Part, u64)> {
        let newest = u64::try_from(self.offered.len().min(10)).unwrap();
        if newest == 0 || self.once_in(4) {
            return self.some_part();
        }
        let place = self.offered.len() - 1 - usize::try_from(self.below(newest)).unwrap();
        let position = self.offered[place];
        let part = self.part(position);
        let holder = part.holder.max(1);
        Some((position, part, holder))
    }

    /// Sells for money of the chain or of outside, withdraws, returns under recourse, pays early.
    pub(super) fn sell(&mut self) {
        let act = self.below(9);
        let some = if (2..=6).contains(&act) { self.some_offer() } else { self.some_part() };
        let Some((position, part, holder)) = some else { return };
        let (by, buyer, module) = (party(holder), part.beneficiary.max(1), receivables::ADDRESS);
        match act {
            0 | 1 => {
                let (buyer, price) = (self.one_of(PARTIES), self.below(part.amount + 1));
                let call = IReceivables::offerSaleCall { position, buyer, price };
                if self.send("offerSale", by, module, call).is_some() {
                    self.offered.push(position);
                }
            }
            2 | 3 => self.buy(position, &part),
            4 => {
                let registration = self.registration();
                let call = IReceivables::acceptSaleCall { position, registration };
                self.send("acceptSale", party(buyer), module, call);
            }
            5 => {
                let call = IReceivables::completeSaleCall { position };
                self.send("completeSale", by, module, call);
            }
            6 => {
                self.send("endSale", by, module, IReceivables::endSaleCall { position });
            }
            7 => self.recourse(),
            _ => {
                let (payer, amount) = (self.one_of(self.accounts), self.below(part.amount + 2));
                let (uetr, payee) = (self.next_uetr(), self.one_of(self.accounts));
                let owner = party((payer - 1) % PARTIES + 1);
                let call = IPayments::payPartCall { uetr, position, amount, payer, payee };
                self.send("payPart", owner, payments::ADDRESS, call);
            }
        }
    }

    /// A number of the registry; one in eight forgot it.
    fn registration(&mut self) -> String {
        if self.once_in(8) { String::new() } else { format!("R{}", self.below(1_000_000)) }
    }

    fn buy(&mut self, position: u64, part: &IReceivables::Part) {
        let (bank, other) = (self.one_of(BANKS), self.one_of(BANKS));
        let payer = account(bank, part.beneficiary.max(1));
        let payee = account(other, part.holder.max(1));
        let (uetr, registration) = (self.next_uetr(), self.registration());
        let call = IPayments::buyPartCall { uetr, position, registration, payer, payee };
        self.send("buyPart", party(part.beneficiary.max(1)), payments::ADDRESS, call);
    }

    /// A financing among the newest goes back to who sold it.
    fn recourse(&mut self) {
        let count = self.financings();
        if count == 0 {
            return;
        }
        let financing = count - self.below(count.min(50));
        let call = IReceivables::financingCall { id: financing };
        let told = self.view(receivables::ADDRESS, call);
        if self.once_in(3) {
            let call = IReceivables::buyBackCall { financing };
            self.send("buyBack", party(told.buyer.max(1)), receivables::ADDRESS, call);
            return;
        }
        let payer = self.funded(told.seller.max(1), told.amount);
        let (uetr, payee) = (self.next_uetr(), account(1, told.buyer.max(1)));
        let call = IPayments::payRecourseCall { uetr, financing, payer, payee };
        self.send("payRecourse", party(told.seller.max(1)), payments::ADDRESS, call);
    }

    /// How many parts were sold.
    pub(super) fn financings(&self) -> u64 {
        let accepted = |name| self.done.get(name).map_or(0, |counts| counts.0);
        accepted("buyPart") + accepted("completeSale")
    }

    pub(super) fn pay(&mut self) {
        self.uetr += 1;
        // One payment in twenty has the number of another.
        let uetr = self.uetr - u128::from(self.below(20) / 19);
        let (payer, payee) = (self.one_of(self.accounts), self.one_of(self.accounts));
        let amount = self.below(2_000_000);
        let owner = party((payer - 1) % PARTIES + 1);
        let bank = party((payer - 1) / PARTIES + 1);
        let (module, remittance) = (payments::ADDRESS, String::new());
        match self.below(10) {
            0..=4 => {
                let call = IPayments::payCall { uetr, payer, payee, amount, remittance };
                self.send("pay", owner, module, call);
            }
            5 | 6 => {
                let call = IPayments::depositCall { account: payer, amount, remittance };
                self.send("deposit", bank, module, call);
            }
            7 => {
                let call =
                    IPayments::receivePaymentCall { uetr, account: payer, amount, remittance };
                self.send("receivePayment", bank, module, call);
            }
            8 => {
                let call = IPayments::withdrawCall { account: payer, amount, remittance };
                self.send("withdraw", owner, module, call);
            }
            _ => {
                let other = self.one_of(BANKS);
                let call = IPayments::netCall { bank: other, currency: CNY };
                self.send("net", bank, module, call);
            }
        }
    }

    pub(super) fn claim(&mut self) {
        let (key, amount) = (asset(self.below(ASSETS)), self.below(400));
        let module = collateral::ADDRESS;
        // Banks register; the rest does not know what it may not.
        let financer = self.one_of(PARTIES);
        let registrar = party(if self.once_in(2) { self.one_of(BANKS) } else { financer });
        let claim = self.claims.max(1) - self.below(self.claims.clamp(1, 50));
        let owner = self.claimants.get(&claim).copied().unwrap_or(1);
        let by = party(if self.once_in(8) { financer } else { owner });
        match self.below(10) {
            0 => {
                let call = ICollateral::registerCall { asset: key, value: 1_000, currency: CNY };
                self.send("register", registrar, module, call);
            }
            1 => {
                let value = 500 + self.below(2_000);
                self.send(
                    "revise",
                    registrar,
                    module,
                    ICollateral::reviseCall { asset: key, value },
                );
            }
            2..=5 => {
                let until = self.time + self.below(2 * DAY);
                let call = ICollateral::reserveCall { asset: key, amount, currency: CNY, until };
                let told = self.send("reserve", party(financer), module, call);
                if let Some(claim) = told {
                    self.claims = self.claims.max(claim);
                    self.claimants.insert(claim, financer);
                }
            }
            6 => {
                self.send("take", by, module, ICollateral::takeCall { claim });
            }
            7 | 8 => {
                self.send("release", by, module, ICollateral::releaseCall { claim, amount });
            }
            _ => {
                self.send("expire", by, module, ICollateral::expireCall { claim });
            }
        }
    }

    /// Whether a sold part is registered, if the rules of its voucher ask for it.
    pub(super) fn is_registered(&mut self, financing: u64) -> bool {
        let call = IReceivables::financingCall { id: financing };
        let told = self.view(receivables::ADDRESS, call);
        let voucher =
            self.view(receivables::ADDRESS, IReceivables::voucherCall { id: told.voucher });
        voucher.pack != CN || !told.registration.is_empty()
    }
}
