//! aws-mfa's log: lines `LEVEL - text` on stdout, from a level on.

use crate::cli::LogLevel;
use crate::commands::print;
use crate::error::Result;
use crate::terminal::clean_to;

/// Columns of a line; a name of a megabyte must not flood the screen.
const LONGEST: usize = 2000;

/// Where the lines go that are not below its level.
pub struct Log {
    least: LogLevel,
}

impl Log {
    pub fn from(level: LogLevel) -> Self {
        // A logger without a level takes that of Python's root logger.
        Log { least: if level == LogLevel::NotSet { LogLevel::Warning } else { level } }
    }

    pub fn debug(&self, text: &str) -> Result<()> {
        self.line(LogLevel::Debug, "DEBUG", text)
    }

    pub fn info(&self, text: &str) -> Result<()> {
        self.line(LogLevel::Info, "INFO", text)
    }

    pub fn warning(&self, text: &str) -> Result<()> {
        self.line(LogLevel::Warning, "WARNING", text)
    }

    pub fn error(&self, text: &str) -> Result<()> {
        self.line(LogLevel::Error, "ERROR", text)
    }

    fn line(&self, level: LogLevel, name: &str, text: &str) -> Result<()> {
        match level.severity() >= self.least.severity() {
            true => print(format!("{name} - {}\n", clean_to(text, LONGEST)).as_bytes()),
            false => Ok(()),
        }
    }
}

impl LogLevel {
    /// Python's number for it.
    fn severity(self) -> u8 {
        match self {
            LogLevel::Critical => 50,
            LogLevel::Error => 40,
            LogLevel::Warning => 30,
            LogLevel::Info => 20,
            LogLevel::Debug => 10,
            LogLevel::NotSet => 0,
        }
    }
}
