use chrono::{NaiveTime, Weekday};

use super::*;
use crate::domain::schedule::Entry;

fn form(text: &str) -> Form {
    Form::parse(text.as_bytes()).unwrap()
}

fn week() -> Schedule {
    Schedule(vec![
        Entry {
            days: vec![Weekday::Mon, Weekday::Tue],
            times: vec![NaiveTime::from_hms_opt(13, 45, 0).unwrap()],
        },
        Entry {
            days: vec![Weekday::Sun],
            times: vec![],
        },
    ])
}

#[test]
fn lists_are_read_in_every_encoding_clients_send() {
    for text in [
        "profile_ids[]=A&profile_ids[]=B",
        "profile_ids%5B%5D=A&profile_ids%5b%5d=B&",
        "profile_ids%5B0%5D=A&profile_ids%5B1%5D=B",
        "profile_ids[1]=B&profile_ids[0]=A",
        "&&profile_ids[]=A&profile_ids[]=&profile_ids[]=B&",
        "profile_ids=A&profile_ids=B",
    ] {
        assert_eq!(form(text).list("profile_ids"), ["A", "B"], "{text}");
    }
    assert!(form("").list("profile_ids").is_empty());
    assert!(form("").names().is_empty());
}

#[test]
fn schedules_are_read_in_every_encoding_clients_send() {
    let inner = "schedules[0][days][]=mon&schedules[0][days][]=tue&schedules[0][times][]=13:45&\
                 schedules[1][days][]=sun";
    let doubled: String = form_urlencoded::byte_serialize(inner.as_bytes()).collect();
    for text in [
        inner.to_owned(),
        inner
            .replace('[', "%5B")
            .replace(']', "%5D")
            .replace(':', "%3A"),
        "schedules[0][days][0]=mon&schedules[0][days][1]=tue&schedules[0][times][0]=13:45&\
         schedules[1][days][0]=sun"
            .to_owned(),
        "schedules[][days][]=mon&schedules[][days][]=tue&schedules[][times][]=13:45&\
         schedules[][days][]=sun"
            .to_owned(),
        format!("schedules={doubled}"),
    ] {
        assert_eq!(form(&text).schedules().unwrap(), Some(week()), "{text}");
    }
    assert_eq!(form("text=a").schedules(), Ok(None));
    assert_eq!(
        form("schedules=").schedules(),
        Ok(Some(Schedule::default()))
    );
}

#[test]
fn a_bad_schedule_names_the_entry() {
    for (text, key) in [
        ("schedules[0][days][]=someday", "schedules[0].days[0]"),
        ("schedules[0][times][]=25:00", "schedules[0].times[0]"),
        (
            "schedules[0][days][]=mon&schedules[1][times][]=noon",
            "schedules[1].times[0]",
        ),
        ("schedules=nonsense", "schedules"),
        ("schedules=schedules%3Dschedules", "schedules"),
    ] {
        let error = form(text).schedules().unwrap_err();
        assert!(
            matches!(&error, FormError::BadValue { key: found, .. } if found == key),
            "{text}: {error:?}"
        );
    }
}

#[test]
fn flags_are_read_as_each_language_writes_them_and_false_means_false() {
    for (text, value) in [
        ("true", true),
        ("True", true),
        ("1", true),
        ("yes", true),
        ("false", false),
        ("False", false),
        ("0", false),
        ("", false),
    ] {
        assert_eq!(
            form(&format!("now={text}")).flag("now"),
            Ok(Some(value)),
            "{text}"
        );
    }
    assert_eq!(form("text=a").flag("now"), Ok(None));
    assert_eq!(form("now").flag("now"), Ok(Some(false)));
    assert!(form("now=flase").flag("now").is_err());
    assert!(form("now=2").flag("now").is_err());
}

#[test]
fn numbers_that_are_none_are_errors() {
    assert_eq!(form("count=20").int("count"), Ok(Some(20)));
    assert_eq!(form("count=-1").int("count"), Ok(Some(-1)));
    assert_eq!(form("count=").int("count"), Ok(None));
    for text in ["1e9", "20.5", "x", "99999999999999999999", "0x10"] {
        assert!(
            form(&format!("count={text}")).int("count").is_err(),
            "{text}"
        );
    }
}

#[test]
fn times_are_unix_seconds_or_iso_8601_also_with_a_lost_plus() {
    let at = 1_796_112_000; // 2026-12-01T08:00:00Z
    for text in [
        "1796112000",
        "1796112000.75",
        "2026-12-01T08:00:00Z",
        "2026-12-01T08:00:00",
        "2026-12-01T08:00",
        "2026-12-01%2008:00",
        "2026-12-01T10:00:00+02:00",
        "2026-12-01T10:00:00%2B02:00",
        "2026-12-01T10:00:00%2B0200",
        "2026-12-01T10:00:00.123%2B02",
        "2026-12-01 10:00:00 02:00",
        "2026-12-01T03:00:00-05:00",
    ] {
        let read = form(&format!("scheduled_at={text}")).time("scheduled_at");
        assert_eq!(read, Ok(When::At(Timestamp(at))), "{text}");
    }
    for text in [
        "tomorrow",
        "2026-13-01T00:00:00Z",
        "2026-12-01T25:00",
        "2026-12-01T08:00:00+99:00",
        "2026-12-01T08:00:00é",
        "1796112000000",
        "-5",
        "NaN",
        "١٢",
    ] {
        assert!(
            form(&format!("scheduled_at={text}"))
                .time("scheduled_at")
                .is_err(),
            "{text}"
        );
    }
    assert_eq!(form("").time("scheduled_at"), Ok(When::Absent));
    assert_eq!(
        form("scheduled_at=").time("scheduled_at"),
        Ok(When::Cleared)
    );
}

