//! Links, mentions and hashtags in a text, and the normal form in which two texts are the same.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Something in a text that a network turns into a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// What it is.
    pub kind: EntityKind,
}

/// What an [`Entity`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityKind {
    /// `https://example.com/x`, or `example.com` without a scheme.
    Link,
    /// `@name` or `@name@host`; the range includes the `@`.
    Mention,
    /// `#word`; the range includes the `#`.
    Hashtag,
}

/// Endings of host names that make a link of a word without a scheme, besides those of countries.
const ENDINGS: &str = " academy aero agency app art arpa asia audio auction band bank bar beer best \
    bible bid bike biz black blog blue boutique brussels build builders business buzz cab cafe \
    camera camp capital care careers cat center chat cheap church city claims cleaning click clinic \
    clothing cloud club coach codes coffee college com community company computer consulting \
    contact cooking cool coop country coupons courses credit cricket dance date dating deals \
    delivery democrat dental design dev diamonds diet digital direct directory discount dog domains \
    earth edu education email energy engineer engineering enterprises equipment estate eus events \
    exchange expert express fail faith family fans farm fashion finance fit fitness flights florist \
    football forsale foundation fun fund furniture futbol fyi gallery game games garden gives global \
    gmbh gold golf gov graphics gratis green gripe group guide guitars guru haus health healthcare \
    help hiphop holdings holiday homes horse hospital host house how immo inc industries info ink \
    institute insure int international investments irish jetzt jewelry jobs kaufen kitchen koeln \
    land law lawyer legal lgbt life lighting limited limo link live llc loan lol london love ltd \
    luxury maison management market marketing mba media memorial miami mil mobi moda moe money movie \
    museum name navy net network news ngo ninja nyc observer one online org organic paris partners \
    parts party pet photo photography photos pictures pink pizza place plumbing plus poker porn post \
    press pro productions properties property pub quest racing realty recipes red rehab reisen rent \
    rentals repair report republican rest restaurant review reviews rip rocks rodeo ruhr run sale \
    salon school science security services sexy shoes shop shopping show singles site ski soccer \
    social software solar solutions space sport store stream studio style supply support surf \
    surgery systems tattoo tax taxi team tech technology tel tennis theater tienda tips tires today \
    tools top tours town toys trade trading training travel university vacations vegas ventures vet \
    viajes video villas vin vip vision vodka vote voyage watch webcam website wedding wien wiki wine \
    work works world wtf xxx xyz yoga zone ";

/// The endings of countries.
const COUNTRIES: &str = " ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh \
    bi bj bm bn bo br bs bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de \
    dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr \
    gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp \
    kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu \
    mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py \
    qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg \
    th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw ";

/// Finds links, mentions and hashtags, in order and without overlap.
pub fn entities(text: &str) -> Vec<Entity> {
    let mut found = links(text);
    let mut tags = Vec::new();
    let mut from = 0;
    for link in &found {
        tags.extend(tags_in(text, from..link.range.start));
        from = link.range.end;
    }
    tags.extend(tags_in(text, from..text.len()));
    // A mention may hold what looks like a host name: `@name@example.com`, `@name.bsky.social`.
    found.append(&mut tags);
    found.sort_by_key(|entity| entity.range.start);
    found
}

/// Finds links: with `http` or `https`, or host names of a known ending.
pub fn links(text: &str) -> Vec<Entity> {
    let mut found: Vec<Range<usize>> = LinkFinder::new()
        .kinds(&[LinkKind::Url])
        .links(text)
        .filter(|link| has_scheme(link.as_str()))
        .map(|link| link.start()..link.end())
        .collect();
    let mut bare = LinkFinder::new();
    // With addresses of mail as a kind of their own, their hosts are not taken for links.
    bare.url_must_have_scheme(false).url_can_be_iri(false);
    let mut gaps = Vec::new();
    let mut from = 0;
    for range in &found {
        gaps.push(from..range.start);
        from = range.end;
    }
    gaps.push(from..text.len());
    for gap in gaps {
        let bare = bare.links(&text[gap.clone()]);
        let bare = bare.filter(|link| *link.kind() == LinkKind::Url);
        found.extend(
            bare.filter(|link| ends_like_a_host(link.as_str()))
                .map(|link| gap.start + link.start()..gap.start + link.end())
                .filter(|range| may_begin(&text[..range.start])),
        );
    }
    found.sort_by_key(|range| range.start);
    found
        .into_iter()
        .map(|range| Entity {
            range,
            kind: EntityKind::Link,
        })
        .collect()
}

