//! The client of subnet administration, walked by seed.

#[test]
fn by_seed() {
    let scale: u64 = std::env::var("SEARCH_SCALE").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut state = 7;
    for _ in 0..20_000 * scale {
        let length = 16 + next(&mut state) % 240;
        let bytes = Vec::from_iter((0..length).map(|_| {
            // Rather operations than the numbers of places: a table takes many turns.
            let word = next(&mut state);
            if word.is_multiple_of(3) {
                (word >> 8) as u8
            } else {
                [0, 1, 8, 9, 9, 1, 11, 19][(word >> 16) as usize % 8]
            }
        }));
        bodies::sa_client(&bytes);
    }
}

/// The next of a series of numbers without pattern (splitmix64).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
