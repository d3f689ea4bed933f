//! Providers publish what they charge, and who bears the cost of a part pays it.

use super::{BANKS, CN, CNY, PARTIES, Trade, account, party, regulator};
use crate::{
    financing::{self, IFinancing},
    receivables::{self, IReceivables},
};

/// Services for which fees are charged.
const SERVICES: u64 = 4;

impl Trade {
    pub(super) fn charge(&mut self) {
        match self.below(12) {
            0 | 1 => self.publish(),
            2 => self.limit_fees(),
            _ => self.pay_fee(),
        }
    }

    fn publish(&mut self) {
        let (provider, service) = (self.one_of(PARTIES), self.some_service());
        let flat = self.below(2_000);
        let basis_points = u32::try_from(self.below(150)).unwrap();
        let call =
            IFinancing::setTariffCall { currency: CNY, service, flat, basisPoints: basis_points };
        if self.send("setTariff", party(provider), financing::ADDRESS, call).is_some() {
            self.tariffs.insert((provider, service), (flat, basis_points, self.time));
        }
    }

    fn some_service(&mut self) -> u8 {
        u8::try_from(self.below(SERVICES)).unwrap()
    }

    fn limit_fees(&mut self) {
        let pack = u8::try_from(self.below(2)).unwrap();
        let basis_points = u32::try_from(self.below(400)).unwrap();
        let is_set = !self.once_in(3);
        let call = IFinancing::setFeeLimitCall { pack, isSet: is_set, basisPoints: basis_points };
        self.send("setFeeLimit", regulator(), financing::ADDRESS, call);
        if is_set {
            self.fee_limits.insert(pack, basis_points);
        } else {
            self.fee_limits.remove(&pack);
        }
    }

    /// A provider among those that published something, most of the time.
    fn some_provider(&mut self) -> (u64, u8) {
        let count = u64::try_from(self.tariffs.len()).unwrap();
        if count == 0 || self.once_in(10) {
            return (self.one_of(PARTIES), self.some_service());
        }
        let place = usize::try_from(self.below(count)).unwrap();
        *self.tariffs.keys().nth(place).unwrap()
    }

    fn pay_fee(&mut self) {
        let Some((position, part, _)) = self.some_part() else { return };
        let (provider, service) = self.some_provider();
        let call = IReceivables::voucherCall { id: part.voucher };
        let voucher = self.view(receivables::ADDRESS, call);
        let bearer = if voucher.interestBearer == 0 { part.holder } else { voucher.issuer };
        let by = if self.once_in(10) { self.one_of(PARTIES) } else { bearer.max(1) };
        let published = self.published(provider, service, part.amount);
        let agreed = if self.once_in(8) { published + 1 } else { published };
        let payer = self.funded(by, agreed);
        let (uetr, at) = (self.next_uetr(), self.one_of(BANKS));
        let call = IFinancing::payFeeCall {
            position,
            provider,
            service,
            amount: agreed,
            uetr,
            payer,
            payee: account(at, provider),
        };
        if self.send("payFee", party(by), financing::ADDRESS, call).is_none() {
            return;
        }
        // Computed a second time, what the chain let pass keeps every rule.
        let told = format!("part {position}, provider {provider}, service {service}");
        assert!(agreed == published && published > 0, "{told}");
        assert_eq!(by, bearer, "{told}");
        let (_, _, since) = self.tariffs[&(provider, service)];
        if voucher.pack == CN {
            assert!(provider != voucher.issuer && since < self.time, "{told}");
        }
        let known = self.fees.insert((position, part.holder, service), agreed);
        assert_eq!(known, None, "{told}");
        let paid: u64 = self.fees_of(position, part.holder).sum();
        if let Some(limit) = self.fee_limits.get(&voucher.pack) {
            assert!(paid <= part.amount * u64::from(*limit) / 10_000, "{told}");
        }
    }

    fn published(&self, provider: u64, service: u8, amount: u64) -> u64 {
        let tariff = self.tariffs.get(&(provider, service));
        tariff.map_or(0, |(flat, share, _)| flat + amount * u64::from(*share) / 10_000)
    }

    fn fees_of(&self, position: u64, holder: u64) -> impl Iterator<Item = u64> {
        self.fees.range((position, holder, 0)..=(position, holder, u8::MAX)).map(|(_, fee)| *fee)
    }

    /// What the chain says was paid is what was seen to be paid.
    pub(super) fn check_fees(&mut self) {
        for ((position, holder, service), amount) in self.fees.clone() {
            let call = IFinancing::feePaidCall { position, holder, service };
            assert_eq!(self.view(financing::ADDRESS, call).amount, amount, "part {position}");
        }
    }
}
