//! Proofs that a token's owner has its key: DPoP (RFC 9449) with ES256, as AWS Sign-In wants them
//! (`botocore/credentials.py`, `_build_dpop_header`).

use aws_smithy_types::base64;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::token::url_safe;
use crate::hex::hex;
use crate::time::Timestamp;

/// The key that a token is bound to.
pub struct DpopKey(EcdsaKeyPair);

impl DpopKey {
    /// Reads a P-256 key from PEM: SEC 1 (`EC PRIVATE KEY`, what the AWS CLI writes) or PKCS #8. `None` for anything else,
    /// also for one without its public half.
    pub fn from_pem(pem: &SecretString) -> Option<Self> {
        let lines = pem.expose_secret().lines().map(str::trim);
        let text: Zeroizing<String> = Zeroizing::new(lines.filter(|line| !line.starts_with("-----")).collect());
        let der = Zeroizing::new(base64::decode(text.as_str()).ok()?);
        let random = SystemRandom::new();
        let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = match sec1(&der) {
            Some((own, public)) => EcdsaKeyPair::from_private_key_and_public_key(curve, own, public, &random),
            None => EcdsaKeyPair::from_pkcs8(curve, &der, &random),
        };
        pair.ok().map(DpopKey)
    }

    /// The proof for one POST to `url` at `now`.
    pub(super) fn proof(&self, url: &str, now: Timestamp) -> Option<SecretString> {
        // An uncompressed point: 4, x, y.
        let (x, y) = self.0.public_key().as_ref().get(1..65)?.split_at(32);
        let key = json!({ "kty": "EC", "crv": "P-256", "x": url_safe(x), "y": url_safe(y) });
        let head = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": key });
        let claims = json!({ "htm": "POST", "htu": url, "iat": now.0, "jti": uuid()? });
        let text = format!("{}.{}", url_safe(head.to_string().as_bytes()), url_safe(claims.to_string().as_bytes()));
        let signature = self.0.sign(&SystemRandom::new(), text.as_bytes()).ok()?;
        Some(format!("{text}.{}", url_safe(signature.as_ref())).into())
    }
}

/// A random UUID (RFC 9562, version 4).
fn uuid() -> Option<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex(&bytes);
    Some([&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-"))
}

/// The two halves of a key in SEC 1's form (RFC 5915): version 1, the private octets, the curve in `[0]`, the public point
/// in `[1]`.
fn sec1(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (inside, _) = element(der, 0x30)?;
    let (version, rest) = element(inside, 0x02)?;
    let (own, mut rest) = element(rest, 0x04).filter(|_| version == [1])?;
    if let Some((_, behind)) = element(rest, 0xa0) {
        rest = behind;
    }
    let (public, _) = element(rest, 0xa1)?;
    // A bit string begins with the number of bits that its last byte has too many.
    let (bits, _) = element(public, 0x03)?;
    Some((own, bits.strip_prefix(&[0])?))
}

/// The inside of the first element, which must have this tag, and what is behind it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match der {
        [t, length @ ..=0x7f, rest @ ..] if *t == tag => (usize::from(*length), rest),
        [t, 0x81, length, rest @ ..] if *t == tag => (usize::from(*length), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    /// Made with `openssl ecparam -name prime256v1 -genkey`.
    const SEC1: &str = "-----BEGIN EC PRIVATE KEY-----\n\
        MHcCAQEEIH96pqNQBbp9KESU8Leu3vDT5AW0MPNglLiX7E6Bhg9ToAoGCCqGSM49\n\
        AwEHoUQDQgAEz9EnmV5V9H9JL3LV1S9KwtudwqxE4bczuAsSHQgSXp5B1/Q3EuMl\n\
        zDY/GIFYkuasrU07YxjTo4AghLX7WPS6Zg==\n\
        -----END EC PRIVATE KEY-----";
    /// The same with `openssl pkcs8 -topk8 -nocrypt`.
    const PKCS8: &str = "-----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgf3qmo1AFun0oRJTw\n\
        t67e8NPkBbQw82CUuJfsToGGD1OhRANCAATP0SeZXlX0f0kvctXVL0rC253CrETh\n\
        tzO4CxIdCBJenkHX9DcS4yXMNj8YgViS5qytTTtjGNOjgCCEtftY9Lpm\n\
        -----END PRIVATE KEY-----";

    fn decoded(part: &str) -> Vec<u8> {
        let text = part.replace('-', "+").replace('_', "/");
        base64::decode(format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4))).expect("base64")
    }

    #[test]
    fn a_proof_is_signed_by_the_key_that_it_shows() {
        for pem in [SEC1, PKCS8] {
            let key = DpopKey::from_pem(&pem.to_owned().into()).expect("a key");
            let proof = key.proof("https://x.example/v1/token", Timestamp(1_795_350_556)).expect("a proof");
            let parts: Vec<&str> = proof.expose_secret().split('.').collect();
            let [head, claims, signature] = parts[..] else { panic!("three parts") };
            let json = |part| serde_json::from_slice::<serde_json::Value>(&decoded(part)).expect("JSON");
            let shown = &json(head)["jwk"];
            let text = |name: &str| shown[name].as_str().map(decoded).expect("a coordinate");
            let point = [vec![4], text("x"), text("y")].concat();
            let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
            public.verify(format!("{head}.{claims}").as_bytes(), &decoded(signature)).expect("it is signed");
            let claims = json(claims);
            assert_eq!(
                (&claims["htm"], &claims["htu"], &claims["iat"]),
                (&"POST".into(), &"https://x.example/v1/token".into(), &1_795_350_556.into())
            );
            assert!(claims["jti"].as_str().is_some_and(|id| id.len() == 36 && id.as_bytes()[14] == b'4'));
        }
    }

    #[test]
    fn what_is_no_key_is_none() {
        let cut = SEC1.replace(&SEC1[60..70], "");
        for text in ["", "-----BEGIN EC PRIVATE KEY-----\n!\n", "AAAA", "MIGkAgEBBDA=", &cut] {
            assert!(DpopKey::from_pem(&text.to_owned().into()).is_none(), "{text}");
        }
    }
}
