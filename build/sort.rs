//! Sorting as `src/sort.rs` does it, with the standard library: here speed matters and size does not.

/// Sorts by `key`; what has equal keys keeps its place.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    items.sort_by_key(key);
}

/// Sorts what has an order of its own.
pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    items.sort_unstable();
}

/// Sorts, and takes out what is there twice.
pub(crate) fn sort_and_dedup<T: Ord>(items: &mut Vec<T>) {
    sort(items);
    items.dedup();
}
