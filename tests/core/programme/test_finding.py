from datetime import date
from itertools import pairwise

import pytest

from bot.core.programme import Programme
from bot.core.programme.content import POINT_FILES
from bot.core.programme.finding import MOST_FOUND, Finder, Found, Question
from bot.core.programme.points import Agency, Claim, Point, Topic
from tests.core.programme.conftest import OPEN_DAY

CITED = [{"document": "1/TT", "section": "1"}]
FINANCE = Agency(name="Sở Tài chính", aliases=["sở tài chánh", "Sở TC"])
TRADE = Agency(name="Sở Công Thương")


def a_point(key, says, *asked_as, about=("ask_cost",), **more):
    record = {"key": key, "about": about, "says": says, "asked_as": asked_as or (says,), "sources": CITED}
    return Point.model_validate({**record, **more})


def a_topic(intent, *asked_as):
    return Topic(intent=intent, asked_as=asked_as)


def a_claim(key, *mentions, **more):
    record = {"key": key, "about": ["ask_cost"], "mentions": mentions, "corrects": "Không phải.", "sources": CITED}
    return Claim.model_validate({**record, **more})


# How rare a word is shows only among many texts; these share none with any question.
OTHERS = [a_point(f"other_{number}", f"x{number} y{number} z{number}", about=["ask_targets"]) for number in range(400)]


def a_finder(*points, topics=(), claims=(), agencies=(FINANCE, TRADE)):
    """Build a finder over a programme that says this and much else."""
    files = {**dict.fromkeys(POINT_FILES, ()), POINT_FILES[0]: (*points, *OTHERS)}
    return Finder(
        Programme.model_construct(
            **files, topics=topics, claims=claims, agencies=agencies, abbreviations={"hkd": "hộ kinh doanh"}
        )
    )


def found(finder, intent, text, *, on=OPEN_DAY, **named):
    return [point.key for point in finder.find(Question(intent, text, **named), on).points]


def test_a_question_reads_the_entities_that_narrow_it():
    entities = {
        "product": "id.vn",
        "subject": "student",
        "agency": "Sở Tài chính",
        "domain_name": "an.id.vn",
        "locality": "Trà Vinh",
        "point": "fees",
        "after": "12",
        "age": "20",
    }
    assert Question.of("ask_cost", entities, text="giá", likely=("ask_offer",)) == Question(
        "ask_cost",
        "giá",
        ("ask_offer",),
        product="id.vn",
        subject="student",
        agency="Sở Tài chính",
        domain_name="an.id.vn",
        locality="Trà Vinh",
        point="fees",
        after=12,
    )


def test_a_question_without_entities_stays_open():
    assert Question.of("ask_cost", {}) == Question("ask_cost")


@pytest.mark.parametrize("after", ["", "0", "07", "-1", "+1", "1.5", "100", " 1", "1\n", "x", "²", "٣", "9" * 5000])
def test_a_count_that_no_button_sends_is_ignored(after):
    assert Question.of("ask_cost", {"after": after}).after == 0


@pytest.mark.parametrize(
    ("typed", "asks"),
    [
        ("học sinh được miễn phí phải không", True),
        ("hoc sinh duoc mien phi ko", True),
        ("học sinh miễn phí hả?", True),
        ("học sinh được miễn phí chưa.", True),
        ("học sinh được miễn phí", False),
        ("nghe nói khoang 50k một năm", False),
        ("", False),
    ],
)
def test_a_question_is_told_from_a_statement(typed, asks):
    assert Question("ask_cost", typed).is_put_as_question is asks


LIFELONG = a_claim("lifelong", ["miễn phí", "0đ", "50.000đ"], ["trọn đời", "mãi mãi"], unless=["không phải trọn đời"])
SITE = a_claim("misspelt", ["tentenn.vn", "//www.tentenn.vn"])


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("tên miền miễn phí trọn đời", LIFELONG),
        ("ten mien MIEN PHI tron doi", LIFELONG),
        ("trọn đời thì miễn phí?", LIFELONG),
        ("Mãi mãi,\n0đ!", LIFELONG),
        ("trọn đời chỉ 50.000đ.", LIFELONG),
        ("mở https://www.tentenn.vn.", SITE),
        ("TENTENN.VN", SITE),
        ("miễn phí trọn đời ở tentenn.vn", LIFELONG),
        ("miễn phí", None),
        ("trọn đời", None),
        ("miễn phí trọn, đời", LIFELONG),
        ("miễn phí cả đời trọn vẹn", None),
        ("10đ mãi mãi", None),
        ("tentenn.vnx", None),
        ("miễn phí chứ không phải trọn đời", None),
        ("mien phi chu khong phai tron doi", None),
        ("", None),
        ("?", None),
    ],
)
def test_a_claim_is_heard_with_a_phrase_of_every_group_and_none_that_excludes_it(typed, heard):
    finder = a_finder(a_point("fees", "phí"), claims=[LIFELONG, SITE])
    assert finder.claim(Question("ask_cost", typed)) is heard


