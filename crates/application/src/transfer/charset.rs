use std::str::FromStr;

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, IBM866, ISO_2022_JP, ISO_8859_2, ISO_8859_3,
    ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7, ISO_8859_8, ISO_8859_8_I, ISO_8859_10,
    ISO_8859_13, ISO_8859_14, ISO_8859_15, ISO_8859_16, KOI8_R, KOI8_U, MACINTOSH, SHIFT_JIS,
    UTF_8, UTF_16BE, UTF_16LE, WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253,
    WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, WINDOWS_1258, X_MAC_CYRILLIC,
};

/// The encoding of a file, by one of its labels in the WHATWG Encoding Standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset(pub(super) &'static Encoding);

/// The encodings that a file of text can have, the likely ones first.
const ENCODINGS: [&Encoding; 39] = [
    UTF_8,
    UTF_16LE,
    UTF_16BE,
    WINDOWS_1250,
    WINDOWS_1251,
    WINDOWS_1252,
    WINDOWS_1253,
    WINDOWS_1254,
    WINDOWS_1255,
    WINDOWS_1256,
    WINDOWS_1257,
    WINDOWS_1258,
    WINDOWS_874,
    ISO_8859_2,
    ISO_8859_3,
    ISO_8859_4,
    ISO_8859_5,
    ISO_8859_6,
    ISO_8859_7,
    ISO_8859_8,
    ISO_8859_8_I,
    ISO_8859_10,
    ISO_8859_13,
    ISO_8859_14,
    ISO_8859_15,
    ISO_8859_16,
    IBM866,
    KOI8_R,
    KOI8_U,
    MACINTOSH,
    X_MAC_CYRILLIC,
    BIG5,
    EUC_JP,
    EUC_KR,
    GBK,
    GB18030,
    ISO_2022_JP,
    SHIFT_JIS,
    encoding_rs::X_USER_DEFINED,
];

impl Charset {
    /// The names of all encodings, separated by commas. Most encodings have other labels too.
    pub fn names() -> String {
        ENCODINGS.map(|encoding| encoding.name().to_ascii_lowercase()).join(", ")
    }
}

impl FromStr for Charset {
    type Err = String;

    fn from_str(label: &str) -> Result<Self, String> {
        Encoding::for_label_no_replacement(label.as_bytes())
            .map(Self)
            .ok_or_else(|| format!("must be one of: {}", Self::names()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_name_is_a_label() {
        for name in Charset::names().split(", ") {
            assert_eq!(name.parse::<Charset>().unwrap().0.name().to_ascii_lowercase(), name);
        }
        assert_eq!("latin1".parse(), Ok(Charset(WINDOWS_1252)));
        assert!("klingon".parse::<Charset>().unwrap_err().contains("windows-1250"));
        assert!("replacement".parse::<Charset>().is_err());
    }
}
