import re
import textwrap
from time import perf_counter

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.core.programme.naming import SUGGESTED, DomainName, Problem, check_name, judge_name, parse_name
from bot.core.programme.naming_content import Naming
from bot.core.programme.records import PRODUCTS
from bot.core.rendering import Renderer
from bot.core.replies import Press, Reply
from tests.core.programme.conftest import ROOT

NAMING = Naming.model_validate(yaml.safe_load((ROOT / "bot" / "content" / "naming.yaml").read_text("utf-8"))["naming"])
RENDERER = Renderer(ROOT / "templates")
PROTECTED_WORDS = [(kind, word) for kind in NAMING.protected for word in kind.words]


def told(wish, product=None):
    reply = check_name(NAMING, wish, product)
    return RENDERER.render(reply.template, channel="web", facts=Reply.from_json(reply.to_json()).facts)


def problems(wish, product=None):
    return [problem.value for problem in judge_name(NAMING, parse_name(wish), product).problems]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("quanbaba.biz.vn", DomainName("quanbaba", "biz.vn")),
        ("QuanBaBa.Biz.VN.", DomainName("quanbaba", "biz.vn")),
        ("  www.quanbaba.biz.vn ", DomainName("quanbaba", "biz.vn")),
        ("https://www.quanbaba.biz.vn/thuc-don?ban=2", DomainName("quanbaba", "biz.vn")),
        ("quanbaba.biz.vn/thuc-don", DomainName("quanbaba", "biz.vn")),
        ("lan@quanbaba.biz.vn", DomainName("quanbaba", "biz.vn")),
        ("“quanbaba.biz.vn”?", DomainName("quanbaba", "biz.vn")),
        ("quanbaba . biz . vn", DomainName("quanbaba", "biz.vn")),
        ("quanbaba biz vn", DomainName("quanbaba", "biz.vn")),
        ("quanbaba chấm biz chấm vn", DomainName("quanbaba", "biz.vn")),
        ("quanbaba cham id cham vn", DomainName("quanbaba", "id.vn")),
        ("ｑｕａｎ．ｂｉｚ．ｖｎ", DomainName("quan", "biz.vn")),
        ("quan\u200bba.biz.vn", DomainName("quanba", "biz.vn")),
        ("Quán bà  Ba.biz.vn", DomainName("quán bà ba", "biz.vn")),
        ("quán.biz.vn", DomainName("quán", "biz.vn")),
        ("xn--qun-fla.biz.vn", DomainName("quán", "biz.vn")),
        ("shop.quanba.biz.vn", DomainName("quanba", "biz.vn", ("shop",))),
        ("quanba.com.vn", DomainName("quanba", "com.vn")),
        ("quanba.vn", DomainName("quanba", "vn")),
        ("quanba.com", DomainName("quanba", "com")),
        ("quanbaba", DomainName("quanbaba")),
        ("@quanbaba", DomainName("quanbaba")),
        ("www.quanbaba", DomainName("quanbaba")),
        ("nguyen.van.an", DomainName("nguyen.van.an")),
        ("biz.vn", DomainName("", "biz.vn")),
        (".vn", DomainName("", "vn")),
        ("", DomainName("")),
        ("@@", DomainName("")),
    ],
)
def test_a_wished_name_is_read_as_people_type_it(typed, name):
    assert parse_name(typed) == name


@pytest.mark.parametrize(
    "encoded", ["xn--", "xn--!!", "xn--99999999999", "xn--xn--a-fsa", "xn--é", "xn--0", "xn--a-ecp.ru"]
)
def test_an_encoded_name_that_stands_for_nothing_is_judged_as_it_is(encoded):
    assert parse_name(encoded).label.startswith("xn--")
    assert problems(encoded)


@pytest.mark.parametrize(
    ("wish", "broken"),
    [
        ("quanbaba.biz.vn", []),
        ("quan-ba-ba-2.biz.vn", []),
        ("quanbaba", []),
        ("a.id.vn", []),
        ("hanoi.id.vn", []),
        (f"{'a' * 63}.id.vn", []),
        (f"{'a' * 64}.id.vn", ["too_long"]),
        # Accents count in their encoded form.
        (f"{'á' * 60}.id.vn", ["diacritics", "too_long"]),
        (f"{'a' * 50}á.id.vn", ["diacritics"]),
        ("", ["empty"]),
        ("biz.vn", ["empty"]),
        ("quán.biz.vn", ["diacritics"]),
        ("quán bà ba", ["diacritics", "spaces"]),
        ("đặng.id.vn", ["diacritics"]),
        ("quan ba", ["spaces"]),
        ("quan_ba.biz.vn", ["bad_character"]),
        ("日本.biz.vn", ["bad_character"]),
        ("nguyen.van.an", ["bad_character"]),
        ("-quanba.biz.vn", ["hyphen_at_edge"]),
        ("quanba-.biz.vn", ["hyphen_at_edge"]),
        ("-", ["hyphen_at_edge"]),
        ("quan--ba.biz.vn", ["double_hyphen"]),
        ("shop.quanba.biz.vn", ["subdomain"]),
        ("quanba.com", ["not_our_product"]),
        ("quanba.com.vn", ["not_our_product"]),
        ("shop.quanba.vn", ["not_our_product"]),
        ("ab.vn", ["not_our_product", "one_or_two_characters_second_level"]),
        ("abc.vn", ["not_our_product"]),
        ("ab.com", ["not_our_product"]),
        ("hanoi.vn", ["not_our_product", "province"]),
        ("ha-noi.vn", ["not_our_product", "province"]),
        ("travinh.vn", ["not_our_product", "province"]),
        ("hanoimoi.vn", ["not_our_product"]),
        ("hoangsa.biz.vn", ["protected"]),
    ],
)
def test_each_rule_that_is_broken_is_named(wish, broken):
    assert problems(wish) == broken


