//! Acts of banks.

use qiao_api::finance::{credit, vouchers, words as finance};
use qiao_modules::{
    financing::{self, IFinancing::*},
    payments::{self, IPayments::buyPartCall},
    receivables::{self, IReceivables::acceptSaleCall},
};

use super::{Form, Planned};
use crate::{console::Trouble, words};

/// The act with this name, if it is one of these.
pub(super) async fn read(form: &Form<'_>, name: &str) -> Result<Option<Planned>, Trouble> {
    Ok(Some(match name {
        "line" => line(form)?,
        "quote" => quote(form).await?,
        "accept-offer" => accept_offer(form).await?,
        "buy" => buy(form).await?,
        "release-line" => {
            let request = form.number("request")?;
            let call = releaseLineCall { request };
            Planned::new("Release the line of this request", financing::ADDRESS, &call, "bank")
                .fact("Request", request.to_string())
        }
        _ => return Ok(None),
    }))
}

fn line(form: &Form<'_>) -> Result<Planned, Trouble> {
    let (issuer, currency) = (form.party("to")?, form.currency("currency")?);
    let limit = form.amount("limit", currency)?;
    let call = setLineCall { issuer, currency, limit };
    Ok(Planned::new("Set this credit line", financing::ADDRESS, &call, "bank")
        .fact("Issuer", form.seat.names.name(issuer))
        .fact("Up to", form.money(currency, limit)))
}

async fn quote(form: &Form<'_>) -> Result<Planned, Trouble> {
    let id = form.number("request")?;
    let chain = &*form.seat.console.chain;
    let request = credit::request(chain, &form.seat.names, id).await?;
    let part = &request.part;
    let rate = finance::read_rate("rate", form.text("rate")?)?;
    let now = chain.head().timestamp_ms.max(words::now_ms());
    let price = finance::discounted(request.amount, rate, now, part.due_number);
    let call = quoteCall { request: id, price };
    let currency = part.currency_number;
    Ok(Planned::new("Bid for this part", financing::ADDRESS, &call, format!("requests/{id}"))
        .fact("Rate", format!("{} % a year", finance::rate(rate)))
        .fact("You pay", form.money(currency, price))
        .fact("You receive on the day", form.money(currency, request.amount))
        .fact("You earn", form.money(currency, request.amount.saturating_sub(price)))
        .fact("Owed by", part.issuer.name.clone())
        .fact("Seller", request.seller.name))
}

async fn accept_offer(form: &Form<'_>) -> Result<Planned, Trouble> {
    let position = form.number("part")?;
    let chain = &*form.seat.console.chain;
    let part = vouchers::part(chain, &form.seat.names, position).await?;
    let registration = form.fields.get("registration").unwrap_or_default().trim().to_owned();
    let call = acceptSaleCall { position, registration: registration.clone() };
    let back = format!("parts/{position}");
    Ok(Planned::new("Accept this offer", receivables::ADDRESS, &call, back)
        .fact("Part", format!("{position} of voucher {}", part.voucher))
        .fact("Amount", form.money(part.currency_number, part.amount))
        .fact("Seller", part.holder.name)
        .fact("Owed by", part.issuer.name)
        .fact(
            "Registration",
            if registration.is_empty() { "none".to_owned() } else { registration },
        ))
}

async fn buy(form: &Form<'_>) -> Result<Planned, Trouble> {
    let position = form.number("part")?;
    let chain = &*form.seat.console.chain;
    let part = vouchers::part(chain, &form.seat.names, position).await?;
    let (payer, payee) = (form.number("payer")?, form.number("payee")?);
    let registration = form.fields.get("registration").unwrap_or_default().trim().to_owned();
    // The same form sent twice is the same payment.
    let uetr = finance::fresh_uetr(&[
        b"console buys",
        &form.number("nonce")?.to_be_bytes(),
        &position.to_be_bytes(),
    ]);
    let call = buyPartCall { uetr, position, registration: registration.clone(), payer, payee };
    let title = "Buy this part: money and part move together";
    Ok(Planned::new(title, payments::ADDRESS, &call, format!("parts/{position}"))
        .fact("Part", format!("{position} of voucher {}", part.voucher))
        .fact("Amount", form.money(part.currency_number, part.amount))
        .fact("Seller", part.holder.name)
        .fact("Registration", registration)
        .fact("From account", payer.to_string())
        .fact("To account", payee.to_string())
        .fact("UETR", finance::uetr(uetr)))
}
