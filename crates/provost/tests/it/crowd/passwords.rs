//! Sign-ins with passwords, and sessions, through the sockets.

use serde_json::{Value, json};

use super::{fixture::World, xml::Element};

fn sign_in(world: &World, user: &str, password: &str) -> (u16, String, String) {
    let path = format!("/authentication?username={user}");
    let body = format!("<password><value>{password}</value></password>");
    let answer = world.crowd("POST", &path, &body);
    let document = Element::parse(answer.text()).expect("XML");
    let part = |name| document.child(name).map(|part: &Element| part.text.clone());
    let reason = part("reason").unwrap_or_default();
    (answer.status, reason, part("message").unwrap_or_default())
}

const INVALID: &str = "INVALID_USER_AUTHENTICATION";

#[test]
fn a_password_that_the_identity_provider_changes_is_the_one_that_counts() {
    let world = World::fixture();
    assert_eq!(sign_in(&world, "asmith", "Correct-Horse-1").0, 200);
    world.patch_user("asmith", &[("password", json!("Second-1"))]);
    assert_eq!(sign_in(&world, "asmith", "Correct-Horse-1").1, INVALID);
    assert_eq!(sign_in(&world, "asmith", "Second-1").0, 200);
    world.patch_user("asmith", &[("active", json!(false))]);
    assert_eq!(sign_in(&world, "asmith", "Second-1").1, "INACTIVE_ACCOUNT");
    world.delete_user("asmith");
    assert_eq!(sign_in(&world, "asmith", "Second-1").1, "USER_NOT_FOUND");
}

#[test]
fn without_the_setting_nobody_signs_in_with_a_password() {
    let world = World::fixture();
    world.set_tenant("accept_passwords", "false");
    for password in ["Correct-Horse-1", "", "x"] {
        let (status, reason, message) = sign_in(&world, "asmith", password);
        assert_eq!((status, reason.as_str()), (400, INVALID));
        assert!(message.contains("identity provider"), "{message}");
    }
    world.set_tenant("accept_passwords", "true");
    assert_eq!(sign_in(&world, "asmith", "Correct-Horse-1").1, INVALID);
}

#[test]
fn wrong_passwords_make_the_user_wait_and_nobody_else() {
    let mut world = World::fixture();
    world.create_user(4, "cfox", ["Carla", "Fox", "carla@example.com"]);
    world.patch_user("cfox", &[("password", json!("carlas"))]);
    for _ in 0..6 {
        let (status, reason, message) = sign_in(&world, "asmith", "guess");
        assert_eq!((status, reason.as_str()), (400, INVALID));
        assert!(message.contains("is wrong"), "{message}");
    }
    let (status, reason, message) = sign_in(&world, "ASMITH", "Correct-Horse-1");
    assert_eq!((status, reason.as_str()), (400, INVALID));
    assert!(message.contains("wait"), "{message}");
    assert_eq!(sign_in(&world, "cfox", "carlas").0, 200);
}

#[test]
fn an_unchanged_password_is_no_change() {
    let world = World::fixture();
    let token = world.get("/event");
    let token = token
        .attribute("newEventToken")
        .expect("a token")
        .to_owned();
    let (_, before) = world.events(&token);
    world.patch_user("asmith", &[("password", json!("Correct-Horse-1"))]);
    let (document, after) = world.events(&before);
    assert_eq!((document.children.len(), after), (0, before));
}

#[test]
fn no_answer_holds_a_password_or_its_hash() {
    let world = World::fixture();
    let search = "/search?entity-type=user&expand=user,attributes";
    for answer in [
        world.crowd("POST", search, "<null-search-restriction/>"),
        world.crowd("GET", "/user?username=asmith&expand=attributes", ""),
        world.crowd("GET", "/user/attribute?username=asmith", ""),
        world.crowd(
            "GET",
            "/user/attribute?username=asmith&attributename=password",
            "",
        ),
        world.crowd(
            "GET",
            "/search?entity-type=user&restriction=password+%3D+*",
            "",
        ),
    ] {
        assert_eq!(answer.status, 200);
        for secret in ["Correct-Horse-1", "argon2", "<password"] {
            assert!(!answer.text().contains(secret), "{}", answer.text());
        }
    }
    let found = world.crowd(
        "GET",
        "/search?entity-type=user&restriction=password+%3D+*",
        "",
    );
    assert_eq!(Element::parse(found.text()).expect("XML").children, []);
}

