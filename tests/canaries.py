"""Secrets of every kind, made when the tests run: no file of the repository holds anything that looks like one.

A canary is a text with a secret in it, and the part of it that may not be seen. It can be split and escaped in many
ways, each of which a person, a browser or a terminal still reads as the same letters.
"""

import html
import json
import re
import urllib.parse
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

_RANDOM = Random(13)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def letters(count: int, alphabet: str = _LETTERS + "23456789") -> str:
    """Letters and digits as random as those of a key; a digit is among the first and the last."""
    inner = "".join(_RANDOM.choice(alphabet) for _ in range(count - 4))
    return f"{_RANDOM.choice('23456789')}Z{inner}Q{_RANDOM.choice('23456789')}"


def hexadecimal(count: int) -> str:
    """Letters and digits as those of a key that is a number."""
    return "".join(_RANDOM.choice("0123456789abcdef") for _ in range(count))


def api_id(prefix: str) -> str:
    """An id as the API makes it: 24 letters and digits behind the prefix."""
    return f"{prefix}_" + "011C" + letters(20)


@dataclass(frozen=True)
class Canary:
    """A `text` with a `secret`; one that is `wrapped` may be split by a line end, too."""

    kind: str
    text: str
    secret: str
    wrapped: bool = False

    def spellings(self) -> Iterator[tuple[str, str]]:
        """Yield in which ways it is written, and the text so written."""
        for name, write in SPELLINGS.items():
            if "\\" in self.text and name in BESIDE_A_BACKSLASH:
                continue
            yield name, self.text.replace(self.secret, write(self.secret))
        for name, between in (SPLITS | LINES if self.wrapped else SPLITS).items():
            for at in (2, len(self.secret) // 2, len(self.secret) - 5):
                split = self.secret[:at] + between + self.secret[at:]
                yield f"{name} after {at}", self.text.replace(self.secret, split)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "Markdown": lambda text: re.sub(r"([_\-])", r"\\\1", text),
    "entities": lambda text: "".join(f"&#{ord(sign)};" if sign in "_-" else sign for sign in text),
    "named entities": lambda text: text.replace("_", "&lowbar;").replace("-", "&hyphen;"),
    "all percent": lambda text: "".join(f"%{ord(sign):02X}" for sign in text),
    "JSON escapes": lambda text: "".join(f"\\u{ord(sign):04x}" for sign in text),
    "escapes in braces": lambda text: "".join(f"\\u{{{ord(sign):x}}}" for sign in text),
    "octal escapes": lambda text: "".join(f"\\{ord(sign):03o}" for sign in text),
    "wide letters": lambda text: "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text),
    "bold": lambda text: f"**{text[:5]}**{text[5:]}",
    "code": lambda text: f"`{text}`",
}
BESIDE_A_BACKSLASH = (
    "all percent",
    "JSON escapes",
    "escapes in braces",
    "octal escapes",
    "bold",
    "code",
)  # it would be an escape of what follows
SPLITS = {
    "a colour": "\x1b[31m",
    "a colour without its control": "[0m",
    "a tag": "<b>",
    "a tag with attributes": '<span style="color:red">',
    "a comment": "<!-- x -->",
    "no width": "\u200b",
    "an accent": "\u0301",
    "a soft hyphen": "\xad",
    "a turn": "\u202e",
    "nothing": "\x00",
    "a citation": "\u2016\ue0001\ue001\u2016",
}
LINES = {
    "a line end": "\n",
    "a line end of Windows": "\r\n",
    "an indented line": "\n    ",
    "a quotation": "\n> ",
    "a break": "<br>",
    "a line that is filled up": "   \n",
    "the repr of a line end": "\\n",
}


