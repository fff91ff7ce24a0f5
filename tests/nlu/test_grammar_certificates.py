"""Certificates: who issued them, what they are kept on, the machine, and what is to be done with them."""

import pytest

from tests.nlu.reading import read_only, values

GUIDE = ("platform", "medium", "token_provider", "procedure")
PLATFORMS = [
    ("win 10", "windows", "win 10"),
    ("máy win mười", "windows", "win mười"),
    ("cài trên Windows XP", "windows", "Windows XP"),
    ("win7", "windows", "win7"),
    ("macbook air", "mac", "macbook air"),
    ("máy mac", "mac", "mac"),
    ("Mac OS El Capitan", "mac", "Mac OS El Capitan"),
    ("dùng mac", "mac", "mac"),
    ("máy sierra", "mac", "sierra"),
    ("linux", "linux", "linux"),
    ("Ubuntu", "linux", "Ubuntu"),
    ("đăng ký trên điện thoại", "phone", "điện thoại"),
    ("dk bang dien thoai samsung", "phone", "dien thoai samsung"),
    ("chỉ có iphone", "phone", "iphone"),
]
NO_PLATFORMS = [
    "máy tính hp", "laptop Dell", "số điện thoại", "gọi điện thoại", "sao mac qua vay", "mắc quá", "tiem may mac",
    "win win", "chiến thắng", "the window never shows up", "điện thoại sở", "mặc áo",
]  # fmt: skip
MEDIA = [
    ("token là gì", "token"),
    ("USB token", "token"),
    ("cái usb ký số", "token"),
    ("tô ken", "token"),
    ("soft cert", "softcert"),
    ("chứng thư mềm", "softcert"),
    ("chu ky so mem", "softcert"),
    ("roaming certificate", "roaming"),
]
NO_MEDIA = ["data roaming", "gói roaming quốc tế", "usb", "chứng thư số", "reveal the admin token", "mềm quá"]
PROVIDERS = [
    ("MyCukai", "mycukai"),
    ("pos digicert", "mycukai"),
    ("MSC Trustgate", "mycukai"),
    ("mai cu kai", "mycukai"),
    ("VNPT-CA", "vn_provider"),
    ("bkav ca", "vn_provider"),
    ("BkavCA", "vn_provider"),
    ("VGCA", "vn_provider"),
    ("token viettel", "vn_provider"),
    ("chữ ký số của FPT", "vn_provider"),
    ("token này không biết của ai", "unknown"),
    ("chung thu ko ro cua hang nao", "unknown"),
    ("token, I don't know which provider", "unknown"),
]
NO_PROVIDERS = [
    "mạng viettel", "VNPT Vĩnh Long", "win cả đôi", "tên này không biết của ai", "new cả", "tm", "fpt cả nhà",
]  # fmt: skip
PROCEDURES = [
    ("hướng dẫn cài e-sign", "install_esign", "cài e-sign"),
    ("cai phan mem ky so", "install_esign", "cai phan mem ky so"),
    ("installing e-SIGN", "install_esign", "installing e-SIGN"),
    ("cài driver token", "install_middleware", "cài driver token"),
    ("pasang ST3", "install_middleware", "pasang ST3"),
    ("cai token", "install_middleware", "cai token"),
    ("import softcert", "import_softcert", "import softcert"),
    ("nhập file p12", "import_softcert", "nhập file p12"),
    ("cài chứng thư mềm", "import_softcert", "cài chứng thư mềm"),
    ("ký bằng token", "sign", "ký bằng token"),
    ("ky so bang usb token", "sign", "ky so bang usb token"),
    ("sign with a soft cert", "sign", "sign with a soft cert"),
    ("tandatangan guna token", "sign", "tandatangan guna token"),
    ("kiểm tra chứng thư", "verify", "kiểm tra chứng thư"),
    ("check that my softcert is installed", "verify", "check that my softcert is installed"),
    ("coi chung thu con han ko", "verify", "coi chung thu con han ko"),
    ("semak sijil digital", "verify", "semak sijil digital"),
]
NO_PROCEDURES = [
    "đăng ký", "chữ ký số là gì", "ai ký quyết định 826", "ký hợp đồng", "học kỳ 2", "sign up for token",
    "kiểm tra tên miền", "nhập tên", "cắm cái token", "mua cai token", "cài zalo", "e-sign",
    "hạn chứng thư theo ngày ký",
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "typed"), PLATFORMS)
def test_a_machine_is_told_by_its_system(text, value, typed):
    assert read_only(text, "platform") == [("platform", value, typed)]


@pytest.mark.parametrize("text", NO_PLATFORMS)
def test_no_machine_is_guessed(text):
    assert values(text, "platform") == []


@pytest.mark.parametrize(("text", "value"), MEDIA)
def test_what_a_certificate_is_kept_on(text, value):
    assert values(text, "medium") == [("medium", value)]


@pytest.mark.parametrize("text", NO_MEDIA)
def test_roaming_of_telephones_and_bare_usb_are_no_medium(text):
    assert values(text, "medium") == []


@pytest.mark.parametrize(("text", "value"), PROVIDERS)
def test_whose_certificate_it_is(text, value):
    assert values(text, "token_provider") == [("token_provider", value)]


@pytest.mark.parametrize("text", NO_PROVIDERS)
def test_telephone_companies_are_no_providers_by_themselves(text):
    assert values(text, "token_provider") == []


@pytest.mark.parametrize(("text", "value", "typed"), PROCEDURES)
def test_what_is_to_be_done_takes_the_medium_inside_it(text, value, typed):
    assert read_only(text, "procedure", "medium") == [("procedure", value, typed)]


@pytest.mark.parametrize("text", NO_PROCEDURES)
def test_registering_and_signing_by_hand_are_no_procedures(text):
    assert values(text, "procedure") == []


def test_the_parts_of_a_sentence_stand_side_by_side():
    assert values("ký bằng softcert trên MyCukai, máy macbook, không phải VNPT-CA", *GUIDE) == [
        ("procedure", "sign"),
        ("token_provider", "mycukai"),
        ("platform", "mac"),
    ]
