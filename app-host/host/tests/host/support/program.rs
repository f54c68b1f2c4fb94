//! The running program.

use super::client::{self, Answer};
use super::folder::AppFolder;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

pub struct Program {
    child: Child,
    pub port: u16,
    pub admin_port: u16,
    log: Arc<Log>,
}

#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    more: Condvar,
}

impl Program {
    pub fn start(folder: &AppFolder) -> Self {
        Self::start_with(folder, &[])
    }

    pub fn start_with(folder: &AppFolder, options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_app-host"))
            .args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--threads", "2", "--concurrency", "32", "--folder"])
            .arg(folder.path())
            .args(options)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = child.stderr.take().unwrap();
        let log = Arc::new(Log::default());
        let reader = log.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                reader.lines.lock().unwrap().push(line);
                reader.more.notify_all();
            }
        });
        let mut program = Self { child, port: 0, admin_port: 0, log };
        let ready = program.wait_for_line("app-host wasmtime-");
        let port_after = |words: &str| ready.split_once(words).and_then(|(_, rest)| rest.split(',').next()?.parse().ok()).unwrap();
        (program.port, program.admin_port) = (port_after("apps on 127.0.0.1:"), port_after("admin on 127.0.0.1:"));
        program
    }

    pub fn get(&self, host: &str) -> Answer {
        client::get(self.port, host)
    }

    /// Asks until the answer is as wanted: what the folder says is looked at once a second.
    pub fn get_until(&self, host: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
        let start = Instant::now();
        loop {
            let answer = self.get(host);
            if wanted(&answer) {
                return answer;
            }
            assert!(start.elapsed() < PATIENCE, "still {answer:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Value of one line of /metrics.
    pub fn metric(&self, name: &str) -> u64 {
        let text = client::get_path(self.admin_port, "admin", "/metrics").body;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        value.unwrap_or_else(|| panic!("no {name} in {text}"))
    }

    pub fn wait_for_metric(&self, name: &str, value: u64) {
        let start = Instant::now();
        while self.metric(name) != value {
            assert!(start.elapsed() < PATIENCE, "{name} is still {}", self.metric(name));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn wait_for_line(&self, part: &str) -> String {
        let lines = self.log.lines.lock().unwrap();
        let found = |lines: &Vec<String>| lines.iter().find(|line| line.contains(part)).cloned();
        let (lines, _) = self.log.more.wait_timeout_while(lines, PATIENCE, |lines| found(lines).is_none()).unwrap();
        found(&lines).unwrap_or_else(|| panic!("no line with {part:?} in {lines:?}"))
    }

    pub fn lines(&self) -> Vec<String> {
        self.log.lines.lock().unwrap().clone()
    }

    pub fn terminate(&self) {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
