//! One integration binary: one link step.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what tests share is test code too, which clippy sees only inside of a test"
)]

mod ambiguous_creates;
mod api_requests;
mod architecture;
mod chaos;
mod chaos_in_a_terminal;
mod client_and_server;
mod composer_in_a_terminal;
mod disk_trouble;
mod doctor_program;
mod end_to_end;
mod fake_api;
mod finding;
mod harness;
mod hostile_memory;
mod hostile_replies;
mod hostile_server;
mod http;
mod keys;
mod keys_of_composer;
mod keys_of_filter;
mod keys_of_lint;
mod keys_of_manners;
mod keys_of_order;
mod keys_of_profiles;
mod keys_of_sync;
mod keys_of_tags;
mod keys_of_tools;
mod kill_loop;
mod large_store;
mod laws_of_keys;
mod merge_laws;
mod own_bytes;
mod permissions;
mod plain;
mod plain_program;
mod program;
mod proxy;
mod pty;
mod raw_server;
mod readme;
mod screens;
mod serve;
mod served;
mod server_api;
mod server_forms;
mod server_guard;
mod server_publish;
mod server_queue;
mod server_quirks;
mod server_refusals;
mod server_rig;
mod sim_clock;
mod spoil;
mod store_damage;
mod sync_ambiguous;
mod sync_budget;
mod sync_clock;
mod sync_conflicts;
mod sync_conserved;
mod sync_harness;
mod sync_interrupted;
mod sync_outcomes;
mod sync_pages;
mod sync_random;
mod sync_refused;
mod sync_too_much;
mod sync_worker;
mod terminal;
mod token_canary;
mod two_instances;
mod wire;
