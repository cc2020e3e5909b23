//! Sessions: the cross-site token, the login form, and the cookies that a refresh renews.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use crate::call::Call;
use crate::person::{OFFERED, Person};
use crate::world::{Shared, World};

/// The password of every demonstration user.
const PASSWORD: &str = "sandbox-password";

/// How long an access cookie is good; a server's owner sets it in minutes.
const ACCESS: TimeDelta = TimeDelta::minutes(30);

/// How long a refresh cookie is good: the product's default.
const REFRESH: TimeDelta = TimeDelta::days(30);

struct Cookie {
    person: Person,
    expires: DateTime<Utc>,
}

/// Every session of the server.
#[derive(Default)]
pub(super) struct Sessions {
    /// By the `_csrf` cookie: the one header value that goes with it now.
    csrf: HashMap<String, String>,
    access: HashMap<String, Cookie>,
    refresh: HashMap<String, Cookie>,
    issued: u64,
}

impl Sessions {
    /// How many access cookies were issued, and how many are good now.
    pub(super) fn counts(&self, now: DateTime<Utc>) -> Value {
        let live = self.access.values().filter(|cookie| now < cookie.expires).count();
        json!({ "issued": self.issued, "live": live })
    }

    fn csrf_holds(&self, call: &Call) -> bool {
        let wanted = call.cookie("_csrf").and_then(|cookie| self.csrf.get(cookie));
        let given = call.header("x-csrf-token");
        wanted.zip(given).is_some_and(|(wanted, given)| bool::from(wanted.as_bytes().ct_eq(given.as_bytes())))
    }

    /// Who calls the catalogue: a good `sametimeJwt` cookie and the header that goes with `_csrf`.
    pub(super) fn caller(&self, call: &Call, now: DateTime<Utc>) -> Result<Person, Refused> {
        let cookie = call.cookie("sametimeJwt").and_then(|cookie| self.access.get(cookie));
        let cookie = cookie.filter(|cookie| now < cookie.expires).ok_or(Refused::Unauthorized)?;
        if !self.csrf_holds(call) {
            return Err(Refused::csrf());
        }
        Ok(cookie.person.clone())
    }
}

/// Why a call is refused.
pub(super) enum Refused {
    /// No session, or wrong credentials: 401 and one word of plain text.
    Unauthorized,
    /// Anything else, in the form that login is known to use.
    Because(StatusCode, String),
}

impl Refused {
    /// A refusal with words.
    pub(super) fn because(status: StatusCode, message: &str) -> Self {
        Self::Because(status, message.to_owned())
    }

    fn csrf() -> Self {
        Self::because(StatusCode::FORBIDDEN, "invalid csrf token")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized").into_response(),
            Self::Because(status, message) => {
                (status, axum::Json(json!({ "error": { "message": message } }))).into_response()
            }
        }
    }
}

fn set_cookie(headers: &mut HeaderMap, name: &str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax")) {
        headers.append(header::SET_COOKIE, value);
    }
}

fn set_csrf(headers: &mut HeaderMap, token: &str) {
    if let Ok(value) = HeaderValue::from_str(token) {
        headers.insert("x-csrf-token", value);
    }
}

/// `GET …/refresh` of a server before version 12: the renewed cookies and header, and no body.
pub(super) fn refresh(shared: &Shared, call: &Call) -> Response {
    renew(shared, call, |_, _| StatusCode::OK.into_response())
}

/// `GET …/refresh` of version 12: the same, and who it is.
pub(super) fn refresh_with_user(shared: &Shared, call: &Call) -> Response {
    renew(shared, call, |shared, person| {
        let room = person.email.split('@').next().unwrap_or_default();
        let user = json!({
            "name": person.display_name(),
            "personalRoom": format!("{}/sametime/meeting/{room}", shared.setting.base_url),
            "avatar": "",
            "email": person.email,
            "userId": person.short_id(),
        });
        axum::Json(json!({ "user": user, "roles": ["user"], "IDPUrl": "" })).into_response()
    })
}

fn renew(shared: &Shared, call: &Call, body: fn(&Shared, &Person) -> Response) -> Response {
    let mut guard = shared.world();
    let world = &mut *guard;
    let now = world.now();
    let Some(csrf) = call.cookie("_csrf").filter(|cookie| world.sametime.sessions.csrf.contains_key(*cookie)) else {
        return begin(world);
    };
    let refresh = call.cookie("sametimeRefresh").and_then(|cookie| world.sametime.sessions.refresh.get(cookie));
    let Some(person) = refresh.filter(|cookie| now < cookie.expires).map(|cookie| cookie.person.clone()) else {
        return Refused::Unauthorized.into_response();
    };
    if !world.sametime.sessions.csrf_holds(call) {
        return Refused::csrf().into_response();
    }
    let token = world.random.text(36);
    let mut answer = body(shared, &person);
    set_csrf(answer.headers_mut(), &token);
    // The header that was used dies here; the cookie it goes with stays.
    world.sametime.sessions.csrf.insert(csrf.to_owned(), token);
    open(world, person, answer.headers_mut());
    answer
}

/// The first call of a client: 401, and what it needs to log in.
fn begin(world: &mut World) -> Response {
    let (cookie, token) = (world.random.text(24), world.random.text(36));
    let mut answer = Refused::Unauthorized.into_response();
    set_cookie(answer.headers_mut(), "_csrf", &cookie);
    set_csrf(answer.headers_mut(), &token);
    world.sametime.sessions.csrf.insert(cookie, token);
    answer
}

fn open(world: &mut World, person: Person, headers: &mut HeaderMap) {
    let now = world.now();
    let head = json!({ "alg": "HS256", "typ": "JWT" });
    let mut draw = |life: TimeDelta| {
        let claims = json!({
            "sub": person.short_id(), "iat": now.timestamp(), "exp": (now + life).timestamp(),
            "jti": world.random.text(12),
        });
        world.random.jwt(&head, &claims, 420)
    };
    let (access, refresh) = (draw(ACCESS), draw(REFRESH));
    set_cookie(headers, "sametimeJwt", &access);
    set_cookie(headers, "sametimeRefresh", &refresh);
    let sessions = &mut world.sametime.sessions;
    sessions.issued += 1;
    sessions.access.insert(access, Cookie { person: person.clone(), expires: now + ACCESS });
    sessions.refresh.insert(refresh, Cookie { person, expires: now + REFRESH });
}

/// `POST …/login`: form `username` (a short name or the whole address) and `password`, with the cross-site token.
pub(super) fn login(shared: &Shared, call: &Call) -> Response {
    let mut guard = shared.world();
    let world = &mut *guard;
    if !world.sametime.sessions.csrf_holds(call) {
        return Refused::csrf().into_response();
    }
    let form = call.form().filter(|form| form.each_once().is_ok());
    let fields = form.as_ref().and_then(|form| form.get("username").zip(form.get("password")));
    let Some((username, password)) = fields else {
        return Refused::because(StatusCode::BAD_REQUEST, "username and password are required").into_response();
    };
    let known = OFFERED.iter().find(|email| {
        email.eq_ignore_ascii_case(username)
            || email.split('@').next().is_some_and(|name| name.eq_ignore_ascii_case(username))
    });
    let good = bool::from(password.as_bytes().ct_eq(PASSWORD.as_bytes()));
    let Some(email) = known.filter(|_| good) else {
        return Refused::Unauthorized.into_response();
    };
    let mut answer = StatusCode::OK.into_response();
    open(world, Person { email: (*email).to_owned() }, answer.headers_mut());
    answer
}
