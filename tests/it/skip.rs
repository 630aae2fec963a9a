//! Checks that need what a machine may lack.

/// Where this is set, nothing may be left out.
const ALL: &str = "QURATE_TEST_ALL";

/// Says that something is not checked, and why; fails where all must be.
#[expect(clippy::print_stderr, reason = "what is left out is said")]
pub(crate) fn not_checked(why: &str) {
    assert!(std::env::var_os(ALL).is_none(), "{why}, and {ALL} is set");
    eprintln!("not checked: {why}");
}
