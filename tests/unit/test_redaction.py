"""Every secret below is made up; it is put together here so that no scanner takes this file for a leak."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.errors import HoldsSecret
from clew.sessions.manager import SessionManager
from clew.sessions.names import new_name, session_name
from clew.sessions.redaction import redacted, text_without_secrets, without_secrets
from clew.sessions.steps import StepDraft
from clew.sessions.tokens import TokenCodec
from forms import Form, forms

FORMS = forms()
RANDOM = "q9Xv7Lk2Zt4Rw8Yb3Nm6Pd1Hs5Gf0JcQ7aE2"
GITHUB = "ghp_" + RANDOM.ljust(36, "a")[:36]
LOOK_ALIKES = [
    "const api_key = process.env.API_KEY_2",
    'apiKey: "your-api-key-goes-here1"',
    'password = "correct horse battery staple 1"',
    'secret: "aaaaaaaaaaaaaaaaaaaaaaa1"',
    'const token = "function"',
    'const access_token = "req.headers.authorization.v2"',
    "AKIA is how the ids of AWS start",
    "AKIA" + "qwertyuiop234567",
    "XAKIA" + "QWERTYUIOP234567",
    "ghp_short",
    "xoxb-is-a-prefix",
    "-----BEGIN PUBLIC " + "KEY-----\nMIIBIjANBg\n-----END PUBLIC KEY-----",
    "-----BEGIN PRIVATE " + "KEY----- is how a key starts",
    "eyJhbGciOiJIUzI1NiJ9",
    "sha512-" + RANDOM * 2 + "==",
    '"integrity": "sha512-' + RANDOM * 2 + '=="',
    "token: js--7f3k9q2m8x4c1v5b6n0p3r7t2w-search-001",
    'continuationToken = "js--7f3k9q2m8x4c1v5b6n0p3r7t2w-search-001"',
    'session_key: "sess-tour-7f3k9q2m"',
    'tokenDigest: "' + "0123456789abcdef" * 2 + '"',
    'commit = "0123456789abcdef0123456789abcdef01234567"',
    'password: "1234567890123456"',
    'secret_key: "lib/response/send.v2.test"',
    "licenseKey: TEST_KEY_PRO_ANNUAL_Q1_2026_V3,",
    "postgres://user:password@localhost:5432/test",
    "https://${user}:${password}@example.org/",
    "https://example.org/path?key=value&other=1",
    "for (const key of keys) tokens[key] = secret.value2",
    "the password is required",
    "The password is sha256-hashed",
    "the token is base64 encoded",
    "the key is ArrowDown1",
    "token " + "0123456789abcdef" * 2 + "01234567",
    "const password = getPassword2()",
    "apiKey: YOUR_API_KEY",
    'token: "${TOKEN1}"',
    "const secret = process.env.SECRET_2",
    "DB_PASSWORD=your-db-password",
    "DB_PASSWORD=change-this-password",
    "PASSWORD=password-reset-token",
    "DB_PASSWORD=$(cat file1)",
    "DB_PASSWORD=<password1>",
    "mysql -u root -p database1",
    'mysql -p"$MYSQL_PWD1"',
    'curl -H "X-Api-Key: $KEY_1"',
    'curl -H "X-Api-Key: YOUR_API_KEY1"',
    'process.env.TOKEN_KIND ?? "kind2"',
    "const password = t('auth.password2.label')",
    "CREATE USER a IDENTIFIED BY 'password'",
    "<password>string1</password>",
    "#define API_KEY_LENGTH 32",
    "login with OAuth2/OpenID",
    "window.handlersOfSomethingLong.update.prototypeOfSomethingElseLong",
    "the token is js--7f3k9q2m8x4c1v5b6n0p3r7t2w-search-001",
    "\n".join(["0123456789abcdef" * 4] * 4),
    "-----BEGIN CERTIFICATE-----\n" + "\n".join([(RANDOM * 2)[:64]] * 4) + "\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC " + "KEY-----\n" + "\n".join([(RANDOM * 2)[:64]] * 4),
]
PLACES = {
    "note": lambda form: text_without_secrets(form.text)[0],
    "goal": lambda form: text_without_secrets(f"find {form.text}")[0],
    "request": lambda form: strings_of({"op": "text", "pattern": form.text}),
    "context": lambda form: strings_of({"seen": [form.text], "n": 1}),
    "metadata": lambda form: strings_of({"tool": "x", "why": form.text}),
    "result": lambda form: strings_of({"results": [{"n": 1, "file": "a.js", "text": form.text}]}),
}


def strings_of(value: object) -> str:
    """All strings of a value after it was stored."""
    kept = msgspec.json.decode(without_secrets(msgspec.json.encode(value))[0])
    return "\n".join(strings_in(kept))


def strings_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for held in value.values() for text in strings_in(held)]
    if isinstance(value, list):
        return [text for held in value for text in strings_in(held)]
    return [str(value)]


def leaks(form: Form, kept: str) -> bool:
    """True when eight letters in a row of the secret are still there; its first four may say whose it is."""
    pieces = [line for line in form.secret.replace("\\n", "\n").split("\n") if not line.startswith("-----")]
    return any(piece[at : at + 8] in kept for piece in pieces for at in range(4, max(5, len(piece) - 8)))


def test_there_are_as_many_forms_as_were_promised() -> None:
    assert len({form.name for form in FORMS}) >= 79 + 100


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_secret_of_this_form_is_taken_out_of(form: Form, place: str) -> None:
    kept = PLACES[place](form)
    assert not leaks(form, kept)
    assert "[redacted " in kept


def test_a_double_that_takes_nothing_out_is_seen() -> None:
    assert all(leaks(form, form.text) for form in FORMS)


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_look_alike_stays_untouched(text: str) -> None:
    data = msgspec.json.encode({"results": [{"text": text}]})
    assert without_secrets(data) == (data, {})
    assert text_without_secrets(text) == (text, {})


PIECES = [*(form.text for form in FORMS), *LOOK_ALIKES, " = ", ": '", "'", "\n", "x", "_", '"', "password", "[redacted x]", "é", "\\"]


@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_what_was_redacted_is_not_redacted_again(pieces: list[str]) -> None:
    once = text_without_secrets("".join(pieces))[0]
    assert text_without_secrets(once) == (once, {})
    data = without_secrets(msgspec.json.encode({"k": pieces}))[0]
    assert without_secrets(data) == (data, {})


@given(
    st.lists(st.sampled_from(["token", "key", "=", ":", " ", '"', "'", "password", "secret_key", "\n"]), max_size=6), st.integers(0, 10**6)
)
def test_no_token_of_clew_is_touched(around: list[str], seq: int) -> None:
    token = TokenCodec.token(TokenCodec().body(), "search", seq)
    text = "".join([*around, token, *reversed(around)])
    assert token in text_without_secrets(text)[0]


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_json_without_secrets_stays_as_it_is(value: object) -> None:
    data = msgspec.json.encode(value)
    kept, counts = without_secrets(data)
    assert counts or kept == data
    msgspec.json.decode(kept)


def test_a_value_is_known_by_its_key() -> None:
    kept, counts = without_secrets(msgspec.json.encode({"db": {"password": "Tr0ub4dor&" + "3xq", "user": "shop"}}))
    assert msgspec.json.decode(kept) == {"db": {"password": "[redacted assigned]", "user": "shop"}}
    assert counts == {"assigned": 1}


def test_keys_without_an_end_are_taken_out_too() -> None:
    begins = ("-----BEGIN RSA " + "PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA75abcdefghijklmnopqrstuvwxyz012345\n") * 3000
    kept, counts = text_without_secrets(begins)
    assert counts == {"private-key": 3000}
    assert "MII" not in kept


def test_a_draft_without_secrets_is_as_it_was() -> None:
    draft = StepDraft(operation="search", request=b"{}", result=b'{"results":["token"]}', question="search token", manifest="m")
    kept = redacted(draft)
    assert (kept.request, kept.result, kept.question, kept.manifest, kept.taken) == (draft.request, draft.result, draft.question, "m", {})


def test_an_answer_to_a_redacted_request_is_never_given_again() -> None:
    draft = StepDraft(
        operation="text", request=msgspec.json.encode({"pattern": GITHUB}), result=b"{}", question=f"text {GITHUB}", manifest="m"
    )
    kept = redacted(draft)
    assert (kept.request, kept.question) == (b'{"pattern":"[redacted github-pat]"}', "text [redacted github-pat]")
    assert (kept.manifest, kept.taken) == ("", {"github-pat": 1})


def test_names_with_a_secret_are_refused_and_the_refusal_does_not_repeat_it() -> None:
    with pytest.raises(HoldsSecret) as refused:
        new_name(GITHUB)
    assert GITHUB not in str(refused.value)
    assert session_name(GITHUB) == GITHUB  # an old session is still found


@pytest.mark.parametrize("where", ["agent", "idempotency_key", "operation", "result"])
def test_labels_with_a_secret_are_refused(where: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    manager = SessionManager.open(str(tmp_path_factory.mktemp("store")))
    manager.create_session("tour")
    values = {"operation": "search", "result": {"results": []}} | {where: {GITHUB: 1} if where == "result" else GITHUB}
    with pytest.raises(HoldsSecret):
        manager.append_result("tour", **values)
    assert manager.get_summary("tour")["operationsCompleted"] == 0


@pytest.mark.parametrize("form", FORMS[::9], ids=lambda form: form.name)
def test_no_file_of_a_store_holds_a_secret(form: Form, tmp_path_factory: pytest.TempPathFactory) -> None:
    from clew.sessions import acts
    from clew.sessions.bundles import export_bundle, read_bundle

    folder = tmp_path_factory.mktemp("store")
    manager = SessionManager.open(str(folder))
    manager.create_session("tour", {"seen": form.text}, goal=form.text, metadata={"why": form.text})
    acts.note(manager, "tour", form.text)
    acts.set_goal(manager, "tour", form.text)
    appended = manager.append_result("tour", "text", {"results": [form.text]}, request={"pattern": form.text})
    assert appended["redacted"]
    export_bundle(manager, "tour", str(folder / "tour.bundle"))
    manifest, steps, values = read_bundle(str(folder / "tour.bundle"), manager.quotas)
    texts = [msgspec.json.encode(manifest), *(msgspec.json.encode(step) for step in steps), *values.values()]
    assert not any(leaks(form, text.decode()) for text in texts)
    assert not any(leaks(form, msgspec.json.encode(view).decode()) for view in [manager.continue_session("tour")])


def test_a_bundle_of_an_older_store_leaves_the_steps_with_secrets_empty(tmp_path_factory: pytest.TempPathFactory) -> None:
    from clew.sessions.bundles import export_bundle, import_bundle

    folder = tmp_path_factory.mktemp("store")
    older = SessionManager.open(str(folder), redact=False)
    older.create_session("tour", goal=f"find {GITHUB}")
    older.append_result("tour", "text", {"results": [GITHUB]})
    older.append_result("tour", "search", {"results": ["plain"]})
    carried = export_bundle(older, "tour", str(folder / "tour.bundle"))
    assert carried.redacted == 1
    other = SessionManager.open(str(folder / "other"))
    import_bundle(other, str(folder / "tour.bundle"))
    session = other.find("tour")[0]
    assert session.goal == "find [redacted github-pat]"
    contents = [step.details is not None for step in other.store.steps(session.session_id, after=-1)]
    assert contents == [True, False, True]
