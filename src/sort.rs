//! Sorting in few bytes: the standard library's is faster on long lists, but each use of it adds six kilobytes to the wasm.

/// Sorts by `key`; what has equal keys may change places.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a) < key(b));
}

/// Sorts what has an order of its own.
pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, |a, b| a < b);
}

/// Sorts, and takes out what is there twice.
pub(crate) fn sort_and_dedup<T: Ord>(items: &mut Vec<T>) {
    sort(items);
    items.dedup();
}

/// Heapsort: no list makes it slow.
fn sort_by<T>(items: &mut [T], is_less: impl Fn(&T, &T) -> bool) {
    let is_less = |items: &[T], a: usize, b: usize| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => is_less(a, b),
        _ => false,
    };
    if (1..items.len()).all(|i| !is_less(items, i, i - 1)) {
        return;
    }
    let sift = |items: &mut [T], mut root: usize, end: usize| {
        loop {
            let mut child = 2 * root + 1;
            if child + 1 < end && is_less(items, child, child + 1) {
                child += 1;
            }
            if child >= end || !is_less(items, root, child) {
                return;
            }
            items.swap(root, child);
            root = child;
        }
    };
    for root in (0..items.len() / 2).rev() {
        sift(items, root, items.len());
    }
    for end in (1..items.len()).rev() {
        items.swap(0, end);
        sift(items, 0, end);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(mut items in proptest::collection::vec(0u8..40, 0..80)) {
            let mut expected = items.clone();
            expected.sort_unstable();
            sort_by_key(&mut items, |&item| item);
            prop_assert_eq!(&items, &expected);
            expected.dedup();
            sort_and_dedup(&mut items);
            prop_assert_eq!(items, expected);
        }
    }
}
