//! Acts of issuers, holders and regulators on vouchers and parts.

use qiao_api::finance::{credit, vouchers};
use qiao_modules::{
    financing::{self, IFinancing},
    payments::{self, IPayments},
    receivables::{self, IReceivables::*},
};

use super::{Form, Planned};
use crate::{console::Trouble, words};

const VOUCHERS: alloy_primitives::Address = receivables::ADDRESS;

/// The act with this name, if it is one of these.
pub(super) async fn read(form: &Form<'_>, name: &str) -> Result<Option<Planned>, Trouble> {
    Ok(Some(match name {
        "accept" | "decline" | "endorse" | "mark-overdue" => voucher(form, name).await?,
        "pass" | "split" | "offer" | "end-offer" | "complete-offer" | "acknowledge" => {
            part(form, name).await?
        }
        "merge" | "freeze" | "unfreeze" | "write-off" => other(form, name).await?,
        "ask" => ask(form).await?,
        "award" | "lapse" => request(form, name).await?,
        "limit" => limit(form)?,
        "pay-part" => pay_part(form).await?,
        _ => return Ok(None),
    }))
}

async fn voucher(form: &Form<'_>, name: &str) -> Result<Planned, Trouble> {
    let number = form.number("voucher")?;
    let chain = &*form.seat.console.chain;
    let found = vouchers::voucher(chain, &form.seat.names, number).await?;
    let back = format!("vouchers/{number}");
    let planned = match name {
        "accept" => {
            Planned::new("Accept this voucher", VOUCHERS, &acceptCall { voucher: number }, back)
        }
        "decline" => {
            let title = match found.issuer.organisation == form.seat.desk.organisation {
                true => "Withdraw this voucher",
                false => "Decline this voucher",
            };
            Planned::new(title, VOUCHERS, &declineCall { voucher: number }, back)
        }
        "endorse" => {
            Planned::new("Guarantee this voucher", VOUCHERS, &endorseCall { voucher: number }, back)
        }
        _ => {
            let call = markOverdueCall { voucher: number };
            Planned::new("Note that this voucher is overdue", VOUCHERS, &call, back)
        }
    };
    Ok(planned
        .fact("Voucher", number.to_string())
        .fact("Amount", form.money(found.currency_number, found.amount))
        .fact("From", found.issuer.name)
        .fact("To", found.creditor.name)
        .fact("Due", found.due))
}

async fn part(form: &Form<'_>, name: &str) -> Result<Planned, Trouble> {
    let position = form.number("part")?;
    let chain = &*form.seat.console.chain;
    let part = vouchers::part(chain, &form.seat.names, position).await?;
    let currency = part.currency_number;
    let back = format!("parts/{position}");
    let planned = match name {
        "pass" => {
            let (to, amount) = (form.party("to")?, form.amount("amount", currency)?);
            let call = passCall { position, to, amount };
            Planned::new("Pay with this part", VOUCHERS, &call, "wallet")
                .fact("To", form.seat.names.name(to))
                .fact("Amount", form.money(currency, amount))
        }
        "split" => {
            let amount = form.amount("amount", currency)?;
            let call = splitCall { position, amount };
            Planned::new("Split this part", VOUCHERS, &call, "wallet")
                .fact("Split off", form.money(currency, amount))
                .fact("What stays", form.money(currency, part.amount.saturating_sub(amount)))
        }
        "offer" => {
            let (buyer, price) = (form.party("to")?, form.amount("price", currency)?);
            let call = offerSaleCall { position, buyer, price };
            let days = qiao_api::finance::words::days_between(form.seat.today(), part.due_number);
            let bid = credit::Bid::new(form.seat.names.party(buyer), price, part.amount, days);
            let rate = bid.rate.map_or(String::new(), |rate| format!(", {rate} % a year"));
            Planned::new("Offer this part for sale", VOUCHERS, &call, back)
                .fact("To", form.seat.names.name(buyer))
                .fact("Price", form.money(currency, price))
                .fact("What it costs", format!("{}{rate}", form.money(currency, bid.cost)))
        }
        "end-offer" => {
            Planned::new("End this offer", VOUCHERS, &endSaleCall { position }, "wallet")
        }
        "complete-offer" => {
            let call = completeSaleCall { position };
            Planned::new("Deliver this part: the money has come", VOUCHERS, &call, "wallet")
        }
        _ => {
            let amount = form.amount("amount", currency)?;
            let call = acknowledgeCall { position, amount };
            Planned::new("Acknowledge a payment", VOUCHERS, &call, back)
                .fact("Paid", form.money(currency, amount))
        }
    };
    Ok(planned
        .fact("Part", format!("{position} of voucher {}", part.voucher))
        .fact("It holds", form.money(currency, part.amount))
        .fact("Owed by", part.issuer.name)
        .fact("Due", part.due))
}

