//! One integration binary: one link step.
