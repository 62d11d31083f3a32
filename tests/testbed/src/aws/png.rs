//! A QR code as a picture, the way IAM gives it: PNG (www.w3.org/TR/png) with one byte per pixel, not compressed.

use qrcodegen::{QrCode, QrCodeEcc};

/// Pixels to a module, and modules of the white border.
const SCALE: i32 = 4;
const BORDER: i32 = 4;

/// The text as a QR code in a PNG.
pub(super) fn qr_code(text: &str) -> Vec<u8> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).expect("a link fits into a QR code");
    let side = (code.size() + 2 * BORDER) * SCALE;
    let mut rows = Vec::new();
    for y in 0..side {
        // Each row begins with its filter: none.
        rows.push(0);
        rows.extend((0..side).map(|x| if code.get_module(x / SCALE - BORDER, y / SCALE - BORDER) { 0 } else { 255 }));
    }
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let size = side.to_be_bytes();
    // Eight bits of grey, no interlacing.
    chunk(&mut png, b"IHDR", &[&size[..], &size[..], &[8, 0, 0, 0, 0]].concat());
    chunk(&mut png, b"IDAT", &stored(&rows));
    chunk(&mut png, b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]) {
    let length = u32::try_from(content.len()).expect("a small picture");
    let checked = [kind, content].concat();
    png.extend(length.to_be_bytes());
    png.extend(&checked);
    png.extend(crc(&checked).to_be_bytes());
}

/// zlib (RFC 1950) around blocks of DEFLATE (RFC 1951) that are stored as they are.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let count = bytes.chunks(0xffff).count();
    for (index, block) in bytes.chunks(0xffff).enumerate() {
        let length = u16::try_from(block.len()).expect("chunks of this size");
        stream.push(u8::from(index + 1 == count));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    stream.extend((b << 16 | a).to_be_bytes());
    stream
}

/// The CRC of PNG, annex D.
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
        }
    }
    !crc
}