#[test]
fn no_file_holds_a_password() {
    let world = World::fixture();
    assert_eq!(sign_in(&world, "asmith", "Correct-Horse-1").0, 200);
    let mut files = 0;
    for entry in std::fs::read_dir(world.server.data_dir()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        assert!(!bytes.windows(15).any(|window| window == b"Correct-Horse-1"));
    }
    assert!(files > 0);
}

const CONTEXT: &str = "<authentication-context><username>asmith</username>\
    <password>Correct-Horse-1</password><validation-factors><validation-factor>\
    <name>remote_address</name><value>192.0.2.1</value></validation-factor>\
    </validation-factors></authentication-context>";
const FACTORS: &str = "<validation-factors><validation-factor><name>remote_address</name>\
    <value>192.0.2.1</value></validation-factor></validation-factors>";

fn open(world: &World, path: &str, context: &str) -> Element {
    let answer = world.crowd("POST", path, context);
    assert_eq!(answer.status, 201, "{}", answer.text());
    Element::parse(answer.text()).expect("XML")
}

fn token(session: &Element) -> String {
    session.child("token").expect("a token").text.clone()
}

#[test]
fn a_session_is_opened_used_and_closed() {
    let world = World::fixture();
    let session = open(&world, "/session?expand=user", CONTEXT);
    let user = session.child("user").expect("the user");
    assert_eq!(user.attribute("name"), Some("asmith"));
    assert!(user.child("email").is_some());
    let path = format!("/session/{}", token(&session));
    let read = world.get(&path);
    assert_eq!(read.child("expiry-date"), session.child("expiry-date"));
    assert!(
        read.child("user")
            .expect("the user")
            .child("email")
            .is_none()
    );
    assert_eq!(world.crowd("POST", &path, FACTORS).status, 200);
    assert_eq!(
        world.crowd("POST", &path, "<validation-factors/>").status,
        404
    );
    assert_eq!(world.crowd("DELETE", &path, "").status, 204);
    assert_eq!(world.crowd("GET", &path, "").status, 404);
    assert_eq!(world.crowd("DELETE", &path, "").status, 204);
}

#[test]
fn a_session_needs_the_password_or_an_application_that_vouches() {
    let world = World::fixture();
    let wrong = CONTEXT.replace("Correct-Horse-1", "wrong");
    let answer = world.crowd("POST", "/session", &wrong);
    assert!(answer.text().contains(INVALID), "{}", answer.text());
    assert_eq!(answer.status, 400);
    open(
        &world,
        "/session?validate-password=false&duration=60",
        &wrong,
    );
    for (name, reason) in [
        ("old.user", "INACTIVE_ACCOUNT"),
        ("nobody", "USER_NOT_FOUND"),
    ] {
        let context = CONTEXT.replace("asmith", name);
        let answer = world.crowd("POST", "/session?validate-password=false", &context);
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains(reason), "{}", answer.text());
    }
    assert_eq!(
        world
            .crowd("POST", "/session?duration=soon", CONTEXT)
            .status,
        400
    );
}

#[test]
fn a_session_ends_with_its_user_or_by_the_name_of_it() {
    let world = World::fixture();
    let [a, b] = [(), ()].map(|()| token(&open(&world, "/session", CONTEXT)));
    let closed = world.crowd(
        "DELETE",
        &format!("/session?username=asmith&exclude={a}"),
        "",
    );
    assert_eq!(closed.status, 204);
    let status = |token: &str| world.crowd("GET", &format!("/session/{token}"), "").status;
    assert_eq!([status(&a), status(&b)], [200, 404]);
    world.patch_user("asmith", &[("active", json!(false))]);
    assert_eq!(status(&a), 404);
    world.patch_user("asmith", &[("active", json!(true))]);
    world.delete_user("asmith");
    assert_eq!(status(&a), 404);
    assert_eq!(
        world.crowd("DELETE", "/session?username=nobody", "").status,
        404
    );
}

#[test]
fn scim_says_whether_passwords_are_kept() {
    let world = World::fixture();
    let supported = |world: &World| -> Value {
        let config = world
            .scim("GET", "/ServiceProviderConfig", None, 200)
            .json();
        config["changePassword"]["supported"].clone()
    };
    assert_eq!(supported(&world), json!(true));
    world.set_tenant("accept_passwords", "false");
    assert_eq!(supported(&world), json!(false));
}
