/// How many beginnings of keywords are told apart.
pub const SLOTS: usize = 1 << 15;

/// One of 32 classes of a byte; letters are classes of their own, whatever their case.
pub const fn class(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => (byte - b'a') as usize + 1,
        b'A'..=b'Z' => (byte - b'A') as usize + 1,
        b'0'..=b'9' => 27,
        b'_' => 28,
        b'-' => 29,
        b'.' => 30,
        b':' | b'/' => 31,
        _ => 0,
    }
}
