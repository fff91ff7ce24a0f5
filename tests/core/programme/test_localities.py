from datetime import date

import pytest
import yaml

from bot.core.programme.localities import Gazetteer
from bot.core.programme.localities_content import Localities

BEFORE = date(2025, 6, 30)
MERGED = date(2025, 7, 1)
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def localities(content_directory):
    content = yaml.safe_load((content_directory / "localities.yaml").read_text(encoding="utf-8"))
    return Localities.model_validate(content["localities"])


@pytest.fixture(scope="module")
def gazetteer(localities):
    return Gazetteer(localities)


@pytest.fixture(scope="module")
def told(gazetteer):
    """Give what a text makes known: pairs of old and new name."""
    return lambda text, on=TODAY: [(each.old, each.now) for each in gazetteer.units_named(text, on)]


TRA_VINH = ("Trà Vinh", "Vĩnh Long")
BAC_GIANG = ("Bắc Giang", "Bắc Ninh")


class TestContent:
    def test_each_of_the_63_provinces_is_one_of_34(self, localities):
        assert len({each.old for each in localities.provinces}) == len(localities.provinces) == 63
        assert len({each.now for each in localities.provinces}) == 34

    def test_a_province_of_today_kept_the_name_of_one_of_its_parts(self, localities):
        assert {each.now for each in localities.provinces} <= {each.old for each in localities.provinces}

    @pytest.mark.parametrize(
        ("province", "districts", "old", "new"), [("Trà Vinh", 9, 104, 41), ("Bắc Giang", 10, 192, 58)]
    )
    def test_every_unit_of_the_old_province_stands_in_exactly_one_new_unit(
        self, localities, province, districts, old, new
    ):
        merged = [each for each in localities.units if each.formerly == province and each.since == MERGED]
        names = [name for each in merged for name in each.formed_from]
        assert len(names) == len(set(names)) == old
        assert len({each.now for each in merged}) == len(merged) == new
        assert sum(each.province == province for each in localities.districts) == districts

    def test_what_is_renamed_later_was_formed_before(self, localities):
        formed = {each.now for each in localities.units if each.since == MERGED}
        later = [name for each in localities.units if each.since > MERGED for name in each.formed_from]
        assert later
        assert set(later) <= formed

    def test_every_unit_belongs_to_the_province_that_its_old_one_became(self, localities):
        now_of = {each.old: each.now for each in localities.provinces}
        assert all(each.province == now_of[each.formerly] for each in localities.units)

    def test_every_name_begins_with_its_kind(self, localities):
        kinds = tuple(f"{each.kind} " for each in localities.kinds if each.level != "province")
        names = [name for each in localities.units for name in (each.now, *each.formed_from)]
        assert all(name.startswith(kinds) for name in [*names, *(each.old for each in localities.districts)])


class TestProvinces:
    @pytest.mark.parametrize(
        "text", ["Trà Vinh", "tỉnh Trà Vinh", "TRA VINH", "ở trà vinh á", "o tra vinh a", "Tỉnh Trà-Vinh."]
    )
    def test_is_known_by_its_name_with_and_without_accents(self, told, text):
        assert told(text) == [TRA_VINH]

    def test_is_told_once_however_often_it_is_named(self, told):
        assert told("Tỉnh Trà Vinh, Bắc Giang và Trà Vinh") == [TRA_VINH, BAC_GIANG]

    def test_is_not_told_before_the_merger(self, told):
        assert told("tỉnh Trà Vinh", on=BEFORE) == []
        assert told("tỉnh Trà Vinh", on=MERGED) == [TRA_VINH]

    def test_that_kept_its_name_is_not_told(self, told):
        assert told("Vĩnh Long, Bắc Ninh, Hà Nội") == []

    def test_is_not_taken_from_other_words(self, told):
        assert told("Trà Vình, trả vinh, Trà, Vinh, Vinh Trà, Trà Vinhh") == []

    def test_accents_count_where_any_are_typed(self, told):
        assert told("em ở tra vinh") == []

    @pytest.mark.parametrize(
        "body",
        [
            "Trường Đại học Trà Vinh",
            "Trường Cao đẳng Nghề Trà Vinh",
            "Cao đẳng Y tế Trà Vinh",
            "Báo Trà Vinh",
            "Đài Phát thanh và Truyền hình Trà Vinh",
            "Văn phòng Ủy ban nhân dân tỉnh (Cổng Thông tin điện tử Trà Vinh)",
            "VNPT Bắc Giang; Viettel Bắc Giang; Mobifone Bắc Giang",
            "Tỉnh đoàn Bắc Giang",
            "dai hoc tra vinh",
        ],
    )
    def test_in_the_name_of_a_body_is_no_place(self, told, body):
        assert told(body) == []

    def test_beside_a_body_is_a_place(self, told):
        assert told("Báo Trà Vinh, Ủy ban nhân dân tỉnh Trà Vinh") == [TRA_VINH]

    def test_whose_name_is_a_common_word_needs_its_kind(self, told):
        assert told("hòa bình") == []
        assert told("hoa binh o hai duong") == []
        assert told("tỉnh Hòa Bình") == [("Hòa Bình", "Phú Thọ")]

    def test_a_town_of_the_same_name_is_not_the_province(self, told):
        assert told("thành phố Bến Tre") == []
        assert told("TP. Trà Vinh") == [("thành phố Trà Vinh", "Vĩnh Long")]

    def test_a_ward_of_today_of_the_same_name_is_not_the_province(self, told):
        assert told("phường Trà Vinh") == []
        assert told("phuong bac giang") == []