async fn other(form: &Form<'_>, name: &str) -> Result<Planned, Trouble> {
    let position = form.number("part")?;
    let back = format!("parts/{position}");
    Ok(match name {
        "merge" => {
            let other = form.number("other")?;
            Planned::new("Merge these parts", VOUCHERS, &mergeCall { into: position, other }, back)
                .fact("Part that stays", position.to_string())
                .fact("Part that ends", other.to_string())
        }
        "freeze" => {
            let reason = form.text("reason")?.to_owned();
            let call = freezePartCall { position, reason: reason.clone() };
            Planned::new("Freeze this part", VOUCHERS, &call, back)
                .fact("Part", position.to_string())
                .fact("Reason", reason)
        }
        "unfreeze" => {
            Planned::new("Unfreeze this part", VOUCHERS, &unfreezePartCall { position }, back)
                .fact("Part", position.to_string())
        }
        _ => {
            let reason = form.text("reason")?.to_owned();
            let call = writeOffCall { position, reason: reason.clone() };
            Planned::new("Give up this part", VOUCHERS, &call, back)
                .fact("Part", position.to_string())
                .fact("Reason", reason)
        }
    })
}

async fn ask(form: &Form<'_>) -> Result<Planned, Trouble> {
    let position = form.number("part")?;
    let seconds = form.number("seconds")?;
    let chain = &*form.seat.console.chain;
    let part = vouchers::part(chain, &form.seat.names, position).await?;
    let is_sealed = form.fields.get("how") == Some("sealed");
    let now = chain.head().timestamp_ms.max(words::now_ms()) / 1_000;
    let until = now.saturating_add(seconds);
    let shown_until = if is_sealed { until.saturating_add(seconds) } else { until };
    let call = IFinancing::askCall {
        position,
        isSealed: is_sealed,
        bidsUntil: until,
        revealsUntil: shown_until,
    };
    let back = format!("parts/{position}");
    let span = words::span(seconds.saturating_mul(1_000));
    let mut planned =
        Planned::new("Ask banks to bid for this part", financing::ADDRESS, &call, back)
            .fact("Part", format!("{position} of voucher {}", part.voucher))
            .fact("Amount", form.money(part.currency_number, part.amount))
            .fact("Bids are taken for", span.clone());
    if is_sealed {
        planned = planned
            .fact("Bids are", "sealed: no bank sees another's before all are over")
            .fact("Then they are shown for", span);
    }
    Ok(planned.fact("Who may bid", format!("banks with a line for {}", part.issuer.name)))
}

async fn request(form: &Form<'_>, name: &str) -> Result<Planned, Trouble> {
    let id = form.number("request")?;
    let chain = &*form.seat.console.chain;
    let found = credit::request(chain, &form.seat.names, id).await?;
    let currency = found.part.currency_number;
    if name == "lapse" {
        let call = IFinancing::lapseCall { request: id };
        let planned = Planned::new("Take this request back", financing::ADDRESS, &call, "wallet");
        return Ok(planned.fact("Request", id.to_string()));
    }
    let call = IFinancing::awardCall { request: id };
    let mut planned = Planned::new("Take the best bid", financing::ADDRESS, &call, "wallet")
        .fact("Request", id.to_string())
        .fact("Amount", form.money(currency, found.amount));
    if let Some(best) = found.best {
        let rate = best.rate.map_or(String::new(), |rate| format!(", {rate} % a year"));
        planned = planned
            .fact("Bank", best.bank.name)
            .fact("You receive", form.money(currency, best.price))
            .fact("It costs", format!("{}{rate}", form.money(currency, best.cost)));
    }
    Ok(planned)
}

fn limit(form: &Form<'_>) -> Result<Planned, Trouble> {
    let (issuer, currency) = (form.party("to")?, form.currency("currency")?);
    let limit = form.amount("limit", currency)?;
    let call = setLimitCall { issuer, currency, limit };
    Ok(Planned::new("Set what this issuer may owe", VOUCHERS, &call, "regulator")
        .fact("Issuer", form.seat.names.name(issuer))
        .fact("Limit", form.money(currency, limit)))
}

async fn pay_part(form: &Form<'_>) -> Result<Planned, Trouble> {
    let position = form.number("part")?;
    let chain = &*form.seat.console.chain;
    let part = vouchers::part(chain, &form.seat.names, position).await?;
    let (payer, payee) = (form.number("payer")?, form.number("payee")?);
    let amount = form.amount("amount", part.currency_number)?;
    let uetr = form.number("nonce")?;
    let uetr = qiao_api::finance::words::fresh_uetr(&[
        b"console",
        &uetr.to_be_bytes(),
        &position.to_be_bytes(),
    ]);
    let call = IPayments::payPartCall { uetr, position, amount, payer, payee };
    Ok(Planned::new("Pay this part", payments::ADDRESS, &call, format!("parts/{position}"))
        .fact("Part", format!("{position} of voucher {}", part.voucher))
        .fact("To", part.holder.name)
        .fact("Amount", form.money(part.currency_number, amount))
        .fact("From account", payer.to_string())
        .fact("To account", payee.to_string())
        .fact("UETR", qiao_api::finance::words::uetr(uetr)))
}
