//! The name of this machine's time zone, which a new profile gets unless the person says another.

use std::fs;
use std::path::Path;

/// Finds it as `TZ` says, else as the machine is set; `UTC` if nobody knows.
pub(super) fn find(variable: Option<&str>) -> String {
    let linked = || {
        let target = fs::read_link("/etc/localtime").ok()?;
        after_zoneinfo(&target)
    };
    let written = || fs::read_to_string("/etc/timezone").ok();
    variable
        .and_then(known)
        .or_else(|| linked().as_deref().and_then(known))
        .or_else(|| written().as_deref().and_then(known))
        .unwrap_or_else(|| "UTC".to_owned())
}

fn known(name: &str) -> Option<String> {
    let name = name.trim().trim_start_matches(':');
    let name = after_zoneinfo(Path::new(name)).unwrap_or_else(|| name.to_owned());
    name.parse::<chrono_tz::Tz>()
        .ok()
        .map(|zone| zone.name().to_owned())
}

fn after_zoneinfo(path: &Path) -> Option<String> {
    let (_, name) = path.to_str()?.split_once("zoneinfo/")?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_name_a_zone_is_understood() {
        for (text, zone) in [
            ("Europe/Berlin", Some("Europe/Berlin")),
            (":Europe/Berlin", Some("Europe/Berlin")),
            ("/usr/share/zoneinfo/Asia/Tokyo\n", Some("Asia/Tokyo")),
            ("Mars/Base", None),
            ("", None),
        ] {
            assert_eq!(known(text).as_deref(), zone, "{text:?}");
        }
    }

    #[test]
    fn there_is_always_a_zone() {
        assert!(find(Some("nonsense")).parse::<chrono_tz::Tz>().is_ok());
    }
}
