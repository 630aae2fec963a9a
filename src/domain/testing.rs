//! What the tests of this layer share: small ids and the number of cases.

use ulid::Ulid;

use super::id::LocalId;

/// Returns the local id number `n`.
pub(crate) fn id(n: u128) -> LocalId {
    LocalId(Ulid::from(n))
}

/// Returns the number a local id was made of.
pub(crate) fn number(id: LocalId) -> u128 {
    id.0.into()
}

/// 256 cases, times what `QURATE_TEST_SCALE` says.
pub(crate) fn cases() -> proptest::prelude::ProptestConfig {
    let scale = std::env::var("QURATE_TEST_SCALE")
        .ok()
        .and_then(|scale| scale.parse::<u32>().ok())
        .unwrap_or(1);
    proptest::prelude::ProptestConfig {
        cases: 256 * scale.max(1),
        failure_persistence: None,
        max_global_rejects: u32::MAX,
        ..Default::default()
    }
}
