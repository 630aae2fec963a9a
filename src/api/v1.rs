//! API v1 over HTTP.
