//! A stand-in for the AWS CLI, for machines without one: it signs with the profile's keys, as the CLI does.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use testbed::aws::client::{Signer, element, list_buckets, query};

/// The first argument that makes the demo this program.
pub const WORD: &str = "stand-in-aws";

pub fn run(words: &[OsString]) -> ExitCode {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let words: Vec<_> = words.iter().map(AsRef::as_ref).collect();
    let (name, answer) = match (words.as_slice(), signer()) {
        (["s3", "ls"], Some((url, signer))) => ("ListBuckets", list_buckets(&url, &signer)),
        (["sts", "get-caller-identity"], Some((url, signer))) => {
            ("GetCallerIdentity", query(&url, &signer, "sts", "GetCallerIdentity", &[]))
        }
        (_, None) => return fail(253, "Unable to locate credentials in the profile (this is the demo's stand-in)"),
        _ => return fail(252, "the demo's stand-in knows only `aws s3 ls` and `aws sts get-caller-identity`"),
    };
    match answer {
        Ok((200, body)) => show(name, &body),
        Ok((_, body)) => {
            let text = |field| element(&body, field).unwrap_or_default();
            let (code, message) = (text("Code"), text("Message"));
            fail(254, &format!("An error occurred ({code}) when calling the {name} operation: {message}"))
        }
        Err(error) => fail(255, &error.to_string()),
    }
}

fn show(name: &str, body: &str) -> ExitCode {
    let mut text = String::new();
    if name == "GetCallerIdentity" {
        text = format!("{}\n", element(body, "Arn").unwrap_or_default());
    }
    for bucket in body.split("<Bucket>").skip(1) {
        let made = element(bucket, "CreationDate").and_then(|date| chrono::DateTime::parse_from_rfc3339(date).ok());
        let made = made.map(|date| date.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M:%S").to_string());
        text += &format!("{} {}\n", made.unwrap_or_default(), element(bucket, "Name").unwrap_or_default());
    }
    // `aws s3 ls | head -1` may have closed the pipe.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn fail(code: u8, message: &str) -> ExitCode {
    eprintln!("\n{message}");
    code.into()
}

/// The endpoint, and the keys of the profile in the credentials file.
fn signer() -> Option<(String, Signer)> {
    let text = |name: &str| std::env::var(name).ok();
    let profile = text("AWS_PROFILE").unwrap_or_else(|| "default".into());
    let file = std::path::Path::new(&text("HOME")?).join(".aws/credentials");
    let credentials = std::fs::read_to_string(file).ok()?;
    let section = credentials.split_once(&format!("[{profile}]\n"))?.1;
    let section = section.split("\n[").next()?;
    let key = |name: &str| {
        let mut lines = section.lines().filter_map(|line| line.split_once('='));
        lines.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
    };
    let signer = Signer {
        access_key_id: key("aws_access_key_id")?,
        secret_access_key: key("aws_secret_access_key")?,
        session_token: key("aws_session_token"),
        clock_offset: 0,
    };
    Some((text("AWS_ENDPOINT_URL")?, signer))
}
