//! Amounts, days, states and numbers of payments as the desks write them.

use qiao_module_kit::{
    calendar::Date,
    interest::{DayCount, discount},
    money::Currency,
};

use super::FinanceError;

/// The states of a voucher by number.
pub const VOUCHER_STATES: [&str; 6] = ["none", "offered", "live", "void", "overdue", "closed"];
/// The states of a part by number.
pub const PART_STATES: [&str; 5] = ["none", "free", "locked", "pledged", "ended"];
/// The states of a request for bids by number.
pub const REQUEST_STATES: [&str; 4] = ["none", "open", "awarded", "lapsed"];
/// The states of a loan by number.
pub const LOAN_STATES: [&str; 6] = ["none", "asked", "running", "repaid", "refused", "defaulted"];
/// The states of an account by number.
pub const ACCOUNT_STATES: [&str; 4] = ["none", "open", "blocked", "closed"];
/// The states of a financing by number.
pub const FINANCING_STATES: [&str; 3] = ["none", "open", "bought_back"];
/// The day counts by number, as ACTUS calls them.
pub const DAY_COUNTS: [&str; 4] = ["A365", "A360", "30E360", "AA"];
/// The states of a claim on an asset by number.
pub const CLAIM_STATES: [&str; 4] = ["none", "reserved", "used", "released"];
/// How a loan is paid back, by number.
pub const REPAYMENTS: [&str; 3] = ["at_maturity", "equal_parts", "equal_instalments"];
/// What happens on a day of a schedule, by number.
pub const CASH_FLOWS: [&str; 7] =
    ["disbursement", "capitalisation", "interest", "reset", "maturity", "principal", "fixing"];
/// What fees are charged for, by number.
pub const FEE_SERVICES: [&str; 4] = ["information", "financing", "guarantee", "registration"];
/// Who bears the interest, by number.
pub const INTEREST_BEARERS: [&str; 2] = ["holder", "issuer"];

/// One of these words by its number.
pub fn word(words: &[&'static str], number: u8) -> &'static str {
    words.get(usize::from(number)).copied().unwrap_or("unknown")
}

/// The number of one of these words.
///
/// # Errors
/// It is none of them.
pub fn number(words: &[&str], field: &str, word: &str) -> Result<u8, FinanceError> {
    let place = words.iter().position(|one| one.eq_ignore_ascii_case(word.trim()));
    let place = place.and_then(|place| u8::try_from(place).ok());
    place.ok_or_else(|| FinanceError::input(field, format!("must be one of {}", words.join(", "))))
}

/// `20270331` as `2027-03-31`; empty for 0.
pub fn day(number: u32) -> String {
    match number {
        0 => String::new(),
        _ => format!("{:04}-{:02}-{:02}", number / 10_000, number / 100 % 100, number % 100),
    }
}

/// `2027-03-31` or `20270331` as the number `20270331`.
///
/// # Errors
/// It is no day.
pub fn read_day(field: &str, text: &str) -> Result<u32, FinanceError> {
    let text = text.trim();
    // A spreadsheet may say the time of the day, too.
    let text = text.split_once('T').map_or(text, |(day, _)| day);
    let digits: String = match text.len() {
        8 => text.to_owned(),
        10 if text.as_bytes()[4] == text.as_bytes()[7] => {
            text.split(['-', '/', '.']).collect::<Vec<_>>().concat()
        }
        _ => String::new(),
    };
    let number = digits.parse().ok().filter(|number| Date::from_yyyymmdd(*number).is_some());
    number.ok_or_else(|| FinanceError::input(field, "must be a day, written YYYY-MM-DD"))
}

/// The letters of a currency by its number of ISO 4217.
pub fn currency_code(number: u16) -> &'static str {
    Currency::from_number(number).map_or("", Currency::code)
}

/// The currency with these letters.
///
/// # Errors
/// It is none that is known here.
pub fn read_currency(field: &str, code: &str) -> Result<Currency, FinanceError> {
    Currency::from_code(&code.trim().to_ascii_uppercase()).ok_or_else(|| {
        FinanceError::input(field, "must be the letters of a currency of ISO 4217, such as CNY")
    })
}

/// An amount of the minor unit as a decimal number with thousands apart: `1,234.50`.
pub fn money(number: u16, amount: u64) -> String {
    let currency = Currency::from_number(number).unwrap_or_default();
    let decimal = currency.decimal(amount);
    let (whole, fraction) = match decimal.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (decimal.as_str(), String::new()),
    };
    let mut out = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + &fraction
}

/// The amount of the minor unit that a decimal number stands for, with or without thousands apart.
///
/// # Errors
/// It is none, or has more decimals than the currency.
pub fn read_money(field: &str, currency: Currency, text: &str) -> Result<u64, FinanceError> {
    let plain: String =
        text.trim().chars().filter(|letter| !matches!(letter, ',' | ' ' | '\u{a0}')).collect();
    let amount = currency.amount(&plain).filter(|amount| *amount > 0);
    amount.ok_or_else(|| {
        let decimals = currency.decimals();
        FinanceError::input(
            field,
            format!("must be a positive number with at most {decimals} decimals, such as 1234.50"),
        )
    })
}

