//! One integration binary: one link step.

mod architecture;
mod http;
mod server_queue;
mod server_rig;
