//! Sealed bids: committed to by a hash, shown later.

use alloy_primitives::{B256, hex};
use qiao_api::finance::{credit, view, words as finance};
use qiao_modules::financing::{self, IFinancing::*};

use super::{Form, Planned};
use crate::{console::Trouble, words};

/// The name under which a browser keeps a bid.
pub(in crate::pages::desks) fn slip_name(desk: u64, request: u64) -> String {
    format!("sealed-bid-{desk}-{request}")
}

/// The act with this name, if it is one of these.
pub(super) async fn read(form: &Form<'_>, name: &str) -> Result<Option<Planned>, Trouble> {
    Ok(Some(match name {
        "commit" => commit(form).await?,
        "reveal" => reveal(form).await?,
        _ => return Ok(None),
    }))
}

async fn commit(form: &Form<'_>) -> Result<Planned, Trouble> {
    let id = form.number("request")?;
    let (chain, bank) = (&*form.seat.console.chain, form.seat.desk.organisation);
    let request = credit::request(chain, &form.seat.names, id).await?;
    let (part, currency) = (&request.part, request.part.currency_number);
    let rate = finance::read_rate("rate", form.text("rate")?)?;
    // The price of the confirmation holds, even if midnight passes before it is signed.
    let price = match form.fields.get("price") {
        Some(_) => form.number("price")?,
        None => {
            let now = chain.head().timestamp_ms.max(words::now_ms());
            finance::discounted(request.amount, rate, now, part.due_number)
        }
    };
    let salt = salt(form.text("salt")?)?;
    let call = commitmentOfCall { request: id, bank, price, salt };
    let commitment = view(chain, financing::ADDRESS, call).await;
    let commitment = commitment.map_err(qiao_api::finance::FinanceError::from)?;
    let call = commitCall { request: id, commitment };
    let back = format!("requests/{id}");
    let slip = format!("{} {salt}", finance::money(currency, price).replace(',', ""));
    let mut planned = Planned::new("Bid under seal", financing::ADDRESS, &call, back)
        .fact("Rate", format!("{} % a year", finance::rate(rate)))
        .fact("You pay", form.money(currency, price))
        .fact("You earn", form.money(currency, request.amount.saturating_sub(price)))
        .fact("What others see", commitment.to_string())
        .fact("Show it after", words::instant(request.bids_until * 1_000))
        .fact("And before", words::instant(request.reveals_until * 1_000));
    if form.fields.get("price").is_none() {
        planned.fixed.push(("price", price.to_string()));
    }
    planned.slip = Some((slip_name(bank, id), slip));
    Ok(planned)
}

async fn reveal(form: &Form<'_>) -> Result<Planned, Trouble> {
    let id = form.number("request")?;
    let request = credit::request(&*form.seat.console.chain, &form.seat.names, id).await?;
    let currency = request.part.currency_number;
    let unclear = || {
        let rule = "must be what the confirmation of the bid told: the price and 64 digits";
        qiao_api::finance::FinanceError::input("slip", rule)
    };
    let (price, digits) = form.text("slip")?.split_once(' ').ok_or_else(unclear)?;
    let known = qiao_module_kit::money::Currency::from_number(currency).unwrap_or_default();
    let price = finance::read_money("slip", known, price)?;
    let call = revealCall { request: id, price, salt: salt(digits.trim())? };
    Ok(Planned::new("Show your bid", financing::ADDRESS, &call, format!("requests/{id}"))
        .fact("Request", id.to_string())
        .fact("You pay", form.money(currency, price))
        .fact("Seller", request.seller.name))
}

fn salt(text: &str) -> Result<B256, Trouble> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let bytes: Option<[u8; 32]> = hex::decode(digits).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(B256::from).ok_or_else(|| {
        qiao_api::finance::FinanceError::input("salt", "must be 64 hexadecimal digits").into()
    })
}
