use super::*;
use crate::wire::json::{ReadError, UpdatesDto, read};

fn update(json: &str) -> Result<RemoteUpdate, BadField> {
    match read::<UpdateDto>(json.as_bytes()) {
        Ok(dto) => dto.into_domain(),
        Err(ReadError::Field(field)) => Err(field),
        Err(error) => panic!("{error}"),
    }
}

const SENT: &str = r#"{ "id" : "4eb8565e0acb04bb82000004", "created_at" : 1320703582,
    "day" : "Monday 7th November", "due_at" : 1320742680, "due_time" : "10:09 pm",
    "profile_id" : "4eb854340acb04e870000010", "profile_service" : "twitter",
    "sent_at" : 1320744001, "service_update_id" : "133667319959392256",
    "statistics" : { "reach" : 2460, "clicks" : "56", "odd" : null, "rate" : 1.5 },
    "status" : "sent", "text" : "The beginning", "user_id" : "4eb9276e0acb04bb81000067",
    "via" : "chrome", "unheard_of" : [[]] }"#;

#[test]
fn the_api_pages_own_example_is_read() {
    let read = update(SENT).unwrap();
    assert_eq!(read.id.as_str(), "4eb8565e0acb04bb82000004");
    assert_eq!(read.body.status, Status::Sent);
    assert_eq!(read.body.due_at, Some(Timestamp(1_320_742_680)));
    let sent = read.body.outcome.sent.clone().unwrap();
    assert_eq!(sent.at, Timestamp(1_320_744_001));
    assert_eq!(sent.service_update_id, "133667319959392256");
    let numbers: Vec<_> = read
        .body
        .outcome
        .into_inner()
        .statistics
        .into_iter()
        .collect();
    assert_eq!(
        numbers,
        [
            ("clicks".into(), 56),
            ("rate".into(), 1),
            ("reach".into(), 2460)
        ]
    );
}

#[test]
fn numbers_as_texts_or_floats_and_nulls_are_read() {
    let read = update(
        r#"{"_id":"u1","id":null,"profile_id":"p1","status":"buffer","text":null,
            "due_at":"1320742680","created_at":1320703582.0,"scheduled_at":1.320742680e9,
            "pinned":1,"sent_at":null,"media":[],"statistics":[],"error":null,"day":7}"#,
    )
    .unwrap();
    assert_eq!(read.id.as_str(), "u1");
    assert_eq!(read.body.due_at, Some(Timestamp(1_320_742_680)));
    assert_eq!(read.body.created_at, Timestamp(1_320_703_582));
    let own = read.body.own_time.unwrap();
    assert_eq!((own.at, own.pinned), (Timestamp(1_320_742_680), true));
    assert!(read.body.content.media.is_empty());
}

