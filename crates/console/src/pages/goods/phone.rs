//! `/phone`: capture in the field or at the dock, also without a network.

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use qiao_goods::import::{Field, Stage};

use crate::{
    assets,
    console::{Console, Trouble},
    pages::goods::choices::{self, title},
    shell::{Page, Section},
};

/// `GET /phone`.
pub(crate) async fn page(State(console): State<Console>) -> Response {
    let made = made(&console).await;
    console.answer(made)
}

async fn made(console: &Console) -> Result<Response, Trouble> {
    let lists = choices::lists(console).await?;
    let body = html! {
        p.crumb { a href="/goods" { "Goods" } }
        div.lead {
            h1 { "Capture" }
            p.soft { span data-online { "Starting…" } " " span data-open {} }
        }
        section.card aria-label="What happened" {
            div.pad {
                form.fill data-phone {
                    fieldset.stages {
                        legend { "What happened?" }
                        @for stage in Stage::ALL {
                            label {
                                input type="radio" name="stage" value=(stage.as_str())
                                    aria-label=(title(stage))
                                    checked[stage == Stage::Ship];
                                span { (title(stage)) }
                            }
                        }
                    }
                    label for="code" { "Scan or type the code on the label" }
                    input id="code" name="code" autocomplete="off" spellcheck="false"
                        placeholder="Digital Link, (01)… or digits";
                    button.second type="button" data-scan hidden { "Scan with the camera" }
                    video data-camera hidden playsinline muted {}
                    @for field in Field::ALL { (input(field)) }
                    (lists)
                    label for="files" { "Photos and documents" }
                    input id="files" name="files" type="file" multiple
                        accept="image/jpeg,image/png,image/webp,application/pdf";
                    button { "Save" }
                }
                noscript { p.soft { "This page needs scripts; a table can be imported instead." } }
            }
        }
        section.card aria-labelledby="queue" {
            header { h2 id="queue" { "On this phone" } }
            ul.rows data-queue {}
        }
        script type="module" src=(assets::phone_path()) {}
    };
    Ok(Page { title: "Capture", section: Section::Goods, body }.render(&console.status()))
}

/// A field with the stages that use it and those that need it.
fn input(field: Field) -> Markup {
    let words = |stages: &mut dyn Iterator<Item = Stage>| -> String {
        stages.map(Stage::as_str).collect::<Vec<_>>().join(" ")
    };
    if matches!(field, Field::Stage | Field::Attachments) {
        return html! {};
    }
    let used = words(&mut Stage::ALL.into_iter().filter(|stage| stage.fields().contains(&field)));
    let needed =
        words(&mut Stage::ALL.into_iter().filter(|stage| stage.required().contains(&field)));
    let (name, label, kind, mode) = shape(field);
    html! {
        div.field data-stages=(used) data-required=(needed) {
            label for=(name) { (label) }
            @if field == Field::Result {
                select id=(name) name=(name) data-field {
                    option value="conformant" { "In order" }
                    option value="non_conformant" { "Not in order" }
                }
            } @else {
                input id=(name) name=(name) type=(kind) inputmode=(mode) autocomplete="off"
                    list=[list(field)] data-field;
            }
        }
    }
}

/// The list from which a field can be chosen by name.
fn list(field: Field) -> Option<&'static str> {
    match field {
        Field::Location | Field::From | Field::To => Some(choices::PLACES),
        Field::Gtin | Field::InputGtin => Some(choices::PRODUCTS),
        _ => None,
    }
}

/// Name, label, type and keyboard of a field.
fn shape(field: Field) -> (&'static str, &'static str, &'static str, &'static str) {
    let (label, kind, mode) = match field {
        Field::Gtin => ("Product (name or GTIN)", "text", "text"),
        Field::Lot => ("Lot", "text", "text"),
        Field::Serial => ("Serial number", "text", "text"),
        Field::Sscc => ("Case or pallet (SSCC)", "text", "numeric"),
        Field::Quantity => ("How much", "text", "decimal"),
        Field::Unit => ("Unit (KGM, LBR, CS …; empty for pieces)", "text", "text"),
        Field::Date => ("Day", "date", "text"),
        Field::Time => ("Time", "time", "text"),
        Field::Zone => ("Offset of local time", "text", "text"),
        Field::Location => ("Where (name or GLN)", "text", "text"),
        Field::From => ("From (name or GLN)", "text", "text"),
        Field::To => ("To (name or GLN)", "text", "text"),
        Field::Parent => ("Into the case or pallet (SSCC)", "text", "numeric"),
        Field::InputGtin => ("Made from product (name or GTIN)", "text", "text"),
        Field::InputLot => ("Lot of it", "text", "text"),
        Field::InputQuantity => ("How much of it", "text", "decimal"),
        Field::InputUnit => ("In which unit", "text", "text"),
        Field::Order => ("Purchase order", "text", "text"),
        Field::DespatchAdvice => ("Delivery note", "text", "text"),
        Field::Invoice => ("Invoice", "text", "text"),
        Field::ProductionOrder => ("Production order", "text", "text"),
        Field::Certificate => ("Certificate or test result", "text", "text"),
        Field::BestBefore => ("Best before", "date", "text"),
        Field::Temperature => ("Temperature in °C", "text", "text"),
        Field::Result => ("Outcome", "text", "text"),
        Field::Stage | Field::Attachments => ("", "text", "text"),
    };
    (field.as_str(), label, kind, mode)
}