def canaries() -> list[Canary]:
    """Return one of each kind."""
    key = "sk-" + "ant-" + "api03-" + letters(40)
    token, password = letters(24), letters(12)
    return [
        Canary("our key", f"the key {key} is wrong", key, wrapped=True),
        Canary("our admin key", f"({(admin := 'sk-' + 'ant-' + 'admin01-' + letters(30))})", admin, wrapped=True),
        Canary("our key, set", f"export ANTHROPIC_API_KEY={(k := 'sk-' + 'ant-' + letters(20))}", k, wrapped=True),
        *(Canary(f"{name} key", f"use {value} here", value) for name, value in _keys().items()),
        Canary("private key", f"{_fence('BEGIN')}\n{token}\n{token}\n{_fence('END')}", token),
        Canary("PGP key", f"{_fence('BEGIN', 'PGP', ' BLOCK')}\n\n{token}\n{_fence('END', 'PGP', ' BLOCK')}", token),
        Canary("PuTTY key", f"Comment: x\nPrivate-Lines: 1\n{token}\nPrivate-MAC: {hexadecimal(64)}", token),
        Canary("a key in a name", f"the file f_{(name := 'gh' + 'p_' + letters(36))}.txt", name),
        Canary("a key behind a hyphen", f"the file f-{(name := 'xo' + 'xb-' + letters(36))}.txt", name),
        Canary("our key in capitals", f"it is {(loud := ('sk-' + 'ant-' + letters(30)).upper())}, is it", loud),
        Canary("Authorization", f"Authorization: Bearer {password}", password),
        Canary("Basic", f"authorization: Basic {token}", token),
        Canary("Bearer", f"curl -H 'Bearer {token}'", token),
        Canary("x-api-key", f'"x-api-key": "{token}"', token),
        Canary("header in a list", f"('x-api-key', '{token}')", token),
        Canary("header in bytes", f"(b'x-api-key', b'{token}')", token),
        Canary("headers of one name", f'{{"x-api-key": ["{token}"]}}', token),
        Canary("key in the environment", f"os.environ['OPENAI_API_KEY'] = '{token}'", token),
        Canary("password in code", f"password = '{password}'", password),
        Canary("secret in the environment", f"AWS_SECRET_ACCESS_KEY={token}", token),
        *(Canary(kind, text, secret) for kind, text, secret in _headers()),
        *(
            Canary(f"?{name}=", f"at https://files.example.com/a/b?x=1&{name}={token}&y=2 it is", token)
            for name in (
                "token",
                "access_token",
                "sig",
                "X-Amz-Signature",
                "X-Amz-Credential",
                "X-Goog-Signature",
                "key",
                "session",
                "sid",
                "PHPSESSID",
                "pass",
            )
        ),
        Canary("session in a path", f"https://example.com/a;jsessionid={token}?x=1", token),
        *(Canary(kind, text, secret) for kind, text, secret in (*_settings(), *_options(), *_cookies())),
        Canary("first parameter", f"https://example.com/?token={token}", token),
        Canary("fragment", f"https://example.com/#access_token={token}", token),
        Canary("coded address", f"https://example.com/%3Ftoken%3D{token}", token),
        Canary("address in HTML", f'<a href="https://example.com/?a=1&amp;token={token}">it</a>', token),
        Canary("user in an address", f"postgresql://admin:{password}@db.example.com/x", password),
        Canary("user with a coded @", f"postgresql://admin:p%40{password}@db.example.com/x", password),
        Canary("user with a coded /", f"postgresql://admin:p%2F{password}@db.example.com/x", password),
        Canary("token as a user", f"git clone https://{token}@git.example.com/x", token),
        *(
            Canary(f"{prefix}_", f"See {(value := api_id(prefix))}, please", value[len(prefix) + 1 :], wrapped=True)
            for prefix in ("file", "container", "cntr", "msg", "msgbatch", "toolu", "srvtoolu", "skill", "wrkspc")
        ),
        Canary("container in a path", f"in /srv/x/{(value := api_id('container'))}/a.py it failed", value[10:]),
        *(Canary(f"path {path}", f"It is in {path} now", who) for path, who in _paths(letters(10, "abcdefgh23"))),
    ]


def _headers() -> Iterator[tuple[str, str, str]]:
    token, password, number = letters(24), letters(12), hexadecimal(32)
    yield "ApiKey", f"Authorization: ApiKey {password}", password
    yield "SSWS", f"Authorization: SSWS {token}", token
    yield "another scheme", f"curl -H 'Authorization: Own-Scheme {token}'", token
    yield "scheme in JSON", f'{{"Authorization": "Own-Scheme {token}"}}', token
    yield "quoted Bearer", f'Authorization: Bearer "{password}"', password
    yield "Authorization in a list", f"('Authorization', 'Basic {token}')", token
    yield "Token token", f'Authorization: Token token="{token}", nonce="1"', token
    yield "Digest", f'Authorization: Digest username="me", realm="x y", uri="/a", response="{number}"', number
    scope = f"Credential={letters(10)}/20261130/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date"
    yield "AWS4", f"Authorization: AWS4-HMAC-SHA256 {scope}, Signature={number}", number
    for name in ("X-Auth-Key", "X-Functions-Key", "X-Vault-Token", "X-Access-Token"):
        yield name, f"{name}: {token}", token