@pytest.mark.parametrize(("kind", "word"), PROTECTED_WORDS, ids=[word for _, word in PROTECTED_WORDS])
def test_a_protected_word_is_found_with_and_without_accents_and_hyphens(kind, word):
    for wish in (word, f"{word} tre", f"quan {word}", word.replace(" ", "-"), word.replace(" ", ""), f"tre-{word}-2"):
        assert judge_name(NAMING, parse_name(wish)).protected_as == kind.why


@pytest.mark.parametrize("wish", ["haisanhoangsa", "hoangsafood", "ubndxalonghoa"])
def test_a_protected_word_is_found_at_either_end_of_words_run_together(wish):
    assert "protected" in problems(wish)


@pytest.mark.parametrize("wish", ["truongsach", "truongsao", "nguyenquocphong", "quocphong", "hoianh", "quanbaba"])
def test_a_word_that_only_looks_like_a_protected_one_is_left_alone(wish):
    assert problems(wish, "id.vn") == []


@pytest.mark.parametrize(
    ("wish", "product", "suggestions"),
    [
        ("quán bà ba", "biz.vn", ("quanbaba.biz.vn", "quan-ba-ba.biz.vn")),
        ("quán bà ba", None, ("quanbaba.id.vn", "quanbaba.biz.vn")),
        ("-quan--ba-.biz.vn", None, ("quanba.biz.vn", "quan-ba.biz.vn")),
        ("quan-ba.biz.vn", None, ("quanba.biz.vn", "quanba-shop.biz.vn")),
        ("quanba.com", "biz.vn", ("quanba.biz.vn", "quanba-shop.biz.vn")),
        ("quanba", None, ("quanba-blog.id.vn", "quanba-shop.biz.vn")),
        ("quanba", "id.vn", ("quanba-blog.id.vn", "quanba-canhan.id.vn")),
        ("quanba.biz.vn", "id.vn", ("quanba-shop.biz.vn", "quanba-cuahang.biz.vn")),
        ("shop.quanba.biz.vn", None, ("quanba.biz.vn", "quanba-shop.biz.vn")),
        ("hải sản hoàng sa", "biz.vn", ("haisan.biz.vn", "hai-san.biz.vn")),
        ("hanoi.vn", "biz.vn", ("hanoi-shop.biz.vn", "hanoi-cuahang.biz.vn")),
        ("hoangsa", "biz.vn", ("quanbaba.biz.vn", "tiemhoalan.biz.vn")),
    ],
)
def test_suggestions_stay_near_the_wish(wish, product, suggestions):
    assert judge_name(NAMING, parse_name(wish), product).suggestions == suggestions


def test_a_wish_that_is_too_long_is_cut_between_words():
    long = judge_name(
        NAMING, parse_name("quan bun bo hue ngon nhat duong tran hung dao phuong nam tinh tra vinh"), "biz.vn"
    )
    assert long.suggestions[0] == "quanbunbohuengonnhatduongtranhungdaophuongnamtinhtra.biz.vn"
    assert len(judge_name(NAMING, parse_name("a" * 300), "id.vn").suggestions) == SUGGESTED


def test_nothing_is_derived_from_a_wish_of_which_nothing_can_stay():
    assert not judge_name(NAMING, parse_name("hoangsa")).derived
    assert not judge_name(NAMING, parse_name("日本")).derived
    assert judge_name(NAMING, parse_name("hải sản hoàng sa")).derived


@pytest.mark.parametrize("wish", [None, "", "   ", "biz.vn", "."])
def test_without_a_name_the_reply_asks_for_one_with_an_example(wish):
    assert check_name(NAMING, wish, "biz.vn").facts["name"] is None
    text = told(wish, "biz.vn")
    assert "?" in text
    assert "quanbaba.biz.vn" in text
    assert NAMING.lookup.url in text


@pytest.mark.parametrize(
    "wish", [None, "quanbaba.biz.vn", "quanbaba", "quán bà ba", "quanba.com", "hanoi.vn", "ab.vn", "hoangsa", "-a--b_"]
)
@pytest.mark.parametrize("product", [None, *PRODUCTS])
def test_a_reply_fits_a_phone_and_promises_nothing(wish, product):
    text = told(wish, product)
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, 38)]
    assert len(lines) <= 14
    assert "Mình không biết tên còn trống hay không" in text
    assert NAMING.lookup.url in text
    assert not re.search(r"(?<!tên )còn trống|chưa có ai|miễn phí", text)