/// Says whether a link is written with its scheme.
pub fn has_scheme(link: &str) -> bool {
    let starts = |scheme: &str| {
        link.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    starts("http://") || starts("https://")
}

/// Says whether a link without a scheme, or a host, has an ending that people use.
fn ends_like_a_host(link: &str) -> bool {
    let host = link.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let Some((name, ending)) = host.rsplit_once('.') else {
        return false;
    };
    let ending = format!(" {} ", ending.to_ascii_lowercase());
    !name.is_empty() && (ENDINGS.contains(&ending) || COUNTRIES.contains(&ending))
}

/// Says whether a link without a scheme may begin behind this.
fn may_begin(before: &str) -> bool {
    let last = before.chars().next_back();
    !last.is_some_and(|c| matches!(c, '@' | '#' | '$' | '_' | '-' | '.' | '/' | '＠' | '＃'))
}

/// Says whether `c` can be in the middle of a word.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_combining_mark(c)
}

/// Finds mentions and hashtags in a stretch between links.
fn tags_in(text: &str, range: Range<usize>) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut at = range.start;
    while let Some(offset) = text[at..range.end].find(['@', '#', '＠', '＃']) {
        let start = at + offset;
        let sign = text[start..].chars().next().unwrap_or('@');
        let body = start + sign.len_utf8();
        at = body;
        let before = text[..start].chars().next_back();
        if before.is_some_and(|c| is_word(c) || matches!(c, '@' | '#' | '&' | '/')) {
            continue;
        }
        let (kind, len) = match sign {
            '@' | '＠' => (EntityKind::Mention, mention(&text[body..range.end])),
            _ => (EntityKind::Hashtag, hashtag(&text[body..range.end])),
        };
        if len > 0 {
            at = body + len;
            let range = start..at;
            found.push(Entity { range, kind });
        }
    }
    found
}

/// Returns how many bytes of `text`, which follows an `@`, name somebody.
fn mention(text: &str) -> usize {
    let name = count(text, |c| c.is_ascii_alphanumeric() || c == '_');
    if name == 0 {
        return 0;
    }
    let host = |text: &str| {
        let all = count(text, |c| {
            c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
        });
        let host = text[..all].trim_end_matches(['.', '-']);
        ends_like_a_host(host).then_some(host.len())
    };
    // `@name@host` of Mastodon, `@name.host` of Bluesky, `@name` everywhere.
    let local = count(text, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
    });
    if let Some(behind) = text[local..].strip_prefix('@')
        && let Some(host) = host(behind)
    {
        return local + 1 + host;
    }
    host(text).unwrap_or(name)
}

/// Returns how many bytes of `text`, which follows a `#`, are a tag: a word that is not a number.
fn hashtag(text: &str) -> usize {
    let len = count(text, is_word);
    if text[..len].chars().any(|c| !c.is_numeric()) {
        len
    } else {
        0
    }
}

fn count(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

/// Returns the form in which two texts are the same post: NFC, trimmed, each run of white space one
/// space.
pub fn normalized(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    // Composing first: some spaces are only white space once they are composed.
    for word in text.nfc().collect::<String>().split_whitespace() {
        if !normal.is_empty() {
            normal.push(' ');
        }
        normal.push_str(word);
    }
    normal
}

/// Returns [`normalized`] text with each link replaced by one mark, so that a text whose links a
/// server shortened still matches.
pub fn normalized_masking_links(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for link in links(text) {
        masked.push_str(&text[from..link.range.start]);
        // Not a character that a text can hold by chance.
        masked.push('\u{FFFC}');
        from = link.range.end;
    }
    masked.push_str(&text[from..]);
    normalized(&masked)
}

#[cfg(test)]
mod tests;