def _settings() -> Iterator[tuple[str, str, str]]:
    token, password, odd = letters(24), letters(12), "hunt" + letters(6, "abcdefgh23").lower() + "er"
    yield "YAML", f"user: admin\npassword: {password}\nhost: db", password
    yield "YAML, a word with digits", f"user: admin\n  password: {odd} # of the test\nhost: db", odd
    yield "YAML, a secret key", f"debug: false\nsecret_key: {token}\nhost: db", token
    yield "YAML, a token", f"- name: x\n  auth_token: {token}\n  port: 1", token
    yield "YAML, on a line", f"{{user: me, password: {password}, host: db}}", password
    yield "YAML, with other signs", f"user: me\npassword: {odd}@!x\nhost: db", odd
    yield "INI", f"[db]\ndb_password = {odd}\nhost = db", odd
    yield "INI, tight", f"[db]\ndb_password={odd}\nhost=db", odd
    yield "INI, a secret", f"[app]\nclient_secret = {token}\nid = 3", token
    yield "properties", f"spring.datasource.password={password}\nspring.port=1", password
    yield ".env", f"DB_PASS={password}\nDB_PORT=1", password
    yield ".env, in small letters", f"export api_key={token}", token
    yield "Azure", f"AccountName=x;AccountKey={token}{letters(40)}==;EndpointSuffix=core.windows.net", token
    yield "Azure bus", f"Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey={token}=", token
    yield "ADO", f"Server=db;Uid=me;Pwd={password};Encrypt=no", password
    yield "libpq", f"host=db user=me password={password} dbname=x", password
    yield "JSON token", f'{{"token": "{token}", "id": 3}}', token
    yield "JSON password", f'{{"dbPassword":"{password}"}}', password
    yield "JSON account key", f"{{'account_key': '{token}'}}", token
    yield "JSON session", f'{{"sessionid": "{token}"}}', token
    yield "Docker", f'{{"auths": {{"x": {{"auth": "{token}"}}}}}}', token
    yield "npmrc", f"//registry.example.com/:_authToken={token}", token
    yield "npmrc, a user", f"//registry.example.com/:_auth={token}", token
    yield "npmrc, alone", f"_auth = {token}", token
    yield "a password of MySQL", f"MYSQL_PWD={odd}", odd
    yield "three quotes", f'password = """{odd}!"""', odd
    yield "raw quotes", f"password=r'{odd}!', user='x'", odd
    yield "quoted bytes", f"password=b'{odd}!', user='x'", odd
    yield "token with a dot", f'token = "s.{token}"', token
    yield "netrc", f"machine example.com login me password {password}", password
    yield "a sentence", f"The password: {password} is for you", password


def _options() -> Iterator[tuple[str, str, str]]:
    password = letters(12)
    for name in ("password", "db-password", "passphrase", "token", "access-token", "api-key", "client-secret"):
        yield f"--{name}", f"tool run --{name} {password} --fast", password
        yield f"--{name}=", f"tool run --{name}={password} --fast", password
    yield "quoted option", f"tool --password '{password}'", password
    yield "option in a list", f"run(['tool', '--token', '{password}', '-v'])", password
    yield "curl -u", f"curl -s -u me:{password} https://example.com", password
    yield "curl --user", f"curl --user 'me:{password}' https://example.com", password
    yield "curl on two lines", f"curl https://example.com \\\n  -u me:{password}", password


def _cookies() -> Iterator[tuple[str, str, str]]:
    token = letters(24)
    yield "Cookie", f"Cookie: session={token}\nHost: x", token
    yield "second cookie", f"Cookie: theme=dark; lang=en; id={token}\nHost: x", token
    yield "Set-Cookie", f"Set-Cookie: sid={token}; Path=/; HttpOnly", token
    yield "cookie in a dict", f"{{'Cookie': 'session={token}'}}", token
    yield "cookie in bytes", f"(b'set-cookie', b'sid={token}; Path=/')", token
    yield "--cookie", f"curl --cookie 'a={token}' https://example.com", token
    yield "repr of a cookie", f"&lt;Cookie sid={token} for example.com/&gt;", token


