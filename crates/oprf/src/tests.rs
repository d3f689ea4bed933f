//! The vectors of RFC 9497, and what an asker and an evaluator may and may not do.

use proptest::prelude::*;

use super::*;

/// RFC 9497, appendix A.1.2: the secret of ristretto255-SHA512 in the verifiable mode.
const SECRET: &str = "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909";
const PUBLIC: &str = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e";
const INPUTS: [&str; 2] = ["00", "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"];
const OUTPUTS: [&str; 2] = [
    "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d8527693914139caee5bd03903af43\
     a491351d23b430948dd50cde10d32b3c",
    "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60356f4610bf816f27afdd84f47719e480\
     906d27ecd994985890e5f539e7ea74b6",
];

/// A question of the appendix: input, blind, blinded element and answer of each, and the proof.
struct Vector {
    inputs: &'static [usize],
    blinds: &'static [&'static str],
    blinded: &'static [&'static str],
    answers: &'static [&'static str],
    proof: &'static str,
}

const VECTORS: [Vector; 3] = [
    Vector {
        inputs: &[0],
        blinds: &["64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"],
        blinded: &["863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945"],
        answers: &["aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e"],
        proof: "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd066d4346421d17bf5117a2a1ff\
                0fcb2a759f58a539dfbe857a40bce4cf49ec600d",
    },
    Vector {
        inputs: &[1],
        blinds: &["64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"],
        blinded: &["cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c"],
        answers: &["60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468"],
        proof: "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a67154fabf031fd936051dec8\
                0b0b6ae29c9503493dde7393b722eafdf5a50b02",
    },
    Vector {
        inputs: &[0, 1],
        blinds: &[
            "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706",
            "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
        ],
        blinded: &[
            "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
            "90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654",
        ],
        answers: &[
            "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
            "cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a",
        ],
        proof: "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a5ab5337c8eb4ceae0494c2cf\
                89529dcf94572ed267473d567aeed6ab873dee08",
    },
];

fn bytes(hex: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(pair).collect()
}

fn fixed<const N: usize>(hex: &str) -> [u8; N] {
    bytes(hex).try_into().unwrap()
}

fn question(vector: &Vector) -> Question {
    let parts = vector.inputs.iter().zip(vector.blinds.iter().zip(vector.blinded));
    let parts: Vec<_> = parts
        .map(|(input, (blind, blinded))| (bytes(INPUTS[*input]), fixed(blind), fixed(blinded)))
        .collect();
    Question::of_vectors(&parts)
}

#[test]
fn the_vectors_of_rfc_9497_come_out() {
    let evaluator = Evaluator::from_secret(&fixed(SECRET)).unwrap();
    let key = evaluator.public_key();
    assert_eq!(key, PublicKey::from_bytes(fixed(PUBLIC)).unwrap());
    assert_eq!(evaluator.secret(), fixed(SECRET));
    for vector in &VECTORS {
        let question = question(vector);
        let elements: Vec<Element> = vector.answers.iter().map(|answer| fixed(answer)).collect();
        let answer = Answer { elements: elements.clone(), proof: fixed(vector.proof) };
        let expected: Vec<Vec<u8>> =
            vector.inputs.iter().map(|input| bytes(OUTPUTS[*input])).collect();
        let outputs = question.finish(&answer, key).unwrap();
        assert_eq!(outputs.iter().map(|output| output.to_vec()).collect::<Vec<_>>(), expected);
        // Our evaluator answers the same, with a proof of its own that holds as well.
        let own = evaluator.evaluate(question.blinded()).unwrap();
        assert_eq!(own.elements, elements);
        assert_eq!(question.finish(&own, key).unwrap(), outputs);
    }
}

