"""What words decide where nothing can be taken back, as people type them, with accents and without."""

import time

import pytest

from bot.core.deciding import (
    ERASING,
    PASSING_ON,
    REPORTING,
    TAKING_BACK,
    TELLING_STAFF,
    Meant,
    is_refused,
    meant_by,
)

YES = {
    ERASING: """có | co | ừ | u | vâng | dạ có | dạ đồng ý | ok | được em | phải | đúng rồi | chắc | chac roi |
        chắc chắn | có chắc | xóa | xoá hết | xoa het di | cu xoa di | ừ xóa đi em | đúng, xóa đi | tôi muốn xóa |
        xoa giup toi | đồng ý xóa | Xóa hết dữ liệu của tôi đi | xoa het tin nhan cua em luon di""",
    PASSING_ON: """đồng ý | dong y gui | có | gửi đi | ok em | dạ đồng ý ạ | toi dong y gui | tôi đủ 18 tuổi và đồng ý |
        du 18 tuoi roi dong y | vâng gửi giúp tôi""",
    TELLING_STAFF: "báo | ừ báo giùm | ok gui di | đồng ý | gửi kèm và báo | gui kem di | co | báo cho người phụ trách",
    REPORTING: "có | Đồng ý | dong y gui | ok | dạ đồng ý gửi đi ạ | vâng | GỬI ĐI | ok em | bao di",
}
NO = {
    ERASING: """không | khong | ko | k | hông | chưa | thôi | thoi em | mà thôi khỏi | khỏi | khoan đã | dạ không |
        da thoi a | ừ thôi | đổi ý rồi | đừng | dừng lại | Không xóa | khong xoa | ko, dung xoa | đừng xóa | dung xoa |
        không đồng ý | ko dong y xoa | chưa muốn xóa | không cần xóa đâu | thoi khong xoa nua | hổng xóa đâu |
        đừng có mà xóa | giữ lại giúp tôi | Tôi không muốn xóa dữ liệu nữa | Bạn đừng xóa dữ liệu của tôi nhé |
        ban dung xoa du lieu cua toi nhe | thôi em, chị đổi ý, đừng xóa thông tin của chị |
        tôi không hề muốn bạn xóa""",
    PASSING_ON: """không | không đồng ý | đừng gửi | dung gui cho ho | khong gui | thôi khỏi gửi |
        không đăng ký nữa | chưa đồng ý |
        tôi không muốn gửi""",
    TELLING_STAFF: "không | không báo | đừng báo | thôi, không báo | dung bao cho ai | không gửi",
    REPORTING: "không | thôi | chưa | đừng gửi | khong muon bao nua",
}
UNCLEAR = {
    ERASING: """2 | 2 nha | asdf | 👍 | dạ | da | dung | cô | cô ơi | u thi | có lẽ | hình như có | chắc là xóa |
        đã xóa | chắc vậy à? | ok không? | không biết | khong chac | chua chac |
        chắc vậy | chac vay | chac xoa | chac duoc | chắc có | chac u | chắc đồng ý | ừ chắc vậy em |
        để tôi nghĩ đã | xóa không | co xoa khong |
        không biết có nên xóa không | xóa rồi có lấy lại được không |
        xóa thì mất gì | sao không xóa | xóa đi chứ sao không | xóa một phần thôi | gửi | báo |
        xóa hết, không giữ lại gì | tôi không dùng nữa, xóa giúp | toi khong dung, xoa giup toi""",
    PASSING_ON: """đủ 18 tuổi | 18 | đã gửi | bảo gửi | ừ để xem | gửi đi đâu | đồng ý cái gì | co mat tien khong |
        xóa | dong y nhung khong cho so dien thoai | chac vay | chắc được | chac dong y""",
    TELLING_STAFF: "bao gio | báo ai | kem | để xem | đã báo rồi | xóa",
    REPORTING: """chac vay | chắc gửi | có nên gửi không | ok để tôi hỏi con tôi đã | gửi đi đâu | đồng ý cái gì |
        👍 | xóa""",
}


def _cases():
    for meant, table in ((Meant.YES, YES), (Meant.NO, NO), (Meant.UNCLEAR, UNCLEAR)):
        for deed, texts in table.items():
            for text in texts.split("|"):
                yield pytest.param(" ".join(text.split()), deed, meant, id=f"{deed.verbs}: {' '.join(text.split())}")


@pytest.mark.parametrize(("text", "deed", "meant"), list(_cases()))
def test_words_mean_a_yes_a_no_or_neither(text, deed, meant):
    assert meant_by(text, deed) is meant


@pytest.mark.parametrize("deed", YES)
def test_no_yes_stays_one_with_a_refusal_around_it(deed):
    for text in YES[deed].split("|"):
        for changed in (f"không {text}", f"đừng {text}", f"{text} không?", f"{text} thì sao", f"ai nói {text}"):
            assert meant_by(" ".join(changed.split()), deed) is not Meant.YES, changed


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("tôi không muốn rút lại đồng ý", True),
        ("dung rut lai dong y", True),
        ("toi khong dong y rut", True),
        ("tôi rút lại đồng ý", False),
        ("không đồng ý nữa", False),
        ("đừng gọi nữa, rút đồng ý", False),
        ("không muốn bị gọi nữa, rút lại đồng ý", False),
        ("tôi không muốn rút lại đồng ý, được không?", True),
    ],
)
def test_a_refusal_is_of_the_deed_and_not_of_something_else(text, refused):
    assert is_refused(text, TAKING_BACK) is refused


def test_a_long_message_is_read_at_once():
    started = time.perf_counter()
    for text in (
        "có chắc " * 250 + "x",
        "không " * 330,
        "dong y roi " * 180 + "?",
        "không muốn " * 180,
        *("co " * 11 + "x", "chi bao kem " * 4),
    ):
        assert meant_by(text, ERASING) is not Meant.YES
    assert time.perf_counter() - started < 1
