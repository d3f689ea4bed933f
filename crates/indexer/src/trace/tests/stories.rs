//! One business case each.

use super::*;

#[tokio::test]
async fn a_box_is_followed_on_its_pallet_only_while_it_is_on_it() {
    let (one, two, pallet) = (item("1"), item("2"), unit(1));
    let index = told(&[
        object(0, "ADD", &[&one]).step("commissioning").place(1),
        object(1, "ADD", &[&two]).step("commissioning").place(1),
        object(5, "OBSERVE", &[&pallet]).place(1),
        aggregation(10, "ADD", &pallet, &[&one]).place(1),
        object(20, "OBSERVE", &[&pallet]).step("shipping"),
        object(30, "OBSERVE", &[&pallet]).step("receiving").place(2),
        aggregation(40, "DELETE", &pallet, &[&one]).place(2),
        aggregation(50, "ADD", &pallet, &[&two]).place(2),
        object(60, "OBSERVE", &[&pallet]).step("shipping"),
    ])
    .await;
    let forward = trace(&index, &one, Direction::Forward).await;
    assert_eq!(things(&forward), set(&[&one, &pallet]));
    assert_eq!(minutes(&forward), [0, 10, 20, 30, 40]);
    assert_eq!(node(&forward, &one).present_place.as_deref(), Some(place(2).as_str()));
    assert_eq!(node(&forward, &one).state, ThingState::Present);
    assert_eq!(node(&forward, &pallet).state, ThingState::InTransit);
    assert_eq!(node(&forward, &pallet).roles, [NodeRole::Carrier]);

    let second = trace(&index, &two, Direction::Both).await;
    assert_eq!(things(&second), set(&[&two, &pallet]));
    assert_eq!(minutes(&second), [1, 50, 60]);
    assert_eq!(node(&second, &two).state, ThingState::InTransit);
    assert_eq!(node(&second, &two).present_place, None);
    let link = &second.links[0];
    assert_eq!((link.from.as_str(), link.relation), (two.as_str(), Relation::PackedIn));
    assert_eq!(link.until_ms, None);
}

#[tokio::test]
async fn the_other_boxes_of_a_pallet_are_not_part_of_a_boxs_trace() {
    let (one, two, pallet) = (item("1"), item("2"), unit(1));
    let made = item("3");
    let index = told(&[
        aggregation(10, "ADD", &pallet, &[&one, &two]),
        object(20, "OBSERVE", &[&pallet]),
        aggregation(30, "DELETE", &pallet, &[]),
        transformation(40, &[&two], &[&made]),
    ])
    .await;
    let of_box = trace(&index, &one, Direction::Both).await;
    assert_eq!(things(&of_box), set(&[&one, &pallet]));
    assert_eq!(minutes(&of_box), [10, 20, 30]);
    let of_pallet = trace(&index, &pallet, Direction::Forward).await;
    assert_eq!(things(&of_pallet), set(&[&one, &two, &pallet, &made]));
}

