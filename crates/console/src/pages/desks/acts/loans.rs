//! Acts of borrowers and of banks that lend to them.

use qiao_api::finance::{loans, vouchers, words as finance};
use qiao_modules::{
    financing::{self, IFinancing::*},
    receivables::{self, IReceivables::pledgeCall},
};

use super::{Form, Planned};
use crate::console::Trouble;

/// The act with this name, if it is one of these.
pub(super) async fn read(form: &Form<'_>, name: &str) -> Result<Option<Planned>, Trouble> {
    Ok(Some(match name {
        "pledge" => pledge(form).await?,
        "ask-loan" => ask(form).await?,
        "disburse" | "repay" | "refuse-loan" | "mark-defaulted" => loan(form, name).await?,
        _ => return Ok(None),
    }))
}

async fn pledge(form: &Form<'_>) -> Result<Planned, Trouble> {
    let (position, pledgee) = (form.number("part")?, form.party("to")?);
    let part = vouchers::part(&*form.seat.console.chain, &form.seat.names, position).await?;
    let call = pledgeCall { position, pledgee };
    Ok(Planned::new("Pledge this part", receivables::ADDRESS, &call, "loans")
        .fact("Part", format!("{position} of voucher {}", part.voucher))
        .fact("Amount", form.money(part.currency_number, part.amount))
        .fact("To", form.seat.names.name(pledgee)))
}

async fn ask(form: &Form<'_>) -> Result<Planned, Trouble> {
    let (position, bank) = (form.number("part")?, form.number("bank")?);
    let part = vouchers::part(&*form.seat.console.chain, &form.seat.names, position).await?;
    let currency = part.currency_number;
    let principal = form.amount("principal", currency)?;
    let rate = finance::read_rate("rate", form.text("rate")?)?;
    let word = form.text("repayment")?;
    let repayment = finance::number(&finance::REPAYMENTS, "repayment", word)?;
    let maturity = finance::read_day("maturity", form.text("maturity")?)?;
    let terms = LoanTerms {
        position,
        bank,
        principal,
        rate,
        dayCount: 0,
        interestMonths: u32::from(repayment != 0),
        maturity,
        repayment,
    };
    let how = match repayment {
        0 => "at its end, with the interest",
        1 => "in equal monthly parts of the principal",
        _ => "in equal monthly instalments",
    };
    Ok(Planned::new("Ask for this loan", financing::ADDRESS, &askLoanCall { terms }, "loans")
        .fact("Bank", form.seat.names.name(bank))
        .fact("Principal", form.money(currency, principal))
        .fact("Rate", format!("{} % a year", finance::rate(rate)))
        .fact("Until", finance::day(maturity))
        .fact("Paid back", how)
        .fact("Secured by", format!("part {position} of voucher {}", part.voucher)))
}

async fn loan(form: &Form<'_>, name: &str) -> Result<Planned, Trouble> {
    let id = form.number("loan")?;
    let found = loans::loan(&*form.seat.console.chain, &form.seat.names, id).await?;
    let currency = found.currency_number;
    let back = format!("loans/{id}");
    let planned = match name {
        "refuse-loan" => {
            let title = match found.bank.organisation == form.seat.desk.organisation {
                true => "Decline this loan",
                false => "Take this loan back",
            };
            Planned::new(title, financing::ADDRESS, &refuseLoanCall { loan: id }, "loans")
        }
        "mark-defaulted" => {
            let call = markDefaultedCall { loan: id };
            Planned::new("Note the default of this loan", financing::ADDRESS, &call, back)
                .fact("Late", form.money(currency, found.late))
        }
        "disburse" => {
            let (payer, payee, uetr) = payment(form, id)?;
            let call = disburseCall { loan: id, uetr, payer, payee };
            Planned::new("Pay this loan out", financing::ADDRESS, &call, back)
                .fact("From account", payer.to_string())
                .fact("To account", payee.to_string())
                .fact("UETR", finance::uetr(uetr))
        }
        _ => {
            let amount = form.amount("amount", currency)?;
            let (payer, payee, uetr) = payment(form, id)?;
            let call = repayCall { loan: id, amount, uetr, payer, payee };
            let to_interest = amount.min(found.interest);
            Planned::new("Pay on this loan", financing::ADDRESS, &call, back)
                .fact("Amount", form.money(currency, amount))
                .fact("To interest", form.money(currency, to_interest))
                .fact("To principal", form.money(currency, amount - to_interest))
                .fact("From account", payer.to_string())
                .fact("To account", payee.to_string())
                .fact("UETR", finance::uetr(uetr))
        }
    };
    Ok(planned
        .fact("Loan", id.to_string())
        .fact("Lent", form.money(currency, found.lent))
        .fact("Bank", found.bank.name)
        .fact("Borrower", found.borrower.name))
}

/// Payer, payee and UETR; the same form sent twice is the same payment.
fn payment(form: &Form<'_>, loan: u64) -> Result<(u64, u64, u128), Trouble> {
    let nonce = form.number("nonce")?.to_be_bytes();
    let uetr = finance::fresh_uetr(&[b"console pays on a loan", &nonce, &loan.to_be_bytes()]);
    Ok((form.number("payer")?, form.number("payee")?, uetr))
}
