import stat

import pytest
from pydantic import ValidationError

from bot.settings import SecretFileUnusableError, Settings, names_without_effect, read_or_create_secret

KEY = "q7Yz0mB4xN1vR8tK2wL5cJ9sD3fH6gPa"
OLDER_KEY = "Pa6gHf3Ds9Jc5Lw2Kt8Rv1Nx4Bm0zY7q"
ACTIONS = "e5Rt7Yu8Io9Pa0Sd1Fg2Hj3Kl4Zx6Cv8"


def production(**fields):
    return Settings(**{"environment": "production", "secret_key": KEY, "actions_secret": ACTIONS, **fields})


def test_nothing_needs_to_be_set_in_development():
    settings = Settings()
    assert (settings.host, settings.port, settings.nlu_port, settings.actions_port) == ("127.0.0.1", 8000, 5005, 5055)
    assert settings.supervises_nlu
    assert settings.on_sqlite
    assert not settings.keep_misread


def test_environment_variables_carry_the_prefix(monkeypatch):
    monkeypatch.setenv("HIENDIEN_PORT", "9000")
    monkeypatch.setenv("HIENDIEN_TODAY", "2025-06-01")
    monkeypatch.setenv("HIENDIEN_TRUSTED_PROXIES", "10.0.0.1, 10.1.0.0/16")
    settings = Settings()
    assert settings.port == 9000
    assert settings.today.isoformat() == "2025-06-01"
    assert settings.trusted_proxies == ("10.0.0.1", "10.1.0.0/16")


@pytest.mark.parametrize("field", Settings.model_fields)
def test_a_variable_set_to_nothing_is_unset(monkeypatch, field):
    monkeypatch.setenv(f"HIENDIEN_{field.upper()}", "")
    assert Settings() == Settings(_env_prefix="NOBODY_HAS_THIS_")


def test_an_empty_secret_of_the_nlu_server_is_no_weak_one(monkeypatch):
    monkeypatch.setenv("HIENDIEN_NLU_SECRET", "")
    assert production().nlu_secret is None


def test_names_that_no_setting_has_are_listed(monkeypatch):
    monkeypatch.setenv("HIENDIEN_PORT", "9000")
    monkeypatch.setenv("hiendien_host", "127.0.0.1")
    monkeypatch.setenv("HIENDIEN_PROT", "9000")
    monkeypatch.setenv("HIENDIEN_TELEFON", "x")
    assert names_without_effect() == ["HIENDIEN_PROT", "HIENDIEN_TELEFON"]


@pytest.mark.parametrize(
    "fields",
    [
        {"secret_key": None},
        {"secret_key": "short"},
        {"secret_key": f"{KEY},short"},
        {"secret_key": "x" * 40},
        {"secret_key": f"{KEY},{KEY}"},
        {"actions_secret": None},
        {"actions_secret": "short"},
        {"actions_secret": KEY},
        {"nlu_secret": "short"},
        {"today": "2025-06-01"},
    ],
)
def test_production_refuses_what_is_weak_or_for_show(fields):
    with pytest.raises(ValidationError):
        production(**fields)


def test_production_takes_strong_secrets_newest_first_and_any_address():
    settings = production(secret_key=f"{KEY}, {OLDER_KEY}", host="0.0.0.0")
    assert [key.get_secret_value() for key in settings.secret_keys] == [KEY, OLDER_KEY]
    assert settings.cookies_are_secure


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "example.org", "::"])
def test_development_listens_on_loopback_only(host):
    with pytest.raises(ValidationError):
        Settings(host=host)
    with pytest.raises(ValidationError):
        Settings(actions_host=host)


@pytest.mark.parametrize(
    "fields",
    [
        {"port": 0},
        {"trusted_proxies": "0.0.0.0/0"},
        {"trusted_proxies": "::/0"},
        {"nlu_url": "http://192.0.2.7:5005"},
        {"port": 65536},
        {"chat_rate_limit": "many"},
        {"today": "1/6/2025"},
        {"trusted_proxies": "somewhere"},
        {"database_url": "mysql://u@h/d"},
        {"database_url": "postgresql://u@h:port/d"},
        {"database_url": "sqlite://"},
        {"database_url": "nonsense"},
    ],
)
def test_unusable_values_are_refused(fields):
    with pytest.raises(ValidationError):
        Settings(**fields)


def test_a_wrong_secret_is_not_repeated_in_the_error():
    with pytest.raises(ValidationError) as failure:
        production(secret_key="short-but-secret")
    assert "short-but-secret" not in str(failure.value)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:////tmp/x.sqlite3", "sqlite+aiosqlite:////tmp/x.sqlite3"),
        ("postgresql://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgres://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d"),
    ],
)
def test_database_addresses_are_taken_as_people_write_them(given, used):
    assert Settings(database_url=given).effective_database_url == used


def test_a_secret_is_made_once_for_its_owner_only(tmp_path):
    path = tmp_path / "var" / "secret"
    first = read_or_create_secret(path)
    assert read_or_create_secret(path) == first
    assert len(first.get_secret_value()) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("content", ["", "cut"])
def test_a_secret_that_was_cut_short_is_refused_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "secret"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(SecretFileUnusableError):
        read_or_create_secret(path)
    assert path.read_text() == content


def test_a_secret_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "secret"
    read_or_create_secret(path)
    path.chmod(0o640)
    with pytest.raises(SecretFileUnusableError):
        read_or_create_secret(path)


def test_an_nlu_server_elsewhere_needs_its_secret():
    assert Settings(nlu_url="http://192.0.2.7:5005", nlu_secret=KEY).effective_nlu_url == "http://192.0.2.7:5005"