#[tokio::test]
async fn a_lot_is_followed_through_cutting_packing_and_selling_and_back() {
    let (pig, carcass, mince, pack, pallet) =
        (item("pig"), lot("C1"), lot("M1"), item("pack"), unit(7));
    let other = item("other");
    let index = told(&[
        object(0, "ADD", &[&pig]).step("commissioning").place(1),
        transformation(10, &[&pig], &[&format!("{carcass}*80")]).place(2),
        transformation(20, &[&format!("{carcass}*20")], &[&format!("{mince}*19.5")]).place(3),
        transformation(25, &[&format!("{carcass}*20")], &[&other]).place(3),
        transformation(30, &[&format!("{mince}*1")], &[&pack]).place(3),
        aggregation(40, "ADD", &pallet, &[&pack]).place(3),
        object(50, "OBSERVE", &[&pallet]).step("shipping").document("desadv", "urn:x:desadv:1"),
        object(60, "OBSERVE", &[&pallet]).step("receiving").place(4),
        aggregation(70, "DELETE", &pallet, &[]).place(4),
        object(80, "OBSERVE", &[&pack]).step("retail_selling").place(4),
    ])
    .await;
    let forward = trace(&index, &pig, Direction::Forward).await;
    assert_eq!(things(&forward), set(&[&pig, &carcass, &mince, &other, &pack, &pallet]));
    assert_eq!(minutes(&forward), [0, 10, 20, 25, 30, 40, 50, 60, 70, 80]);
    assert_eq!(node(&forward, &pack).state, ThingState::Sold);
    assert_eq!(node(&forward, &pig).state, ThingState::Consumed);
    assert_eq!(forward.timeline[6].documents[0].id, "urn:x:desadv:1");
    assert_eq!(forward.timeline[2].words, "Made 19.5 kg of lot M1 from 20 kg of lot C1");

    let back = trace(&index, &pack, Direction::Back).await;
    assert_eq!(things(&back), set(&[&pack, &pallet, &mince, &carcass, &pig]));
    assert_eq!(minutes(&back), [0, 10, 20, 30, 40, 50, 60, 70, 80]);
    assert_eq!(node(&back, &pig).depth, 3);
    assert_eq!(node(&back, &pig).roles, [NodeRole::Source]);
    let relations: Vec<Relation> = back.links.iter().map(|link| link.relation).collect();
    assert_eq!(relations.iter().filter(|r| **r == Relation::Became).count(), 3);
}

#[tokio::test]
async fn repacking_from_pallet_to_pallet_is_followed() {
    let (case, first, second, third) = (unit(1), unit(11), unit(12), unit(13));
    let index = told(&[
        aggregation(10, "ADD", &first, &[&case]),
        object(20, "OBSERVE", &[&first]).step("shipping"),
        aggregation(30, "DELETE", &first, &[&case]),
        aggregation(40, "ADD", &second, &[&case]),
        object(50, "OBSERVE", &[&second]).step("shipping"),
        // Nobody recorded the unpacking; being packed elsewhere implies it.
        aggregation(60, "ADD", &third, &[&case]),
        object(70, "OBSERVE", &[&second]).step("shipping"),
        object(80, "OBSERVE", &[&third]).step("shipping"),
        object(90, "OBSERVE", &[&first]).step("shipping"),
    ])
    .await;
    let forward = trace(&index, &case, Direction::Forward).await;
    assert_eq!(things(&forward), set(&[&case, &first, &second, &third]));
    assert_eq!(minutes(&forward), [10, 20, 30, 40, 50, 60, 80]);
}

#[tokio::test]
async fn containers_within_containers_carry_the_box() {
    let (thing, case, pallet, container) = (item("1"), unit(1), unit(2), unit(3));
    let index = told(&[
        object(0, "ADD", &[&thing]).place(1),
        aggregation(10, "ADD", &case, &[&thing]),
        aggregation(20, "ADD", &pallet, &[&case]),
        aggregation(30, "ADD", &container, &[&pallet]),
        object(40, "OBSERVE", &[&container]).step("arriving").place(9),
        aggregation(50, "DELETE", &pallet, &[&case]),
        object(60, "OBSERVE", &[&container]).step("departing"),
    ])
    .await;
    let forward = trace(&index, &thing, Direction::Forward).await;
    assert_eq!(minutes(&forward), [0, 10, 20, 30, 40, 50]);
    assert_eq!(node(&forward, &thing).present_place.as_deref(), Some(place(1).as_str()));
    let back = trace(&index, &container, Direction::Back).await;
    assert_eq!(things(&back), set(&[&thing, &case, &pallet, &container]));
}

