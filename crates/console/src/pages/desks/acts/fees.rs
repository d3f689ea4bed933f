//! Acts about fees: publishing, paying, limiting.

use qiao_api::finance::{vouchers, words as finance};
use qiao_module_kit::money::Currency;
use qiao_modules::{
    financing::{self, IFinancing::*},
    receivables::PACKS,
};

use super::{Form, Planned};
use crate::{console::Trouble, pages::desks::fees::price_words};

/// The act with this name, if it is one of these.
pub(super) async fn read(form: &Form<'_>, name: &str) -> Result<Option<Planned>, Trouble> {
    Ok(Some(match name {
        "tariff" => tariff(form)?,
        "pay-fee" => pay(form).await?,
        "fee-limit" => limit(form)?,
        _ => return Ok(None),
    }))
}

fn tariff(form: &Form<'_>) -> Result<Planned, Trouble> {
    let (word, currency) = (form.text("service")?, form.currency("currency")?);
    let service = finance::number(&finance::FEE_SERVICES, "service", word)?;
    let known = Currency::from_number(currency).unwrap_or_default();
    // Nothing is no amount, and here a price.
    let flat = match form.text("flat")? {
        zero if zero.bytes().all(|byte| matches!(byte, b'0' | b'.')) => 0,
        decimal => finance::read_money("flat", known, decimal)?,
    };
    let basis_points = finance::read_per_cent("percent", form.text("percent")?)?;
    let call = setTariffCall { currency, service, flat, basisPoints: basis_points };
    Ok(Planned::new("Publish what you charge", financing::ADDRESS, &call, "tariffs")
        .fact("For", word)
        .fact("You charge", price_words(currency, flat, basis_points))
        .fact("Who reads it", "everybody"))
}

async fn pay(form: &Form<'_>) -> Result<Planned, Trouble> {
    let (position, provider) = (form.number("part")?, form.number("provider")?);
    let service = u8::try_from(form.number("service")?).unwrap_or(u8::MAX);
    let amount = form.number("units")?;
    let part = vouchers::part(&*form.seat.console.chain, &form.seat.names, position).await?;
    let (payer, payee) = (form.number("payer")?, form.number("payee")?);
    let nonce = form.number("nonce")?.to_be_bytes();
    let uetr = finance::fresh_uetr(&[b"console pays a fee", &nonce, &position.to_be_bytes()]);
    let call = payFeeCall { position, provider, service, amount, uetr, payer, payee };
    let back = format!("parts/{position}");
    Ok(Planned::new("Pay this fee", financing::ADDRESS, &call, back)
        .fact("To", form.seat.names.name(provider))
        .fact("For", finance::word(&finance::FEE_SERVICES, service))
        .fact("You agree to", form.money(part.currency_number, amount))
        .fact("Part", format!("{position} of voucher {}", part.voucher))
        .fact("From account", payer.to_string())
        .fact("To account", payee.to_string())
        .fact("UETR", finance::uetr(uetr)))
}

fn limit(form: &Form<'_>) -> Result<Planned, Trouble> {
    let pack = u8::try_from(form.number("pack")?).unwrap_or(u8::MAX);
    let typed = form.fields.get("percent").unwrap_or_default().trim();
    let basis_points = match typed {
        "" => None,
        typed => Some(finance::read_per_cent("percent", typed)?),
    };
    let call = setFeeLimitCall {
        pack,
        isSet: basis_points.is_some(),
        basisPoints: basis_points.unwrap_or_default(),
    };
    let name = PACKS.get(usize::from(pack)).map_or("unknown", |pack| pack.name);
    let most = match basis_points {
        Some(limit) => format!("at most {} %", finance::per_cent(u64::from(limit))),
        None => "no limit".to_owned(),
    };
    Ok(Planned::new("Limit the fees of a part", financing::ADDRESS, &call, "tariffs")
        .fact("Under", name)
        .fact("All fees of a part", most))
}
