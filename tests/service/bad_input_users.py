"""Requests to UserService that are refused."""

import itertools

from tests.service.bad_input import PASSWORD, Case, refused, rule

LINE = (
    ("", "FIELD_REQUIRED", "A text of 1 to 200 characters is required."),
    (" \t ", "FIELD_REQUIRED", "A text of 1 to 200 characters is required."),
    ("a" * 201, "TEXT_TOO_LONG", "has 201 characters; at most 200 are allowed."),
    ("a" * 1_000_000, "TEXT_TOO_LONG", "has 1,000,000 characters; at most 200 are allowed."),
    ("A\nB", "CHARACTER_NOT_ALLOWED", "'A\\nB' has the character U+000A; line breaks and"),
    ("A\0B", "CHARACTER_NOT_ALLOWED", "'A\\x00B' has the character U+0000; line breaks and"),
    ("A\u2028B", "CHARACTER_NOT_ALLOWED", "'A\\u2028B' has the character U+2028; line breaks"),
    ("\x1b[31mA", "CHARACTER_NOT_ALLOWED", "has the character U+001B; line breaks and control"),
    ("A\x7fB", "CHARACTER_NOT_ALLOWED", "has the character U+007F; line breaks and control"),
)
EMAIL = (
    ("ana", "EMAIL_MALFORMED", "'ana' is not an e-mail address"),
    ("ana@", "EMAIL_MALFORMED", "'ana@' is not an e-mail address"),
    ("@example.com", "EMAIL_MALFORMED", "'@example.com' is not an e-mail address"),
    ("ana@example", "EMAIL_MALFORMED", "'ana@example' is not an e-mail address"),
    ("ana@@example.com", "EMAIL_MALFORMED", "'ana@@example.com' is not an e-mail address"),
    ("ana b@example.com", "EMAIL_MALFORMED", "'ana b@example.com' is not an e-mail address"),
    ("a\0@example.com", "EMAIL_MALFORMED", "'a\\x00@example.com' is not an e-mail address"),
    ("a@exa\nmple.com", "EMAIL_MALFORMED", "'a@exa\\nmple.com' is not an e-mail address"),
    ("ana@[127.0.0.1]", "EMAIL_MALFORMED", "'ana@[127.0.0.1]' is not an e-mail address"),
    ("zoë@example.com", "EMAIL_MALFORMED", "characters before the @-sign are not supported"),
    ("Ana <ana@example.com>", "EMAIL_MALFORMED", "'Ana <ana@example.com>' is not an e-mail"),
    ("a@" + "b" * 250 + ".com", "EMAIL_MALFORMED", "has 256 characters; at most 254 are allowed."),
    ("a" * 1_000_000, "EMAIL_MALFORMED", "has 1,000,000 characters; at most 254 are allowed."),
    ("".join(map(chr, range(0x2300, 0x23F0))) + "@b.c", "EMAIL_MALFORMED", "is not an e-mail"),
)
NEW_PASSWORD = (
    ("", "PASSWORD_LENGTH", "The password has 0 characters; 10 to 256 are allowed."),
    ("a" * 9, "PASSWORD_LENGTH", "The password has 9 characters; 10 to 256 are allowed."),
    ("a" * 257, "PASSWORD_LENGTH", "The password has 257 characters; 10 to 256 are allowed."),
)
GIVEN_PASSWORD = (
    ("", "PASSWORD_LENGTH", "The password has 0 characters; 1 to 256 are allowed."),
    ("a" * 257, "PASSWORD_LENGTH", "The password has 257 characters; 1 to 256 are allowed."),
)
LOCALE = (
    ("english", "LOCALE_MALFORMED", "'english' is not a language tag such as en or pt-BR."),
    ("e", "LOCALE_MALFORMED", "'e' is not a language tag"),
    ("en_US", "LOCALE_MALFORMED", "'en_US' is not a language tag"),
    ("en-", "LOCALE_MALFORMED", "'en-' is not a language tag"),
    ("en\0", "LOCALE_MALFORMED", "'en\\x00' is not a language tag"),
    ("en-aaaaaaaaa", "LOCALE_MALFORMED", "'en-aaaaaaaaa' is not a language tag"),
)
TIME_ZONE = (
    ("Mars/Olympus", "TIME_ZONE_UNKNOWN", "'Mars/Olympus' is not an IANA time zone such as Europe"),
    ("europe/lisbon", "TIME_ZONE_UNKNOWN", "'europe/lisbon' is not an IANA time zone"),
    ("../../etc/passwd", "TIME_ZONE_UNKNOWN", "'../../etc/passwd' is not an IANA time zone"),
    ("UTC\0", "TIME_ZONE_UNKNOWN", "'UTC\\x00' is not an IANA time zone"),
)
CURRENCY = (
    ("eur", "CURRENCY_UNKNOWN", "'eur' is not an active ISO 4217 currency code, three capital"),
    ("EU", "CURRENCY_UNKNOWN", "'EU' is not an active ISO 4217 currency code"),
    ("EURO", "CURRENCY_UNKNOWN", "'EURO' is not an active ISO 4217 currency code"),
    (" EUR", "CURRENCY_UNKNOWN", "' EUR' is not an active ISO 4217 currency code"),
    ("XXX", "CURRENCY_UNKNOWN", "'XXX' is not an active ISO 4217 currency code"),
    ("€", "CURRENCY_UNKNOWN", "'€' is not an active ISO 4217 currency code"),
    ("DEM", "CURRENCY_UNKNOWN", "'DEM' is not an active ISO 4217 currency code"),
    ("\0\0\0", "CURRENCY_UNKNOWN", "'\\x00\\x00\\x00' is not an active ISO 4217 currency code"),
)
TOKEN = tuple(
    (token, "TOKEN_MALFORMED", "This is not a token out of a link: those have 43 characters of")
    for token in ("", "a" * 42, "a" * 44, "a" * 42 + "=", "é" * 43, "a" * 42 + "\0")
)
MASK = (
    (["nonsense"], "FIELD_UNKNOWN", "'nonsense' is not a field of"),
    ([""], "FIELD_UNKNOWN", "'' is not a field of"),
    (["name\0"], "FIELD_UNKNOWN", "'name\\x00' is not a field of"),
)
STALE = "since you read it: your etag is 'v99', it is now"
NO_SESSION = "This needs a session: log in, and send `authorization: Bearer TOKEN`."
ENDED = "The session token is unknown or its session has ended. Log in again."


