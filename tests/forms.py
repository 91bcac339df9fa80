"""Secrets as they stand in code, notes and settings. None is real: each is drawn, so that no scanner takes this file for a leak."""

from __future__ import annotations

import base64
import random
import re
import string
from typing import NamedTuple

from forms_in_use import TEMPLATES

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
HEX = "0123456789abcdef"
WORD = LOWER + UPPER + DIGITS
DRAWN = re.compile("«([^»]*)»")


class Form(NamedTuple):
    """A text with one secret in it."""

    name: str
    before: str
    secret: str
    after: str

    @property
    def text(self) -> str:
        return self.before + self.secret + self.after


def forms(seed: int = 7) -> list[Form]:
    """At least 79 forms of tokens and settings, and as many of use; another seed draws other values."""
    return [*_forms(seed), *in_use(seed)]


def in_use(seed: int) -> list[Form]:
    """The templates with what was drawn in its place."""
    chance = random.Random(seed)

    def drawn(kind: str) -> str:
        if kind.startswith("="):
            return kind[1:]
        name, count = kind.rstrip(DIGITS), int(kind[len(kind.rstrip(DIGITS)) :] or 0)
        lines = [base64.b64encode(chance.randbytes(48)).decode() for _ in range(4)]
        words = "".join(chance.choice(WORD) for _ in range(count or chance.choice((20, 32)))) + "aB3d"
        return {
            "key": lambda: chance.choice((words, chance.randbytes(16).hex(), chance.randbytes(20).hex())),
            "password": lambda: chance.choice(("hunter2Zx9", "Tr0ub4dor&3", "S3cr3tP4ss!", "kX9mQ2vL7p", "P@ssw0rd!23", "aB3dE6gH9jK")),
            "lower": lambda: chance.choice(("s3cretpassw0rd", "swordfish4you2", "monkey7banana", "p4ssw0rdx9", "tr0ub4dorx")),
            "discord": lambda: f"MTk4NjIyNDgzNDcxOTI1MjQ4.{words[-6:]}.{chance.randbytes(14).hex()}",
            "lines": lambda: "\n".join(lines),
            "indented": lambda: "\n  ".join(lines),
            "joined": lambda: "\\n".join(lines),
            "uuid": lambda: "-".join(chance.randbytes(half).hex() for half in (4, 2, 2, 2, 6)),
            "hex": lambda: chance.randbytes(count // 2).hex(),
            "word": lambda: words[-count:],
            "base": lambda: base64.b64encode(chance.randbytes(count * 3 // 4)).decode(),
            "-": lambda: "",
            "-hex": lambda: chance.randbytes(count // 2).hex(),
        }[name]()

    made = []
    for name, template in TEMPLATES:
        before, secret, after = "", "", ""
        for at, piece in enumerate(DRAWN.split(template)):
            if at % 2 and not piece.startswith("-"):
                secret = drawn(piece)
                continue
            text = drawn(piece) if at % 2 else piece
            before, after = (before, after + text) if secret else (before + text, after)
        made.append(Form(name, before, secret, after))
    return made


def _forms(seed: int) -> list[Form]:
    chance = random.Random(seed)

    def drawn(letters: str, count: int) -> str:
        """So many letters, with at least one digit and one letter among them where both are allowed."""
        text = "".join(chance.choice(letters) for _ in range(count))
        digits, others = set(letters) & set(DIGITS), set(letters) - set(DIGITS)
        if digits and others and (not digits & set(text) or not others & set(text)):
            return drawn(letters, count)
        return text

    def word(count: int) -> str:
        return drawn(WORD, count)

    def hexed(count: int) -> str:
        return drawn(HEX, count)

    def based(count: int) -> str:
        return base64.b64encode(chance.randbytes(count)).decode()

    def lines(count: int) -> str:
        return "\n".join(based(48) for _ in range(count))

    def pem(kind: str, *, ends: bool = True) -> tuple[str, str]:
        dashes = "-" * 5
        end = f"\n{dashes}END {kind}KEY{dashes}" if ends else ""
        return f"{dashes}BEGIN {kind}KEY{dashes}\n", f"{lines(5)}{end}"

    def jwt() -> str:
        head, body = (
            base64.urlsafe_b64encode(text).decode().rstrip("=") for text in (b'{"alg":"HS256","typ":"JWT"}', b'{"sub":"1234567890"}')
        )
        return f"{head}.{body}.{word(43)}"

    def person() -> str:
        return chance.choice(("Tr0ub4dor&", "S3cret!pw", "hunt3R2#", "P@ssw0rd!")) + word(3)

    rsa, openssh, unended, pgp = pem("RSA PRIVATE "), pem("OPENSSH PRIVATE "), pem("PRIVATE ", ends=False), pem("EC PRIVATE ")
    uuid = "-".join(hexed(count) for count in (8, 4, 4, 4, 12))
    quote = "`"
    return [
        Form(name, before, secret, after)
        for name, before, secret, after in (
            ("aws key id", "id ", "AK" + "IA" + drawn(UPPER + "234567", 16), " used"),
            ("aws temporary key id", "id: ", "AS" + "IA" + drawn(UPPER + "234567", 16), ""),
            ("aws secret, env", "AWS_SECRET_ACCESS_KEY=", based(30), ""),
            ("aws secret, quoted", "const awsSecretAccessKey = '", based(30), "';"),
            ("aws session token", "aws_session_token = ", based(120), "\n"),
            ("github classic", "token ", "gh" + "p_" + word(36), ""),
            ("github oauth", "use ", "gh" + "o_" + word(36), " now"),
            ("github user", "(", "gh" + "u_" + word(36), ")"),
            ("github server", "[", "gh" + "s_" + word(36), "]"),
            ("github refresh", '"', "gh" + "r_" + word(36), '"'),
            ("github fine-grained", "", "github" + "_pat_" + word(22) + "_" + word(59), ""),
            ("gitlab personal", "PRIVATE-TOKEN: ", "gl" + "pat-" + word(20), ""),
            ("gitlab deploy", "with ", "gl" + "dt-" + word(20), ""),
            ("gitlab runner", "", "gl" + "rt-" + word(20), ""),
            ("gitlab trigger", "", "gl" + "ptt-" + hexed(40), ""),
            ("npm token", "publish with ", "np" + "m_" + word(36), ""),
            ("npmrc line", "//registry.example.org/:_authToken=", uuid, "\n"),
            ("npmrc password", "//registry.example.org/:_password=", based(18), "\n"),
            ("pypi", "", "py" + "pi-AgEIcHlwaS5vcmc" + word(120), ""),
            ("pypi, test index", "", "py" + "pi-AgENdGVzdC5weXBpLm9yZw" + word(120), ""),
            ("stripe live", "", "sk" + "_live_" + word(24), ""),
            ("stripe test", 'stripe("', "sk" + "_test_" + word(99), '")'),
            ("stripe restricted", "", "rk" + "_live_" + word(24), "."),
            ("stripe webhook", "", "wh" + "sec_" + word(32), ""),
            ("openai old", "OpenAI ", "sk" + "-" + word(48), ""),
            ("openai project", "", "sk" + "-proj-" + word(74) + "T3" + "BlbkFJ" + word(74), ""),
            ("openai, short form", 'api_key="', "sk" + "-proj-" + word(48), '"'),
            ("anthropic", "", "sk" + "-ant-api03-" + word(93) + "AA", ""),
            ("anthropic admin", "", "sk" + "-ant-admin01-" + word(93) + "AA", ""),
            ("google key", "?key=", "AI" + "za" + word(35), ""),
            ("google oauth secret", "", "GOC" + "SPX-" + word(28), ""),
            ("google access token", "", "ya" + "29." + word(60), ""),
            ("sendgrid", "", "S" + "G." + word(22) + "." + word(43), ""),
            ("slack bot", "", "xo" + "xb-" + drawn(DIGITS, 12) + "-" + drawn(DIGITS, 13) + "-" + word(24), ""),
            ("slack user", "", "xo" + "xp-" + "-".join(drawn(DIGITS, 12) for _ in range(3)) + "-" + hexed(32), ""),
            ("slack app", "", "xa" + "pp-1-A" + drawn(UPPER + DIGITS, 10) + "-" + drawn(DIGITS, 13) + "-" + hexed(64), ""),
            (
                "slack webhook",
                "https://hooks.slack" + ".com/services/",
                "T" + drawn(UPPER + DIGITS, 8) + "/B" + word(8) + "/" + word(24),
                "",
            ),
            ("discord webhook", "https://discord" + ".com/api/webhooks/", drawn(DIGITS, 18) + "/" + word(68), ""),
            ("telegram bot", "bot", "", ""),
            ("twilio key", "", "S" + "K" + hexed(32), ""),
            ("mailgun", "", "key" + "-" + hexed(32), ""),
            ("mailchimp", "", hexed(32) + "-us" + "12", ""),
            ("shopify", "", "shp" + "at_" + hexed(32), ""),
            ("square", "", "sq0" + "atp-" + word(22), ""),
            ("digitalocean", "", "dop" + "_v1_" + hexed(64), ""),
            ("databricks", "", "da" + "pi" + hexed(32), ""),
            ("hugging face", "", "h" + "f_" + drawn(LOWER + UPPER, 34), ""),
            ("vault", "", "hv" + "s." + word(95), ""),
            ("linear", "", "lin" + "_api_" + word(40), ""),
            ("notion", "", "nt" + "n_" + drawn(DIGITS, 11) + word(35), ""),
            ("figma", "", "fi" + "gd_" + word(40), ""),
            ("docker hub", "", "dckr" + "_pat_" + word(27), ""),
            ("new relic", "NEW_RELIC_LICENSE_KEY=", hexed(36) + "NRAL", ""),
            ("datadog", "DD_API_KEY: '", hexed(32), "'"),
            ("sentry address", "https://", hexed(32), "@o12345.ingest.sentry.io/42"),
            ("heroku", "HEROKU_API_KEY=", uuid, "\n"),
            ("azure storage", "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=", based(64), ";EndpointSuffix=core.windows.net"),
            ("azure signature", "https://shop.blob.core.windows.net/a?sv=2022-11-02&sig=", based(32).replace("+", "%2B").rstrip("="), ""),
            ("postgres address", "postgres://app:", person(), "@db.internal:5432/shop"),
            ("mysql address", "mysql://shop:", word(12), "@10.0.0.7/shop"),
            ("mongodb address", "mongodb+srv://svc:", word(16), "@cluster0.ab1cd.mongodb.net/x"),
            ("redis address", "redis://:", word(20), "@cache:6379/0"),
            ("amqp address", "amqps://worker:", person().replace("@", "!"), "@mq.example.org"),
            ("web address", "https://deploy:", word(18), "@git.example.org/shop.git"),
            ("ado string", "Server=db;Database=shop;User Id=sa;Password=", person(), ";Encrypt=true"),
            ("libpq string", "host=db user=app password=", word(12), " dbname=shop"),
            ("env password", "DB_PASSWORD=", person(), "\n"),
            ("env secret, exported", "export SESSION_SECRET=", word(32), "\n"),
            ("env token in quotes", 'DEPLOY_TOKEN="', hexed(40), '"\n'),
            ("bearer header", "Authorization: Bearer ", word(40), ""),
            ("bearer in code", "headers: { Authorization: 'Bearer ", word(32), "' }"),
            ("basic header", "Authorization: Basic ", base64.b64encode(f"svc:{word(14)}".encode()).decode(), ""),
            ("json web token", "", jwt(), ""),
            ("pem rsa", *rsa, ""),
            ("pem openssh", *openssh, "\n"),
            ("pem ec, one line", pgp[0].replace("\n", "\\n"), pgp[1].replace("\n", "\\n"), '"'),
            ("pem without an end", *unended, "\n\nand so on"),
            ("backtick string", f"const apiKey = {quote}", word(32), quote),
            ("backtick password", f"password: {quote}", person(), quote),
            ("double quotes", 'client_secret: "', word(40), '"'),
            ("json", '{"api_key": "', word(32), '"}'),
            ("json password", '{"user": "shop", "password": "', person(), '"}'),
            ("yaml", "  secret_key: ", word(32), "\n  other: 1"),
            ("ini", "secret = ", word(32), "\n"),
            ("python", "API_KEY = '", word(32), "'"),
            ("flag", "deploy --token ", word(32), " --now"),
            ("flag with =", "login --password=", person(), ""),
            ("curl user", "curl -u svc:", word(14), " https://example.org"),
            ("netrc", "machine example.org login svc password ", word(14), ""),
            ("cookie", "Cookie: theme=dark; session_id=", word(40), "; a=b"),
            ("query", "https://example.org/hook?access_token=", word(32), "&x=1"),
            ("doppler", "", "dp" + ".pt." + word(43), ""),
            ("age", "", "AGE-SECRET-" + "KEY-1" + "".join(chance.choice("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L") for _ in range(58)), ""),
            ("planetscale", "", "pscale" + "_tkn_" + word(43), ""),
            ("grafana", "", "gl" + "sa_" + word(32) + "_" + hexed(8), ""),
            ("postman", "", "PM" + "AK-" + hexed(24) + "-" + hexed(34), ""),
            ("rubygems", "", "ruby" + "gems_" + hexed(48), ""),
            ("terraform", "", word(14) + ".atlas" + "v1." + word(64), ""),
            ("supabase", "", "sb" + "p_" + hexed(40), ""),
            ("groq", "", "gs" + "k_" + word(52), ""),
        )
        if secret
    ] + [Form("telegram bot", "https://api.example.org/bot", drawn(DIGITS, 9) + ":A" + "A" + word(33), "/getMe")]
