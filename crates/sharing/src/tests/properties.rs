//! What holds for any value, and of any bytes.

use super::*;

fn priced(price: &str) -> String {
    DELIVERY.replace("\"12.50\"", price)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_value_comes_back_and_takes_no_place_in_the_open(text in "\\PC{0,200}", number in 1_i64..) {
        let number = format!("{number}00.10");
        let text = qiao_epcis::Json::String(text);
        let value = format!("{{\"farm:text\": {text}, \"farm:number\": {number}}}");
        let on_chain = sealed(&priced(&value), &["farm:price"]);
        prop_assert!(!on_chain.to_json().contains(&number));
        let packer = keys(2);
        let seen = view(&on_chain, FARM, Some((PACKER, &packer))).unwrap();
        prop_assert_eq!(seen.fields[0].state, State::Opened);
        let seen = event(&seen.body);
        let plain = event(&priced(&value));
        prop_assert_eq!(seen.json().get("farm:price"), plain.json().get("farm:price"));
    }

    #[test]
    fn a_changed_envelope_or_commitment_opens_nothing(at in any::<prop::sample::Index>(), digit in 0_u32..16) {
        let on_chain = sealed(DELIVERY, &["farm:price"]);
        let text = on_chain.to_json();
        let start = text.find("qiao:commitment").unwrap();
        let digits: Vec<usize> = (start..text.len())
            .filter(|at| text[..*at].ends_with(|c: char| c.is_ascii_hexdigit()))
            .filter(|at| text.as_bytes().get(*at).is_some_and(u8::is_ascii_hexdigit))
            .collect();
        let at = digits[at.index(digits.len())];
        let digit = char::from_digit(digit, 16).unwrap();
        let changed = format!("{}{digit}{}", &text[..at], &text[at + 1..]);
        prop_assume!(changed != text);
        let Ok(changed) = Event::parse(changed.as_bytes(), &Limits::DOCUMENT) else { return Ok(()) };
        let packer = keys(2);
        if let Some(seen) = view(&changed, FARM, Some((PACKER, &packer))) {
            // A change in the author's own envelope does not keep the packer from reading.
            let opened = seen.fields.iter().any(|field| field.state == State::Opened);
            prop_assert!(!opened || seen.body.contains("12.50"));
            let is_bound = changed.hash() != on_chain.hash();
            prop_assert!(!(is_bound && opened), "an event that is not the chain's was opened");
        }
    }

    #[test]
    fn keys_that_it_was_not_sealed_for_open_nothing(number in 3_u8..) {
        let on_chain = sealed(DELIVERY, &["farm:price"]);
        let other = keys(number);
        for organisation in [FARM, PACKER, RIVAL] {
            let seen = view(&on_chain, FARM, Some((organisation, &other))).unwrap();
            prop_assert_ne!(seen.fields[0].state, State::Opened);
        }
    }
}
