//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

pub const USAGE: &str = "\
usage: app-host --folder DIR --listen ADDR:PORT --admin ADDR:PORT [options]
       app-host --engine

  --folder DIR          hosts/<host name> -> ../apps/<name>.json, apps/<name>.json, compiled/<file>
  --listen ADDR:PORT    where apps are served (HTTP/1.1)
  --admin ADDR:PORT     /health and /metrics
  --engine              print the name of the engine that compiled components must belong to
  --threads N           worker threads (default: one per core)
  --concurrency N       requests in apps at a time, all apps together (default: 256)
  --memory-mb N         memory limits of running requests, added up (default: half of the memory)
  --max-loaded N        components kept mapped, 0.6 MB each (default: a quarter of the memory)
  --max-body-mb N       largest request body (default: 10)
  --header-seconds N    longest wait for a request's head, and idle time of a kept connection (default: 100, above
                        the 90 s after which common proxies drop idle connections, so that it is never this side)
  --drain-seconds N     longest time that requests may finish in after SIGTERM (default: 25)";

#[derive(Debug, PartialEq)]
pub enum Command {
    PrintEngine,
    PrintUsage,
    Serve(Settings),
}

#[derive(Debug, PartialEq)]
pub struct Settings {
    pub folder: PathBuf,
    pub listen: SocketAddr,
    pub admin: SocketAddr,
    pub threads: u32,
    pub concurrency: u32,
    pub memory_mb: u32,
    pub max_loaded: u32,
    pub max_body_mb: u32,
    pub header_seconds: u32,
    pub drain_seconds: u32,
}

const MAX_MEMORY_MB: u32 = 16 << 20;
const MAX_LOADED: u32 = 100_000;
/// What a mapped component of a language with a runtime takes, in MB, while nobody asks for it; measured 0.55.
const MB_PER_COMPONENT: f64 = 0.6;

/// Reads the arguments after the program's name; the error is one line. `allowed_mb` is what the program may use.
pub fn parse(arguments: impl IntoIterator<Item = String>, allowed_mb: u64) -> Result<Command, String> {
    let (mut folder, mut listen, mut admin) = (None, None, None);
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u32);
    let (mut threads, mut concurrency) = (cores, 256);
    let mut memory_mb = (allowed_mb / 2).clamp(16, MAX_MEMORY_MB.into()) as u32;
    let mut max_loaded = (allowed_mb as f64 / 4.0 / MB_PER_COMPONENT).clamp(16.0, MAX_LOADED.into()) as u32;
    let (mut max_body_mb, mut header_seconds, mut drain_seconds) = (10, 100, 25);
    let mut arguments = arguments.into_iter();
    while let Some(flag) = arguments.next() {
        match flag.as_str() {
            "--engine" => return Ok(Command::PrintEngine),
            "--help" => return Ok(Command::PrintUsage),
            _ => {}
        }
        let mut value = || arguments.next().ok_or(format!("{flag}: no value; expected one after it"));
        match flag.as_str() {
            "--folder" => folder = Some(PathBuf::from(value()?)),
            "--listen" => listen = Some(address(&flag, &value()?)?),
            "--admin" => admin = Some(address(&flag, &value()?)?),
            "--threads" => threads = number(&flag, &value()?, 1, 1024)?,
            "--concurrency" => concurrency = number(&flag, &value()?, 1, 5000)?,
            "--memory-mb" => memory_mb = number(&flag, &value()?, 16, MAX_MEMORY_MB)?,
            "--max-loaded" => max_loaded = number(&flag, &value()?, 1, MAX_LOADED)?,
            "--max-body-mb" => max_body_mb = number(&flag, &value()?, 1, 4096)?,
            "--header-seconds" => header_seconds = number(&flag, &value()?, 1, 3600)?,
            "--drain-seconds" => drain_seconds = number(&flag, &value()?, 0, 3600)?,
            _ => return Err(format!("{flag}: no such option. See app-host --help")),
        }
    }
    Ok(Command::Serve(Settings {
        folder: folder.ok_or("--folder: missing. See app-host --help")?,
        listen: listen.ok_or("--listen: missing. See app-host --help")?,
        admin: admin.ok_or("--admin: missing. See app-host --help")?,
        threads,
        concurrency,
        memory_mb,
        max_loaded,
        max_body_mb,
        header_seconds,
        drain_seconds,
    }))
}

fn address(flag: &str, text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("{flag}: not an address, got {text:?}; expected for example 127.0.0.1:8100 or [::]:8100"))
}

fn number(flag: &str, text: &str, least: u32, most: u32) -> Result<u32, String> {
    let value = text.parse().ok().filter(|n| (least..=most).contains(n));
    value.ok_or(format!("{flag}: not a number in its range, got {text:?}; expected {least} to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(words: &str) -> Result<Command, String> {
        parse(words.split(' ').map(String::from), 256)
    }

    #[test]
    fn reads_every_option() {
        let words = "--folder /f --listen 127.0.0.1:1 --admin [::1]:2 --threads 3 --concurrency 4 --memory-mb 50 --max-loaded 6 \
                     --max-body-mb 7 --header-seconds 8 --drain-seconds 9";
        let expected = Settings {
            folder: "/f".into(),
            listen: "127.0.0.1:1".parse().unwrap(),
            admin: "[::1]:2".parse().unwrap(),
            threads: 3,
            concurrency: 4,
            memory_mb: 50,
            max_loaded: 6,
            max_body_mb: 7,
            header_seconds: 8,
            drain_seconds: 9,
        };
        assert_eq!(parse_words(words), Ok(Command::Serve(expected)));
    }

    #[test]
    fn says_what_is_wrong() {
        for (words, problem) in [
            ("--folder /f --listen 127.0.0.1:1", "--admin: missing. See app-host --help"),
            ("--folder", "--folder: no value; expected one after it"),
            ("--threads 0", "--threads: not a number in its range, got \"0\"; expected 1 to 1024"),
            ("--listen localhost", "--listen: not an address, got \"localhost\"; expected for example 127.0.0.1:8100 or [::]:8100"),
            ("--nonsense", "--nonsense: no such option. See app-host --help"),
        ] {
            assert_eq!(parse_words(words), Err(problem.to_string()));
        }
    }

    #[test]
    fn fits_the_memory_unless_told() {
        let words = "--folder /f --listen 127.0.0.1:1 --admin [::1]:2";
        let Ok(Command::Serve(settings)) = parse_words(words) else { panic!("these are all that must be given") };
        assert_eq!((settings.memory_mb, settings.max_loaded), (128, 106));
    }
}