def test_a_claim_is_heard_only_in_a_question_about_it():
    assert a_finder(claims=[LIFELONG]).claim(Question("ask_targets", "miễn phí trọn đời")) is None


def test_without_claims_none_is_heard():
    assert a_finder(a_point("fees", "phí")).claim(Question("ask_cost", "miễn phí trọn đời")) is None


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Mỗi năm 50.000 đồng?", "fees"),
        ("gia duy tri ten", "fees"),
        ("giấy tờ của hkd", "paper"),
        ("GIAY TO CUA HO KINH DOANH", "paper"),
        ("sở tài chánh phát giấy tờ", "paper"),
    ],
)
def test_a_statement_is_found_by_what_it_says_and_by_how_people_ask_for_it(typed, key):
    finder = a_finder(
        a_point("fees", "Mỗi năm 50.000 đồng.", "giá duy trì tên"),
        a_point("paper", "Nơi cấp là phòng số hai.", "giấy tờ của hộ kinh doanh", agencies=[FINANCE.name]),
    )
    assert found(finder, "ask_cost", typed) == [key]


@pytest.mark.parametrize("typed", ["", "?", "xe máy", "giá", "x1 của y2", "giá của chiếc xe máy cũ mua ở chợ là mấy"])
def test_a_question_of_whose_words_little_is_known_is_about_no_statement(typed):
    finder = a_finder(a_point("fees", "giá duy trì"), a_point("paper", "giấy tờ"))
    assert finder.find(Question("ask_cost", typed), OPEN_DAY) == Found()


PAPERS = "giấy chứng nhận đăng ký hộ kinh doanh do xã cấp"


@pytest.mark.parametrize(
    ("typed", "sure"),
    [
        (PAPERS, True),
        ("cho hỏi giay chung nhan dang ky hkd do xa cap", True),
        ("giấy chứng nhận", False),
        ("giấy chứng nhận và cái áo đỏ bán ở chợ bên sông hôm qua có đẹp không", False),
    ],
)
def test_words_alone_leave_no_doubt_only_where_there_are_many_and_most_are_known(typed, sure):
    assert a_finder(a_point("paper", PAPERS)).find(Question("out_of_scope", typed), OPEN_DAY).is_sure is sure


YEARLY = a_point("yearly", "giá duy trì mỗi năm sau là bao nhiêu tiền")


def test_the_general_answer_of_the_intent_wins_where_the_words_fit_it_better():
    finder = a_finder(YEARLY, topics=[a_topic("ask_cost", "giá bao nhiêu tiền")])
    assert found(finder, "ask_cost", "giá bao nhiêu tiền") == []
    assert found(finder, "ask_cost", "giá duy trì mỗi năm sau") == ["yearly"]


def test_each_way_to_ask_for_the_general_answer_counts_by_itself():
    ways = ["giá bao nhiêu tiền", "có thu phí hay không", "tốn kém lắm phải không"]
    finder = a_finder(YEARLY, topics=[a_topic("ask_cost", *ways)])
    assert found(finder, "ask_cost", "giá bao nhiêu tiền") == []


def test_the_general_answer_of_another_intent_stands_in_no_statement_s_way():
    finder = a_finder(YEARLY, topics=[a_topic("ask_offer", "giá bao nhiêu tiền")])
    assert found(finder, "ask_cost", "giá bao nhiêu tiền") == ["yearly"]


ABOUT = {
    "first": ["ask_cost"],
    "among": ["ask_offer", "ask_cost"],
    "likely": ["ask_renewal", "ask_targets"],
    "foreign": ["ask_support"],
}


@pytest.mark.parametrize(("better", "worse"), list(pairwise(ABOUT)))
def test_of_equal_words_the_statement_nearer_to_the_intent_comes_first(better, worse):
    finder = a_finder(*(a_point(key, "phí tên miền biz", about=ABOUT[key]) for key in (worse, better)))
    assert found(finder, "ask_cost", "phí tên miền biz", likely=["ask_targets"])[0] == better


def test_a_statement_of_a_foreign_intent_is_found_where_nothing_else_fits():
    finder = a_finder(a_point("foreign", "phí tên miền biz", about=ABOUT["foreign"]))
    assert found(finder, "out_of_scope", "phí tên miền biz") == ["foreign"]


