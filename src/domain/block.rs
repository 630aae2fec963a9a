//! Large blocks of memory that are needed for a moment.

/// Gives a list's block back to the system.
///
/// glibc takes a large block that is freed as a sign that more of that size will come: from then on
/// it takes such blocks from its heaps, and keeps what is free at their ends, twice as much as the
/// block was (`mallopt(3)`, `M_MMAP_THRESHOLD`, on the dynamic threshold). A queue of 100,000 updates
/// that was read once would so cost tens of megabytes for ever. A block that was made small before is
/// no such sign.
pub(crate) fn let_go<T>(mut list: Vec<T>) {
    list.clear();
    list.shrink_to(1);
}