#[tokio::test]
async fn where_a_box_is_follows_from_where_its_container_is() {
    let (thing, case, pallet) = (item("1"), unit(1), unit(2));
    let index = told(&[
        object(0, "ADD", &[&thing]).place(1),
        aggregation(10, "ADD", &case, &[&thing]).place(1),
        aggregation(20, "ADD", &pallet, &[&case]).place(1),
        object(30, "OBSERVE", &[&pallet]).step("receiving").place(5),
    ])
    .await;
    let forward = trace(&index, &thing, Direction::Forward).await;
    for id in [&thing, &case, &pallet] {
        assert_eq!(node(&forward, id).present_place.as_deref(), Some(place(5).as_str()));
        assert_eq!(node(&forward, id).state, ThingState::Present);
    }
}

#[tokio::test]
async fn a_reused_pallet_number_begins_a_new_life() {
    let (one, two, pallet) = (item("1"), item("2"), unit(1));
    let index = told(&[
        object(0, "ADD", &[&pallet]).step("commissioning"),
        aggregation(10, "ADD", &pallet, &[&one]),
        object(20, "OBSERVE", &[&pallet]),
        // No unpacking was recorded; a year later the number is given out again.
        object(500_000, "ADD", &[&pallet]).step("commissioning"),
        aggregation(500_010, "ADD", &pallet, &[&two]),
        object(500_020, "OBSERVE", &[&pallet]),
    ])
    .await;
    let first = trace(&index, &one, Direction::Both).await;
    assert_eq!(minutes(&first), [10, 20]);
    let second = trace(&index, &two, Direction::Both).await;
    assert_eq!(minutes(&second), [500_010, 500_020]);
}

#[tokio::test]
async fn several_events_of_one_transformation_belong_together() {
    let id = serde_json::json!("urn:epc:id:gdti:9521000.00001.BATCH");
    let (milk, salt, cheese, whey, later) =
        (lot("milk"), lot("salt"), lot("cheese"), lot("whey"), item("later"));
    let with_id = |draft: Draft| draft.with("transformationID", id.clone());
    let index = told(&[
        with_id(transformation(10, &[&milk], &[])),
        with_id(transformation(20, &[&salt], &[])),
        with_id(transformation(30, &[], &[&cheese])),
        with_id(transformation(40, &[], &[&whey])),
        transformation(50, &[&cheese], &[&later]),
    ])
    .await;
    let back = trace(&index, &cheese, Direction::Back).await;
    assert_eq!(things(&back), set(&[&cheese, &milk, &salt]));
    assert_eq!(minutes(&back), [10, 20, 30]);
    let forward = trace(&index, &milk, Direction::Forward).await;
    assert_eq!(things(&forward), set(&[&milk, &cheese, &whey, &later]));
    assert_eq!(minutes(&forward), [10, 30, 40, 50]);
}

#[tokio::test]
async fn a_cycle_ends() {
    let (flour, dough, rework) = (lot("flour"), lot("dough"), lot("rework"));
    let index = told(&[
        transformation(10, &[&flour], &[&dough, &rework]),
        transformation(20, &[&rework, &flour], &[&dough, &rework]),
        transformation(30, &[&dough], &[&flour]),
    ])
    .await;
    for direction in [Direction::Back, Direction::Forward, Direction::Both] {
        let found = trace(&index, &flour, direction).await;
        assert_eq!(things(&found), set(&[&flour, &dough, &rework]), "{direction:?}");
        assert_eq!(minutes(&found), [10, 20, 30]);
    }
}

#[tokio::test]
async fn a_split_lot_goes_to_every_branch_and_a_merged_one_comes_from_every_branch() {
    let (a, b, mix, left, right) = (lot("A"), lot("B"), lot("MIX"), lot("L"), lot("R"));
    let index = told(&[
        transformation(10, &[&a, &b], &[&mix]),
        transformation(20, &[&mix], &[&left]),
        transformation(30, &[&mix], &[&right]),
    ])
    .await;
    assert_eq!(
        things(&trace(&index, &a, Direction::Forward).await),
        set(&[&a, &mix, &left, &right])
    );
    assert_eq!(things(&trace(&index, &right, Direction::Back).await), set(&[&right, &mix, &a, &b]));
    // The sibling is neither what it came from nor what it became.
    assert_eq!(things(&trace(&index, &right, Direction::Both).await), set(&[&right, &mix, &a, &b]));
}

