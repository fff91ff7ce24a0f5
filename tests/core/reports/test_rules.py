import pytest

from bot.core.reports import rules


def test_a_reference_is_short_its_own_and_reads_back_however_it_is_typed():
    references = {rules.new_reference() for _ in range(200)}
    assert len(references) > 190
    for reference in references:
        assert len(reference) == 8
        assert rules.read_reference(f" {reference.lower()} ") == reference


@pytest.mark.parametrize(
    "typed", ["", "BC-", "BC-12345678", "HD-ABCD-EFGH", "BC-AEIOU", "BC-7K2M", "../BC-7K2MX", "BC-7K2MX\0"]
)
def test_what_is_no_reference_is_none(typed):
    assert rules.read_reference(typed) is None


def test_a_secret_in_a_story_is_taken_out_once_more():
    assert "482913" not in rules.story("họ hỏi mã otp là 482913")
    assert "0912345678" in rules.story("số 0912345678 gọi tôi")


def test_a_story_is_kept_whole_or_cut_after_a_word_and_marked():
    assert rules.story(" có người\n gọi  tôi ") == "có người gọi tôi"
    long = "lừa đảo " * 100
    assert rules.story(long).endswith("đảo …") or rules.story(long).endswith("lừa …")
    assert len(rules.story(long)) <= rules.LONGEST_WORDS
    assert len(rules.story("a" * 2_000)) == rules.LONGEST_WORDS
