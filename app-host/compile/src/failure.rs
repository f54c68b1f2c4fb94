//! What can go wrong, each with an exit code: who runs this decides by it whether to try again.

use std::process::ExitCode;

#[derive(Debug, PartialEq)]
pub enum Failure {
    /// Arguments or request file. 2.
    Usage(String),
    /// The component could not be read; trying again may help. 3.
    Fetch(String),
    /// What was read is not what was asked for. 4.
    Checksum(String),
    /// Not a component that the app host can serve: for its team. 5.
    Component(String),
    /// The result could not be stored; trying again may help. 6.
    Store(String),
}

impl Failure {
    pub fn message(&self) -> &str {
        match self {
            Self::Usage(m) | Self::Fetch(m) | Self::Checksum(m) | Self::Component(m) | Self::Store(m) => m,
        }
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => 2,
            Self::Fetch(_) => 3,
            Self::Checksum(_) => 4,
            Self::Component(_) => 5,
            Self::Store(_) => 6,
        })
    }
}