def _keys() -> dict[str, str]:
    return {
        "SendGrid": "S" + "G." + letters(22) + "." + letters(43),
        "Databricks": "da" + "pi" + hexadecimal(32),
        "Shopify": "shp" + "at_" + hexadecimal(32),
        "DigitalOcean": "do" + "p_v1_" + hexadecimal(64),
        "Groq": "gs" + "k_" + letters(52),
        "Replicate": "r" + "8_" + letters(37),
        "Pinecone": "pc" + "sk_" + letters(60),
        "LangSmith": "lsv2" + "_pt_" + hexadecimal(32) + "_" + hexadecimal(10),
        "NVIDIA": "nv" + "api-" + letters(64),
        "xAI": "xa" + "i-" + letters(80),
        "Vault": "hv" + "s." + letters(90),
        "Grafana": "gl" + "sa_" + letters(32) + "_" + hexadecimal(8),
        "New Relic": "NR" + "AK-" + letters(27, "ABCDEFGH234567"),
        "Postman": "PM" + "AK-" + hexadecimal(24) + "-" + hexadecimal(34),
        "Notion": "nt" + "n_" + letters(46),
        "Linear": "lin" + "_api_" + letters(40),
        "Docker Hub": "dckr" + "_pat_" + letters(27),
        "Google OAuth": "GOC" + "SPX-" + letters(28),
        "Stripe webhook": "wh" + "sec_" + letters(32),
        "Mailgun": "ke" + "y-" + hexadecimal(32),
        "Telegram": "123456789" + ":AA" + letters(33),
        "Slack app": "xa" + "pp-1-" + letters(40),
        "Slack hook": "https://hooks.slack" + ".com/services/T" + letters(8) + "/B" + letters(8) + "/" + letters(24),
        "OpenAI": "sk-" + "proj-" + letters(40),
        "old OpenAI": "sk-" + letters(48),
        "Stripe": "sk" + "_live_" + letters(24),
        "GitHub": "gh" + "p_" + letters(36),
        "fine GitHub": "github" + "_pat_" + letters(50),
        "GitLab": "gl" + "pat-" + letters(20),
        "Slack": "xo" + "xb-" + letters(30),
        "Hugging Face": "h" + "f_" + letters(34),
        "AWS": "AK" + "IA" + letters(16, "ABCDEFGH234567"),
        "Google": "AI" + "za" + letters(35),
        "npm": "np" + "m_" + letters(36),
        "Tailscale": "ts" + "key-auth-" + letters(16) + "-" + letters(32),
        "1Password": "op" + "s_" + "ey" + "J" + letters(200),
        "Contentful": "CF" + "PAT-" + letters(43),
        "PostHog": "ph" + "x_" + letters(43),
        "Jina": "ji" + "na_" + letters(60),
        "Fireworks": "f" + "w_" + letters(24),
        "Terraform": letters(14) + ".atlas" + "v1." + letters(67),
        "Facebook": "EA" + "AC" + letters(120),
        "old Notion": "sec" + "ret_" + letters(43),
        "Teams hook": f"https://x.webhook.office.com/webhookb2/{_guid()}@{_guid()}/IncomingWebhook/{hexadecimal(32)}/{_guid()}",
        "Slack hook of a government": "https://hooks.slack" + "-gov.com/services/T" + letters(8) + "/" + letters(24),
        "JWT": "ey" + "J" + letters(20) + "." + letters(30) + "." + letters(40),
    }


def _guid() -> str:
    return "-".join(map(hexadecimal, (8, 4, 4, 4, 12)))


def _fence(end: str, kind: str = "RSA", block: str = "") -> str:
    return f"-----{end} {kind} " + f"PRIVATE KEY{block}-----"