def mask(rpc: str, *nested: str) -> list[Case]:
    """Cases of `update_mask`."""
    rows = [*MASK, *(([path], "FIELD_IS_WHOLE", "is replaced as a whole") for path in nested)]
    return [
        Case(rpc, {"update_mask.paths": paths}, reason, "update_mask.paths[0]", text)
        for paths, reason, text in rows
    ]


def _headers(rpc: str) -> list[Case]:
    field = "idempotency-key"
    return [
        Case(rpc, {}, "IDEMPOTENCY_KEY_MALFORMED", field, text, headers=((field, key),))
        for key, text in (
            ("a b", "'a b' must be 1 to 255 visible ASCII characters without spaces."),
            ("a" * 256, "must be 1 to 255 visible ASCII characters without spaces."),
        )
    ]


PAGES = ("ShowUnsubscribe", "Unsubscribe", "ShowVerifyEmail", "ShowResetPassword")
EMAIL_LINKS = (
    "ConfirmEmailChange",
    "UndoEmailChange",
    "ShowConfirmEmailChange",
    "ShowUndoEmailChange",
)

USERS = [
    *rule("SignUp", "email", ("", "EMAIL_MALFORMED", "'' is not an e-mail address"), *EMAIL),
    *rule("SignUp", "password", *NEW_PASSWORD),
    *rule("SignUp", "name", *LINE),
    *rule("SignUp", "locale", *LOCALE),
    *rule("SignUp", "time_zone", *TIME_ZONE),
    *rule("SignUp", "currency_code", *CURRENCY),
    refused("SignUp", {"email": "$email"}, "ALREADY_EXISTS", "EMAIL_TAKEN", "There is an account"),
    *rule("LogIn", "email", *EMAIL[:3]),
    *rule("LogIn", "password", *GIVEN_PASSWORD),
    *rule("LogIn", "client", *LINE[2:6]),
    *(
        refused("LogIn", change, "UNAUTHENTICATED", "CREDENTIALS_WRONG", text)
        for change, text in itertools.product(
            ({"password": PASSWORD + "?"}, {"email": "nobody@example.com"}, {"password": "\0"}),
            ("The address or the password is wrong.",),
        )
    ),
    *rule("VerifyEmail", "token", *TOKEN),
    *rule("ResetPassword", "token", *TOKEN),
    *rule("ResetPassword", "new_password", *NEW_PASSWORD),
    *(
        refused(rpc, {"token": "a" * 43}, "FAILED_PRECONDITION", "TOKEN_INVALID", text)
        for rpc, text in itertools.product(
            ("VerifyEmail", "ResetPassword"),
            ("The link is unknown, used or expired. Ask for a new one.",),
        )
    ),
    *itertools.chain.from_iterable(rule(rpc, "token", *TOKEN) for rpc in PAGES),
    *(
        refused(rpc, {"token": token}, "FAILED_PRECONDITION", "TOKEN_INVALID", text)
        for rpc, (token, text) in itertools.product(
            ("ShowUnsubscribe", "Unsubscribe"),
            ((other, "No mail has this link.") for other in ("a" * 43, "$reset_token")),
        )
    ),
    *(
        refused(
            rpc, {"token": token}, "FAILED_PRECONDITION", "TOKEN_INVALID", "The link is unknown"
        )
        for rpc, token in (
            ("ShowVerifyEmail", "a" * 43),
            ("ShowVerifyEmail", "$reset_token"),
            ("ShowVerifyEmail", "$mail_token"),
            ("ShowResetPassword", "a" * 43),
            ("ShowResetPassword", "$verify_token"),
            ("ShowResetPassword", "$mail_token"),
        )
    ),
    *itertools.chain.from_iterable(rule(rpc, "token", *TOKEN) for rpc in EMAIL_LINKS),
    *(
        refused(
            rpc, {"token": token}, "FAILED_PRECONDITION", "TOKEN_INVALID", "The link is unknown"
        )
        for rpc, token in itertools.product(EMAIL_LINKS, ("a" * 43, "$reset_token"))
    ),
    *rule("RequestEmailChange", "email", *EMAIL[:3]),
    *rule("RequestEmailChange", "email", ("$email", "EMAIL_UNCHANGED", "has the address")),
    *rule("RequestEmailChange", "password", *GIVEN_PASSWORD),
    refused(
        "RequestEmailChange",
        {"password": "not her password"},
        "UNAUTHENTICATED",
        "CREDENTIALS_WRONG",
        "is wrong.",
    ),
    *rule("RequestPasswordReset", "email", *EMAIL[:3]),
    *rule("ChangePassword", "current_password", *GIVEN_PASSWORD),
    *rule("ChangePassword", "new_password", *NEW_PASSWORD),
    refused(
        "ChangePassword",
        {"current_password": "not her password"},
        "UNAUTHENTICATED",
        "CREDENTIALS_WRONG",
        "is wrong.",
    ),
    refused(
        "DeleteMe",
        {"password": "not her password"},
        "UNAUTHENTICATED",
        "CREDENTIALS_WRONG",
        "is wrong.",
    ),
    *rule("DeleteMe", "password", ("", "PASSWORD_REQUIRED", "required to delete it")),
    *rule("UpdateMe", "user.name", *LINE[1:4]),
    *rule("UpdateMe", "user.name", LINE[0], also={"update_mask.paths": ["name"]}),
    *rule("UpdateMe", "user.locale", *LOCALE[:2]),
    *rule("UpdateMe", "user.time_zone", *TIME_ZONE[:2]),
    *rule("UpdateMe", "user.currency_code", *CURRENCY[:2]),
    *rule(
        "UpdateMe", "user.mail_mode", (9, "ENUM_UNKNOWN", "9 is not allowed here; the values are ")
    ),
    *mask("UpdateMe", "name.first"),
    refused("UpdateMe", {"user.etag": "v99"}, "ABORTED", "ETAG_STALE", STALE),
    refused("UpdateMe", {}, "ABORTED", "ETAG_STALE", STALE, headers=(("if-match", '"v99"'),)),
    *_headers("UpdateMe"),
    *_headers("CreateEvent"),
    refused("GetMe", {}, "UNAUTHENTICATED", "SESSION_REQUIRED", NO_SESSION, caller="nobody"),
    *(
        refused(
            "ListSessions",
            {},
            "UNAUTHENTICATED",
            "SESSION_REQUIRED",
            NO_SESSION,
            caller="nobody",
            headers=(("authorization", value),),
        )
        for value in ("", "Bearer", "Bearer ", "Basic YTpi", "bearer")
    ),
    refused("ListSessions", {}, "UNAUTHENTICATED", "SESSION_INVALID", ENDED, caller="forged"),
    refused("ChangePassword", {}, "UNAUTHENTICATED", "SESSION_INVALID", ENDED, caller="forged"),
]