def test_a_statement_of_a_foreign_intent_needs_more_of_the_words_than_one_of_the_intent():
    finder = a_finder(a_point("foreign", PAPERS, about=ABOUT["foreign"]))
    assert found(finder, "ask_support", "giấy chứng nhận") == ["foreign"]
    assert found(finder, "ask_materials", "giấy chứng nhận", likely=["ask_support"]) == ["foreign"]
    assert found(finder, "ask_cost", "giấy chứng nhận") == []


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("phí duy trì io.vn hằng năm", ["io"]),
        ("phi duy tri name.vn hang nam?", ["io"]),
        ("phí duy trì hằng năm", []),
        ("phí duy trì hằng năm radio.vn", []),
    ],
)
def test_a_statement_kept_for_some_phrases_is_found_only_with_one_of_them(typed, keys):
    finder = a_finder(a_point("io", "phí duy trì hằng năm của io.vn", only_with=["io.vn", "name.vn"]))
    assert found(finder, "ask_cost", typed) == keys


def test_a_statement_that_fits_much_worse_than_the_best_is_left_out():
    finder = a_finder(a_point("worse", "phí duy trì hằng năm"), a_point("best", "phí tên miền biz"))
    assert found(finder, "ask_cost", "phí tên miền biz") == ["best"]


def test_three_statements_at_most_are_found_and_equals_in_the_order_of_the_content():
    keys = ["d", "b", "a", "c"]
    finder = a_finder(*(a_point(key, "phí tên miền biz") for key in keys))
    assert found(finder, "ask_cost", "phí tên miền biz") == keys[:MOST_FOUND]


OF_PRODUCTS = [
    a_point("business", "phí duy trì hằng năm", products=["biz.vn"]),
    a_point("personal", "phí duy trì hằng năm", products=["id.vn"]),
]


@pytest.mark.parametrize(
    ("product", "keys"),
    [(None, ["business", "personal"]), ("id.vn", ["personal"]), ("biz.vn", ["business"])],
)
def test_a_named_product_leaves_out_what_is_about_the_other(product, keys):
    assert found(a_finder(*OF_PRODUCTS), "ask_cost", "phí duy trì hằng năm", product=product) == keys


def test_a_statement_of_both_products_is_found_whichever_is_named():
    finder = a_finder(a_point("any", "phí duy trì hằng năm"))
    assert found(finder, "ask_cost", "phí duy trì hằng năm", product="id.vn") == ["any"]


OF_AGENCIES = [
    a_point("nobody", "mở lớp tập huấn cho dân"),
    a_point("trade", "mở lớp tập huấn cho dân", agencies=[TRADE.name]),
    a_point("finance", "mở lớp tập huấn cho dân", agencies=[FINANCE.name]),
]


@pytest.mark.parametrize("calling", ["Sở Tài chính", "so tai chanh", "SỞ TC"])
def test_a_named_agency_leaves_out_the_duties_of_others(calling):
    finder = a_finder(*OF_AGENCIES)
    assert found(finder, "ask_cost", f"{calling} mở lớp tập huấn", agency=FINANCE.name) == ["finance"]


@pytest.mark.parametrize("typed", ["Sở Tài chính?", "sở tài chánh", "Sở TC (Sở Tài chính)"])
def test_the_bare_name_of_an_agency_is_about_none_of_its_duties(typed):
    assert found(a_finder(*OF_AGENCIES), "ask_cost", typed, agency=FINANCE.name) == []


def test_an_agency_that_was_not_recognised_is_found_by_its_words():
    assert found(a_finder(*OF_AGENCIES), "ask_cost", "sở tài chánh tập huấn")[0] == "finance"


def test_a_duty_that_names_the_agency_in_another_role_is_kept():
    finder = a_finder(a_point("both", "Sở Công Thương cùng Sở Tài chính mở lớp tập huấn", agencies=[TRADE.name]))
    assert found(finder, "ask_cost", "Sở Tài chính mở lớp tập huấn", agency=FINANCE.name) == ["both"]


def test_an_agency_that_the_content_does_not_know_has_no_duties():
    finder = a_finder(*OF_AGENCIES, a_point("strange", "mở lớp tập huấn cho dân", agencies=["Sở Khác"]))
    assert found(finder, "ask_cost", "mở lớp tập huấn", agency="Sở Lạ") == ["nobody"]


@pytest.mark.parametrize(
    ("day", "keys"),
    [
        (date(2025, 6, 30), ["before"]),
        (date(2025, 7, 1), ["since"]),
        (date(2025, 12, 31), ["since"]),
        (date(2026, 1, 1), []),
    ],
)
def test_a_statement_is_found_from_the_first_to_the_last_day_on_which_it_holds(day, keys):
    finder = a_finder(
        a_point("before", "phí tên miền biz", until="2025-06-30"),
        a_point("since", "phí tên miền biz", **{"from": "2025-07-01", "until": "2025-12-31"}),
    )
    assert found(finder, "ask_cost", "phí tên miền biz", on=day) == keys
