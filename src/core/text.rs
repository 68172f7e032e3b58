//! Text put together. The standard library's `concat` and `join` are made anew for each type and
//! count first, which costs a page a kilobyte each.

/// The parts, one after the other.
pub(crate) fn concat(parts: &[&str]) -> String {
    let mut whole = String::new();
    for part in parts {
        whole.push_str(part);
    }
    whole
}
