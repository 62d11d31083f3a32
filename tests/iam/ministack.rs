//! The same against an AWS that others have written: ministack (PyPI), which evaluates policies with their conditions and
//! keeps sessions apart. `AWSENV_TEST_MINISTACK` names its program; without it these tests are skipped.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use testbed::Home;
use testbed::aws::client::{Signer, element, query};

use super::desk::Ran;

struct Stack {
    home: Home,
    server: Child,
    url: String,
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Stack {
    /// An empty account whose calls are checked, and a home in which `root` has its first key.
    fn start() -> Option<Stack> {
        let Some(program) = std::env::var_os("AWSENV_TEST_MINISTACK") else {
            eprintln!("SKIPPED: AWSENV_TEST_MINISTACK names no ministack");
            return None;
        };
        let mut home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(program);
        command.env("GATEWAY_PORT", port.to_string()).env("AUTH", "true").env("BIND_HOST", "127.0.0.1");
        command.env("HOME", home.path()).current_dir(home.path());
        let server = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "ministack does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        let url = format!("http://127.0.0.1:{port}");
        home.set("AWS_ENDPOINT_URL", &url);
        home.config("[default]\nregion = us-east-1\n");
        home.credentials("[root]\naws_access_key_id = test\naws_secret_access_key = test\n");
        Some(Stack { home, server, url })
    }

    fn call(&self, signer: &Signer, service: &str, action: &str, params: &[(&str, &str)]) -> (u16, String) {
        query(&self.url, signer, service, action, params).expect("ministack answers")
    }

    #[track_caller]
    fn ok(&self, signer: &Signer, service: &str, action: &str, params: &[(&str, &str)]) -> String {
        let (status, body) = self.call(signer, service, action, params);
        assert_eq!(status, 200, "{action}: {body}");
        body
    }

    fn awsenv(&self, args: &[&str]) -> Ran {
        let mut command = self.home.command_alone("awsenv");
        Ran::of(command.arg("iam").args(args).stdin(Stdio::null()).output().expect("awsenv starts"))
    }

    /// A user who may do everything, with a key in `[NAME]`.
    fn user(&self, name: &str) -> Signer {
        let root = signer("test", "test", None);
        self.ok(&root, "iam", "CreateUser", &[("UserName", name)]);
        let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let params = [("UserName", name), ("PolicyName", "all"), ("PolicyDocument", all)];
        self.ok(&root, "iam", "PutUserPolicy", &params);
        let key = keys(&self.ok(&root, "iam", "CreateAccessKey", &[("UserName", name)]));
        let text = self.home.text(".aws/credentials");
        self.home.credentials(format!(
            "{text}[{name}]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            key.access_key_id, key.secret_access_key
        ));
        key
    }
}

fn signer(id: &str, secret: &str, token: Option<&str>) -> Signer {
    let (access_key_id, secret_access_key) = (id.to_owned(), secret.to_owned());
    Signer { access_key_id, secret_access_key, session_token: token.map(str::to_owned), ..Signer::default() }
}

fn keys(body: &str) -> Signer {
    let of = |name| element(body, name);
    signer(of("AccessKeyId").expect("an id"), of("SecretAccessKey").expect("a secret"), of("SessionToken"))
}

#[test]
fn a_session_from_before_is_denied_a_later_one_and_the_key_are_not() {
    let Some(stack) = Stack::start() else { return };
    let key = stack.user("taro");
    let session = |name: &str| {
        let keys = keys(&stack.ok(&key, "sts", "GetSessionToken", &[]));
        let text = stack.home.text(".aws/credentials");
        let (id, secret, token) = (keys.access_key_id, keys.secret_access_key, keys.session_token.expect("a token"));
        stack.home.credentials(format!(
            "{text}[{name}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"
        ));
    };
    let lists = |profile: &str| {
        let ran = stack.awsenv(&["keys", "list", "--profile", profile]);
        assert!(ran.status == 0 || ran.err.contains("a policy denies iam:ListAccessKeys"), "{ran:?}");
        ran.status == 0
    };
    session("old");
    assert!(lists("old"));
    // Times are whole seconds: what was given out in the second of the cut is not before it.
    let given = chrono::Utc::now().timestamp();
    while chrono::Utc::now().timestamp() <= given + 1 {
        std::thread::sleep(Duration::from_millis(50));
    }
    stack.awsenv(&["revoke", "--profile", "root", "--user", "taro", "--yes"]).ok();
    session("later");
    assert_eq!((lists("old"), lists("later"), lists("taro")), (false, true, true));
    stack.awsenv(&["revoke", "--profile", "root", "--user", "taro", "--undo", "--yes"]).ok();
    assert!(lists("old"));
}

#[test]
fn passwords_and_keys_go_their_way_there_too() {
    let Some(stack) = Stack::start() else { return };
    let key = stack.user("taro");
    let made = stack.awsenv(&["password", "create", "taro", "--profile", "taro", "--generate"]).ok();
    assert_eq!(made.out.trim_end().len(), 24);
    let shown = stack.awsenv(&["show", "--profile", "taro"]).ok();
    assert!(shown.out.contains("must be changed at the next sign-in"), "{shown:?}");
    stack.awsenv(&["password", "delete", "taro", "--profile", "taro", "--yes"]).ok();
    stack.awsenv(&["keys", "rotate", "--profile", "taro", "--yes"]).ok();
    let text = stack.home.text(".aws/credentials");
    assert!(!text.contains(&key.access_key_id), "{text}");
    stack.awsenv(&["keys", "rotate", "--profile", "taro", "--yes"]).ok().says(&["is deleted"]);
    let listed = stack.awsenv(&["keys", "list", "--profile", "taro"]).ok();
    assert_eq!(listed.out.lines().count(), 2, "{listed:?}");
    stack.awsenv(&["show", "nobody", "--profile", "taro"]).failed(&["cannot be found"]);
}
