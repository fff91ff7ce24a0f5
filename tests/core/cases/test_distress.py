import pytest

from bot.core.cases.distress import is_distress


@pytest.mark.parametrize(
    "text",
    [
        "tôi muốn chết",
        "toi khong muon song nua",
        "em ko thiết sống nữa anh ơi",
        "mất hết tiền rồi, chắc tôi tự tử",
        "toi muon tu tu cho xong",
        "tôi định tự sát",
        "TÔI KHÔNG MUỐN SỐNG",
        "nợ nần quá tôi chết quách cho xong",
        "sống làm gì nữa, sống không nổi nữa rồi",
        "uống thuốc sâu chết cho rồi",
    ],
)
def test_words_of_somebody_who_wants_to_die_are_found(text):
    assert is_distress(text)


@pytest.mark.parametrize(
    "text",
    [
        "để tôi từ từ làm",
        "toi se tu tu dang ky",
        "tôi muốn từ từ trả tiền",
        "toi muon tu tu lam cho chac",
        "toi muon tu van ve id.vn",
        "rẻ muốn chết luôn",
        "chờ lâu muốn chết",
        "điện thoại chết rồi",
        "cơ sở sản xuất ở sông, chân sông",
        "muốn sống khỏe thì làm gì",
        "kết thúc đăng ký rồi sao nữa",
    ],
)
def test_harmless_words_are_not(text):
    assert not is_distress(text)
