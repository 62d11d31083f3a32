//! `awsenv prompt`: the segment as plain text, for prompt tools that start something. Never fails.

use super::{Desk, print};
use crate::environment::stamp::Segment;
use crate::error::Result;
use crate::host::Host;

pub fn run(host: Host) -> Result<()> {
    let segment = Desk::open(host.clone()).and_then(|desk| Segment::of(&host, &desk.settings, &desk.files));
    let text = segment.map(|s| s.text(&host)).unwrap_or_default();
    print(text.as_bytes())
}
