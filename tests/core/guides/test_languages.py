import pytest

from bot.core.guides.languages import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how to install token", "en"),
        ("install e-SIGN on windows", "en"),
        ("saya mahu pasang token", "ms"),
        ("cara import softcert", "ms"),
        ("bagaimana tandatangan guna token", "ms"),
        ("hướng dẫn cài token", "vi"),
        ("huong dan cai token", "vi"),
        ("cai e-sign tren windows", "vi"),
        ("import softcert vao may tinh", "vi"),
        ("token", None),
        ("Choose Certificate", None),
        ("123", None),
        ("", None),
    ],
)
def test_the_words_of_a_message_tell_its_language_where_they_can(text, language):
    assert language_of(text) == language
