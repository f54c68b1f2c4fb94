//! What this program is told of one app: `apps/<name>.json`. The type is `AppManifest` in `constructs/core/app.ts`.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Largest file that is read.
pub const MAX_BYTES: u64 = 256 << 10;

/// A field that is not known here may be a limit that this version cannot keep, so it is an error.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub name: String,
    /// File name below `compiled/`.
    pub compiled: String,
    /// sha256 of the component it was compiled from.
    pub component: String,
    pub memory_mb: u32,
    pub timeout_ms: u64,
    pub concurrency: u32,
    /// `host:port`, lower case.
    pub outbound: Vec<String>,
    pub env: BTreeMap<String, String>,
}

/// Reads and checks the manifest of the app `name`. All problems at once, one line.
pub fn parse(name: &str, bytes: &[u8]) -> Result<Manifest, String> {
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let mut problems = Vec::new();
    let mut check = |good: bool, path: &str, got: &dyn std::fmt::Debug, expected: &str| {
        if !good {
            problems.push(format!("{path}: got {got:?}; expected {expected}"));
        }
    };
    check(manifest.name == name, "name", &manifest.name, &format!("{name:?}, as the file is named"));
    check(is_compiled_name(&manifest.compiled), "compiled", &manifest.compiled, "a file name of letters, digits, '.', '-' and '_'");
    check(is_sha256(&manifest.component), "component", &manifest.component, "64 lower-case hex digits");
    check((1..=4096).contains(&manifest.memory_mb), "memory_mb", &manifest.memory_mb, "1 to 4096");
    check((1..=600_000).contains(&manifest.timeout_ms), "timeout_ms", &manifest.timeout_ms, "1 to 600000");
    check((1..=10_000).contains(&manifest.concurrency), "concurrency", &manifest.concurrency, "1 to 10000");
    for (i, target) in manifest.outbound.iter().enumerate() {
        check(is_target(target), &format!("outbound[{i}]"), target, "host:port in lower case");
    }
    for (key, value) in &manifest.env {
        check(!key.is_empty() && !key.contains(['=', '\0']), "env", key, "a name without '='");
        check(!value.contains('\0'), &format!("env.{key}"), value, "text without a zero byte");
    }
    if problems.is_empty() { Ok(manifest) } else { Err(problems.join("; ")) }
}

/// `[a-z][a-z0-9-]{0,39}`: also a file name.
pub fn is_app_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
}

fn is_compiled_name(name: &str) -> bool {
    (1..=200).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c))
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
}

fn is_target(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let host_is_plain =
        !host.is_empty() && host.bytes().all(|c| !c.is_ascii_uppercase() && !c.is_ascii_whitespace() && !b"/@*".contains(&c));
    host_is_plain && !port.starts_with('0') && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
        let mut value = serde_json::json!({
            "name": "hello", "compiled": "aa-wasmtime-1.cwasm", "component": "a".repeat(64), "memory_mb": 64, "timeout_ms": 1000,
            "concurrency": 16, "outbound": ["api.example.com:443"], "env": {"GREETING": "hi"},
        });
        change(&mut value);
        serde_json::to_vec(&value).unwrap()
    }

    #[test]
    fn reads_a_manifest() {
        let manifest = parse("hello", &text(|_| ())).unwrap();
        assert_eq!((manifest.memory_mb, manifest.env["GREETING"].as_str()), (64, "hi"));
    }

    #[test]
    fn says_all_problems_at_once() {
        let bytes = text(|v| {
            v["name"] = "other".into();
            v["compiled"] = "../../etc/passwd".into();
            v["memory_mb"] = 0.into();
            v["outbound"] = serde_json::json!(["a.example:443", "*.example:443", "a.example"]);
        });
        assert_eq!(
            parse("hello", &bytes).unwrap_err(),
            "name: got \"other\"; expected \"hello\", as the file is named; \
             compiled: got \"../../etc/passwd\"; expected a file name of letters, digits, '.', '-' and '_'; \
             memory_mb: got 0; expected 1 to 4096; \
             outbound[1]: got \"*.example:443\"; expected host:port in lower case; \
             outbound[2]: got \"a.example\"; expected host:port in lower case"
        );
    }

    #[test]
    fn refuses_fields_that_it_does_not_know_or_misses() {
        assert!(parse("hello", &text(|v| v["cpu_ms"] = 5.into())).unwrap_err().starts_with("unknown field `cpu_ms`"));
        assert!(
            parse("hello", &text(|v| drop(v.as_object_mut().unwrap().remove("timeout_ms"))))
                .unwrap_err()
                .starts_with("missing field `timeout_ms`")
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(parse("hello", &bytes).is_err());
        }

        /// Whatever stands in the one field that becomes a path, a manifest that passes points below `compiled/`.
        #[test]
        fn compiled_never_leaves_its_folder(compiled in any::<String>()) {
            if let Ok(manifest) = parse("hello", &text(|v| v["compiled"] = compiled.clone().into())) {
                let path = std::path::Path::new("compiled").join(manifest.compiled);
                prop_assert_eq!(path.components().count(), 2);
                prop_assert!(path.components().all(|c| matches!(c, std::path::Component::Normal(_))));
            }
        }
    }
}
