//! API v1 on the wire: paths, JSON shapes, form bodies, and their conversion from and to the domain.
//!
//! Shared by server and client, so that they cannot drift apart. DTOs are lenient where a reply of
//! another server may lack a field, and complete where ours writes one.

pub mod form;
pub mod json;
pub mod paths;