def _paths(who: str) -> list[tuple[str, str]]:
    windows = "C:" + "\\Users\\" + who
    return [
        (f"/home/{who}/data/a.csv", f"/home/{who}"),
        (f"/Users/{who}/data/a.csv", f"/Users/{who}"),
        (f"file:///home/{who}/a.csv", f"/home/{who}"),
        (f"/mnt/c/Users/{who}/a.csv", f"/Users/{who}"),
        (f"{windows}\\Documents\\a.csv", who),
        (f"{windows} x\\Documents\\a.csv", who),
        (windows.replace("\\", "\\\\") + "\\\\a.csv", who),
        (windows.replace("\\", "/") + "/a.csv", who),
        (f"{windows}\\AppData\\Local\\Temp\\{who}\\a.csv", who),
        (f"\\\\srv-{who}\\share\\a.csv", who),
        (f"\\\\\\\\srv-{who}\\\\share\\\\a.csv", who),
        *((f"{root}/home/{who}/data/a.csv", who) for root in ("/export", "/net", "/nfs", "/data", "/mnt/nas", "/var")),
        (f"/net/srv1/export/home/{who}/a.csv", who),
        (f"/homes/{who}/a.csv", who),
        (f"/home2/{who}/a.csv", who),
        (f"/Volumes/{who}/data/a.csv", who),
        (f"/Volumes/{who} Disk/data/a.csv", who),
        (f"/afs/example.org/user/{who}/a.csv", who),
        (f"/afs/example.org/user/a/{who}/a.csv", who),
        (f"/eos/user/a/{who}/a.csv", who),
        (f"~u{who}/data/a.csv", who),
        (f"D:\\Profiles\\{who}\\a.csv", who),
        (f"D:\\Home\\{who}\\a.csv", who),
        (f"/tmp/{who}/a.csv", who),
        (f"/tmp/{who}", who),
        (f"/var/folders/ab/{who}/T/a.csv", who),
        (f"/run/user/1000/{who}/a.csv", who),
        (f"C:\\Windows\\Temp\\{who}\\a.csv", who),
    ]


