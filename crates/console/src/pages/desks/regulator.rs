//! The desk of a regulator: who owes how much, at which tier and for how long, down to one document.

use axum::{extract::Path, response::Response};
use maud::{Markup, html};
use qiao_api::finance::{
    FinanceError,
    exposure::{self, Breakdown, Exposure},
    vouchers::{self, Side},
    words as finance,
};
use qiao_indexer::RecordQuery;

use super::{
    pieces::{act, buckets, money, party_field, share, sums, tiles, usage, voucher_rows},
    seat::{Seat, Tab},
};
use crate::{console::Trouble, words};

/// Hundredths of a limit from which it is called tight.
const TIGHT: u64 = 90;
/// Vouchers that the list of an issuer shows.
const SHOWN_MAX: usize = 50;

/// `GET /desks/{organisation}/regulator`.
pub(super) async fn page(seat: Seat) -> Response {
    let made = made(&seat).await;
    seat.answer(made)
}

fn require_regulator(seat: &Seat) -> Result<(), Trouble> {
    if seat.desk.is_regulator { Ok(()) } else { Err(FinanceError::NotRegulator.into()) }
}

async fn made(seat: &Seat) -> Result<Response, Trouble> {
    require_regulator(seat)?;
    let chain = &*seat.console.chain;
    let all = exposure::all(chain, &seat.names).await?;
    let vouchers = vouchers::all(chain, &seat.names, Side::All).await?;
    let owed: Vec<_> = vouchers.into_iter().filter(|one| one.outstanding > 0).collect();
    let refused = refusals(seat).await?;
    let mut currencies: Vec<u16> = owed.iter().map(|one| one.currency_number).collect();
    currencies.sort_unstable();
    currencies.dedup();
    let body = html! {
        (figures(&all, owed.len() as u64, refused))
        div.columns.even {
            (firms(seat, &all))
            section.card aria-labelledby="tenor" {
                header { h2 id="tenor" { "By tenor" } span.soft.small { "days until it is due" } }
                @for currency in &currencies {
                    @let own: Vec<_> =
                        owed.iter().filter(|one| one.currency_number == *currency).cloned().collect();
                    div.pad { (buckets(*currency, &exposure::tenors(&own, seat.today()))) }
                }
                @if currencies.is_empty() { p.empty { "Nobody owes anything." } }
            }
        }
        (set_limit(seat))
    };
    Ok(seat.page("Exposure", Tab::Regulator, body))
}

/// Transactions of the finance modules that were refused on the chain: attempts that a trial did not stop.
async fn refusals(seat: &Seat) -> Result<u64, Trouble> {
    let query = RecordQuery::of("receivables_overdue");
    let overdue = qiao_api::finance::records::all(&*seat.console.chain, &query).await?;
    Ok(overdue.len() as u64)
}

fn figures(all: &[Exposure], vouchers: u64, overdue: u64) -> Markup {
    let tight = all.iter().filter(|one| share(one.outstanding, one.limit) >= TIGHT).count() as u64;
    tiles(&[
        (
            "Outstanding",
            sums(all.iter().map(|one| (one.currency_number, one.outstanding))),
            html! {
                (words::count(vouchers, "voucher", "vouchers"))
            },
        ),
        (
            "Limits",
            sums(all.iter().map(|one| (one.currency_number, one.limit))),
            html! {
                (words::count(all.len() as u64, "issuer", "issuers"))
            },
        ),
        (
            "Near their limit",
            html! { (words::number(tight)) },
            html! { "issuers above " (TIGHT) " %" },
        ),
        ("Ever overdue", html! { (words::number(overdue)) }, html! { "vouchers" }),
    ])
}

fn firms(seat: &Seat, all: &[Exposure]) -> Markup {
    html! {
        section.card aria-labelledby="firms" {
            header { h2 id="firms" { "By firm" } }
            @if all.is_empty() { p.empty { "Nobody issued a voucher or was given a limit." } }
            ul.bars.pad {
                @for one in all {
                    @let path = format!("issuers/{}?currency={}", one.issuer.organisation, one.currency);
                    li {
                        a.main href=(seat.path(&path)) { (one.issuer.name) }
                        span.aside {
                            (money(one.currency_number, one.outstanding)) " of "
                            (money(one.currency_number, one.limit))
                        }
                        (usage(one.outstanding, one.limit, "limit used"))
                        @if one.overdue_vouchers > 0 { span.tag.alarm { (one.overdue_vouchers) " overdue" } }
                    }
                }
            }
        }
    }
}

fn set_limit(seat: &Seat) -> Markup {
    html! {
        details.card.pad {
            summary { "Set what an issuer may owe" }
            (act(seat, "limit", &[], html! {
                (party_field(seat, "issuer", "Issuer"))
                label for="currency" { "Currency" }
                input id="currency" name="currency" value="CNY" required maxlength="3";
                label for="limit" { "Limit" }
                input id="limit" name="limit" inputmode="decimal" required placeholder="10000000.00";
                button { "Set it" }
            }))
        }
    }
}

/// `GET /desks/{organisation}/issuers/{issuer}`.
pub(super) async fn issuer(seat: Seat, Path((_, issuer)): Path<(u64, u64)>) -> Response {
    let made = broken_down(&seat, issuer).await;
    seat.answer(made)
}

async fn broken_down(seat: &Seat, issuer: u64) -> Result<Response, Trouble> {
    require_regulator(seat)?;
    let chain = &*seat.console.chain;
    let currency = finance::read_currency("currency", seat.query.get("currency").unwrap_or("CNY"))?;
    let found = exposure::breakdown(chain, &seat.names, issuer, currency.code()).await?;
    let issued = vouchers::all(chain, &seat.names, Side::Issued(issuer)).await?;
    let owed: Vec<_> = issued.into_iter().filter(|one| one.outstanding > 0).collect();
    let number = currency.number();
    let title = seat.names.name(issuer);
    let body = html! {
        (standing(number, &found))
        div.columns.even {
            (card("tiers", "By tier", "who delivered to the issuer is tier 1", number, &found.tiers))
            (card("tenors", "By tenor", "days until it is due", number, &found.tenors))
        }
        (card("holders", "By holder", "who is to be paid", number, &found.holders))
        @if found.is_cut { p.soft { "There is more than this page counts." } }
        section.card aria-labelledby="vouchers" {
            header { h2 id="vouchers" { "Vouchers" } span.soft.small { (owed.len()) " owed" } }
            (voucher_rows(seat, &owed[..owed.len().min(SHOWN_MAX)], true))
            @if owed.len() > SHOWN_MAX { p.empty { "The newest " (SHOWN_MAX) " are shown." } }
        }
    };
    Ok(seat.page(&title, Tab::Regulator, body))
}

fn standing(currency: u16, found: &Breakdown) -> Markup {
    let own = found.totals.iter().find(|one| one.currency_number == currency);
    html! {
        @if let Some(one) = own {
            (tiles(&[
                ("Outstanding", money(currency, one.outstanding), html! { "offered, live and overdue" }),
                ("Limit", money(currency, one.limit), html! { (share(one.outstanding, one.limit)) " % used" }),
                ("Left", money(currency, one.left), html! { "may be issued still" }),
                ("Overdue", html! { (one.overdue_vouchers) }, html! { "vouchers" }),
            ]))
        }
    }
}

fn card(id: &str, title: &str, about: &str, currency: u16, amounts: &[exposure::Bucket]) -> Markup {
    html! {
        section.card aria-labelledby=(id) {
            header { h2 id=(id) { (title) } span.soft.small { (about) } }
            div.pad { (buckets(currency, amounts)) }
        }
    }
}
