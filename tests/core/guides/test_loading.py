import shutil

import pytest

from bot.core.guides import load_guides
from bot.core.programme import ContentError
from bot.core.programme.content_problems import ContentProblem


@pytest.fixture
def broken(content_directory, tmp_path):
    """Change one text in a copy of the guides, load them and give the error that comes."""

    def change(file, old, new):
        shutil.copytree(content_directory / "guides", tmp_path / "guides", dirs_exist_ok=True)
        path = tmp_path / "guides" / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        with pytest.raises(ContentError) as caught:
            load_guides(tmp_path)
        assert caught.value.file == path
        return caught.value, text[: text.index(old)].count("\n") + 1

    return change


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("sign-token.yaml", "code: st", "code: S1", ContentProblem.NOT_IN_FORM),
        ("sign-token.yaml", "code: st", "code: sh", ContentProblem.KEY_TAKEN),
        ("sign-token.yaml", "platform: windows", "platform: linux", ContentProblem.NOT_A_CHOICE),
        ("sign-token.yaml", "goes_to: 4", "goes_to: 5", ContentProblem.NOT_A_CHOICE),
        ("sign-token.yaml", "gaps: [token_says_step_3]", "gaps: [nothing]", ContentProblem.NOT_A_CHOICE),
        ("sign-token.yaml", "guide: install-esign-windows", "guide: install-esign", ContentProblem.NOT_A_CHOICE),
        ("sign-token.yaml", "see_certificates", "start_signing", ContentProblem.KEY_TAKEN),
        ("install-st3-mac.yaml", "key: disagree", "key: read_license", ContentProblem.KEY_TAKEN),
        ("install-st3-mac.yaml", "  package: ST3_1.0.17.0303", "  package: ST3_1", ContentProblem.NOT_A_CHOICE),
        ("install-st3-mac.yaml", "cautions: [os_x_yosemite]", "cautions: [vista]", ContentProblem.NOT_A_CHOICE),
        ("install-esign-mac.yaml", "begins_at: 10", "begins_at: 20", ContentProblem.NOT_A_CHOICE),
        ("sign-softcert-high.yaml", "medium, step: 4", "medium, step: 9", ContentProblem.NOT_A_CHOICE),
        ("sign-softcert-high.yaml", "guide: sign-softcert-medium", "guide: sign-softcert", ContentProblem.NOT_A_CHOICE),
        ("sign-softcert-high.yaml", "- n: 3", "- n: 4", ContentProblem.NOT_A_CHOICE),
        ("manual.yaml", "medium: roaming", "medium: cloud", ContentProblem.NOT_A_CHOICE),
    ],
)
def test_a_guide_that_contradicts_itself_or_another_is_named_with_its_line(broken, file, old, new, problem):
    error, line = broken(file, old, new)
    assert error.problem is problem
    assert abs(error.line - line) <= 12


def test_a_text_that_lacks_a_language_is_told(broken):
    error, line = broken("manual.yaml", "    en: To install", "    #")
    assert error.problem is ContentProblem.MISSING_FIELD
    assert "purpose.en" in str(error)
    assert abs(error.line - line) <= 2


def test_a_guide_that_the_manual_names_and_that_is_not_there_is_told_by_its_file(content_directory, tmp_path):
    shutil.copytree(content_directory / "guides", tmp_path / "guides")
    (tmp_path / "guides" / "sign-token.yaml").unlink()
    with pytest.raises(ContentError, match=r"sign-token\.yaml"):
        load_guides(tmp_path)


def test_guides_cannot_be_changed_after_loading(guides):
    with pytest.raises(ValueError, match="frozen"):
        guides.manual.publisher = "x"
