//! `NO_PROXY`, in every form that some program understands.

use std::net::IpAddr;

/// Whether `list` names `host`:`port`. Entries are separated by commas or blanks: `*`; `host`, `.host`, `*.host` (each with
/// its subdomains); `host:port`; an IP address; a block `10.0.0.0/8`.
pub(super) fn lists(list: &str, host: &str, port: u16) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    list.split(|c: char| c == ',' || c.is_whitespace()).filter(|e| !e.is_empty()).any(|entry| {
        let entry = entry.to_ascii_lowercase();
        if entry == "*" {
            return true;
        }
        if let Some(ip) = ip {
            return of_ip(&entry, ip, port);
        }
        let (name, wanted) = match entry.rsplit_once(':') {
            Some((name, digits)) => (name, digits.parse::<u16>().ok()),
            None => (entry.as_str(), Some(port)),
        };
        let name = name.strip_prefix('*').unwrap_or(name).trim_start_matches('.').trim_end_matches('.');
        let below = || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
        wanted == Some(port) && !name.is_empty() && (host == name || below())
    })
}

fn of_ip(entry: &str, ip: IpAddr, port: u16) -> bool {
    let bare = |text: &str| text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    if bare(entry) == Some(ip) {
        return true;
    }
    if let Some((net, bits)) = entry.split_once('/') {
        return match (bare(net), bits.parse::<u32>()) {
            (Some(net), Ok(bits)) => in_block(ip, net, bits),
            _ => false,
        };
    }
    entry.rsplit_once(':').is_some_and(|(addr, p)| bare(addr) == Some(ip) && p.parse() == Ok(port))
}

fn in_block(ip: IpAddr, net: IpAddr, bits: u32) -> bool {
    match (ip, net) {
        (IpAddr::V4(ip), IpAddr::V4(net)) if bits <= 32 => {
            let differing = u32::from(ip) ^ u32::from(net);
            differing.checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (IpAddr::V6(ip), IpAddr::V6(net)) if bits <= 128 => {
            let differing = u128::from(ip) ^ u128::from(net);
            differing.checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::lists;

    #[test]
    fn every_usual_form_of_an_entry_is_understood() {
        let sts = "sts.us-east-1.amazonaws.com";
        for list in [
            "*",
            "amazonaws.com",
            ".amazonaws.com",
            "*.amazonaws.com",
            "x, .AMAZONAWS.COM",
            "x .amazonaws.com",
            sts,
            "sts.us-east-1.amazonaws.com:443",
            "amazonaws.com.",
        ] {
            assert!(lists(list, sts, 443), "{list}");
        }
        for list in ["", ",", "azonaws.com", "*azonaws.com", "amazonaws.com:8443", "sts", "amazonaws.com:x", ".", "*."]
        {
            assert!(!lists(list, sts, 443), "{list}");
        }
        assert!(lists("*.internal", "a.b.internal", 443));
        assert!(lists(".internal", "A.Internal.", 443));
    }

    #[test]
    fn addresses_and_blocks_match() {
        for list in ["10.1.2.3", "10.0.0.0/8", "10.1.2.3:443", "0.0.0.0/0", "10.1.2.3/32"] {
            assert!(lists(list, "10.1.2.3", 443), "{list}");
        }
        for list in ["10.1.2.4", "11.0.0.0/8", "10.1.2.3:80", "10.1.2.3/33", "10.0.0.0/x", "2.3"] {
            assert!(!lists(list, "10.1.2.3", 443), "{list}");
        }
        for list in ["fd00::1", "[fd00::1]", "fd00::/8", "[fd00::1]:443"] {
            assert!(lists(list, "[fd00::1]", 443), "{list}");
        }
    }
}
