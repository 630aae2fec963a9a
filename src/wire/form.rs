//! Form bodies: reading every encoding that published v1 clients send, writing one.