class TestDistricts:
    @pytest.mark.parametrize("text", ["huyện Càng Long", "H. Càng Long", "huyen cang long"])
    def test_now_lie_in_the_province_of_today(self, told, text):
        assert told(text) == [("huyện Càng Long", "Vĩnh Long")]

    def test_end_on_their_last_day(self, told):
        assert told("huyện Càng Long", on=BEFORE) == []

    def test_need_their_kind(self, told):
        assert told("Càng Long") == []

    def test_of_a_name_that_many_bear_need_their_province(self, told):
        assert told("huyện Châu Thành") == []
        assert told("huyện Châu Thành, Trà Vinh")[0] == ("huyện Châu Thành (tỉnh Trà Vinh)", "Vĩnh Long")


class TestUnits:
    def test_are_known_behind_their_kind_only(self, told):
        assert told("xã Nguyệt Hóa") == [("xã Nguyệt Hóa", "phường Nguyệt Hóa")]
        assert told("Nguyệt Hóa") == []

    def test_both_ways_to_place_the_tone_are_one(self, told):
        assert told("xã Nguyệt Hoá") == told("xã Nguyệt Hóa")

    def test_that_kept_their_name_are_not_told(self, told):
        assert told("xã An Trường; xã Hòa Minh; xã Tuấn Đạo") == []

    def test_the_longest_name_counts(self, told):
        assert told("xã An Trường A") == [("xã An Trường A", "xã An Trường")]

    def test_formed_in_2025_and_raised_in_2026_are_told_as_of_the_day(self, gazetteer, told):
        assert told("thị trấn Bố Hạ", on=date(2026, 9, 19)) == [("thị trấn Bố Hạ", "xã Bố Hạ")]
        assert told("xã Bố Hạ", on=date(2026, 9, 19)) == []
        assert told("xã Bố Hạ") == [("xã Bố Hạ", "phường Bố Hạ")]
        (renamed,) = gazetteer.units_named("TT. Bố Hạ", TODAY)
        assert (renamed.now, renamed.province, renamed.since) == ("phường Bố Hạ", "Bắc Ninh", date(2026, 9, 20))
        assert [each.document for each in renamed.sources] == ["1658/NQ-UBTVQH15", "388/NQ-UBTVQH16"]

    def test_a_disputed_kind_is_left_out_from_the_day_of_the_dispute(self, told):
        assert told("xã Mỹ Cẩm", on=date(2026, 6, 8)) == [("xã Mỹ Cẩm", "xã Càng Long")]
        assert told("xã Mỹ Cẩm", on=date(2026, 6, 9)) == [("xã Mỹ Cẩm", "Càng Long")]
        assert told("xã Tập Ngãi") == []

    @pytest.mark.parametrize(
        ("text", "now"),
        [
            ("Phường 1, thành phố Trà Vinh", "phường Trà Vinh"),
            ("phuong 1 tp tra vinh", "phường Trà Vinh"),
            ("P. 1, TX. Duyên Hải, tỉnh Trà Vinh", "phường Duyên Hải"),
            ("phường 4 Trà Vinh", "phường Long Đức"),
            ("xã Đồng Tiến, huyện Yên Thế", "xã Xuân Lương"),
            ("xã Đồng Tiến, huyện Hiệp Hòa", "xã Hoàng Vân"),
            ("xã Tân Hiệp, huyện Trà Cú", "xã Long Hiệp"),
            ("xã Tân Hiệp, tỉnh Bắc Giang", "xã Yên Thế"),
            ("xã Tân Hiệp, Bắc Ninh", "xã Yên Thế"),
        ],
    )
    def test_a_name_that_several_bear_is_settled_by_what_stands_beside(self, told, text, now):
        assert told(text)[0][1] == now

    @pytest.mark.parametrize("text", ["Phường 1", "phường 1, Trà Vinh", "xã Đồng Tiến", "xã Tân Hiệp", "xã Tân Bình"])
    def test_a_name_that_nothing_settles_is_not_told(self, told, text):
        assert [old for old, _ in told(text) if old != "Trà Vinh"] == []

    def test_one_of_another_province_is_not_taken_for_ours(self, told):
        assert told("xã Mỹ Cẩm, tỉnh An Giang") == []

    def test_a_sign_between_the_words_parts_the_name(self, told):
        assert told("xã Mỹ, Cẩm") == []


class TestFind:
    def test_gives_every_place_of_the_name(self, gazetteer):
        assert [each.old for each in gazetteer.find("Càng Long", MERGED)] == ["huyện Càng Long", "thị trấn Càng Long"]
        assert [each.now for each in gazetteer.find("phường 1", TODAY)] == ["phường Trà Vinh", "phường Duyên Hải"]

    @pytest.mark.parametrize("name", ["Nhị Long Phú", "xã Nhị Long Phú", "nhi long phu", "x. Nhị Long Phú"])
    def test_takes_the_name_with_and_without_kind_and_accents(self, gazetteer, name):
        assert [each.old for each in gazetteer.find(name, TODAY)] == ["xã Nhị Long Phú"]

    @pytest.mark.parametrize("name", ["", " ", "Sao Hỏa", "Nhị Long Phú Đông", "Vĩnh Long", "Hòa Minh"])
    def test_gives_nothing_for_what_is_unknown_or_unchanged(self, gazetteer, name):
        assert gazetteer.find(name, TODAY) == ()
