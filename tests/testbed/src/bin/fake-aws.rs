//! The fake AWS for trying things by hand: prints what a shell needs, then the code whenever it changes.
//!
//! `cargo run -p testbed --bin fake-aws` in one terminal, the printed lines in another.

use std::time::Duration;

use testbed::FakeAws;

fn main() {
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let (key, device) = (user.key(), user.device("taro"));
    let role = aws.role("admin").trusts(user.arn()).needs_mfa().max_duration(43_200);

    println!("export AWS_ENDPOINT_URL={}", aws.url());
    println!("# over TLS: AWS_ENDPOINT_URL={} and AWS_CA_BUNDLE with the certificate below", aws.https_url());
    println!("export AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={}", key.id, key.secret);
    println!("# device {}, seed {}", device.serial(), device.seed());
    println!("# role   {} (needs a code, up to 12 hours)", role.arn());
    println!("# for ~/.aws/credentials:\n[dev-long-term]\n{}aws_mfa_device = {}", key.lines(), device.serial());
    let directory = aws.directory("https://d-1234567890.awsapps.com/start", "us-east-1");
    for (account, name) in [("111122223333", "prod"), ("444455556666", "dev")] {
        directory.assign(account, name, "Admin").assign(account, name, "ReadOnly");
    }
    println!("# for ~/.aws/config; sign in as taro, in a browser:\n{}", directory.section("my-sso"));
    println!("[profile sso]\nsso_session = my-sso\nsso_account_id = 111122223333\nsso_role_name = Admin");
    println!("\n{}", aws.ca_pem());
    let mut told = 0;
    loop {
        let shown = device.shown();
        eprintln!("code {} for {} s more", shown.code, shown.seconds);
        // Devices that were made by a call since.
        for other in aws.devices().iter().filter(|other| other.serial() != device.serial()) {
            eprintln!("code {} of {}", other.shown().code, other.serial());
        }
        // The next code comes when this one ends.
        std::thread::sleep(Duration::from_secs(u64::try_from(shown.seconds).unwrap_or(1)));
        let calls = aws.calls();
        for call in &calls[told..] {
            let outcome = call.error.as_deref().unwrap_or("ok");
            eprintln!("  {} {} {outcome}", call.action, call.access_key_id);
        }
        told = calls.len();
    }
}
