"""What the simulated Weibo knows: apps, users, tokens, posts, counters and options."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.clock import unix_s

OWNER_TOKEN_S = 157_679_999
TEST_TOKEN_S = 86_400

# Post numbers carry their second in the upper bits, counted from this moment.
_ID_EPOCH_S = 515_483_463


@dataclass
class App:
    """A registered application. `redirect_uri` None accepts any loopback address (for demos)."""

    app_key: str
    secret: str
    name: str = "示例应用"
    redirect_uri: str | None = None
    level: str = "normal"
    domains: list[str] = field(default_factory=list)
    domains_approved: bool = True
    subdomains_count: bool = False
    safety_ips: list[str] = field(default_factory=list)
    owner_uid: str | None = None
    test_uids: list[str] = field(default_factory=list)
    legacy_write: bool = False


@dataclass
class Post:
    """One status. `sent` is the text as it came in, `text` as the platform gives it back."""

    id: int
    uid: str
    app_key: str | None
    sent: str
    text: str
    created_at: datetime
    picture: str | None = None
    shown_at: datetime | None = None
    gone: bool = False
    stub: bool = False
    links: dict[str, str] = field(default_factory=dict)
    is_long: bool = False

    def seen(self, now: datetime) -> bool:
        """Tell whether reads show it: not hidden any more and not gone."""
        return not self.gone and (self.shown_at is None or self.shown_at <= now)


@dataclass
class User:
    """One person or bureau with an account."""

    uid: str
    screen_name: str
    followers: int = 0
    verified_type: int = 1
    posts: list[Post] = field(default_factory=list)


@dataclass
class Token:
    """An access token. `dead_code` is what it is answered with once it is worthless."""

    value: str
    uid: str
    app_key: str
    created_at: datetime
    expires_at: datetime
    dead_code: int | None = None


@dataclass
class Grant:
    """An authorisation code: works once, for ten minutes."""

    code: str
    uid: str
    app_key: str
    redirect_uri: str
    expires_at: datetime
    used: bool = False


@dataclass
class Options:
    """Behaviour that tests may change, or that nobody knows for sure."""

    duplicate_window_s: float = 600.0
    similar_window_s: float = 0.0
    timeline_lag_s: float = 0.0
    timeline_cap: int = 5
    cap_before_base_app: bool = False
    error_code_as_string: bool = False
    url_objects: bool = True
    calls_per_day: int = 100
    posts_per_hour: int = 30
    calls_per_ip_hour: int = 15_000
    min_gap_s: float = 0.0
    normal_token_s: int = 2_592_000
    token_info_as_strings: bool = False
    revoke_result_as_bool: bool = False
    revoked_code: int = 21319
    trigger_words: dict[str, int] = field(
        default_factory=lambda: {
            "违法网址示例": 20018,
            "广告内容示例": 20020,
            "违法内容示例": 20021,
            "敏感词示例": 21602,
        }
    )


@dataclass
class WeiboState:
    """Everything, in memory."""

    apps: dict[str, App] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    created: int = 0
    last_id: int = 0
    user_calls: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    ip_calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    posts_made: Counter[tuple[str, str]] = field(default_factory=Counter)

    def new_id(self, now: datetime) -> int:
        """Return a post number of 16 digits, above all earlier ones even if the clock went back."""
        self.last_id = max(self.last_id + 1, (unix_s(now) - _ID_EPOCH_S) << 22)
        return self.last_id

    def life_s(self, app: App, uid: str) -> int:
        """Return how long a new token lives: by the app's level, very long for its owner."""
        if app.owner_uid == uid:
            return OWNER_TOKEN_S
        return TEST_TOKEN_S if app.level == "test" else self.options.normal_token_s

    def issue(self, value: str, uid: str, app: App, now: datetime, life_s: int) -> Token:
        """Make a token known."""
        token = Token(value, uid, app.app_key, now, now + timedelta(seconds=life_s))
        self.tokens[value] = token
        return token
