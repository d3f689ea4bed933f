//! Acts on assets: registered, reserved, financed, released.

use alloy_primitives::B256;
use qiao_api::finance::FinanceError;
use qiao_modules::collateral::{
    ADDRESS,
    ICollateral::{registerCall, releaseCall, reserveCall, takeCall},
};

use super::{Form, Planned};
use crate::{console::Trouble, words};

/// A reservation of the console runs for a day.
const RESERVATION_SECONDS: u64 = 86_400;

/// The act with this name, if it is one of these.
pub(super) fn read(form: &Form<'_>, name: &str) -> Result<Option<Planned>, Trouble> {
    const BACK: &str = "collateral";
    Ok(Some(match name {
        "register-asset" => {
            let (asset, currency) = (key(form)?, form.currency("currency")?);
            let value = form.amount("value", currency)?;
            let call = registerCall { asset, value, currency };
            Planned::new("Register this asset", ADDRESS, &call, BACK)
                .fact("Key", asset.to_string())
                .fact("Value", form.money(currency, value))
        }
        "reserve" => {
            let (asset, currency) = (key(form)?, form.currency("currency")?);
            let amount = form.amount("amount", currency)?;
            let now = form.seat.console.chain.head().timestamp_ms / 1_000;
            let until = now.saturating_add(RESERVATION_SECONDS);
            let call = reserveCall { asset, amount, currency, until };
            Planned::new("Reserve a part of this asset", ADDRESS, &call, BACK)
                .fact("Key", asset.to_string())
                .fact("Amount", form.money(currency, amount))
                .fact("Until", words::instant(until * 1_000))
        }
        "take-claim" => {
            let claim = form.number("claim")?;
            Planned::new("Finance what is reserved", ADDRESS, &takeCall { claim }, BACK)
                .fact("Claim", claim.to_string())
        }
        "release-claim" => {
            let (claim, amount) = (form.number("claim")?, form.number("units")?);
            let currency = u16::try_from(form.number("currency")?).unwrap_or_default();
            let call = releaseCall { claim, amount };
            Planned::new("Release this claim", ADDRESS, &call, BACK)
                .fact("Claim", claim.to_string())
                .fact("Amount", form.money(currency, amount))
        }
        _ => return Ok(None),
    }))
}

fn key(form: &Form<'_>) -> Result<B256, Trouble> {
    let key = form.text("key")?.parse();
    key.map_err(|_| FinanceError::input("key", "must be 64 hexadecimal digits").into())
}