#[test]
fn media_left_out_is_told_from_media_sent_empty() {
    assert_eq!(form("text=a").media(), None);
    for text in [
        "media=",
        "media=null",
        "media[]=",
        "media[link]=",
        "media[link]=null",
        "media",
    ] {
        assert_eq!(form(text).media(), Some(Media::default()), "{text}");
    }
    let media = form("media[link]=http%3A%2F%2Fa.example&media%5Bphoto%5D=p&media[odd]=x").media();
    let media = media.unwrap();
    assert_eq!(
        (media.link.as_str(), media.picture.as_str()),
        ("http://a.example", "p")
    );
}

#[test]
fn text_keeps_every_character_and_bytes_that_are_not_utf8_are_latin1() {
    assert_eq!(form("text=a+b%20c%2B%26%3D").text("text"), Some("a b c+&="));
    assert_eq!(form("text=%F0%9F%8E%89").text("text"), Some("🎉"));
    assert_eq!(form("text=100%").text("text"), Some("100%"));
    assert_eq!(form("text=%zz%4").text("text"), Some("%zz%4"));
    assert_eq!(form("text=a=b").text("text"), Some("a=b"));
    let latin = Form::parse(b"text=caf\xe9").unwrap();
    assert_eq!(latin.text("text"), Some("café"));
    assert_eq!(form("text=a&text=b").text("text"), Some("b"));
}

#[test]
fn brackets_that_do_not_pair_up_are_a_plain_name() {
    for name in ["[]", "[a]", "a[b", "a[b]c", "a]b"] {
        assert_eq!(form(&format!("{name}=1")).text(name), Some("1"), "{name}");
    }
}

#[test]
fn depth_and_number_of_pairs_are_limited() {
    assert!(Form::parse(format!("a{}=1", "[b]".repeat(MAX_DEPTH)).as_bytes()).is_ok());
    assert_eq!(
        Form::parse(format!("a{}=1", "[b]".repeat(MAX_DEPTH + 1)).as_bytes()),
        Err(FormError::TooDeep { key: "a".into() })
    );
    assert_eq!(
        Form::parse("order[]=a&".repeat(MAX_PAIRS).as_bytes())
            .unwrap()
            .list("order")
            .len(),
        MAX_PAIRS
    );
    assert_eq!(
        Form::parse("a&".repeat(MAX_PAIRS + 1).as_bytes()),
        Err(FormError::TooManyPairs)
    );
}

#[test]
fn a_token_is_taken_out_and_never_shown() {
    let mut read = form("access_token=s3cret&text=a");
    assert!(!format!("{read:?}").contains("s3cret"));
    assert_eq!(read.take("access_token").as_deref(), Some("s3cret"));
    assert!(!read.has("access_token"));
    assert_eq!(read.text("text"), Some("a"));
}

#[test]
fn what_is_written_is_read_again() {
    let media = Media {
        link: "https://a.example/?q=1&r=é".into(),
        title: "null".into(),
        picture: "https://a.example/p.png".into(),
        ..Media::default()
    };
    let text = "a&b=c+d%20 é🎉\n[x]";
    let body = FormWriter::new()
        .text("text", text)
        .flag("now", false)
        .number("offset", 0)
        .list("order", ["b", "a"])
        .media(&media)
        .schedules(&week())
        .finish();
    let read = form(&body);
    assert_eq!(read.text("text"), Some(text));
    assert_eq!(read.flag("now"), Ok(Some(false)));
    assert_eq!(read.int("offset"), Ok(Some(0)));
    assert_eq!(read.list("order"), ["b", "a"]);
    assert_eq!(read.media(), Some(media.clone()));
    assert_eq!(read.schedules(), Ok(Some(week())));
    assert_eq!(
        form(&FormWriter::new().new_media(&media).finish()).media(),
        Some(media)
    );
    let empty = FormWriter::new().schedules(&Schedule::default()).finish();
    assert_eq!(form(&empty).schedules(), Ok(Some(Schedule::default())));
}

mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(read) = Form::parse(&bytes) {
                for name in read.names() {
                    let _ = (read.flag(name), read.int(name), read.time(name), read.list(name));
                }
                let _ = (read.media(), read.schedules());
            }
        }

        #[test]
        fn reading_brackets_never_panics(text in "(schedules|media|=|&|\\[|\\]|[0-9]|days|times|mon|%5B|:|T|-| ){0,40}") {
            if let Ok(read) = Form::parse(text.as_bytes()) {
                let _ = (read.media(), read.schedules(), read.time("days"));
            }
        }

        #[test]
        fn any_text_survives(text in any::<String>()) {
            let body = FormWriter::new().text("text", &text).finish();
            let read = form(&body);
            prop_assert_eq!(read.text("text"), Some(text.as_str()));
        }
    }
}
