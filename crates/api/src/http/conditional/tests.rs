use super::*;
use actix_web::test::TestRequest;

const FORM: TagForm<3> = TagForm { view: 2 };

fn precondition(value: &str) -> Result<Precondition, ApiError> {
    let request = TestRequest::default().insert_header((IF_MATCH, value)).to_http_request();
    Precondition::read(request.headers(), |tag| FORM.version(tag), false)
}

fn if_match(value: &str) -> Expected {
    precondition(value).unwrap().expected()
}

fn one_of(versions: &[i64]) -> Expected {
    Expected::OneOf(versions.iter().map(|version| Version::new(*version)).collect())
}

fn known(value: &str) -> bool {
    let request = TestRequest::default().insert_header((IF_NONE_MATCH, value)).to_http_request();
    FORM.tag([7, 9, 2]).is_known(request.headers())
}

#[test]
fn only_the_version_of_strong_tags_is_expected() {
    assert_eq!(if_match("*"), Expected::Any);
    assert_eq!(if_match("\"v2-7-9-2\""), one_of(&[7]));
    assert_eq!(if_match("\"v2-7-9-2\" , \"v1-8-0-0\""), one_of(&[7, 8]));
    assert_eq!(if_match("W/\"v2-7-9-2\", \"v2-8-0-0\""), one_of(&[8]));
}

#[test]
fn a_tag_that_no_server_gives_is_never_expected() {
    for tag in [
        "",
        "x",
        "7",
        "7-9-2",
        "v2",
        "v2-7",
        "v2-7-9",
        "v2-7-9-2-1",
        "v2-07-9-2",
        "v2-+7-9-2",
        "v2-7-9-",
        "v2--9-2",
        "v-7-9-2",
        "v02-7-9-2",
        "V2-7-9-2",
        "v2-7-9-2x",
        " v2-7-9-2",
        "v2-99999999999999999999-9-2",
    ] {
        // A space is not allowed in a tag.
        let Ok(precondition) = precondition(&format!("\"{tag}\"")) else {
            assert!(tag.contains(' '), "{tag}");
            continue;
        };
        assert_eq!(precondition.expected(), one_of(&[]), "{tag}");
    }
}

#[test]
fn the_error_of_a_weak_tag_says_that_it_is_weak() {
    let message = |value: &str, reason| {
        precondition(value).unwrap().explain(ApiError::new(reason)).message.into_owned()
    };
    let failed = Reason::PreconditionFailed;
    assert!(message("W/\"v2-7-9-2\"", failed).contains("W/"));
    assert_eq!(message("W/\"x\", \"v2-7-9-2\"", failed), failed.message());
    assert_eq!(message("W/\"v2-7-9-2\"", Reason::NotFound), Reason::NotFound.message());
}

#[test]
fn a_tag_without_quotation_marks_is_never_expected_and_the_error_says_so() {
    for value in ["v2-7-9-2", "'v2-7-9-2'", "7 , v2-7-9-2", "W/v2-7-9-2"] {
        let precondition = precondition(value).unwrap();
        assert_eq!(precondition.expected(), one_of(&[]), "{value}");
        let error = precondition.explain(Reason::PreconditionFailed);
        assert!(error.message.contains("quotation marks"), "{value}");
    }
    assert_eq!(if_match("v2-7-9-2, \"v2-8-0-0\""), one_of(&[8]));
    assert!(!known("v2-7-9-2") && known("x, \"v2-7-9-2\""));
}

#[test]
fn a_malformed_list_of_tags_is_refused() {
    for bad in ["\"7", "7\"", "\"7\" \"8\"", "", ",", "w/\"7\"", "*, \"7\"", "\"7\", *"] {
        assert_eq!(precondition(bad).unwrap_err().reason, Reason::BadRequest, "{bad}");
    }
}

#[test]
fn a_list_may_have_several_lines_and_empty_elements() {
    let mut headers = HeaderMap::new();
    for line in ["", "\"v2-7-9-2\",", ", , \"v2-8-0-0\"", ","] {
        headers.append(IF_MATCH, HeaderValue::from_static(line));
    }
    let precondition = Precondition::read(&headers, |tag| FORM.version(tag), false).unwrap();
    assert_eq!(precondition.expected(), one_of(&[7, 8]));
}

fn excluding(value: &str, required: bool) -> Result<Precondition, ApiError> {
    let request = TestRequest::default().insert_header((IF_NONE_MATCH, value)).to_http_request();
    Precondition::read(request.headers(), |tag| FORM.version(tag), required)
}

#[test]
fn if_none_match_excludes_states_from_a_write() {
    let expected = |value| excluding(value, false).unwrap().expected();
    assert_eq!(expected("*"), one_of(&[]));
    let excluded = Expected::NoneOf(vec![Version::new(7), Version::new(8)]);
    assert_eq!(expected("\"v2-7-9-2\", W/\"v1-8-0-0\", \"x\""), excluded);
    for value in ["*", "\"v2-7-9-2\""] {
        let error = excluding(value, false).unwrap().explain(Reason::PreconditionFailed);
        assert!(error.message.contains("If-None-Match"), "{value}");
    }
    for bad in ["", "\"7", "v2-7-9-2", "\"x\", v2-7-9-2", "*, \"7\""] {
        assert_eq!(excluding(bad, false).unwrap_err().reason, Reason::BadRequest, "{bad}");
    }
    let mut both = HeaderMap::new();
    both.insert(IF_MATCH, HeaderValue::from_static("*"));
    both.insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
    let error = Precondition::read(&both, |tag| FORM.version(tag), false).unwrap_err();
    assert_eq!(error.reason, Reason::BadRequest);
}

#[test]
fn only_a_star_in_if_none_match_is_the_compulsory_condition() {
    assert!(excluding("*", true).is_ok());
    let error = excluding("\"v2-7-9-2\"", true).unwrap_err();
    assert_eq!(error.reason, Reason::PreconditionRequired);
}

#[test]
fn a_setting_makes_the_header_compulsory() {
    let read = |required| Precondition::read(&HeaderMap::new(), |tag| FORM.version(tag), required);
    assert_eq!(read(false).unwrap().expected(), Expected::Any);
    assert_eq!(read(true).unwrap_err().reason, Reason::PreconditionRequired);
}

#[test]
fn if_none_match_compares_the_whole_tag() {
    assert!(known("*") && known("\"v2-7-9-2\"") && known("\"1\", W/\"v2-7-9-2\""));
    assert!(!known("\"7\"") && !known("\"v2-7-10-3\"") && !known("v2-7-9-2"));
    assert!(!known("\"v1-7-9-2\""), "an earlier view of the same resource");
}
