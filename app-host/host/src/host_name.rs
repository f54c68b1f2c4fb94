//! The host name that a request is for. It becomes a file name, so only what is plainly a name passes.

use hyper::Request;
use hyper::header::HOST;

/// The name in lower case, without port and without the root's dot. `None`: missing, given twice, or not a host name.
pub fn of_request<B>(request: &Request<B>) -> Option<String> {
    let mut headers = request.headers().get_all(HOST).iter();
    let header = headers.next();
    if headers.next().is_some() {
        return None;
    }
    match request.uri().authority() {
        Some(authority) => parse(authority.as_str()),
        None => parse(header?.to_str().ok()?),
    }
}

fn parse(text: &str) -> Option<String> {
    let name = match text.split_once(':') {
        Some((name, port)) if port.bytes().all(|c| c.is_ascii_digit()) => name,
        Some(_) => return None,
        None => text,
    };
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    (name.len() <= 253 && name.split('.').all(is_label)).then_some(name)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len()) && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_names() {
        for (text, name) in
            [("a.example", "a.example"), ("A.Example.:8080", "a.example"), ("localhost:80", "localhost"), ("x_y.z", "x_y.z")]
        {
            assert_eq!(parse(text).as_deref(), Some(name));
        }
    }

    #[test]
    fn refuses_what_is_no_name() {
        let long = "a".repeat(64);
        for text in [
            "",
            ".",
            "..",
            "../apps/a",
            "a/../b",
            "a..b",
            ".a",
            "a b",
            "a:b",
            "a:1:2",
            "[::1]",
            "%2e%2e",
            "a\0b",
            "ä.example",
            "a@b",
            &long,
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_request_has_one_host() {
        let request = |hosts: &[&str]| hosts.iter().fold(Request::builder(), |r, host| r.header(HOST, *host)).body(()).unwrap();
        assert_eq!(of_request(&request(&["a.example"])).as_deref(), Some("a.example"));
        assert_eq!(of_request(&request(&[])), None);
        assert_eq!(of_request(&request(&["a.example", "b.example"])), None);
    }

    proptest! {
        /// Whatever comes in, what comes out is one plain file name.
        #[test]
        fn never_yields_a_path(text in any::<String>()) {
            if let Some(name) = parse(&text) {
                prop_assert!(name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-_.".contains(&c)));
                prop_assert!(!name.starts_with('.') && !name.ends_with('.') && !name.contains("..") && name.len() <= 253);
            }
        }

        #[test]
        fn takes_every_valid_name(name in "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\\.[a-z0-9]{1,10}){0,4}", port in proptest::option::of(0u16..)) {
            let text = port.map_or(name.to_ascii_uppercase(), |p| format!("{name}:{p}"));
            prop_assert_eq!(parse(&text), Some(name));
        }
    }
}
