//! SHA-256 and the HMAC of it, by the compression function of `sha2`. Its buffered hasher is for streams, and with its
//! panics costs a page 3 KB; what is hashed here is at hand whole.

use alloc::vec::Vec;

use sha2::compress256;

/// FIPS 180-4 section 5.3.3.
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The hash of a message.
pub(crate) fn digest(message: &[u8]) -> Vec<u8> {
    // Section 5.1.1: a one bit, zeros, and the length in bits fill the last block.
    let mut padded = Vec::from(message);
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend_from_slice(&(message.len() as u64 * 8).to_be_bytes());

    let mut state = INITIAL;
    for block in padded.as_chunks::<64>().0 {
        compress256(&mut state, &[(*block).into()]);
    }
    let mut hash = Vec::with_capacity(32);
    for word in state {
        hash.extend_from_slice(&word.to_be_bytes());
    }
    hash
}

/// The HMAC of a message: RFC 2104 section 2.
pub(crate) fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = if key.len() > 64 {
        digest(key)
    } else {
        Vec::from(key)
    };
    block.resize(64, 0);
    let keyed = |pad: u8, text: &[u8]| {
        let mut input: Vec<u8> = block.iter().map(|byte| byte ^ pad).collect();
        input.extend_from_slice(text);
        digest(&input)
    };
    keyed(0x5c, &keyed(0x36, message))
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, Mac};
    use sha2::{Digest, Sha256};

    #[test]
    fn rfc_2104_2_keys_of_every_length_around_the_block() {
        for length in 0..140 {
            let key: Vec<u8> = (0..length).collect();
            let mut other = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            other.update(&key);
            let expected = other.finalize().into_bytes().to_vec();
            assert_eq!(super::hmac(&key, &key), expected);
        }
    }

    #[test]
    fn fips_180_4_messages_of_every_length_around_the_blocks() {
        for length in 0..200 {
            let message: Vec<u8> = (0..length).collect();
            assert_eq!(super::digest(&message), Sha256::digest(&message).to_vec());
        }
    }
}
