import pytest

from bot.core.vault import MasterSecretWeakError, SealBrokenError, Vault

OLD, NEW = "the old master secret, long enough", "the new master secret, long enough"


def test_what_was_sealed_opens_in_its_place_only():
    key, _ = Vault([OLD]).new_person_key("somebody")
    sealed = key.seal(b"secret", place="inbox:web::1")
    assert key.open(sealed, place="inbox:web::1") == b"secret"
    with pytest.raises(SealBrokenError):
        key.open(sealed, place="inbox:web::2")


def test_a_changed_byte_breaks_the_seal():
    key, _ = Vault([OLD]).new_person_key("somebody")
    sealed = bytearray(key.seal(b"secret", place="here"))
    sealed[-1] ^= 1
    with pytest.raises(SealBrokenError):
        key.open(bytes(sealed), place="here")


def test_a_wrapped_key_opens_for_its_person_only():
    vault = Vault([OLD])
    _, wrapped = vault.new_person_key("somebody")
    with pytest.raises(SealBrokenError):
        vault.open_person_key("somebody-else", wrapped)


def test_keys_of_the_old_secret_open_after_a_rotation_and_not_without_it():
    key, wrapped = Vault([OLD]).new_person_key("somebody")
    sealed = key.seal(b"secret", place="here")
    assert Vault([NEW, OLD]).open_person_key("somebody", wrapped).open(sealed, place="here") == b"secret"
    with pytest.raises(SealBrokenError):
        Vault([NEW]).open_person_key("somebody", wrapped)


def test_a_token_fits_its_own_digest_only_also_after_a_rotation():
    vault = Vault([OLD])
    token, other = vault.new_token(), vault.new_token()
    digest = vault.token_digest(token)
    assert vault.token_fits(token, digest)
    assert not vault.token_fits(other, digest)
    assert Vault([NEW, OLD]).token_fits(token, digest)
    assert not Vault([NEW]).token_fits(token, digest)


def test_a_button_works_in_its_own_conversation_only():
    vault = Vault([OLD])
    payload = vault.mark_press("web:mine", "ask_cost?product=id.vn")
    assert vault.read_press("web:mine", payload) == "ask_cost?product=id.vn"
    assert vault.read_press("web:other", payload) is None
    assert Vault([NEW, OLD]).read_press("web:mine", payload) == "ask_cost?product=id.vn"


@pytest.mark.parametrize("payload", ["", "ask_cost", "ask_cost~", "ask_cost~AAAAAAAAAAAA", "~", "ask_offer~đúng"])
def test_a_made_up_payload_is_no_button(payload):
    assert Vault([OLD]).read_press("web:mine", payload) is None


@pytest.mark.parametrize("masters", [[], [""], ["short"], [OLD, ""]])
def test_a_vault_without_a_strong_secret_is_refused(masters):
    with pytest.raises(MasterSecretWeakError):
        Vault(masters)
