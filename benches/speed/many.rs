//! A config file with thousands of profiles.

use std::time::Duration;

use testbed::Home;
use testbed::aws::cache_name;

use crate::fixture::{Programs, profiles, sso_profiles, use_call};
use crate::report::{Row, time};
use crate::turns::{beyond, medians, ratio, run};

pub fn rows(programs: &Programs) -> Vec<Row> {
    let homes = [5000, 1250, 0].map(|count| {
        let home = programs.home();
        home.config(profiles(count));
        home
    });
    let [many, quarter, none] = &homes;
    let list = |home: &Home| run(&mut home.awsenv(&["list"]));
    let mut turn = 0;
    let times = medians(
        40,
        &mut [
            &mut || run(&mut many.command(&programs.hello)),
            &mut || list(many),
            &mut || list(quarter),
            &mut || list(none),
            &mut || run(&mut many.awsenv(&["prompt"])),
            &mut || run(&mut many.awsenv(&["hook", "bash", "1"])),
            &mut || {
                turn += 1;
                run(many.awsenv(&[]).args(use_call(["dev", "other"][turn % 2])))
            },
        ],
    );
    let [hello, all, fewer, few, prompt, hook, use_] = times[..] else { unreachable!("one time for each") };
    let each = |time: Duration, count: u32| beyond(time, few) / count;
    vec![
        Row::plain("list", time(all)),
        Row::at_most("list, against the empty program", ratio(all, hello), 20.0, "x"),
        Row::at_most(
            "list: one of 5,000 against one of 1,250 (linear: 1)",
            ratio(each(all, 5000), each(fewer, 1250)),
            1.3,
            "x",
        ),
        Row::plain("prompt", format!("{:.2} x", ratio(prompt, hello))),
        Row::plain("the hook's call after a change", format!("{:.2} x", ratio(hook, hello))),
        Row::plain("use", format!("{:.2} x", ratio(use_, hello))),
    ]
}

/// 2,000 profiles of one sign-in over 200 accounts.
pub fn sso_rows(programs: &Programs) -> Vec<Row> {
    let home = programs.home();
    home.config(sso_profiles(2000)).write(
        cache_name("corp"),
        "{\"startUrl\":\"https://corp.awsapps.com/start\",\"region\":\"eu-west-1\",\"accessToken\":\"t\",\
         \"expiresAt\":\"2999-01-01T00:00:00Z\",\"refreshToken\":\"r\",\"clientId\":\"c\",\"clientSecret\":\"s\",\
         \"registrationExpiresAt\":\"2999-01-01T00:00:00Z\"}",
    );
    let times =
        medians(40, &mut [&mut || run(&mut home.command(&programs.hello)), &mut || run(&mut home.awsenv(&["list"]))]);
    let [hello, list] = times[..] else { unreachable!("one time for each") };
    vec![Row::plain("list", time(list)), Row::at_most("list, against the empty program", ratio(list, hello), 20.0, "x")]
}
