//! Messages from whom nobody knows: any bytes are an error or a message, never a panic.
#![allow(clippy::unwrap_used, reason = "a test may end here")]

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::connection::{Bus, Call};
use super::fault::Fault;
use super::message::{self, Header, Message, START};
use super::reader::Reader;
use super::writer::Body;

fn call(body: &Body) -> Vec<u8> {
    let header = Header { serial: 258, destination: ":1.4", path: "/a/b_1", interface: "x.Y", member: "Do" };
    message::call(&header, body).unwrap().to_vec()
}

/// Reads all that is in a message, by each of the ways there are.
fn read_all(bytes: &[u8]) {
    if let Some(Ok(length)) = bytes.first_chunk::<START>().map(message::length) {
        assert!(length <= 2 * 1024 * 1024 + 64, "no allocation is larger than that");
    }
    if let Ok(message) = Message::read(bytes) {
        let _ = message.said();
    }
    for big_endian in [false, true] {
        let reader = Reader::new(bytes, big_endian);
        let _ = reader.clone().skip_variant();
        let _ = reader.clone().paths();
        let _ = reader.clone().path();
        let mut secret = reader.clone();
        let _ = secret.begin_struct().and_then(|()| secret.path()).and_then(|_| secret.byte_array());
        let mut reader = reader;
        while reader.array(8).is_ok() || reader.string().is_ok() || reader.bool().is_ok() {}
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    /// Bytes that are nearly right.
    #[test]
    fn messages_with_faults(
        texts in proptest::collection::vec("[a-z/()vas{}]{0,12}", 0..6),
        faults in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let body = Body::new("a{sv}", |w| w.array(8, |array| {
            for text in &texts {
                array.begin_struct().string(text).variant("s").string(text);
            }
        }));
        let mut bytes = call(&body);
        read_all(&bytes);
        for (place, byte) in faults {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        read_all(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        read_all(&bytes);
    }

    /// Types in each other, as deep as a signature can be long.
    #[test]
    fn any_signature(signature in "[ybnqiuxtdsogav(){}]{0,255}", rest in proptest::collection::vec(0u8..3, 0..600)) {
        let mut bytes = vec![u8::try_from(signature.len()).unwrap()];
        bytes.extend(signature.bytes().chain([0]).chain(rest));
        let _ = Reader::new(&bytes, false).skip_variant();
    }

    #[test]
    fn what_is_written_is_read(
        texts in proptest::collection::vec("[^\0]{0,20}", 0..5),
        secret in proptest::collection::vec(any::<u8>(), 0..50),
        yes in any::<bool>(),
    ) {
        let body = Body::new("a{sv}aybs", |w| w.array(8, |array| {
            for text in &texts {
                array.begin_struct().string(text).variant("a{ss}").dictionary(&[(text, text)]);
            }
        }).byte_array(&secret).bool(yes).string("end"));
        let bytes = call(&body);
        prop_assert_eq!(message::length(bytes.first_chunk().unwrap()).unwrap(), bytes.len());
        let message = Message::read(&bytes).unwrap();
        prop_assert_eq!((&*message.path, &*message.interface, &*message.member), ("/a/b_1", "x.Y", "Do"));
        let mut values = message.body("a{sv}aybs").unwrap();
        let mut array = values.array(8).unwrap();
        for text in &texts {
            array.begin_struct().unwrap();
            prop_assert_eq!(array.string().unwrap(), text);
            array.skip_variant().unwrap();
        }
        prop_assert!(array.is_empty());
        prop_assert_eq!(values.byte_array().unwrap(), &secret[..]);
        prop_assert_eq!(values.bool().unwrap(), yes);
        prop_assert_eq!(values.string().unwrap(), "end");
        prop_assert!(values.is_empty());
        prop_assert!(message.body("s").is_err());
    }
}

/// An error, as a bus on a machine of the other order sends it.
#[test]
fn the_other_byte_order() {
    let mut bytes = b"B\x03\x01\x01\0\0\0\x09\0\0\0\x07\0\0\0\x27".to_vec();
    bytes.extend(b"\x04\x01s\0\0\0\0\x0bx.Y.Trouble\0\0\0\0\0");
    bytes.extend(b"\x05\x01u\0\0\0\x01\x02");
    bytes.extend(b"\x08\x01g\0\x01s\0\0");
    assert_eq!(message::length(bytes.first_chunk().unwrap()).unwrap(), bytes.len() + 9);
    bytes.extend(b"\0\0\0\x04no!!\0");
    let message = Message::read(&bytes).unwrap();
    assert_eq!((message.kind, message.reply_to, message.error.as_str()), (message::ERROR, 258, "x.Y.Trouble"));
    assert_eq!(message.said(), "no!!");
}

#[test]
fn variants_in_variants_end() {
    let mut bytes = b"\x01v\0".repeat(100_000);
    bytes.extend(b"\x01y\0\0");
    assert!(matches!(Reader::new(&bytes, false).skip_variant(), Err(Fault::Broken("values too deep in each other"))));
    let arrays = [&[200], "a".repeat(200).as_bytes(), &[0; 9]].concat();
    assert!(Reader::new(&arrays, false).skip_variant().is_err());
}

#[test]
fn a_message_that_does_not_come_to_its_end() {
    let bytes = call(&Body::new("s", |w| w.string("half")));
    for half in [8, START, START + 9, bytes.len() - 1] {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut bus = Bus::over(ours);
        theirs.write_all(&bytes[..half]).unwrap();
        let soon = Instant::now() + Duration::from_millis(20);
        assert!(matches!(bus.receive(soon), Err(Fault::Silent)), "{half}");
        assert!(matches!(bus.receive(Instant::now()), Err(Fault::Silent)), "{half}");
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(&bytes[..half]).unwrap();
        drop(theirs);
        let soon = Instant::now() + Duration::from_secs(10);
        assert!(matches!(Bus::over(ours).receive(soon), Err(Fault::Io(_))), "{half}");
    }
}

/// Ctrl-C while a dialogue is open, where the other side has begun a message and leaves it at that.
#[test]
fn half_a_message_keeps_nobody_from_leaving() {
    let bytes = call(&Body::new("s", |w| w.string("half")));
    for half in [0, 8, START + 9] {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(&bytes[..half]).unwrap();
        let mut asked = 0;
        let go_on = || {
            asked += 1;
            asked < 4
        };
        let prompt = Call { destination: ":1.4", path: "/p", interface: "x.Prompt", member: "Prompt" };
        let ended = Bus::over(ours).call_until(prompt, &Body::empty(), "Completed", go_on);
        assert!(matches!(ended, Ok(None)), "{half}");
    }
}

/// A side that reads nothing.
#[test]
fn a_call_that_nobody_reads_ends() {
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let long = Body::new("s", |w| w.string(&"x".repeat(600_000)));
    let to = Call { destination: ":1.4", path: "/p", interface: "x.Y", member: "Do" };
    assert!(matches!(Bus::over(ours).tell(to, &long), Err(Fault::Silent)));
}
