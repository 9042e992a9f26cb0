use html_escape::decode_html_entities_to_string;

/// Turns HTML into plain text: `<br>` and the ends of paragraphs and list items become line breaks,
/// other tags are dropped, entities are decoded.
///
/// It takes an iterator, which can be read only once, and gives each part of the text once to the
/// decoder of entities, which reads forward only. So the work grows with the length of the text alone,
/// even if many tags and entities are left open.
pub(super) fn to_plain_text(html: impl Iterator<Item = char>) -> String {
    let mut plain = String::new();
    // The text since the last tag.
    let mut pending = String::new();
    let mut tag_start = None;
    for character in html {
        if tag_start.is_none() && character.is_ascii_alphabetic() {
            tag_start = open_tag(&pending);
        }
        pending.push(character);
        if character == '>'
            && let Some(start) = tag_start.take()
        {
            decode_html_entities_to_string(&pending[..start], &mut plain);
            plain.push_str(line_breaks(&pending[start..]));
            pending.clear();
        }
    }
    // A tag that is never closed is text.
    decode_html_entities_to_string(&pending, &mut plain);
    plain
}

/// Where a tag starts if the next character is a letter. Nothing else opens a tag: `a < b` and `<3`
/// are text.
fn open_tag(text: &str) -> Option<usize> {
    text.strip_suffix('/').unwrap_or(text).strip_suffix('<').map(str::len)
}

fn line_breaks(tag: &str) -> &'static str {
    let name = tag.trim_start_matches(['<', '/']);
    let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    match (name.to_ascii_lowercase().as_str(), tag.starts_with("</")) {
        ("br", _) => "\n",
        ("p" | "div" | "blockquote", true) => "\n\n",
        ("li", true) => "\n",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::to_plain_text;
    use proptest::prelude::*;

    #[test]
    fn html_becomes_plain_text() {
        for (html, plain) in [
            ("one<br/>two<br>three<BR />four", "one\ntwo\nthree\nfour"),
            ("<p>a <b>b</b></p><p>c</p>", "a b\n\nc\n\n"),
            ("<ul><li>a</li><li>b</li></ul>", "a\nb\n"),
            ("Tom &amp; Jerry &lt;3 &#39;ok&#x27; &quot;x&quot;", "Tom & Jerry <3 'ok' \"x\""),
            ("&eacute;&oelig;&trade;&#x1f4d6;", "éœ™📖"),
            ("<a href=\"x>y\">l</a>", "y\">l"),
            (
                "1 < 2 & 3 > 2 <3 R&D; &unknown; &#xfffffff;",
                "1 < 2 & 3 > 2 <3 R&D; &unknown; &#xfffffff;",
            ),
            ("open <i", "open <i"),
            ("a <i &amp; <b", "a <i & <b"),
            ("<<b>/ <//b>", "</ <//b>"),
            ("&am<b>p;", "&amp;"),
            ("&amp;lt;", "&lt;"),
            ("é<br/>…", "é\n…"),
        ] {
            assert_eq!(to_plain_text(html.chars()), plain, "{html}");
        }
    }

    #[test]
    fn each_character_is_read_once() {
        for mark in ["&", "<", "<a", "</", "&#", "&amp", "&amp;", "<a>", "<a &amp;", "<!--", "]]>"]
        {
            let html = mark.repeat(256 * 1024 / mark.len());
            let mut reads = 0;
            to_plain_text(html.chars().inspect(|_| reads += 1));
            assert_eq!(reads, html.chars().count(), "{mark}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "[<>/&;#a-c0-9é -]{0,30}") {
            to_plain_text(text.chars());
        }

        #[test]
        fn text_without_marks_is_left_alone(text in "[^<&]{0,30}") {
            prop_assert_eq!(to_plain_text(text.chars()), text);
        }
    }
}
