//! What a security descriptor says, read from its text ([MS-DTYP] 2.5.1), without the system.

/// Rights that let somebody change a file, what is in a folder, or who may: write, append, attributes apart, delete child,
/// delete, access, owner; the generic ones for writing and for all.
const WRITE: u32 = 0x0002 | 0x0004 | 0x0040 | 0x0001_0000 | 0x0004_0000 | 0x0008_0000 | 0x4000_0000 | 0x1000_0000;

/// Rights that let somebody read what is in a file.
const READ: u32 = 0x0001 | 0x8000_0000 | 0x1000_0000;

/// Who may do everything anyhow: SYSTEM, Administrators, the owner by those names, TrustedInstaller.
const MIGHTY: [&str; 9] = [
    "SY",
    "BA",
    "CO",
    "OW",
    "S-1-5-18",
    "S-1-5-32-544",
    "S-1-3-0",
    "S-1-3-4",
    "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
];

/// Whether `me` or an administrator owns it.
pub fn is_owned_by(sddl: &str, me: &str) -> bool {
    part(sddl, "O:").is_some_and(|owner| owner == me || MIGHTY.contains(&owner))
}

/// Whether nobody but `me` and administrators may change it. False where the text is not understood.
pub fn is_safe_from_others(sddl: &str, me: &str) -> bool {
    nobody_else_may(sddl, me, WRITE)
}

/// Whether nobody but `me` and administrators may read it. False where the text is not understood.
pub fn is_secret_to(sddl: &str, me: &str) -> bool {
    nobody_else_may(sddl, me, READ)
}

fn nobody_else_may(sddl: &str, me: &str, what: u32) -> bool {
    // Without a list everybody may do everything.
    let Some(list) = part(sddl, "D:").filter(|list| !list.starts_with("NO_ACCESS_CONTROL")) else { return false };
    entries(list).all(|entry| {
        let fields: Vec<&str> = entry.split(';').collect();
        let [kind, flags, rights, _, _, who, ..] = fields[..] else { return false };
        let allows = !matches!(kind, "D" | "OD" | "XD");
        // Says nothing of this file or folder, only of new ones in it, which are made with access of their own.
        let for_others_only = pairs(flags).any(|flag| flag == "IO");
        !allows || for_others_only || who == me || MIGHTY.contains(&who) || rights_of(rights) & what == 0
    })
}

/// The part that begins with this mark, up to the next one.
fn part<'a>(sddl: &'a str, mark: &str) -> Option<&'a str> {
    let begin = sddl.find(mark)? + mark.len();
    let rest = &sddl[begin..];
    let end = ["O:", "G:", "D:", "S:"].iter().filter_map(|next| rest.find(next)).min().unwrap_or(rest.len());
    Some(&rest[..end])
}

/// What stands in parentheses. (Conditions hold some too; such an entry is then not understood, which counts as unsafe.)
fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split('(').skip(1).map(|entry| entry.split(')').next().unwrap_or_default())
}

fn pairs(text: &str) -> impl Iterator<Item = &str> {
    (0..text.len()).step_by(2).map(|at| text.get(at..at + 2).unwrap_or_default())
}

/// The rights as a number; all of them where they are not understood.
fn rights_of(text: &str) -> u32 {
    if let Some(hex) = text.strip_prefix("0x") {
        return u32::from_str_radix(hex, 16).unwrap_or(u32::MAX);
    }
    pairs(text).fold(0, |sum, right| {
        sum | match right {
            "GR" => 0x8000_0000,
            "GX" => 0x2000_0000,
            "FR" => 0x0012_0089,
            "FX" => 0x0012_00a0,
            "RC" => 0x0002_0000,
            "LC" => 0x0004,
            "CC" => 0x0001,
            "SW" => 0x0008,
            "RP" => 0x0010,
            "WP" => 0x0020,
            "LO" => 0x0080,
            "CR" => 0x0100,
            _ => u32::MAX,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: &str = "S-1-5-21-1-2-3-1001";

    #[test]
    fn a_folder_of_a_user_profile_is_safe_and_one_that_everybody_may_write_is_not() {
        let usual = format!("O:{ME}G:S-1-5-21-1-2-3-513D:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;FA;;;{ME})");
        assert!(is_owned_by(&usual, ME) && is_safe_from_others(&usual, ME) && is_secret_to(&usual, ME));
        let root =
            format!("O:{ME}G:DUD:AI(A;ID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)(A;ID;0x1301bf;;;AU)");
        assert!(!is_safe_from_others(&root, ME) && !is_secret_to(&root, ME));
        let readable = format!("O:{ME}D:(A;;FA;;;{ME})(A;;0x1200a9;;;WD)");
        assert!(is_safe_from_others(&readable, ME) && !is_secret_to(&readable, ME));
    }

    #[test]
    fn what_only_later_files_inherit_does_not_count_and_denials_are_none() {
        let inherited = format!("O:{ME}D:(A;OICIIO;GA;;;WD)(D;;FA;;;WD)(A;;FA;;;{ME})");
        assert!(is_safe_from_others(&inherited, ME) && is_secret_to(&inherited, ME));
    }

    #[test]
    fn somebody_elses_and_what_is_not_understood_is_not_ours() {
        assert!(!is_owned_by("O:S-1-5-21-1-2-3-1002D:", ME));
        assert!(is_owned_by("O:BAG:BAD:", ME));
        for text in ["", "O:BA", "D:NO_ACCESS_CONTROL", "D:(A;;ZZ;;;WD)", "D:(A;;FA;;;WD", "D:(nonsense)"] {
            assert!(!is_safe_from_others(text, ME), "{text}");
        }
        assert!(is_safe_from_others("D:P", ME), "an empty list lets nobody in");
    }
}
