//! `/desks/walk`: the sample of supply-chain finance, from desk to desk in five minutes.

use alloy_primitives::keccak256;
use axum::{
    extract::State,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use qiao_api::{
    collateral::asking::appointment,
    finance::{
        Desk, FinanceError,
        credit::{self, Request, Sale},
        names::Names,
        payables, words as finance,
    },
};
use qiao_documents::{Cell, XLSX};
use qiao_module_kit::money::Currency;
use qiao_sample::credit::{self as sample, CreditInvoice, place};

use super::seat::Asker;
use crate::{
    console::{Console, Trouble},
    shell::{Page, Section},
    words,
};

/// The desks of the sample, by the place of their party; `None` where the node keeps not all of them.
async fn desks(
    console: &Console,
    access: qiao_api::finance::Access,
) -> Result<Option<Vec<Desk>>, Trouble> {
    let open = console.desks.open_to(access).await?;
    let named = sample::credit_parties().iter();
    let named = named.map(|party| open.iter().find(|desk| desk.name == party.name).cloned());
    Ok(named.collect())
}

/// Whether the sample of supply-chain finance is on this chain.
pub(super) async fn has_story(console: &Console) -> Result<bool, Trouble> {
    Ok(desks(console, qiao_api::finance::Access::All).await?.is_some())
}

/// `GET /desks/walk`.
pub(super) async fn page(State(console): State<Console>, Asker(access): Asker) -> Response {
    let made = made(&console, access).await;
    console.answer(made)
}

async fn made(console: &Console, access: qiao_api::finance::Access) -> Result<Response, Trouble> {
    let missing =
        || Trouble::Missing("The sample of supply-chain finance is not on this chain.".to_owned());
    let desks = desks(console, access).await?.ok_or_else(missing)?;
    let names = Names::load(&*console.chain).await?;
    let own = |place: usize| desks[place].organisation;
    let chain = &*console.chain;
    let requests = credit::requests_of(chain, &names, own(place::CASTINGS)).await?;
    let sales = credit::sales(chain, &names, "seller", own(place::AXLES)).await?;
    let open = requests.iter().find(|one| one.state == "open");
    let appointed = appointment(chain).await.map_err(FinanceError::from)?;
    let is_private = appointed.is_some();
    let body = html! {
        div.lead {
            p.crumb { a href="/desks" { "Desks" } }
            h1 { "Walk through it" }
            p.soft {
                "A car maker owes its suppliers. Nine stations, about five minutes: each link opens the desk of \
                 another party, and everything that you sign there is final on four validators."
            }
        }
        ol.walk {
            (core_firm(&desks)) (first_tier(&desks)) (down(&desks)) (compare(&desks, open))
            (twice(console, &desks, sales.first())) (bank(&desks)) (lending(&desks)) (declaration(&desks, is_private))
            (office(&desks))
        }
    };
    let page = Page { title: "Walk through it", section: Section::Desks, body };
    Ok(page.render(&console.status()))
}

fn path(desks: &[Desk], place: usize, rest: &str) -> String {
    format!("/desks/{}/{rest}", desks[place].organisation)
}

fn station(title: &str, who: &str, inner: Markup) -> Markup {
    html! {
        li.card.pad {
            h2 { (title) }
            p.soft.small { (who) }
            (inner)
        }
    }
}

fn core_firm(desks: &[Desk]) -> Markup {
    let inner = html! {
        p {
            "The car maker confirms what it owes, against contract, invoice and delivery. Take "
            a href="/desks/walk/payables.xlsx" { "this table of payables" }
            ", open the desk, upload it, and sign the rows that are ready. One row is refused: it falls due later \
             than a year, and the rule is quoted."
        }
        p { a.button href=(path(desks, place::MAKER, "payables")) { "Open the car maker's desk" } }
    };
    station("1. The core firm confirms", desks[place::MAKER].name.as_str(), inner)
}

fn first_tier(desks: &[Desk]) -> Markup {
    let inner = html! {
        p { "Vouchers wait for the supplier. Accept one: from then on the car maker owes it." }
        p { a.button href=(path(desks, place::ELECTRICS, "wallet")) { "Open the wallet of tier 1" } }
    };
    station("2. A supplier accepts", desks[place::ELECTRICS].name.as_str(), inner)
}

fn down(desks: &[Desk]) -> Markup {
    let inner = html! {
        p {
            "Axles paid bearings with a part of what it is owed, bearings paid castings, castings paid the sand \
             pit at tier 4. Open a part that axles holds, move the slider, and pay "
            (desks[place::BEARINGS].name) " with it. Each of them sees its own branch only."
        }
        p {
            a.button href=(path(desks, place::AXLES, "wallet")) { "Open axles, tier 1" } " "
            a href=(path(desks, place::SAND, "wallet")) { "See what came to tier 4" }
        }
    };
    station("3. Debts pay debts, down the tiers", desks[place::AXLES].name.as_str(), inner)
}

fn compare(desks: &[Desk], open: Option<&Request>) -> Markup {
    let inner = html! {
        p {
            "Castings at tier 3 does not want to wait for its money. Two banks bid for its part, knowing that the \
             car maker will pay: the bids stand side by side with what each costs."
        }
        p {
            @match open {
                Some(request) => {
                    a.button href=(path(desks, place::CASTINGS, &format!("requests/{}", request.request))) {
                        "Compare the bids"
                    }
                    " "
                    a href=(path(desks, place::HILL_BANK, &format!("requests/{}", request.request))) {
                        "Underbid as " (desks[place::HILL_BANK].name)
                    }
                },
                None => a.button href=(path(desks, place::CASTINGS, "wallet")) { "Open castings, tier 3" },
            }
        }
    };
    station("4. Banks compete", desks[place::CASTINGS].name.as_str(), inner)
}

fn twice(console: &Console, desks: &[Desk], sale: Option<&Sale>) -> Markup {
    let inner = html! {
        p {
            "Axles has promised a part to " (desks[place::RIVER_BANK].name) ". Try to sell the same part to "
            (desks[place::HILL_BANK].name) " as well: it is refused, and the reason is told."
        }
        @if let Some(sale) = sale {
            form.fill method="post" action=(path(desks, place::AXLES, "confirm")) {
                input type="hidden" name="seal" value=(console.seal.word());
                input type="hidden" name="act" value="offer";
                input type="hidden" name="part" value=(sale.part.part);
                input type="hidden" name="to" value=(desks[place::HILL_BANK].organisation);
                input type="hidden" name="price" value=(decimal(sale.price));
                button { "Sell it twice" }
            }
        } @else {
            p.soft { "That sale is over by now: offer a part of your own to one bank, and then to the other." }
        }
    };
    station("5. Nothing is financed twice", desks[place::AXLES].name.as_str(), inner)
}

fn bank(desks: &[Desk]) -> Markup {
    let inner = html! {
        p {
            "The bank sees who asks, what is left of its line for the car maker, what it has accepted and has to \
             pay: as a file pain.001 for its payment system, or at once, money against part."
        }
        p { a.button href=(path(desks, place::RIVER_BANK, "bank")) { "Open the bank's desk" } }
    };
    station("6. The bank pays", desks[place::RIVER_BANK].name.as_str(), inner)
}

fn lending(desks: &[Desk]) -> Markup {
    let inner = html! {
        p {
            "Bearings does not sell what it kept: it pledged its part to " (desks[place::RIVER_BANK].name)
            " and borrowed against it, in monthly instalments. Open the loan: both sides see the same schedule, \
             and what was paid went to interest first."
        }
        p {
            a.button href=(path(desks, place::BEARINGS, "loans")) { "Open the loans of bearings" } " "
            a href=(path(desks, place::RIVER_BANK, "loans")) { "See them as the bank" }
        }
    };
    station("7. Or it lends", desks[place::BEARINGS].name.as_str(), inner)
}

fn declaration(desks: &[Desk], is_private: bool) -> Markup {
    let inner = html! {
        p {
            (desks[place::RIVER_BANK].name) " financed 600,000.00 of the customs declaration "
            strong { (sample::DECLARATION) } ", which proves 1,000,000.00. Check it as " (desks[place::HILL_BANK].name)
            " with " @if is_private { "a private" } @else { "an open" } " key, spelled as you like: 400,000.00 are left, \
             and who holds the rest is not told. Try to reserve more than that."
            @if is_private {
                " With an open key nobody finds it: both banks had to help to make its key, and learned nothing of it."
            }
        }
        p { a.button href=(path(desks, place::HILL_BANK, "collateral")) { "Check it as Hill Bank" } }
    };
    station("8. A declaration is financed once", desks[place::HILL_BANK].name.as_str(), inner)
}

fn office(desks: &[Desk]) -> Markup {
    let inner = html! {
        p {
            "The supervision sees what the car maker owes by tier and by tenor, and who holds it, down to the hash \
             of each invoice. It can freeze a part: nobody then moves it."
        }
        p {
            a.button href=(path(desks, place::OFFICE, "regulator")) { "Open the regulator's desk" } " "
            a href=(path(
                desks,
                place::OFFICE,
                &format!("issuers/{}?currency=CNY", desks[place::MAKER].organisation),
            )) { "What the car maker owes" }
        }
    };
    station("9. The regulator looks through", desks[place::OFFICE].name.as_str(), inner)
}

fn decimal(amount: u64) -> String {
    Currency::from_code("CNY").unwrap_or_default().decimal(amount)
}

/// `GET /desks/walk/payables.xlsx`: a table for the first station.
pub(super) async fn table() -> Response {
    let now = words::now_ms();
    let mut sheet = payables::template();
    sheet.rows = sample::PAYABLES.iter().map(|invoice| row(invoice, now)).collect();
    let disposition = "attachment; filename=\"payables.xlsx\"";
    ([(CONTENT_TYPE, XLSX), (CONTENT_DISPOSITION, disposition)], sheet.to_xlsx()).into_response()
}

/// A row of a table of payables, in the order of its columns.
fn row(invoice: &CreditInvoice, now_ms: u64) -> Vec<Cell> {
    const DAY_MS: u64 = 86_400_000;
    let hash = |text: &str| Cell::text(format!("{:x}", keccak256(text)));
    let amount = || Cell::text(decimal(invoice.amount));
    let delivery = format!("DN-{}", invoice.number);
    vec![
        Cell::text(sample::credit_parties()[invoice.supplier].name),
        amount(),
        Cell::text("CNY"),
        Cell::text(finance::day(finance::today(now_ms + invoice.days * DAY_MS))),
        Cell::text(invoice.contract),
        Cell::text(decimal(sample::CONTRACT_VALUE)),
        hash(invoice.contract),
        Cell::text(invoice.number),
        amount(),
        hash(invoice.number),
        Cell::text(&*delivery),
        amount(),
        hash(&delivery),
        Cell::text("no"),
        Cell::text("holder"),
        Cell::text(""),
    ]
}
