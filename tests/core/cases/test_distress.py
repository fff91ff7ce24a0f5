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
        "toi nghi den chuyen tu tu",
        "tôi nghĩ đến chuyện tự tử",
        "toi nghi toi tu tu may hom nay",
        "cho toi chet di",
        "để tôi chết đi cho rồi",
        "song lam gi nua",
        "sống để làm gì nữa",
        "no nan qua em muon chet",
        "lừa hết tiền rồi em muốn chết luôn",
        "mắc nợ quá em muốn chết",
        "mệt quá em muốn chết",
        "app lag qua em muon chet, ma song lam gi nua",
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
        "mac qua em muon chet",
        "app lag qua em muon chet luon",
        "đắt quá tôi muốn chết",
        "mạng chậm quá em muốn chết luôn á",
        "toi nghi den chuyen tu tu dang ky",
        "cho toi chết máy rồi",
        "song lam gi cho khoe",
    ],
)
def test_harmless_words_are_not(text):
    assert not is_distress(text)
