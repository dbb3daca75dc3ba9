//! Letters in lower case, quickly: most texts here are Latin or Cyrillic, one or two bytes a letter.

/// Code points with an entry in [`LOWER`]: Latin to Cyrillic with its supplement.
const CODES: usize = 0x530;

/// In [`LOWER`]: no letter.
const NONE: u16 = 0;

/// In [`LOWER`]: ask the standard library.
const RARE: u16 = u16::MAX;

/// The lower case of each code point, `ё` as `е`.
const LOWER: [u16; CODES] = {
    let mut lower = [NONE; CODES];
    let mut code: u16 = 0;
    while (code as usize) < CODES {
        lower[code as usize] = match code {
            0x41..=0x5A | 0x410..=0x42F => code + 32,
            0x401 | 0x451 => 0x435,
            0x400..=0x40F => code + 80,
            0x61..=0x7A | 0x430..=0x45F => code,
            // Capital and small in turn: Ғ ғ, Қ қ, Ң ң, Ү ү, Ұ ұ, Һ һ, Ә ә, Ө ө.
            0x460..=0x481 | 0x48A..=0x4BF | 0x4D0..=0x52F => code | 1,
            0..0x80 | 0x482..=0x489 => NONE,
            _ => RARE,
        };
        code += 1;
    }
    lower
};

/// A sign of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sign {
    pub(super) sign: char,
    /// In lower case, `ё` as `е`; nothing if it is no letter.
    pub(super) lower: Option<char>,
}

impl Sign {
    /// The sign that starts at `at`.
    #[inline]
    pub(super) fn at(text: &str, at: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let sign = match *bytes.get(at)? {
            byte @ 0..=0x7F => char::from(byte),
            lead @ 0xC2..=0xDF => {
                let low = u32::from(*bytes.get(at + 1)? & 0x3F);
                char::from_u32(u32::from(lead & 0x1F) << 6 | low)?
            }
            _ => text.get(at..)?.chars().next()?,
        };
        let lower = match LOWER.get(sign as usize) {
            Some(&NONE) => None,
            None | Some(&RARE) => sign.is_alphabetic().then(|| sign.to_lowercase().next().unwrap_or(sign)),
            Some(code) => char::from_u32(u32::from(*code)),
        };
        Some(Self { sign, lower })
    }

    /// Whether it is a capital letter.
    pub(super) fn is_upper(self) -> bool {
        self.lower.is_some_and(|lower| lower != self.sign && self.sign != 'ё')
    }
}
