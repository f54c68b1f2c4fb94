//! What to compile, from the command line or from a file: URLs that carry a permission do not belong into the process list.

use crate::failure::Failure;
use crate::place::Place;
use serde::Deserialize;

pub const USAGE: &str = "\
usage: app-compile --from URL|FILE --sha256 HEX --to URL|FILE
       app-compile --request FILE     the same three as JSON: {\"from\": ..., \"sha256\": ..., \"to\": ...}

Compiles a WebAssembly component for app-host: reads it (GET), checks it, stores the result (PUT).
Exit codes: 2 arguments, 3 cannot read, 4 other checksum, 5 component refused, 6 cannot store.";

#[derive(Debug)]
pub struct Request {
    pub from: Place,
    pub sha256: String,
    pub to: Place,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    from: Option<String>,
    sha256: Option<String>,
    to: Option<String>,
}

/// Reads the arguments after the program's name.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Request, Failure> {
    let mut texts = Texts::default();
    let mut arguments = arguments.into_iter();
    while let Some(flag) = arguments.next() {
        let value = arguments.next().ok_or_else(|| usage(format!("{flag}: no value; expected one after it. See app-compile --help")))?;
        match flag.as_str() {
            "--from" => texts.from = Some(value),
            "--sha256" => texts.sha256 = Some(value),
            "--to" => texts.to = Some(value),
            "--request" => texts = read_file(&value)?,
            _ => return Err(usage(format!("{flag}: no such option. See app-compile --help"))),
        }
    }
    let given = |name: &str, text: Option<String>| text.ok_or_else(|| usage(format!("{name}: missing. See app-compile --help")));
    let sha256 = given("sha256", texts.sha256)?;
    if sha256.len() != 64 || !sha256.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c)) {
        return Err(usage(format!("sha256: got {sha256:?}; expected 64 lower-case hex digits")));
    }
    Ok(Request { from: place("from", &given("from", texts.from)?)?, sha256, to: place("to", &given("to", texts.to)?)? })
}

fn read_file(path: &str) -> Result<Texts, Failure> {
    let bytes = std::fs::read(path).map_err(|e| usage(format!("{path}: {e}")))?;
    serde_json::from_slice(&bytes).map_err(|e| usage(format!("{path}: {e}")))
}

fn place(name: &str, text: &str) -> Result<Place, Failure> {
    Place::parse(text).map_err(|problem| usage(format!("{name}: {problem}")))
}

fn usage(message: String) -> Failure {
    Failure::Usage(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(words: &[&str]) -> String {
        parse(words.iter().map(|w| w.to_string())).unwrap_err().message().to_string()
    }

    #[test]
    fn says_what_is_wrong() {
        let hash = "a".repeat(64);
        assert_eq!(problem(&["--from", "a.wasm", "--sha256", &hash]), "to: missing. See app-compile --help");
        assert_eq!(problem(&["--from", "a", "--to", "b", "--sha256", "ABC"]), "sha256: got \"ABC\"; expected 64 lower-case hex digits");
        assert_eq!(problem(&["--form", "a"]), "--form: no such option. See app-compile --help");
        assert_eq!(problem(&["--from", "https://", "--to", "b", "--sha256", &hash]), "from: not a URL with a host, got https://");
    }

    #[test]
    fn reads_a_request_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        std::fs::write(path, format!(r#"{{"from": "http://h/a?secret=1", "sha256": "{}", "to": "/b"}}"#, "a".repeat(64))).unwrap();
        let request = parse(["--request".to_string(), path.to_string()]).unwrap();
        assert_eq!((request.from.to_string(), request.to.to_string()), ("http://h/a".to_string(), "/b".to_string()));
        std::fs::write(path, r#"{"form": "a"}"#).unwrap();
        assert!(problem(&["--request", path]).contains("unknown field `form`"));
    }
}
