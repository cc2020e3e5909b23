//! A subject on GoToMeeting's wire: `<` and `>` go as HTML entities, and so does `&`, or `&lt;` could not be told from `<`.

/// The characters that may come as an entity; the first three go as one.
const ENTITIES: [(&str, char); 6] =
    [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\''), ("&apos;", '\'')];
const WRITTEN: usize = 3;

pub(super) fn escaped(subject: &str) -> String {
    let mut text = String::with_capacity(subject.len());
    for character in subject.chars() {
        match ENTITIES[..WRITTEN].iter().find(|(_, plain)| *plain == character) {
            Some((entity, _)) => text.push_str(entity),
            None => text.push(character),
        }
    }
    text
}

/// Each entity once; an `&` that begins none stays.
pub(super) fn unescaped(text: &str) -> String {
    let mut subject = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('&') {
        let (before, from) = rest.split_at(place);
        subject.push_str(before);
        let (entity, plain) = ENTITIES.iter().find(|(entity, _)| from.starts_with(entity)).unwrap_or(&("&", '&'));
        subject.push(*plain);
        rest = &from[entity.len()..];
    }
    subject + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_comes_back_as_it_went() {
        for (subject, wire) in [
            ("R&D <all>", "R&amp;D &lt;all&gt;"),
            ("&lt; is <", "&amp;lt; is &lt;"),
            ("&&amp;&", "&amp;&amp;amp;&amp;"),
            ("Käse \"1\"", "Käse \"1\""),
            ("", ""),
        ] {
            assert_eq!(escaped(subject), wire);
            assert_eq!(unescaped(wire), subject);
        }
    }

    #[test]
    fn what_was_not_escaped_is_read_as_it_stands() {
        assert_eq!(unescaped("R&D &amp &#38; &quot;x&#39;&apos;"), "R&D &amp &#38; \"x''");
    }
}
