"""Phone numbers, mail addresses and codes, written and said."""

import pytest

from tests.nlu.reading import read_only, values

PHONES = [
    ("số em 0900000123", "+84900000123", "0900000123"),
    ("0900 000 123", "+84900000123", "0900 000 123"),
    ("0900.000.123 nha", "+84900000123", "0900.000.123"),
    ("0900-000-123", "+84900000123", "0900-000-123"),
    ("+84 900 000 123", "+84900000123", "+84 900 000 123"),
    ("84900000123", "+84900000123", "84900000123"),
    ("+84 0900 000 123", "+84900000123", "+84 0900 000 123"),
    ("máy bàn 0294 000 0188", "+842940000188", "0294 000 0188"),
    ("(0294) 000 0188", "+842940000188", "(0294) 000 0188"),
    ("my number is +60 12 345 6789", "+60123456789", "+60 12 345 6789"),
    ("tổng đài 1900 1234", "19001234", "1900 1234"),
    ("không chín trăm không không không bốn hai một", "+84900000421", "không chín trăm không không không bốn hai một"),
    ("số khong chin khong khong khong khong khong bon hai mot", "+84900000421",
     "khong chin khong khong khong khong khong bon hai mot"),
]  # fmt: skip
NO_PHONES = [
    "0900000", "090000012345", "mã số thuế 0300000000", "stk 0900000123", "cccd 001000000001", "4.026 tên",
    "từ 20 đến 25", "không không không", "không chín không không không không không một hai ba bốn", "2026-10-10",
]  # fmt: skip
EMAILS = [
    ("thư về lan.nguyen@example.com nhé", "lan.nguyen@example.com", "lan.nguyen@example.com"),
    ("LAN@Example.VN", "lan@example.vn", "LAN@Example.VN"),
    ("info@quanbaba.biz.vn", "info@quanbaba.biz.vn", "info@quanbaba.biz.vn"),
    ("gửi vào a@id.vn", "a@id.vn", "a@id.vn"),
    ("lan @ example . com", "lan@example.com", "lan @ example . com"),
    ("mail là minh châu a còng example chấm com", "minhchau@example.com", "minh châu a còng example chấm com"),
    ("lan.nguyen at example dot com", "lan.nguyen@example.com", "lan.nguyen at example dot com"),
    ("của em là bà ba gạch dưới hai a còng gi meo chấm com", "baba_hai@gmail.com",
     "bà ba gạch dưới hai a còng gi meo chấm com"),
]  # fmt: skip
NO_EMAILS = ["a còng là gì", "@", "look at example com", "cho tôi @ với", "quán a@"]
CODES = [
    ("HD-2b7k-9xtr", "reference", "HD-2B7K-9XTR", "HD-2b7k-9xtr"),
    ("hd 4w8p 2rnc tới đâu", "reference", "HD-4W8P-2RNC", "hd 4w8p 2rnc"),
    ("hd9f6j-k2v7", "reference", "HD-9F6J-K2V7", "hd9f6j-k2v7"),
    ("HDC5T86MWK", "reference", "HD-C5T8-6MWK", "HDC5T86MWK"),
    ("hát đê bảy ka hai em chín quy ích tê", "reference", "HD-7K2M-9QXT", "hát đê bảy ka hai em chín quy ích tê"),
    ("mã kiểm tra K7M2", "check_code", "K7M2", "K7M2"),
    ("mã cuối bản tin là: k7m4qx", "check_code", "K7M4QX", "k7m4qx"),
    ("check code T6Y 3KB", "check_code", "T6Y3KB", "T6Y 3KB"),
    ("5YN-TK2 là mã trên tờ dán", "check_code", "5YNTK2", "5YN-TK2"),
    ("bản tin 2ZKM7R có thật không", "check_code", "2ZKM7R", "2ZKM7R"),
    ("cdf 2h4", "check_code", "CDF2H4", "cdf 2h4"),
    (" 5yn tk2 ?", "check_code", "5YNTK2", "5yn tk2"),
    ("mã cuối là ca bảy em bốn quy ích nhé", "check_code", "K7M4QX", "ca bảy em bốn quy ích"),
]
NO_CODES = [
    "hd minh dang ky voi", "hd em cai dat voi", "hd 2026 2027", "HD-hàng-ngày", "mã kiểm tra nào", "mã QR",
    "mã TT02 là bài gì", "mã OTP 483920", "2tr500k", "bản tin 2026", "mã là em hai ba", "dduwowcj mie6n",
]  # fmt: skip


@pytest.mark.parametrize(("text", "number", "typed"), PHONES)
def test_phone_numbers_are_read_as_they_are_dialled_from_anywhere(text, number, typed):
    assert read_only(text, "phone") == [("phone", number, typed)]


@pytest.mark.parametrize("text", NO_PHONES)
def test_other_numbers_are_no_phone_numbers(text):
    assert values(text, "phone") == []


@pytest.mark.parametrize(("text", "address", "typed"), EMAILS)
def test_mail_addresses_are_read_in_lower_case(text, address, typed):
    assert read_only(text, "email", "domain_name", "product") == [("email", address, typed)]


@pytest.mark.parametrize("text", NO_EMAILS)
def test_half_an_address_is_none(text):
    assert values(text, "email") == []


@pytest.mark.parametrize(("text", "name", "code", "typed"), CODES)
def test_codes_are_read_however_loosely_they_are_typed(text, name, code, typed):
    assert read_only(text, "reference", "check_code", "phone") == [(name, code, typed)]


@pytest.mark.parametrize("text", NO_CODES)
def test_words_prices_and_names_of_material_are_no_codes(text):
    assert values(text, "reference", "check_code") == []
