use std::time::Duration;

use testbed::aws::client::{Signer, element};

use super::{UNKNOWN_KEY, bed, elements, refused};

#[test]
fn a_key_is_made_disabled_and_deleted() {
    let bed = bed();
    let user = ("UserName", "taro");
    let made = bed.ok("CreateAccessKey", &[user]);
    let text = |name| element(&made, name).expect("a key in the answer").to_owned();
    let (id, secret) = (text("AccessKeyId"), text("SecretAccessKey"));
    assert_eq!((text("Status"), text("UserName")), ("Active".into(), "taro".into()));
    let new = Signer { access_key_id: id.clone(), secret_access_key: secret, ..Signer::default() };
    let identity = || bed.sts(&new, "GetCallerIdentity", &[]);
    identity().expect("the key works");
    let full = (409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2");
    bed.refused("CreateAccessKey", &[user], full);
    assert_eq!(elements(&bed.ok("ListAccessKeys", &[user]), "AccessKeyId").len(), 2);
    assert_eq!(bed.admin.keys().len(), 2);

    let (key, status) = (("AccessKeyId", &*id), |status| ("Status", status));
    bed.ok("UpdateAccessKey", &[user, key, status("Inactive")]);
    refused(identity(), UNKNOWN_KEY);
    assert_eq!(bed.aws.key(&id).and_then(|key| key.is_active()), Some(false));
    assert!(bed.ok("ListAccessKeys", &[user]).contains("<Status>Inactive</Status>"));
    bed.ok("UpdateAccessKey", &[user, key, status("Active")]);
    identity().expect("the key works again");
    assert_eq!(
        bed.call(&bed.session, "UpdateAccessKey", &[user, key, status("On")]).expect_err("none").1,
        "ValidationError"
    );
    bed.ok("DeleteAccessKey", &[user, key]);
    refused(identity(), UNKNOWN_KEY);
    let gone = format!("The Access Key with id {id} cannot be found.");
    for (action, more) in [("DeleteAccessKey", None), ("UpdateAccessKey", Some(status("Active")))] {
        let params: Vec<_> = [user, key].into_iter().chain(more).collect();
        bed.refused(action, &params, (404, "NoSuchEntity", &gone));
    }
    assert!(bed.aws.key(&id).is_none());
    // Somebody else's key is not this user's.
    bed.aws.user("hana");
    let own = format!("The Access Key with id {} cannot be found.", bed.key.id);
    let foreign = [("UserName", "hana"), ("AccessKeyId", &*bed.key.id)];
    bed.refused("DeleteAccessKey", &foreign, (404, "NoSuchEntity", &own));
}

#[test]
fn a_new_key_is_not_known_at_once() {
    let bed = bed();
    bed.aws.set_new_key_delay(2, Duration::ZERO);
    let made = bed.ok("CreateAccessKey", &[]);
    let text = |name| element(&made, name).expect("a key in the answer").to_owned();
    let (access_key_id, secret_access_key) = (text("AccessKeyId"), text("SecretAccessKey"));
    let new = Signer { access_key_id, secret_access_key, ..Signer::default() };
    for _ in 0..2 {
        refused(bed.sts(&new, "GetCallerIdentity", &[]), UNKNOWN_KEY);
    }
    bed.sts(&new, "GetCallerIdentity", &[]).expect("the key works by now");
    // It was listed all the time, and the older key never was unknown.
    bed.sts(&Signer::from(&bed.key), "GetCallerIdentity", &[]).expect("the older key works");
    bed.key.unknown_for(1);
    refused(bed.sts(&Signer::from(&bed.key), "GetCallerIdentity", &[]), UNKNOWN_KEY);

    bed.aws.set_new_key_delay(0, Duration::from_secs(3600));
    bed.aws.user("hana");
    let made = bed.ok("CreateAccessKey", &[("UserName", "hana")]);
    let key = bed.aws.key(element(&made, "AccessKeyId").expect("a key in the answer")).expect("it is there");
    refused(bed.sts(&Signer::from(&key), "GetCallerIdentity", &[]), UNKNOWN_KEY);
}

#[test]
fn temporary_credentials_say_whose_keys_they_mean() {
    let bed = bed();
    let text = "Must specify userName when calling with non-User credentials";
    let change = [("AccessKeyId", &*bed.key.id), ("Status", "Active")];
    bed.refused("ListAccessKeys", &[], (400, "ValidationError", text));
    bed.refused("UpdateAccessKey", &change, (400, "ValidationError", text));
    let key = Signer::from(&bed.key);
    bed.call(&key, "ListAccessKeys", &[]).expect("the key says whose");
    bed.call(&key, "UpdateAccessKey", &change).expect("the key says whose");
}

#[test]
fn the_last_use_of_a_key_is_known() {
    let bed = bed();
    let last = |id: &str| bed.call(&bed.session, "GetAccessKeyLastUsed", &[("AccessKeyId", id)]);
    let never = last(&bed.key.id).expect("a key");
    assert_eq!((element(&never, "ServiceName"), element(&never, "LastUsedDate")), (Some("N/A"), None));
    bed.sts(&Signer::from(&bed.key), "GetCallerIdentity", &[]).expect("the key works");
    let used = last(&bed.key.id).expect("a key");
    assert_eq!((element(&used, "ServiceName"), element(&used, "UserName")), (Some("sts"), Some("taro")));
    bed.key.set_last_used(86_400, "s3", "eu-central-1");
    assert_eq!(element(&last(&bed.key.id).expect("a key"), "Region"), Some("eu-central-1"));
    assert_eq!(last("AKIANOBODY").expect_err("a refusal").1, "AccessDenied");
    bed.key.set_age(0);
    assert!(!bed.ok("ListAccessKeys", &[("UserName", "taro")]).contains("2026-01-02T03:04:05Z"));
}
