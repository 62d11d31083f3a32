//! What a guarded command is given, and what it gives.

use crate::world::{AWS, World};

#[test]
fn arguments_are_those_of_the_command_itself() {
    let world = World::new();
    world.session_ends_in(7200);
    world.home.write("a.txt", "").write("b.txt", "").write("sub/c.txt", "");
    world.home.script("aws", "#!/bin/sh\nfor word; do printf '<%s>' \"$word\"; done; echo\n");
    let Some(mut nu) = world.dev() else { return };
    nu.run("let text = '*.txt'; let list = ['a b' 'c']; let number = 5");
    let words = [
        "*.txt **/*.txt '*.txt' \"*.txt\" `*.txt`",
        "~/x '~/x' --file=~/x",
        "007 1kb 0x10 1.50 true null 2020-01-01 5min",
        "--query \"Reservations[].Instances[?State=='running']\" --filters Name=a,Values=b{c,d}",
        "'it\"s' \"it's\" `b t` r#'raw'# $'x(1 + 1)'",
        "$text $number ...$list (1 + 1) $\"n($number)\"",
        "-h --help --version -x=1 -- --after -",
        "'' \"\" \"a\\nb\" 'プロファイル' \"\\u{1b}\"",
        "s3://bucket/key?x=1 @file https://example.com/a#b !x %y",
    ];
    for line in words {
        let (own, guarded) = (nu.run(&format!("^aws {line}")), nu.run(&format!("aws {line}")));
        assert_eq!((own.text, own.status), (guarded.text, guarded.status), "{line}");
    }
}

#[test]
fn pipelines_and_redirections_flow_past_the_guard() {
    let world = World::new();
    world.session_ends_in(7200);
    let script = "#!/bin/sh\ncase $1 in\nin) cat;;\nerr) echo out; echo err >&2;;\nexit) exit \"$2\";;\n\
                  *) echo \"$@\";;\nesac\n";
    world.home.script("aws", script);
    let Some(mut nu) = world.dev() else { return };
    assert_eq!(nu.run("\"one\\n\" | aws in").text, "one\n");
    assert_eq!(nu.run("[a b] | to text | aws in | lines | length").text, "2\n");
    // Endless input and output: nothing waits for the end of it.
    assert_eq!(nu.run("^yes | aws in | lines | first 2 | to nuon").text, "[y, y]\n");
    assert_eq!(nu.run("0x[00 ff 0a] | aws in | into binary | to nuon").text, "0x[00FF0A]\n", "bytes stay bytes");
    assert_eq!(nu.run("aws err o> file; open --raw file").text, "err\nout\n");
    assert_eq!(nu.run("aws err e> file; open --raw file").text, "out\nerr\n");
    assert_eq!(nu.run("aws err o+e>| lines | length").text, "2\n");
    let complete = nu.run("aws err | complete | to json --raw | print");
    assert_eq!(complete.text, "{\"stdout\":\"out\\n\",\"stderr\":\"err\\n\",\"exit_code\":0}\n");
    assert_eq!(nu.run("aws err e>| str trim | print").text, "out\nerr\n");
    let failed = nu.run("aws exit 3; print DONE");
    assert_eq!((failed.text.as_str(), failed.status), ("", 3));
    assert_eq!(nu.run("try { aws exit 4 } catch {|e| $e.exit_code }").text, "4\n");
    assert_eq!(nu.run("[1 2] | each {|n| aws n $n | str trim } | to nuon").text, "[\"n 1\", \"n 2\"]\n");
}

#[test]
fn a_stream_waits_for_the_answer_and_then_flows() {
    let world = World::new();
    world.session_ends_in(-5);
    world.home.script("aws", "#!/bin/sh\ncat\n");
    let Some(mut nu) = world.dev() else { return };
    nu.type_line("^yes | aws s3 cp - s3://x | lines | first 2 | to nuon").expect_question();
    let after = nu.answer(&world.device.code()).prompt();
    assert!(after.text.ends_with("[y, y]\n"), "{after:?}");
}

#[test]
fn an_alias_of_a_guarded_command_is_guarded() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.nu("alias s3 = aws s3\nalias mine = ^aws s3\n$env.AWS_PROFILE = 'dev'") else { return };
    nu.type_line("s3 ls").expect_question();
    assert!(nu.answer("").prompt().text.ends_with("aws ran: s3 ls profile=dev ask=never\n"));
    assert_eq!(nu.run("mine ls").text, AWS, "a caret says: the program itself");
    assert_eq!(nu.run("^aws s3 ls").text, AWS);
}

#[test]
fn a_persons_own_command_stays() {
    let world = World::new();
    world.session_ends_in(-5);
    world.home.script("terraform", "#!/bin/sh\necho terraform ran\n").metadata().expect("it is there");
    let Some(mut nu) = world.nu("$env.AWS_PROFILE = 'dev'\ndef aws [...rest] { 'mine' }\nalias terraform = print two")
    else {
        return;
    };
    assert_eq!(nu.run("aws s3 ls").text, "mine\n");
    assert_eq!(nu.run("terraform plan").text, "two\nplan\n");
    let said = nu.run("awsenv doctor").text;
    assert!(said.contains("`aws` is a function of your own") && said.contains("`terraform` is a"), "{said}");

    let Some(mut nu) = world.dev() else { return };
    nu.run("def aws [...rest] { 'later' }");
    nu.run("$env.PATH = ($env.PATH | append /tmp)");
    assert_eq!(nu.run("aws s3 ls").text, "later\n");
    nu.run("awsenv off");
    assert_eq!(nu.run("aws s3 ls").text, "later\n");
}

#[test]
fn commands_come_and_go_with_path_and_settings() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.dev() else { return };
    // Not one of the usual names: the machine may have those.
    world.home.settings("[guard]\nalso = a-tool\n");
    nu.run("ignore");
    assert_eq!(nu.run("which a-tool | length").text, "0\n", "what is not there is not made up");
    world.home.write("more/a-tool", "#!/bin/sh\necho a-tool ran\n");
    let tool = world.home.path().join("more/a-tool");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&tool, mode).expect("it is ours");
    nu.run("$env.PATH = ($env.PATH | prepend ('~/more' | path expand))");
    nu.type_line("a-tool plan").expect_question();
    assert!(nu.answer("").prompt().text.ends_with("a-tool ran\n"));
    nu.run("$env.PATH = ($env.PATH | skip 1)");
    assert_eq!(nu.run("which a-tool | length").text, "0\n");

    world.home.script("my-tool", "#!/bin/sh\necho my-tool ran\n");
    world.home.settings("[guard]\nalso = my-tool ls 7\n");
    nu.run("ignore");
    nu.type_line("my-tool x").expect_question();
    assert!(nu.answer("").prompt().text.ends_with("my-tool ran\n"));
    assert_eq!(nu.run("which ls | get 0.type").text, "built-in\n", "nushell's own commands stay");
    world.home.settings("[guard]\ncommands = terraform\n");
    nu.run("ignore");
    assert_eq!(nu.run("which aws | get 0.type").text, "external\n");
    assert_eq!(nu.run("aws s3 ls").text, AWS);
}
