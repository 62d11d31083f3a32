//! S3: the list of buckets, so that `aws s3 ls` has something to show.

use super::State;
use super::answer::{Answer, Refusal, escaped};
use super::permission;
use super::sts::Caller;

/// What `aws s3 ls` prints as `2026-01-02 03:04:05 bucket-a` (in UTC).
const BUCKETS: [(&str, &str); 2] = [("bucket-a", "2026-01-02T03:04:05.000Z"), ("bucket-b", "2026-02-03T04:05:06.000Z")];

pub(super) fn list_buckets(state: &State, caller: &Caller) -> Result<Answer, Refusal> {
    permission::check(state, caller, "s3:ListAllMyBuckets", None)?;
    let own = BUCKETS.map(|(name, made)| (name.to_owned(), made.to_owned())).to_vec();
    let mut buckets = String::new();
    for (name, made) in state.accounts.buckets.as_ref().unwrap_or(&own) {
        let (name, made) = (escaped(name), escaped(made));
        buckets += &format!("<Bucket><Name>{name}</Name><CreationDate>{made}</CreationDate></Bucket>");
    }
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Owner><ID>owner</ID></Owner><Buckets>{buckets}</Buckets></ListAllMyBucketsResult>"
    );
    Ok(Answer { content_type: "application/xml", ..Answer::xml(200, body) })
}