#[test]
fn an_identity_has_the_same_key_however_it_was_blinded() {
    let evaluator = Evaluator::from_secret(&fixed(SECRET)).unwrap();
    let key = evaluator.public_key();
    let inputs: Vec<Vec<u8>> = INPUTS.iter().map(|input| bytes(input)).collect();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..8 {
        let question = Question::new(&inputs).unwrap();
        assert!(question.blinded().iter().all(|blinded| seen.insert(*blinded)), "fresh each time");
        let answer = evaluator.evaluate(question.blinded()).unwrap();
        let outputs = question.finish(&answer, key).unwrap();
        for (output, expected) in outputs.iter().zip(OUTPUTS) {
            assert_eq!(output.to_vec(), bytes(expected));
        }
    }
}

/// Another secret would make two banks' keys of one invoice differ: the double financing would pass.
#[test]
fn an_evaluator_that_uses_another_secret_is_caught() {
    let (honest, other) = (Evaluator::fresh().unwrap(), Evaluator::fresh().unwrap());
    let question = Question::new(&["a", "b"]).unwrap();
    let key = honest.public_key();
    let right = honest.evaluate(question.blinded()).unwrap();
    let wrong = other.evaluate(question.blinded()).unwrap();
    assert!(question.finish(&right, key).is_ok());
    assert_eq!(question.finish(&wrong, key), Err(OprfError::Proof));
    let mut mixed = right.clone();
    mixed.elements[1] = wrong.elements[1];
    assert_eq!(question.finish(&mixed, key), Err(OprfError::Proof));
    let swapped = Answer { elements: vec![right.elements[1], right.elements[0]], ..right.clone() };
    assert_eq!(question.finish(&swapped, key), Err(OprfError::Proof));
    let short = Answer { elements: vec![right.elements[0]], ..right };
    assert_eq!(question.finish(&short, key), Err(OprfError::Proof));
}

#[test]
fn questions_have_bounds() {
    let evaluator = Evaluator::fresh().unwrap();
    assert_eq!(Question::new::<&str>(&[]).unwrap_err(), OprfError::Count);
    assert_eq!(Question::new(&vec!["x"; BATCH_MAX + 1]).unwrap_err(), OprfError::Count);
    assert_eq!(Question::new(&[""]).unwrap_err(), OprfError::Identity);
    assert_eq!(Question::new(&["x".repeat(65_536)]).unwrap_err(), OprfError::Identity);
    assert_eq!(evaluator.evaluate(&[]), Err(OprfError::Count));
    let malformed = OprfError::Malformed("a blinded identity");
    for element in [[0; 32], [0xff; 32]] {
        assert_eq!(evaluator.evaluate(&[element]), Err(malformed), "neutral, or no element");
        assert!(PublicKey::from_bytes(element).is_err());
        assert!(Evaluator::from_secret(&element).is_err());
    }
}

#[test]
fn the_key_of_an_asset_binds_appointment_and_every_evaluator() {
    let [one, two] = [1, 2].map(|_| Evaluator::fresh().unwrap().public_key());
    let of = key(1, &[(one, [1; 64]), (two, [2; 64])]);
    assert_ne!(of, key(2, &[(one, [1; 64]), (two, [2; 64])]));
    assert_ne!(of, key(1, &[(two, [2; 64]), (one, [1; 64])]));
    assert_ne!(of, key(1, &[(one, [1; 64])]));
    assert_ne!(of, key(1, &[(one, [1; 64]), (two, [3; 64])]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Bytes from elsewhere are refused or answered, and never stop the evaluator.
    #[test]
    fn foreign_bytes_are_refused_or_answered(
        element in any::<[u8; 32]>(), front in any::<[u8; 32]>(), back in any::<[u8; 32]>()
    ) {
        let evaluator = Evaluator::from_secret(&fixed(SECRET)).unwrap();
        if let Ok(answer) = evaluator.evaluate(&[element]) {
            prop_assert_eq!(answer.elements.len(), 1);
        }
        let question = Question::new(&["x"]).unwrap();
        let mut proof = [0; 64];
        proof[..32].copy_from_slice(&front);
        proof[32..].copy_from_slice(&back);
        let answer = Answer { elements: vec![element], proof };
        prop_assert!(question.finish(&answer, evaluator.public_key()).is_err());
    }
}
