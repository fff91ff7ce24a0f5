"""Words by which a right is used where there is no dialogue: found by fixed words, and not in what sounds like them."""

import pytest

from bot.core.rights import at_once, offer
from bot.core.rights.references import ALL


@pytest.mark.parametrize(
    ("text", "right", "about"),
    [
        ("xóa dữ liệu của tôi", "", ""),
        ("xoa het thong tin cua em di", "", ""),
        ("tôi rút lại đồng ý", offer.WITHDRAW, ""),
        ("rut dong y giup toi, mat het tien roi", offer.WITHDRAW, ""),
        ("rút lại BC-7K2MX", offer.WITHDRAW, "BC-7K2MX"),
        ("rut lai yeu cau", offer.WITHDRAW, ""),
        ("rút lại tất cả", offer.WITHDRAW, ALL),
        ("rut het dong y", offer.WITHDRAW, ALL),
        ("đừng nhắc tôi nữa", at_once.FORGET_REMINDERS, ""),
        ("tat nhac giup em", at_once.FORGET_REMINDERS, ""),
        ("anh giữ gì của tôi", offer.TELL_HELD, ""),
    ],
)
def test_a_wish_about_one_s_own_data_is_found(programme, text, right, about):
    wish = at_once.said(text, programme)
    assert (wish.right, wish.about) == (right, about)


@pytest.mark.parametrize(
    "text",
    [
        "họ rút hết tiền trong tài khoản của tôi",
        "toi bi rut tat ca tien roi",
        "tôi không rút lại đồng ý",
        "tôi không muốn rút lại đồng ý",
        "dung co rut lai dong y cua toi",
        "đừng xóa thông tin của tôi",
        "toi khong muon xoa thong tin",
        "tôi bị xóa tài khoản facebook",
        "nhắc lại giúp tôi mấy giờ",
        "đừng nhắc chuyện cũ",
        "xã cho tôi xin thông tin",
        "mai tôi ra xã được không",
    ],
)
def test_other_words_are_left_to_the_person(programme, text):
    assert at_once.said(text, programme) is None