#[tokio::test]
async fn what_went_into_a_box_before_counts_and_what_came_after_does_not() {
    let (early, late, batch, product) = (item("early"), item("late"), unit(5), item("product"));
    let index = told(&[
        aggregation(10, "ADD", &batch, &[&early]),
        transformation(20, &[&batch], &[&product]),
        aggregation(30, "ADD", &batch, &[&late]),
    ])
    .await;
    let back = trace(&index, &product, Direction::Back).await;
    assert_eq!(things(&back), set(&[&product, &batch, &early]));
    let forward = trace(&index, &early, Direction::Forward).await;
    assert_eq!(things(&forward), set(&[&early, &batch, &product]));
    let late = trace(&index, &late, Direction::Forward).await;
    assert!(!things(&late).contains(product.as_str()));
}

#[tokio::test]
async fn a_cage_that_was_used_before_and_after_brings_no_other_goods() {
    let (old, mine, new) = (item("old"), item("mine"), item("new"));
    let (cage, truck, tank) = (unit(1), unit(2), unit(3));
    let product = item("product");
    let index = told(&[
        aggregation(1, "ADD", &cage, &[&old]),
        aggregation(2, "DELETE", &cage, &[&old]),
        aggregation(10, "ADD", &cage, &[&mine]),
        aggregation(20, "ADD", &truck, &[&cage]),
        aggregation(30, "DELETE", &truck, &[&cage]),
        aggregation(40, "DELETE", &cage, &[&mine]),
        aggregation(50, "ADD", &cage, &[&new]),
        aggregation(60, "ADD", &tank, &[&old]),
        aggregation(61, "DELETE", &tank, &[&old]),
        aggregation(62, "ADD", &tank, &[&new]),
        transformation(70, &[&tank], &[&product]),
    ])
    .await;
    for direction in [Direction::Back, Direction::Forward] {
        let of_truck = trace(&index, &truck, direction).await;
        assert_eq!(things(&of_truck), set(&[&truck, &cage, &mine]), "{direction:?}");
    }
    let back = trace(&index, &product, Direction::Back).await;
    assert_eq!(things(&back), set(&[&product, &tank, &new, &cage]));
}

#[tokio::test]
async fn what_is_referred_to_but_never_recorded_is_shown_as_missing() {
    let (known, unknown, product, pallet) = (lot("K"), lot("U"), item("P"), unit(1));
    let index = told(&[
        object(0, "ADD", &[&known]).place(1),
        transformation(10, &[&known, &unknown], &[&product]),
        aggregation(20, "ADD", &pallet, &[&product]),
    ])
    .await;
    let back = trace(&index, &product, Direction::Both).await;
    let missing: Vec<&str> =
        back.nodes.iter().filter(|node| node.missing).map(|node| node.id.as_str()).collect();
    assert_eq!(missing, [unknown.as_str()]);

    let stranger = trace(&index, &item("nobody"), Direction::Both).await;
    assert!(!stranger.found && stranger.timeline.is_empty());
    assert!(stranger.nodes[0].missing);
}

#[tokio::test]
async fn part_of_a_lot_leaves_a_box_and_the_rest_stays() {
    let (pork, case) = (lot("P"), unit(1));
    let some = |kilograms: &str| format!("{pork}*{kilograms}");
    let index = told(&[
        aggregation(10, "ADD", &case, &[&some("10")]),
        aggregation(20, "ADD", &case, &[&some("2.5")]),
        aggregation(30, "DELETE", &case, &[&some("12")]),
        object(40, "OBSERVE", &[&case]).step("shipping"),
        aggregation(50, "DELETE", &case, &[&some("0.5")]),
        object(60, "OBSERVE", &[&case]).step("shipping"),
    ])
    .await;
    let forward = trace(&index, &pork, Direction::Forward).await;
    assert_eq!(minutes(&forward), [10, 20, 30, 40, 50]);
}

