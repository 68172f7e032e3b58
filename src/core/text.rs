//! Text put together. The standard library's `concat`, `join` and `to_string` bring in machinery
//! that costs a page a kilobyte each.

/// The parts, one after the other.
pub(crate) fn concat(parts: &[&str]) -> String {
    let mut whole = String::new();
    for part in parts {
        whole.push_str(part);
    }
    whole
}

/// The number in decimal.
pub(crate) fn decimal(number: u64) -> String {
    let mut text = if number < 10 {
        String::new()
    } else {
        decimal(number / 10)
    };
    text.push(char::from(b'0' + (number % 10) as u8));
    text
}