#[test]
fn no_time_is_written_as_zero_or_left_out() {
    for due in [
        "\"due_at\":0",
        "\"due_at\":null",
        "\"due_at\":\"\"",
        "\"x\":0",
    ] {
        let json = format!(r#"{{"id":"u","profile_id":"p","status":"buffer",{due}}}"#);
        let read = update(&json).unwrap();
        assert_eq!(
            (read.body.due_at, read.body.own_time),
            (None, None),
            "{due}"
        );
    }
}

#[test]
fn a_field_that_makes_no_sense_is_named() {
    for (json, path) in [
        (r#"{"profile_id":"p","status":"buffer"}"#, "id"),
        (
            r#"{"id":"../../x","profile_id":"p","status":"buffer"}"#,
            "id",
        ),
        (r#"{"id":"u","status":"buffer"}"#, "profile_id"),
        (
            r#"{"id":"u","profile_id":"a b","status":"buffer"}"#,
            "profile_id",
        ),
        (r#"{"id":"u","profile_id":"p"}"#, "status"),
        (
            r#"{"id":"u","profile_id":"p","status":"buffer","due_at":"soon"}"#,
            "due_at",
        ),
        (
            r#"{"id":"u","profile_id":"p","status":"buffer","due_at":[1]}"#,
            "due_at",
        ),
        (
            r#"{"id":"u","profile_id":"p","status":"buffer","due_at":1e300}"#,
            "due_at",
        ),
        (
            r#"{"id":"u","profile_id":"p","status":"buffer","text":{"a":1}}"#,
            "text",
        ),
    ] {
        assert_eq!(update(json).unwrap_err().path, path, "{json}");
    }
}

#[test]
fn the_path_leads_through_the_list() {
    let body = r#"{"total":2,"updates":[{"id":"u","profile_id":"p","status":"buffer"},
                                        {"id":"v","profile_id":"p","status":"buffer","due_at":{}}]}"#;
    let Err(ReadError::Field(field)) = read::<UpdatesDto>(body.as_bytes()) else {
        panic!("read it");
    };
    assert_eq!(field.path, "updates[1].due_at");
    let body = r#"{"total":1,"updates":[{"id":"u","profile_id":"","status":"buffer"}]}"#;
    let page: UpdatesDto = read(body.as_bytes()).unwrap();
    let field = each("updates", page.updates, UpdateDto::into_domain).unwrap_err();
    assert_eq!(field.path, "updates[0].profile_id");
}

#[test]
fn statuses_of_other_servers_are_understood() {
    for (word, sent, status) in [
        ("buffer", "", Status::Pending),
        ("service", "", Status::Sent),
        ("error", "", Status::Failed),
        ("draft", "", Status::Draft),
        ("approved", "", Status::Pending),
        ("imported", r#","sent_at":5"#, Status::Sent),
    ] {
        let json = format!(r#"{{"id":"u","profile_id":"p","status":"{word}"{sent}}}"#);
        assert_eq!(update(&json).unwrap().body.status, status, "{word}");
    }
}

#[test]
fn a_failed_updates_reason_may_be_an_object() {
    for error in [
        r#""why""#,
        r#"{"text":"why","link":"x"}"#,
        r#"{"message":" why "}"#,
    ] {
        let json = format!(r#"{{"id":"u","profile_id":"p","status":"error","error":{error}}}"#);
        assert_eq!(
            update(&json).unwrap().body.outcome.error.as_deref(),
            Some("why"),
            "{error}"
        );
    }
}

#[test]
fn an_odd_profile_is_read_as_far_as_it_makes_sense() {
    let json = r#"{"_id":"p1","service":"mastodon","formatted_username":"@acme",
        "timezone":"Mars/Olympus","counts":{"pending":"3","sent":-4,"drafts":null},"paused":"1",
        "schedules":[{"days":["mon","someday"],"times":["09:00","25:99",7]},{"days":null}],
        "disconnected":{"a":1},"statistics":[],"team_members":null,"character_limit":-1}"#;
    let profile = read::<ProfileDto>(json.as_bytes())
        .unwrap()
        .into_domain()
        .unwrap();
    assert_eq!(profile.timezone, Tz::UTC);
    assert_eq!(profile.service, Service::Mastodon);
    assert_eq!(
        (profile.pending, profile.sent, profile.paused),
        (3, 0, true)
    );
    assert_eq!(
        (profile.username.as_str(), profile.character_limit),
        ("@acme", None)
    );
    let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap();
    assert_eq!(
        profile.schedule.0[0],
        Entry {
            days: vec![Weekday::Mon],
            times: vec![nine]
        }
    );
    let json = r#"{"id":"p1"}"#;
    let error = read::<ProfileDto>(json.as_bytes())
        .unwrap()
        .into_domain()
        .unwrap_err();
    assert_eq!(error.path, "service");
}

#[test]
fn interactions_are_read_without_a_person() {
    let json = r#"{"id":"i","event":"favorite","created_at":5,"user":null}"#;
    let read = read::<InteractionDto>(json.as_bytes())
        .unwrap()
        .into_domain()
        .unwrap();
    assert_eq!((read.username.as_str(), read.followers), ("", 0));
}

#[test]
fn what_our_server_writes_is_read_again() {
    let dto = UpdateDto {
        mongo_id: "u".into(),
        id: "u".into(),
        profile_id: "p".into(),
        status: "buffer".into(),
        text: "a \u{1F389} \"quote\"".into(),
        due_at: 5,
        scheduled_at: Some(5),
        pinned: true,
        media: Some(MediaDto::from(&Media {
            link: "l".into(),
            ..Media::default()
        })),
        ..UpdateDto::default()
    };
    let json = serde_json::to_string(&dto).unwrap();
    assert!(!json.contains("null"), "{json}");
    assert_eq!(read::<UpdateDto>(json.as_bytes()).unwrap(), dto);
    let profile = ProfileDto {
        id: "p".into(),
        service: "twitter".into(),
        timezone: "Europe/London".into(),
        ..ProfileDto::default()
    };
    let json = serde_json::to_string(&profile).unwrap();
    assert_eq!(read::<ProfileDto>(json.as_bytes()).unwrap(), profile);
}

#[test]
fn schedules_survive_being_written_and_read() {
    let dto = vec![ScheduleDto {
        days: vec!["mon".into(), "sun".into()],
        times: vec!["00:00".into(), "23:59".into()],
    }];
    assert_eq!(schedule_to_dto(&schedule_from_dto(&dto).unwrap()), dto);
}

#[test]
fn a_thumbnail_that_repeats_the_picture_is_none() {
    let media = |small: &str| {
        Media::from(MediaDto {
            picture: Some("p".into()),
            thumbnail: Some(small.into()),
            ..MediaDto::default()
        })
    };
    assert_eq!(media("p").thumbnail, "");
    assert_eq!(media("t").thumbnail, "t");
}
