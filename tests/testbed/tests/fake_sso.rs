//! The fake's Identity Center refuses what AWS refuses, in AWS's words; every request here is raw HTTP.

use serde_json::{Value, json};
use testbed::FakeAws;
use testbed::aws::client::{Response, Signer, element, http, query};
use testbed::aws::{Consent, Directory, Fault};

const START: &str = "https://d-1234567890.awsapps.com/start";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn bed() -> (FakeAws, Directory) {
    let aws = FakeAws::start();
    let directory = aws.directory(START, "us-east-1");
    directory.assign("111122223333", "prod", "Admin").assign("111122223333", "prod", "ReadOnly");
    directory.set_interval(0);
    (aws, directory)
}

fn post(aws: &FakeAws, path: &str, body: &Value) -> Response {
    post_to(aws, "", path, body)
}

/// `host`: one of AWS's names, or empty.
fn post_to(aws: &FakeAws, host: &str, path: &str, body: &Value) -> Response {
    let headers: &[_] = if host.is_empty() { &[] } else { &[("host", host)] };
    http("POST", &format!("{}{path}", aws.url()), headers, &body.to_string()).expect("the fake answers")
}

fn portal(aws: &FakeAws, path: &str, token: &str) -> Response {
    http("GET", &format!("{}{path}", aws.url()), &[("x-amz-sso_bearer_token", token)], "").expect("the fake answers")
}

