//! What nobody guesses.

use std::fs::File;
use std::io::Read;

/// Sixteen bytes of the system's chance, for names of requests and the salt of a store.
#[must_use]
pub fn secret() -> [u8; 16] {
    let mut bytes = [0; 16];
    if File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes)).is_ok() {
        return bytes;
    }
    // Without the system's, two hashes with keys of their own, which the standard library takes from it.
    let key = || std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0).to_le_bytes();
    let (one, other) = (key(), key());
    std::array::from_fn(|at| if at < 8 { one[at] } else { other[at - 8] })
}