def test_a_protected_name_is_a_question_for_the_registrar_and_no_refusal():
    text = told("hoangsa.biz.vn")
    assert "có thể được bảo vệ" in text
    assert "hỏi nhà đăng ký" in text
    assert "cần đổi" not in text


def test_what_one_source_tells_is_told_as_such():
    assert "Một nguồn cho biết tên tỉnh" in told("hanoi.vn")
    assert "Một nguồn cho biết VNNIC" in told("quanbaba.biz.vn")


@pytest.mark.parametrize(
    ("wish", "group"),
    [
        ("quanbaba.biz.vn", "form"),
        ("hoangsa.biz.vn", "protected"),
        ("quán.biz.vn", "accents"),
        ("hanoi.vn", "provinces"),
        ("ab.vn", "auction"),
        ("quanba.com", "products"),
        (None, "lookup"),
    ],
)
def test_a_reply_lists_the_sources_of_what_it_tells(wish, group):
    listed = {(source.document, source.section) for source in check_name(NAMING, wish, None).sources}
    assert {(source.document, source.section) for source in getattr(NAMING.sources, group)} <= listed


def test_sources_that_were_not_used_are_not_listed():
    sources = check_name(NAMING, "quanba.com", None).sources
    assert NAMING.sources.form[0].section not in {source.section for source in sources}


def test_buttons_keep_the_product_that_was_named():
    assert all(
        ("product", "biz.vn") in button.press.entities for button in check_name(NAMING, "a.biz.vn", None).buttons
    )
    assert not any("product" in dict(button.press.entities) for button in check_name(NAMING, "quanba", None).buttons)


def test_a_name_that_keeps_the_rules_can_go_into_a_request_at_once():
    def offered(wish):
        return [button.press for button in check_name(NAMING, wish, None).buttons]

    assert Press.of("start_registration", product="biz.vn", domain_name="quanba.biz.vn") in offered("quanba.biz.vn")
    assert "start_registration" not in {press.intent for wish in ("quán.biz.vn", "") for press in offered(wish)}


def test_examples_keep_the_rules():
    for product in PRODUCTS:
        for example in NAMING.ideas(product).examples:
            assert problems(example, product) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("longest_label", 0),
        ("personal", {"suffixes": ["blog"], "examples": ["mot", "hai"]}),
        ("personal", {"suffixes": ["-blog"], "examples": ["mot", "hai", "ba"]}),
        ("lookup", {"name": "VNNIC", "url": "http://example.vn"}),
        ("shortest_label", 3),
    ],
)
def test_content_that_could_not_be_used_is_refused(field, value):
    with pytest.raises(ValidationError):
        Naming.model_validate({**NAMING.model_dump(), field: value})


PIECES = [
    *["quán", "ba", "hoàng sa", "hanoi", "ubnd", "www.", "xn--", "chấm", "biz vn", ".biz.vn", ".id.vn", ".vn", ".com"],
    *["-", "--", ".", " ", "@", "_", "/", "://", "ß", "İ", "日", "．", "\u0301", "\u00ad", "\u3002", "\ud800"],
]
near_names = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=8).map("".join)
wishes = st.one_of(near_names, st.text(max_size=300), st.from_regex(r"xn--[a-z0-9-]{1,20}(\.biz\.vn)?", fullmatch=True))
products = st.sampled_from([None, *PRODUCTS])


@settings(max_examples=400)
@given(wishes)
def test_reading_a_name_again_gives_the_same(wish):
    name = parse_name(wish)
    assert parse_name(str(name)) == name


@settings(max_examples=400)
@given(wishes, products)
def test_every_suggestion_keeps_the_rules_and_differs_from_the_wish(wish, product):
    verdict = judge_name(NAMING, parse_name(wish), product)
    assert len(set(verdict.suggestions)) == SUGGESTED
    assert str(verdict.name) not in verdict.suggestions
    for suggestion in verdict.suggestions:
        name = parse_name(suggestion)
        assert str(name) == suggestion
        assert name.product == (verdict.product or name.product)
        assert judge_name(NAMING, name).problems == ()
        if verdict.name.zone is None:
            assert name.label != verdict.name.label


@settings(max_examples=400)
@given(wishes, products)
def test_any_wish_gets_a_reply_that_can_be_sent(wish, product):
    text = told(wish, product)
    assert text.encode()
    assert len(text) <= 700
    assert "\n\n" not in text


@settings(max_examples=200)
@given(wishes)
def test_judging_a_name_as_it_was_read_gives_the_same_verdict(wish):
    verdict = judge_name(NAMING, parse_name(wish))
    assert judge_name(NAMING, parse_name(str(verdict.name))) == verdict
    assert (Problem.EMPTY in verdict.problems) == (not verdict.name.label)


def test_the_longest_wish_is_judged_at_once():
    began = perf_counter()
    judge_name(NAMING, parse_name("đ" * 4000))
    judge_name(NAMING, parse_name("xn--" + "9" * 4000))
    assert perf_counter() - began < 1