/// A client of the device flow, as `{clientId, clientSecret}`.
fn client(aws: &FakeAws) -> Value {
    let body = json!({"clientName": "test", "clientType": "public", "scopes": ["sso:account:access"]});
    let answer = post(aws, "/client/register", &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    json!({"clientId": answer.json()["clientId"], "clientSecret": answer.json()["clientSecret"]})
}

fn with(base: &Value, more: Value) -> Value {
    let mut all = base.clone();
    let more = more.as_object().expect("an object").clone();
    all.as_object_mut().expect("an object").extend(more);
    all
}

fn device(aws: &FakeAws, client: &Value) -> Value {
    let answer = post(aws, "/device_authorization", &with(client, json!({"startUrl": START})));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn poll(aws: &FakeAws, client: &Value, device: &Value) -> Response {
    post(aws, "/token", &with(client, json!({"grantType": DEVICE, "deviceCode": device["deviceCode"]})))
}

fn refresh(aws: &FakeAws, client: &Value, token: &Value) -> Response {
    post(aws, "/token", &with(client, json!({"grantType": "refresh_token", "refreshToken": token})))
}

#[track_caller]
fn assert_refused(answer: &Response, status: u16, exception: &str, error: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    let kind = answer.header("x-amzn-errortype").expect("AWS names the exception");
    assert_eq!(kind.split(':').next(), Some(exception), "{answer:?}");
    assert_eq!(answer.json()["error"], error, "{answer:?}");
    assert!(answer.json()["error_description"].is_string());
}

#[track_caller]
fn assert_portal_refused(answer: &Response, status: u16, exception: &str, text: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    let kind = format!("com.amazonaws.switchboard.portal#{exception}");
    assert_eq!(answer.json(), json!({"message": text, "__type": kind}), "{answer:?}");
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

#[test]
fn a_device_code_waits_for_its_user_and_works_once() {
    let (aws, directory) = bed();
    let client = client(&aws);
    let device = device(&aws, &client);
    let complete = format!("{}/device?user_code={}", aws.url(), text(&device["userCode"]));
    assert_eq!(device["verificationUriComplete"], complete);
    assert_eq!((&device["expiresIn"], &device["interval"]), (&json!(600), &json!(0)));
    let pending = poll(&aws, &client, &device);
    assert_refused(&pending, 400, "AuthorizationPendingException", "authorization_pending");
    assert_eq!(pending.json()["error_description"], "Authorization is still pending");

    let page = http("GET", &complete, &[], "").expect("the fake answers");
    assert!(page.body.contains("test asks for: sso:account:access"), "{page:?}");
    directory.allow(&directory.wait_for_device().user_code);
    let token = poll(&aws, &client, &device);
    assert_eq!(token.status, 200, "{token:?}");
    assert_eq!((&token.json()["tokenType"], &token.json()["expiresIn"]), (&json!("Bearer"), &json!(3600)));
    assert_refused(&poll(&aws, &client, &device), 400, "InvalidGrantException", "invalid_grant");
    assert_eq!(aws.token_calls("device_code"), 3);
}

#[test]
fn device_codes_are_denied_expire_and_belong_to_one_client() {
    let (aws, directory) = bed();
    let (one, other) = (client(&aws), client(&aws));
    let denied = device(&aws, &one);
    assert_refused(&poll(&aws, &other, &denied), 400, "InvalidGrantException", "invalid_grant");
    directory.deny(text(&denied["userCode"]));
    assert_refused(&poll(&aws, &one, &denied), 400, "AccessDeniedException", "access_denied");
    let over = device(&aws, &one);
    directory.end_devices();
    assert_refused(&poll(&aws, &one, &over), 400, "ExpiredTokenException", "expired_token");
}

#[test]
fn polling_too_early_is_told_to_slow_down() {
    let (aws, directory) = bed();
    directory.set_interval(600);
    let client = client(&aws);
    let device = device(&aws, &client);
    for _ in 0..2 {
        // The second comes early, as the AWS CLI's does.
        assert_refused(&poll(&aws, &client, &device), 400, "AuthorizationPendingException", "authorization_pending");
    }
    for _ in 0..2 {
        assert_refused(&poll(&aws, &client, &device), 400, "SlowDownException", "slow_down");
    }
}

#[test]
fn refresh_tokens_are_good_once_and_end() {
    let (aws, directory) = bed();
    let made = directory.token(60);
    let client = json!({"clientId": made.client_id, "clientSecret": made.client_secret});
    let first = refresh(&aws, &client, &made.refresh_token.clone().into());
    assert_eq!(first.status, 200, "{first:?}");
    let used = refresh(&aws, &client, &made.refresh_token.into());
    assert_refused(&used, 400, "InvalidGrantException", "invalid_grant");
    assert_eq!(used.json()["error_description"], "Invalid refresh token provided");
    let second = refresh(&aws, &client, &first.json()["refreshToken"]);
    assert_eq!(second.status, 200, "{second:?}");
    assert_eq!(portal(&aws, "/assignment/accounts", text(&second.json()["accessToken"])).status, 200);
    let latest = second.json()["refreshToken"].clone();
    let other = self::client(&aws);
    assert_refused(&refresh(&aws, &other, &latest), 400, "InvalidGrantException", "invalid_grant");
    directory.end_sign_ins();
    assert_refused(&refresh(&aws, &client, &latest), 400, "InvalidGrantException", "invalid_grant");
    assert_eq!(aws.token_calls("refresh_token"), 5);

    directory.set_sign_in_life(0);
    let ended = directory.token(60);
    let client = json!({"clientId": ended.client_id, "clientSecret": ended.client_secret});
    assert_refused(&refresh(&aws, &client, &ended.refresh_token.into()), 400, "InvalidGrantException", "invalid_grant");
}

#[test]
fn registrations_are_checked_and_end() {
    let (aws, directory) = bed();
    let register = |body: Value| post(&aws, "/client/register", &body);
    let base = json!({"clientName": "test", "clientType": "public"});
    let refused = register(json!({"clientType": "public"}));
    assert_refused(&refused, 400, "InvalidRequestException", "invalid_request");
    let refused = register(with(&base, json!({"clientType": "confidential"})));
    assert_refused(&refused, 400, "InvalidClientMetadataException", "invalid_client_metadata");
    let refused = register(with(&base, json!({"scopes": ["everything"]})));
    assert_refused(&refused, 400, "InvalidScopeException", "invalid_scope");
    let refused = register(with(&base, json!({"grantTypes": ["password"]})));
    assert_refused(&refused, 400, "UnsupportedGrantTypeException", "unsupported_grant_type");

    let code = with(&base, json!({"grantTypes": ["authorization_code"], "issuerUrl": START}));
    for wrong in [json!([]), json!(["http://localhost/cb"]), json!(["http://127.0.0.1.evil.example/cb"])] {
        let refused = register(with(&code, json!({"redirectUris": wrong})));
        assert_refused(&refused, 400, "InvalidRedirectUriException", "invalid_redirect_uri");
    }
    let elsewhere = json!({"redirectUris": ["http://127.0.0.1/cb"], "issuerUrl": "https://nowhere.awsapps.com/start"});
    assert_refused(&register(with(&code, elsewhere)), 400, "InvalidRequestException", "invalid_request");

    let known = client(&aws);
    let wrong = with(&known, json!({"clientSecret": "wrong", "startUrl": START}));
    assert_refused(&post(&aws, "/device_authorization", &wrong), 401, "InvalidClientException", "invalid_client");
    let device = device(&aws, &known);
    directory.end_registrations();
    assert_refused(&poll(&aws, &known, &device), 401, "InvalidClientException", "invalid_client");
    directory.set_registration_life(-1);
    let over = client(&aws);
    let start = post(&aws, "/device_authorization", &with(&over, json!({"startUrl": START})));
    assert_refused(&start, 401, "InvalidClientException", "invalid_client");
}

#[test]
fn a_grant_is_for_clients_that_registered_it() {
    let (aws, _) = bed();
    let client = client(&aws);
    let token = |more: Value| post(&aws, "/token", &with(&client, more));
    let refused = token(json!({"grantType": "password"}));
    assert_refused(&refused, 400, "UnsupportedGrantTypeException", "unsupported_grant_type");
    let refused = token(json!({"grantType": "authorization_code", "code": "c", "codeVerifier": "v"}));
    assert_refused(&refused, 400, "UnauthorizedClientException", "unauthorized_client");
    assert_refused(&token(json!({"grantType": DEVICE})), 400, "InvalidRequestException", "invalid_request");

    // Without scopes, as for a profile without an sso-session: no refresh token.
    let legacy = post(&aws, "/client/register", &json!({"clientName": "old", "clientType": "public"})).json();
    let legacy = json!({"clientId": legacy["clientId"], "clientSecret": legacy["clientSecret"]});
    let device = device(&aws, &legacy);
    assert_refused(&poll(&aws, &legacy, &device), 400, "AuthorizationPendingException", "authorization_pending");
}

#[test]
fn a_start_url_belongs_to_one_region() {
    let (aws, directory) = bed();
    let here = "oidc.us-east-1.amazonaws.com";
    let there = "oidc.eu-west-1.amazonaws.com";
    let register = |host: &str| {
        let body = json!({"clientName": "test", "clientType": "public", "scopes": ["sso:account:access"]});
        let answer = post_to(&aws, host, "/client/register", &body).json();
        json!({"clientId": answer["clientId"], "clientSecret": answer["clientSecret"], "startUrl": START})
    };
    let (own, foreign) = (register(here), register(there));
    let good = post_to(&aws, here, "/device_authorization", &own);
    assert_eq!(good.json()["verificationUri"], "https://device.sso.us-east-1.amazonaws.com/");
    let refused = post_to(&aws, there, "/device_authorization", &foreign);
    assert_refused(&refused, 400, "InvalidRequestException", "invalid_request");
    let refused = post_to(&aws, there, "/device_authorization", &own);
    assert_refused(&refused, 401, "InvalidClientException", "invalid_client");

    // Or only the browser finds out, and the client polls on.
    directory.set_lenient_region(true);
    directory.set_consent(Consent::Allow);
    let lost = post_to(&aws, there, "/device_authorization", &foreign).json();
    let form = format!("request={}&answer=allow", text(&lost["userCode"]));
    let page = http("POST", &format!("{}/device/answer", aws.url()), &[], &form).expect("the fake answers");
    assert!(page.status == 400 && page.body.contains("invalid_grant"), "{page:?}");

    aws.set_region(Some("eu-west-1"));
    let token = directory.token(60);
    assert_portal_refused(
        &portal(&aws, "/assignment/accounts", &token.access_token),
        401,
        "UnauthorizedException",
        "Session token not found or invalid",
    );
}

#[test]
fn the_portal_gives_keys_of_assigned_roles_only() {
    let (aws, directory) = bed();
    directory.assign_to("hanako", "444455556666", "dev", "Admin").set_role_life(900);
    let token = directory.token(60).access_token;
    let get = |account: &str, role: &str, token: &str| {
        portal(&aws, &format!("/federation/credentials?role_name={role}&account_id={account}"), token)
    };
    let keys = get("111122223333", "Admin", &token).json()["roleCredentials"].clone();
    let signer = Signer {
        access_key_id: text(&keys["accessKeyId"]).into(),
        secret_access_key: text(&keys["secretAccessKey"]).into(),
        session_token: Some(text(&keys["sessionToken"]).into()),
        clock_offset: 0,
    };
    let (_, body) = query(&aws.url(), &signer, "sts", "GetCallerIdentity", &[]).expect("the fake answers");
    let arn = element(&body, "Arn").expect("an ARN");
    assert!(arn.starts_with("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_"), "{arn}");
    assert!(arn.ends_with("/taro"), "{arn}");
    // Milliseconds: seconds would lie in 1970.
    assert!(keys["expiration"].as_i64().is_some_and(|end| end > 1_700_000_000_000), "{keys}");
    let chained = aws.role("next").trusts(&directory.role_arn("111122223333", "Admin"));
    let params = [("RoleArn", chained.arn()), ("RoleSessionName", "test")];
    assert_eq!(query(&aws.url(), &signer, "sts", "AssumeRole", &params).expect("the fake answers").0, 200);

    for (account, role) in [("111122223333", "Owner"), ("444455556666", "Admin"), ("999999999999", "Admin")] {
        assert_portal_refused(&get(account, role, &token), 403, "ForbiddenException", "No access");
    }
    let refused = portal(&aws, "/federation/credentials?role_name=Admin", &token);
    assert_portal_refused(&refused, 400, "InvalidRequestException", "Missing required parameter: account_id");
    let unknown = "Session token not found or invalid";
    assert_portal_refused(&get("111122223333", "Admin", "wrong"), 401, "UnauthorizedException", unknown);
    let bare = http("GET", &format!("{}/assignment/accounts", aws.url()), &[], "").expect("the fake answers");
    assert_portal_refused(&bare, 401, "UnauthorizedException", unknown);
    directory.end_access_tokens();
    assert_portal_refused(&get("111122223333", "Admin", &token), 401, "UnauthorizedException", unknown);
    let posted = http("POST", &format!("{}/assignment/accounts", aws.url()), &[], "").expect("the fake answers");
    assert_portal_refused(&posted, 405, "MethodNotAllowedException", "Method not allowed");
}

#[test]
fn lists_come_in_pages() {
    let (aws, directory) = bed();
    for number in 0..200 {
        for role in 0..10 {
            directory.assign(&format!("{:012}", 500_000_000_000_u64 + number), "many", &format!("role-{role}"));
        }
    }
    let token = directory.token(600).access_token;
    let get = |path: &str| portal(&aws, path, &token);
    let (mut accounts, mut next, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = get(&format!("/assignment/accounts?max_result=100{next}")).json();
        accounts.extend(page["accountList"].as_array().expect("a list").clone());
        pages += 1;
        let Some(more) = page["nextToken"].as_str() else { break };
        next = format!("&next_token={}", more.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
    }
    assert_eq!((accounts.len(), pages), (201, 11));
    directory.set_page_size(3);
    let roles = get("/assignment/roles?account_id=500000000000").json();
    assert_eq!(roles["roleList"].as_array().map(Vec::len), Some(3));
    assert_eq!(roles["roleList"][0], json!({"roleName": "role-0", "accountId": "500000000000"}));
    let one = get("/assignment/roles?account_id=500000000000&max_result=1").json();
    assert_eq!(one["roleList"].as_array().map(Vec::len), Some(1));
    for wrong in ["max_result=0", "max_result=101", "max_result=x", "next_token=made-up"] {
        let refused = get(&format!("/assignment/accounts?{wrong}"));
        assert_eq!(
            (refused.status, &refused.json()["__type"]),
            (400, &json!("com.amazonaws.switchboard.portal#InvalidRequestException"))
        );
    }
    assert_portal_refused(&get("/assignment/roles?account_id=1"), 403, "ForbiddenException", "No access");
}

#[test]
fn logout_ends_the_sign_in_but_not_the_roles_keys() {
    let (aws, directory) = bed();
    let made = directory.token(600);
    let token = made.access_token.as_str();
    let keys = portal(&aws, "/federation/credentials?role_name=Admin&account_id=111122223333", token).json();
    let out = http("POST", &format!("{}/logout", aws.url()), &[("x-amz-sso_bearer_token", token)], "");
    assert_eq!(out.expect("the fake answers").status, 200);
    assert_eq!(portal(&aws, "/assignment/accounts", token).status, 401);
    let client = json!({"clientId": made.client_id, "clientSecret": made.client_secret});
    assert_eq!(refresh(&aws, &client, &made.refresh_token.into()).status, 400);
    let keys = &keys["roleCredentials"];
    let signer = Signer {
        access_key_id: text(&keys["accessKeyId"]).into(),
        secret_access_key: text(&keys["secretAccessKey"]).into(),
        session_token: Some(text(&keys["sessionToken"]).into()),
        clock_offset: 0,
    };
    assert_eq!(query(&aws.url(), &signer, "sts", "GetCallerIdentity", &[]).expect("the fake answers").0, 200);
}

#[test]
fn faults_speak_each_services_language() {
    let (aws, directory) = bed();
    let token = directory.token(600).access_token;
    let list = || portal(&aws, "/assignment/accounts", &token);
    aws.fault_on("ListAccounts", Fault::Throttling, 1);
    assert_portal_refused(&list(), 429, "TooManyRequestsException", "HTTP 429 Too Many Requests");
    aws.fault_on("ListAccounts", Fault::Refuse(401, "UnauthorizedException"), 1);
    assert_portal_refused(&list(), 401, "UnauthorizedException", "Session token not found or invalid");
    assert_eq!(list().status, 200);
    let client = client(&aws);
    let device = device(&aws, &client);
    aws.fault_on("CreateToken", Fault::Refuse(400, "SlowDownException"), 1);
    assert_refused(&poll(&aws, &client, &device), 400, "SlowDownException", "slow_down");
    aws.fault_on("CreateToken", Fault::ServerError(500), 1);
    assert_refused(&poll(&aws, &client, &device), 500, "InternalServerException", "server_error");
    assert_eq!(aws.calls_of("ListAccounts").last().map(|call| call.bearer_token.clone()), Some(token));
}
