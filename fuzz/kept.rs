//! The corpus of a fuzz target for the ordinary tests, which include this file: nightly Rust and
//! minutes are for the fuzzer, a second of damaged inputs is for every run.

/// The inputs that the fuzzer kept, each with `times` damaged copies.
pub fn kept(target: &str, times: u64) -> Vec<Vec<u8>> {
    let folder = format!("{}/../../fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the corpus is in the repository")
        .map(|entry| entry.expect("it lists").path())
        .collect();
    paths.sort();
    let mut inputs = Vec::new();
    // The constants of Knuth's MMIX generator.
    let mut state = 1u64;
    let mut draw = |end: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % end.max(1)
    };
    for path in paths {
        let input = std::fs::read(path).expect("it is a file");
        for _ in 0..times {
            let mut damaged = input.clone();
            let (from, at) = (draw(input.len()), draw(input.len()));
            match draw(4) {
                0 => damaged.truncate(at),
                1 => damaged.extend_from_slice(&input[from..]),
                2 if at < damaged.len() => drop(damaged.remove(at)),
                _ if at < damaged.len() => damaged[at] ^= 1 << draw(8),
                _ => {}
            }
            inputs.push(damaged);
        }
        inputs.push(input);
    }
    assert!(inputs.len() > 30, "the corpus is in the repository");
    inputs
}
