//! Values survive `use` and `leave`, whatever they are.

use awsenv::shell::Shell as Language;
use proptest::prelude::*;

use crate::quoting::{cases, values};
use crate::world::World;

const NAMES: [&str; 7] =
    ["AWS_PROFILE", "AWSENV_PROFILE", "AWSENV_NAMES", "http_proxy", "TOOL_PATH", "AWS_ACCESS_KEY_ID", "XPATH"];

#[test]
fn any_values_survive_use_and_leave() {
    let world = World::new();
    let Some(nu) = testbed::require("nu") else { return };
    // Speaks the protocol with the values of this test; the real one cannot set all of them.
    let stand_in =
        world.home.script("stand-in", "#!/bin/sh\n[ \"$1\" = switch ] || exit 1\nenv -0 >seen\nexec cat \"$SWITCH\"\n");
    let read = |name: &str| {
        let bytes = world.home.read(name);
        let ours = |v: &&[u8]| NAMES.iter().any(|n| v.starts_with(format!("{n}=").as_bytes()));
        let mut all: Vec<Vec<u8>> = bytes.split(|b| *b == 0).filter(ours).map(<[u8]>::to_vec).collect();
        all.sort();
        all
    };
    let language = Language::Nushell;
    world.hook();
    let script = format!(
        "source hook.nu\n$env.__awsenv.bin = '{}'\n^sh -c 'env -0 >before'\n$env.SWITCH = 'one'\nawsenv use x\n\
         ^sh -c 'env -0 >first'\n$env.SWITCH = 'two'\nawsenv use y\n^sh -c 'env -0 >second'\nawsenv leave\n\
         ^sh -c 'env -0 >after'\n",
        stand_in.display()
    );
    world.home.write("use.nu", script);
    proptest!(cases(40), |(old in prop::collection::vec(prop::option::of(values()), 7), one in prop::collection::vec(values(), 4),
                          two in prop::collection::vec(values(), 4))| {
        for (file, values) in [("one", &one), ("two", &two)] {
            let values: Vec<&str> = ["x"].into_iter().chain(values.iter().map(String::as_str)).collect();
            let lines = [language.assign_list("__awsenv_set_names", &NAMES[..5]), language.assign_list("__awsenv_set_values", &values),
                         language.assign_list("__awsenv_unset_names", &NAMES[5..])].concat();
            world.home.write(file, language.answer(lines));
        }
        let mut command = world.home.command(&nu);
        command.args(["--no-config-file", "use.nu"]);
        for (name, value) in NAMES.iter().zip(&old) {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        let out = command.output().expect("nu runs");
        prop_assert_eq!((out.status.code(), String::from_utf8_lossy(&out.stderr)), (Some(0), "".into()));
        prop_assert_eq!(read("before"), read("after"));
        prop_assert_eq!(read("before"), read("seen"), "the second use sees the environment from before the first");
        for (file, values) in [("first", &one), ("second", &two)] {
            let mut want: Vec<Vec<u8>> = NAMES[1..5].iter().zip(values).map(|(n, v)| [n.as_bytes(), b"=", v.as_bytes()].concat()).collect();
            want.push(b"AWS_PROFILE=x".to_vec());
            want.sort();
            prop_assert_eq!(read(file), want);
        }
    });
}