def written(secret: str) -> set[str]:
    """Return the ways in which a file may hold a secret: as it is, in JSON, HTML, an address, a repr, base64."""
    ways = {secret, html.escape(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    ways |= {urllib.parse.quote(secret, safe=""), re.sub(r"([_\-.])", r"\\\1", secret), secret.replace("_", "&#95;")}
    ways |= {json.dumps(way)[1:-1] for way in ways}
    for shift in range(3):  # where it begins in a group of three bytes
        coded = b64encode(b"\0" * shift + secret.encode()).decode()
        ways.add(coded[(0, 2, 3)[shift] : (len(coded) // 4 - 1) * 4])
    return ways


HONEST = """
An ordinary sentence, with its comma; a colon: and 12.5 % of 3/4 (see page 7).
file_overview.csv, file_2024_report.xlsx, file_report2024_id, file_20260101, container_width2, batch_size128, msg_text
the files, a file _ here, profile_id, user_name_2, org_chart2026.pdf, session_notes_v12.md, skill_level_3
The bearer of bad news; bearer bonds; Bearer authentication is described elsewhere; the x-api-key header
tokens: 16000, max_tokens=16000, token = get_token(), token="word", tokens per question: about 18,000
api_key=os.environ["KEY"], password: see the handbook, "secret" ingredients, secret = load(path), key=value
key=lambda row: row[1], sort(key=len), {"key": "name", "value": 3}, d["password"], password=None, Token.Text
https://example.com/a/b?page=2&sort=name#top, https://example.com/home/products, https://a.example/b@c:d@e, http://localhost:8765/v1/files
https://example.com/?q=token+economy&key=name&code=US, see https://docs.example.com/users/guide?signature_style=1
ssh://git@git.example.com/a/b.git, mailto:jane@docs.example, jane@docs.example, postgres://db.example.com:5432/x
SHA-256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, commit 4d8e1f2
MD5 d41d8cd98f00b204e9800998ecf8427e
123e4567-e89b-12d3-a456-426614174000, ISBN 978-3-16-148410-0, 2026-11-30T02:15:50Z, +49 30 1234567, 4111-1111
docs/a.md, ./a/b, ../x.csv, a/b/c, C:\\Windows\\System32, D:\\data\\a.csv, /usr/lib/python3, /etc/hosts, /data/a.csv
/tmp, /tmp/chart.png, /tmp/outputs/chart.png, /home, /users, the /home page, and/or, 1/2, km/h, home/garden
r"\\d+\\w", "\\\\n\\\\t", \\alpha\\beta, $\\frac{a}{b}$, a \\\\ b, if a<b and c>d: x[31] += 1; x *= 2, **kwargs
`code`, ~~old~~
<b>bold</b> <br> a &amp; b &lt; c &#8212; 100%, %20, 50%25, \\u00e9, sk-learn, sk-, sk_id, hf_hub, ghp, eyJ, AKIA
def f(self, *args): return {k: v for k, v in d.items() if k != "token"}  # a comment
SELECT token, secret FROM t WHERE key = 'name' AND password IS NULL; git commit -m "Add a key"
password: see the handbook; Password: 12-character minimum; password: required; the password: SHA-256 hashed; Token: 3rd
Authorization: required for all staff; authorization: none, token: optional, "password": "", passwords: bcrypt
password = get_password(), password = getpass("Password: "), token = tokens[0], pwd = ""
secret = settings.db2_secret
token: str = "", def login(password: str): ..., def f(user: str, password: str | None = None) -> str, secret: bool
password = password2, new_token = old_token_1, api_key = openai_key_2, f(password=pw2, token=tok)
secret = os.urandom(32)
password: ${DB_PASSWORD}
password: null
password:
  user1: x2
password: "${DB_PASSWORD}", password={password}, f"password={password!r}"
password: {{ vault_password2 }}, pwd=%(password)s
password: string
token: int64
  "password": null, "token": 151643, "eos_token": "</s>", "pad_token": "[PAD]", "token": "Hello", "token": "▁the42"
eos_token: <|endoftext|>, token_id: 50256, n_tokens = 1234567, token = line2, token count: 12k, secret santa: Anna2
PWD=/srv/data2, OLDPWD=/srv/data1, secretName: web-tls2, passwd:x:0:0, password_hash, password == other2, tokens=1e6
| token | count |, | the | 1024 |, | password: | text2 |, 3 tokens: a1b2, key: value2
monkey: abc123def, print("token:", a, "key")
--tokens 16000, --password PASSWORD, --token TOKEN, --api-key KEY, --password, --token is required, --password-stdin
tool --password "$DB_PASSWORD" --token=$TOKEN --api-key=<key> --key=name2 --sort-key col1
tool --max-token 500 --token-limit=2k, db.first_pass: x, token = "gpt 2 and gpt 4"
add_argument("--password", help="the password"), add_argument("--token", nargs=2), option("--api-key", "api_key")
curl -u user:password https://example.com, curl -u "$USER:$PASS", docker run -u 1000:1000, git push -u origin main:main2
Cookie: a small file; cookies = load(path), cookie=None, the cookie policy, cookies: accepted, Set-Cookie: Path=/
https://example.com/?session=3&sid=12, /list?session=morning&sid=a-1, #session=2, {"session": "morning", "sid": 12}
https://example.com/watch?id=a1b2c3d4e5f6g7h8i9&video_id=a1b2c3d4e5f6g7h8i9
dapi, SG.a, key-value2, key-0123, xai-, gsk_, r8_a, whsec_x, hvs.a, ntn_1, lin_api_x, 10:AA, 12:30:AA, do_v1, hooks
/home/index.html, /home/products.php, https://example.com/Users/home/products, https://example.com/a/home/products/x1
authorization: required; Authorization: see page 12; {"authorization": ""}; Authorization: Bearer; authorization, "b"
headers = ["Authorization", "Content-Type", "Basic"], ("authorization", "b1c2d3e4")
{_auth_flow=1, _auth=1, pass=3, https://example.com/?pass=3&x=1, https://example.com/?pass=monthly&y=, n_pass=12345
TEST_PASS=true, MY_PWD=/srv/data2, OLD_PWD=$PWD, DB_PASS=$DB_PASS, "pass": "first", pwd="/srv/data", pwd = os.getcwd()
load_hf_dataset_from_the_hub_and_more_words, my_sk_learn_pipeline_with_many_words_2
cache-key-d41d8cd98f00b204e9800998ecf8427e
jina_embeddings_v2_base_en_of_documents_and_images, fw_version_2_of_the_board
phx_airport, ops_team, secret_santa_list_of_2026
password = \"\"\", token = "users.read2"
X-Rate-Limit: 12, Private-Lines: 12, the x-auth-key header, EAAC, atlasv1
\\101, \\u{e9}, e\u0301a\u0300, =\\n, C:\\100\\a.csv
/Users/Shared, /Users/Shared/data/a.csv, C:\\Users\\Public\\a.csv, /Volumes, /Volumes/, /volumes/data/x, /afs
the ~ sign
~10/day, ~/data/a.csv, ~a/b, x = ~mask/2, ~~, y ~ x + z, ~5 %, /homepage/x, app/home/x, https://example.edu/~anna/x.html
é ü ß 日本語 العربية हिन्दी 🙂 – — … “quoted” ’s \u200d
"""
