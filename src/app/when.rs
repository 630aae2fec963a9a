//! Reads what a person writes for a time: `tomorrow 9`, `fri 14:30`, `+2d`, `2026-12-01 09:00`.
