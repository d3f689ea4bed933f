//! The recall: a test result, a notice, empty shelves, a pack brought back, and proof of the end.
//!
//! A judgement or a notice about the lot names no place: nobody saw the lot there.

use super::{
    MINCE_LOT, MINCE_PACKS, mince_pack, mince_packs, place, pork,
    stores::{SHOPPER_PACK, SOLD_OLD_TOWN, SOLD_RIVERSIDE},
};
use crate::{
    calendar::at,
    draft::{Action, Story, whole},
    keys::Key,
    parties::{LABORATORY, OLD_TOWN_STORE, PROCESSOR, REGULATOR, RETAILER, RIVERSIDE_STORE},
    products::MINCE,
};

const NOTICE: &str = "RECALL-2217";

pub(super) fn tell(story: &mut Story) {
    test_result(story);
    notice(story);
    shelves(story);
    returned_pack(story);
    closing(story);
}

fn test_result(story: &mut Story) {
    let pack = [pork::sample_pack()];
    let desk = story.desk(LABORATORY);
    let taken = desk
        .object(at(8, 16, 30), Action::Observe)
        .step("sampling", "in_progress")
        .read_at(&place(PROCESSOR, 0))
        .things(&pack)
        .document("testprd", LABORATORY, "MICRO-30871");
    story.capture(LABORATORY, vec![taken]);
    let found = story
        .desk(LABORATORY)
        .object(at(12, 9, 5), Action::Observe)
        .step("inspecting", "non_conformant")
        .place(&place(LABORATORY, 0))
        .things(&pack)
        .document("testres", LABORATORY, "MICRO-30871");
    let judged = desk
        .object(at(12, 9, 10), Action::Observe)
        .step("inspecting", "non_conformant")
        .lots(&[whole(MINCE.lot(MINCE_LOT))])
        .document("testres", LABORATORY, "MICRO-30871");
    let used_up = story
        .desk(LABORATORY)
        .object(at(12, 9, 30), Action::Delete)
        .step("destroying", "destroyed")
        .read_at(&place(LABORATORY, 0))
        .things(&pack);
    story.capture(LABORATORY, vec![found, judged, used_up]);
}

fn notice(story: &mut Story) {
    let lot = [whole(MINCE.lot(MINCE_LOT))];
    let held = story
        .desk(PROCESSOR)
        .object(at(12, 9, 40), Action::Observe)
        .step("holding", "non_sellable_other")
        .lots(&lot)
        .document("testres", LABORATORY, "MICRO-30871");
    story.capture(PROCESSOR, vec![held]);
    let recalled = story
        .desk(REGULATOR)
        .object(at(12, 10, 0), Action::Observe)
        .step("holding", "recalled")
        .lots(&lot)
        .document("cert", REGULATOR, NOTICE);
    story.capture(REGULATOR, vec![recalled]);
}

fn shelves(story: &mut Story) {
    let stores = [
        (RIVERSIDE_STORE, 25, SOLD_RIVERSIDE + 1, MINCE_PACKS / 2),
        (OLD_TOWN_STORE, 40, SOLD_OLD_TOWN + 1, MINCE_PACKS),
    ];
    for (store, minute, first, last) in stores {
        let packs = mince_packs(first..=last);
        let desk = story.desk(RETAILER);
        let removed = desk
            .object(at(12, 10, minute), Action::Observe)
            .step("removing", "recalled")
            .place(&place(RETAILER, store))
            .things(&packs)
            .document("cert", REGULATOR, NOTICE);
        let destroyed = desk
            .object(at(12, 17, minute), Action::Delete)
            .step("destroying", "destroyed")
            .read_at(&place(RETAILER, store))
            .things(&packs)
            .document("cert", RETAILER, &format!("DESTROY-{store}"));
        story.capture(RETAILER, vec![removed]);
        story.capture(RETAILER, vec![destroyed]);
    }
}

/// The shopper reads the notice and brings the pack back.
fn returned_pack(story: &mut Story) {
    let pack: [Key; 1] = [mince_pack(SHOPPER_PACK)];
    let desk = story.desk(RETAILER);
    let back = desk
        .object(at(13, 9, 15), Action::Observe)
        .step("receiving", "returned")
        .place(&place(RETAILER, RIVERSIDE_STORE))
        .things(&pack)
        .document("rma", RETAILER, "RETURN-118");
    let destroyed = desk
        .object(at(13, 11, 0), Action::Delete)
        .step("destroying", "destroyed")
        .read_at(&place(RETAILER, RIVERSIDE_STORE))
        .things(&pack)
        .document("cert", RETAILER, "DESTROY-3");
    story.capture(RETAILER, vec![back, destroyed]);
}

fn closing(story: &mut Story) {
    let checked = story
        .desk(REGULATOR)
        .object(at(13, 15, 0), Action::Observe)
        .step("inspecting", "recalled")
        .lots(&[whole(MINCE.lot(MINCE_LOT))])
        .document("cert", REGULATOR, "CLOSE-2217");
    story.capture(REGULATOR, vec![checked]);
}
