//! Vouchers are issued under the rules in force, and paid on their day.

use alloy_primitives::B256;
use qiao_module_kit::calendar::Date;

use super::{CN, CNY, CONTRACT_ONLY, LIMIT, PARTIES, Trade, account, party, regulator};
use crate::{
    payments::{self, IPayments},
    receivables::{self, IReceivables},
};

/// Issuers of which debts are written off: they stay on the list of the overdue.
const GIVEN_UP: u64 = 2;

impl Trade {
    /// What the law of China says of a voucher, computed from the notice and not by the module.
    fn is_lawful(&mut self, issuer: u64, amount: u64, due: Date, has_reason: bool) -> bool {
        let today = self.today();
        if self.pack == CONTRACT_ONLY {
            return due > today;
        }
        let call = IReceivables::exposureCall { issuer, currency: CNY };
        let exposure = self.view(receivables::ADDRESS, call);
        let months = if has_reason { 12 } else { 6 };
        due > today
            && due <= today.plus_months(months)
            && exposure.outstanding + amount <= exposure.limit
            && exposure.overdueVouchers == 0
    }

    pub(super) fn issue(&mut self) {
        let (issuer, creditor) = (self.one_of(PARTIES), self.one_of(PARTIES));
        let amount = 1_000 + self.below(1_000_000);
        self.documents += 1;
        let number = self.documents;
        let document = |letter: u8| IReceivables::Document {
            number: format!("{}{number}", char::from(letter)),
            value: amount,
            hash: B256::left_padding_from(&(number * 256 + u64::from(letter)).to_be_bytes()),
        };
        let days = if self.once_in(4) { 400 } else { 60 };
        let due = self.today().plus_days(u32::try_from(self.below(days)).unwrap());
        let has_reason = self.once_in(3);
        let is_lawful = self.is_lawful(issuer, amount, due, has_reason);
        let reason = if has_reason { "custom of the trade" } else { "" };
        let terms = IReceivables::Terms {
            creditor,
            amount,
            currency: CNY,
            due: due.yyyymmdd(),
            recourse: self.once_in(2),
            interestBearer: u8::from(self.once_in(4)),
            tenorReason: reason.to_owned(),
        };
        let call = IReceivables::issueCall {
            terms,
            purchaseContract: document(b'C'),
            invoice: document(b'I'),
            delivery: document(b'D'),
        };
        let told = self.send("issue", party(issuer), receivables::ADDRESS, call);
        assert_eq!(told.is_some(), is_lawful && issuer != creditor, "issuer {issuer}, due {due:?}");
        let Some(voucher) = told else { return };
        self.add_part(voucher, voucher);
        self.open.insert((due.yyyymmdd(), voucher), ());
        if self.once_in(8) {
            let call = IReceivables::declineCall { voucher };
            self.send("decline", party(creditor), receivables::ADDRESS, call);
        } else {
            let call = IReceivables::acceptCall { voucher };
            self.send("accept", party(creditor), receivables::ADDRESS, call);
        }
        if self.once_in(4) {
            let guarantor = self.one_of(PARTIES);
            let call = IReceivables::endorseCall { voucher };
            self.send("endorse", party(guarantor), receivables::ADDRESS, call);
        }
    }

    pub(super) fn add_part(&mut self, voucher: u64, position: u64) {
        self.positions = self.positions.max(position);
        self.parts.entry(voucher).or_default().push(position);
    }

    /// The voucher that is due first is paid, once its day has come: by its issuer, by its guarantor, or not.
    pub(super) fn settle(&mut self) {
        let today = self.today().yyyymmdd();
        let Some((&(due, voucher), ())) = self.open.first_key_value() else { return };
        if due >= today {
            return;
        }
        self.open.remove(&(due, voucher));
        let told = self.view(receivables::ADDRESS, IReceivables::voucherCall { id: voucher });
        if !self.once_in(4) {
            let (by, call) =
                (party(self.one_of(PARTIES)), IReceivables::markOverdueCall { voucher });
            self.send("markOverdue", by, receivables::ADDRESS, call);
        }
        let is_lost = told.issuer <= GIVEN_UP && self.once_in(10);
        for position in self.parts.get(&voucher).cloned().unwrap_or_default() {
            let part = self.part(position);
            if part.amount == 0 {
                continue;
            }
            self.clear(position, &part);
            if is_lost {
                let call = IReceivables::writeOffCall { position, reason: "lost".to_owned() };
                self.send("writeOff", party(part.holder), receivables::ADDRESS, call);
            } else if told.guarantor != 0 && self.once_in(3) {
                self.guarantee(told.guarantor, position, &part);
                self.redeem(told.issuer, position);
            } else {
                self.redeem(told.issuer, position);
            }
        }
    }

    /// Nothing keeps a part from being paid: the order is lifted, the offer ended.
    fn clear(&mut self, position: u64, part: &IReceivables::Part) {
        if part.frozen {
            let call = IReceivables::unfreezePartCall { position };
            self.send("unfreezePart", regulator(), receivables::ADDRESS, call);
        }
        const LOCKED: u8 = 2;
        if part.state == LOCKED {
            let call = IReceivables::endSaleCall { position };
            self.send("endSale", party(part.beneficiary), receivables::ADDRESS, call);
        }
    }

    /// The guarantor pays a part of an overdue voucher and holds it.
    fn guarantee(&mut self, guarantor: u64, position: u64, part: &IReceivables::Part) {
        let payer = self.funded(guarantor, part.amount);
        let (uetr, payee) = (self.next_uetr(), account(1, part.holder));
        let call = IPayments::payGuaranteeCall { uetr, position, payer, payee };
        self.send("payGuarantee", party(guarantor), payments::ADDRESS, call);
    }

    /// The issuer pays what is left of a part.
    fn redeem(&mut self, issuer: u64, position: u64) {
        const PLEDGED: u8 = 3;
        let part = self.part(position);
        let payee = if part.state == PLEDGED { part.beneficiary } else { part.holder };
        let (amount, uetr) = (part.amount, self.next_uetr());
        if self.once_in(6) {
            let call = IReceivables::acknowledgeCall { position, amount };
            self.send("acknowledge", party(payee), receivables::ADDRESS, call);
            return;
        }
        let payer = self.funded(issuer, amount);
        let payee = account(1, payee);
        let call = IPayments::payPartCall { uetr, position, amount, payer, payee };
        self.send("payPart", party(issuer), payments::ADDRESS, call);
    }

    /// The account of an organisation at the first bank, with so much in it.
    pub(super) fn funded(&mut self, owner: u64, amount: u64) -> u64 {
        let id = account(1, owner);
        let balance = self.view(payments::ADDRESS, IPayments::accountCall { id }).balance;
        if balance < amount {
            let (amount, remittance) = (amount - balance, String::new());
            let call = IPayments::depositCall { account: id, amount, remittance };
            self.send("deposit", party(1), payments::ADDRESS, call);
        }
        id
    }

    /// The regulator changes the rules and the limits.
    pub(super) fn regulate(&mut self) {
        let module = receivables::ADDRESS;
        if self.once_in(12) {
            self.pack = if self.once_in(3) { CONTRACT_ONLY } else { CN };
            let call = IReceivables::adoptPackCall { pack: self.pack };
            self.send("adoptPack", regulator(), module, call);
        } else if self.once_in(4) {
            let (issuer, limit) = (self.one_of(PARTIES), self.below(2 * LIMIT));
            let call = IReceivables::setLimitCall { issuer, currency: CNY, limit };
            self.send("setLimit", regulator(), module, call);
        }
    }
}