/// A yearly rate in per cent, as a decimal number, as the chain counts it: integers of 10^-16.
///
/// # Errors
/// It is no such number, or above 1,000 per cent.
pub fn read_rate(field: &str, text: &str) -> Result<u64, FinanceError> {
    const DECIMALS: usize = 14;
    let wrong = || FinanceError::input(field, "must be a yearly rate in per cent, such as 4.35");
    let text = text.trim().trim_end_matches('%').trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > DECIMALS || !is_plain(whole) || !is_plain(fraction) {
        return Err(wrong());
    }
    let digits = format!("{whole}{fraction:0<DECIMALS$}");
    digits.parse().map_err(|_| wrong())
}

/// A rate as per cent: `4.35`.
pub fn rate(rate: u64) -> String {
    const UNIT: u64 = 100_000_000_000_000;
    let text = format!("{}.{:014}", rate / UNIT, rate % UNIT);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The yearly rate of simple discount (actual days over 365) that a price stands for, in hundredths
/// of a per cent; `None` where the day is not after today.
pub fn implied_rate(amount: u64, price: u64, days: u32) -> Option<u64> {
    if days == 0 || amount == 0 || price > amount {
        return None;
    }
    let cost = u128::from(amount - price) * 365 * 10_000;
    let base = u128::from(amount) * u128::from(days);
    u64::try_from((cost + base / 2) / base).ok()
}

/// What money costs a year, in hundredths of a per cent: interest and all fees that are connected with it,
/// over the money that was at hand, each amount times its days, by simple interest and 365 days.
///
/// People's Bank of China, Announcement \[2021\] No. 3, asks that the yearly rate that is shown counts all
/// of that. Fees that are paid at the beginning lower the money at hand.
pub fn yearly_cost(cost: u64, amount_days: u128) -> Option<u64> {
    if amount_days == 0 {
        return None;
    }
    let cost = u128::from(cost) * 365 * 10_000;
    u64::try_from(cost.checked_add(amount_days / 2)? / amount_days).ok()
}

/// Hundredths of a per cent as per cent: `4.35`.
pub fn per_cent(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Per cent with at most two decimals as hundredths of them: `0.15` is 15.
///
/// # Errors
/// It is no such number, or above 100.
pub fn read_per_cent(field: &str, text: &str) -> Result<u32, FinanceError> {
    let wrong = || {
        let rule = "must be per cent from 0 to 100 with at most two decimals, such as 0.15";
        FinanceError::input(field, rule)
    };
    let text = text.trim().trim_end_matches('%').trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 2 || !is_plain(whole) || !is_plain(fraction) {
        return Err(wrong());
    }
    let number: u32 = format!("{whole}{fraction:0<2}").parse().map_err(|_| wrong())?;
    if number <= 10_000 { Ok(number) } else { Err(wrong()) }
}

/// What is paid today for an amount that is due later, at a yearly rate as the chain counts it, by
/// simple discount (actual days over 365).
pub fn discounted(amount: u64, rate: u64, now_ms: u64, due: u32) -> u64 {
    let today = Date::from_yyyymmdd(today(now_ms)).unwrap_or_default();
    let due = Date::from_yyyymmdd(due).unwrap_or_default();
    discount(amount, rate, DayCount::Actual365, today, due)
}

/// A UETR as a UUID.
pub fn uetr(number: u128) -> String {
    let hex = format!("{number:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A UUID as the number of a UETR.
///
/// # Errors
/// It is no UUID.
pub fn read_uetr(field: &str, text: &str) -> Result<u128, FinanceError> {
    let digits: String = text.trim().chars().filter(|letter| *letter != '-').collect();
    let number = u128::from_str_radix(&digits, 16).ok();
    number
        .filter(|number| digits.len() == 32 && *number != 0)
        .ok_or_else(|| FinanceError::input(field, "must be a UUID"))
}

/// A UETR that nobody else makes: a UUID of version 4 in form, out of what is paid and a hash.
pub fn fresh_uetr(parts: &[&[u8]]) -> u128 {
    let hash = alloy_primitives::keccak256(parts.concat());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    u128::from_be_bytes(bytes)
}

/// Days from one day to another, both `YYYYMMDD`; 0 if the other is not later.
pub fn days_between(from: u32, to: u32) -> u32 {
    match (Date::from_yyyymmdd(from), Date::from_yyyymmdd(to)) {
        (Some(from), Some(to)) => to.days_since(from),
        _ => 0,
    }
}

/// The day at a time in milliseconds, where the rules of China apply: the packs' place.
pub fn today(now_ms: u64) -> u32 {
    const CHINA_MINUTES_EAST: u32 = 480;
    Date::at(now_ms / 1_000, CHINA_MINUTES_EAST).yyyymmdd()
}