#[tokio::test]
async fn one_lot_on_two_pallets_is_followed_on_both() {
    let (pork, left, right) = (lot("P"), unit(1), unit(2));
    let index = told(&[
        aggregation(10, "ADD", &left, &[&format!("{pork}*10")]),
        aggregation(20, "ADD", &right, &[&format!("{pork}*10")]),
        object(30, "OBSERVE", &[&left]),
        object(40, "OBSERVE", &[&right]),
    ])
    .await;
    let forward = trace(&index, &pork, Direction::Forward).await;
    assert_eq!(things(&forward), set(&[&pork, &left, &right]));
    assert_eq!(minutes(&forward), [10, 20, 30, 40]);
}

#[tokio::test]
async fn an_asset_that_something_is_fixed_to_is_followed_while_it_is_fixed() {
    let (logger, truck, other) = (item("logger"), unit(1), unit(2));
    let index = told(&[
        object(0, "ADD", &[&logger]),
        association(10, "ADD", &truck, &[&logger]),
        object(20, "OBSERVE", &[&truck]),
        association(30, "ADD", &other, &[&logger]),
        object(40, "OBSERVE", &[&truck]),
        association(50, "DELETE", &truck, &[]),
        object(60, "OBSERVE", &[&truck]),
        object(70, "OBSERVE", &[&other]),
    ])
    .await;
    let forward = trace(&index, &logger, Direction::Forward).await;
    assert_eq!(minutes(&forward), [0, 10, 20, 30, 40, 50, 70]);
    assert!(forward.links.iter().all(|link| link.relation == Relation::FixedTo));
}

#[tokio::test]
async fn documents_about_a_pallet_belong_to_what_is_on_it() {
    let (thing, pallet, listed) = (item("1"), unit(1), item("listed"));
    let order = |minute: i64, name: &str| {
        transaction(minute, name, &[&listed]).with("parentID", serde_json::json!(pallet))
    };
    let index = told(&[
        order(5, "urn:x:po:before"),
        aggregation(10, "ADD", &pallet, &[&thing]),
        order(20, "urn:x:po:during"),
        aggregation(30, "DELETE", &pallet, &[&thing]),
        order(40, "urn:x:po:after"),
    ])
    .await;
    let forward = trace(&index, &thing, Direction::Forward).await;
    assert_eq!(minutes(&forward), [10, 20, 30]);
    assert_eq!(forward.timeline[1].documents[0].id, "urn:x:po:during");
}

#[tokio::test]
async fn sharing_an_order_does_not_connect_goods() {
    let (one, two) = (item("1"), item("2"));
    let index = told(&[
        transaction(10, "urn:x:po:7", &[&one, &two]),
        object(20, "OBSERVE", &[&one, &two]).step("shipping"),
        object(30, "OBSERVE", &[&two]),
    ])
    .await;
    let of_one = trace(&index, &one, Direction::Both).await;
    assert_eq!(things(&of_one), set(&[&one]));
    assert_eq!(minutes(&of_one), [10, 20]);
    assert_eq!(of_one.timeline[1].items.len(), 2);
}

#[tokio::test]
async fn an_event_declared_wrong_is_shown_and_not_followed() {
    let (right, wrong, product) = (lot("right"), lot("wrong"), item("P"));
    let mistake = transformation(10, &[&wrong], &[&product]);
    let index = told(&[
        object(0, "ADD", &[&right]),
        object(1, "ADD", &[&wrong]),
        mistake.clone(),
        transformation(10, &[&right], &[&product]),
        mistake.declared_wrong(90),
    ])
    .await;
    let back = trace(&index, &product, Direction::Back).await;
    assert_eq!(things(&back), set(&[&product, &right]));
    let withdrawn: Vec<bool> = back.timeline.iter().map(|step| step.withdrawn.is_some()).collect();
    assert_eq!(minutes(&back), [0, 10, 10]);
    assert_eq!(withdrawn, [false, true, false]);
    let lost = trace(&index, &wrong, Direction::Forward).await;
    assert_eq!(things(&lost), set(&[&wrong]));
}

#[tokio::test]
async fn a_product_of_no_lot_is_named_and_not_followed() {
    let (spice, one, two) = (product(), item("1"), item("2"));
    let some = format!("{spice}*1");
    let index =
        told(&[transformation(10, &[&some], &[&one]), transformation(20, &[&some], &[&two])]).await;
    let back = trace(&index, &one, Direction::Both).await;
    assert_eq!(things(&back), set(&[&one, &spice]));
    assert_eq!(minutes(&back), [10]);
    assert!(!node(&back, &spice).missing);
}

#[tokio::test]
async fn events_that_arrive_late_take_their_place_in_time() {
    let (thing, pallet, other) = (item("1"), unit(1), item("2"));
    let index = told(&[
        aggregation(40, "DELETE", &pallet, &[&thing]),
        object(60, "OBSERVE", &[&pallet]),
        transformation(70, &[&thing], &[&other]),
        object(30, "OBSERVE", &[&pallet]),
        aggregation(20, "ADD", &pallet, &[&thing]),
        object(10, "OBSERVE", &[&pallet]),
    ])
    .await;
    let forward = trace(&index, &thing, Direction::Forward).await;
    assert_eq!(minutes(&forward), [20, 30, 40, 70]);
}

#[tokio::test]
async fn every_notation_of_an_identifier_gives_the_same_trace() {
    let index = told(&[object(0, "ADD", &[&item("1")]), object(5, "OBSERVE", &[&item("1")])]).await;
    let link = trace(&index, &item("1"), Direction::Both).await;
    let urn = trace(&index, "urn:epc:id:sgtin:9521000.000010.1", Direction::Both).await;
    assert_eq!(link, urn);
    assert_eq!(minutes(&urn), [0, 5]);
}

#[tokio::test]
async fn limits_cut_the_trace_and_say_so() {
    let lots: Vec<String> = (0..30).map(|nth| lot(&format!("L{nth}"))).collect();
    let chain: Vec<Draft> = lots
        .windows(2)
        .zip(0..)
        .map(|(pair, minute)| transformation(minute, &[&pair[0]], &[&pair[1]]))
        .collect();
    let index = told(&chain).await;
    let root = Identifier::parse(&lots[0]).unwrap();
    let cut =
        async |limits: TraceLimits| index.trace(&root, Direction::Forward, &limits).await.unwrap();
    let whole = TraceLimits::default();
    let all = cut(whole).await;
    assert!(!all.truncated && all.nodes.len() == 30 && all.timeline.len() == 29);
    let few = cut(TraceLimits { identifiers_max: 5, ..whole }).await;
    assert!(few.truncated && few.nodes.len() == 5);
    let shallow = cut(TraceLimits { depth_max: 3, ..whole }).await;
    assert!(shallow.truncated && shallow.nodes.iter().all(|node| node.depth <= 4));
    let short = cut(TraceLimits { steps_max: 7, ..whole }).await;
    assert!(short.truncated && short.timeline.len() <= 29);
    let few_links = cut(TraceLimits { links_max: 2, ..whole }).await;
    assert!(few_links.truncated && few_links.links.len() == 2);
    let poor = cut(TraceLimits { rows_max: 20, ..whole }).await;
    assert!(poor.truncated);
}

#[tokio::test]
async fn a_trace_reads_as_json_and_back() {
    let index = told(&[object(0, "ADD", &[&item("1")]).step("commissioning").place(1)]).await;
    let found = trace(&index, &item("1"), Direction::Both).await;
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["direction"], "both");
    assert_eq!(json["timeline"][0]["words"], "Commissioned item 1");
    assert_eq!(json["timeline"][0]["block"], 1);
    assert_eq!(serde_json::from_value::<Trace>(json).unwrap(), found);
}
