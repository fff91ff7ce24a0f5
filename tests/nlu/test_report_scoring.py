"""The arithmetic of the report, against cases worked out by hand."""

import math

import pytest
from report.entities import (
    Tally,
    by_span,
    by_span_and_value,
    by_value,
    marked_names,
    overall,
    tally_entities,
)
from report.intents import (
    accuracy,
    as_shipped,
    calibration,
    calibration_error,
    confusions,
    macro_f1,
    out_of_scope_recall,
)
from report.messages import Example, Mark, Reading, Scored


def scored(meant, *ranking, decided=None, marks=(), found=()):
    """A message meant as ``meant`` and read with this ranking, as in ``scored("greet", ("greet", 0.9))``."""
    reading = Reading(decided or ranking[0][0], tuple(ranking), tuple(found), seconds=0.001)
    return Scored(Example("…", meant, tuple(marks), "general"), reading)


def read_as(meant, read, times=1):
    return [scored(meant, (read, 0.9))] * times


def test_accuracy_and_macro_f1_are_of_the_likeliest_intent():
    messages = [*read_as("greet", "greet", 3), *read_as("greet", "thank"), *read_as("thank", "thank", 2)]
    assert accuracy(messages) == pytest.approx(5 / 6)
    # greet: precision 1, recall 3/4, F1 6/7; thank: precision 2/3, recall 1, F1 4/5
    assert macro_f1(messages) == pytest.approx((6 / 7 + 4 / 5) / 2)


def test_an_intent_that_nobody_meant_counts_in_macro_f1_only_by_what_it_takes_away():
    messages = [*read_as("greet", "greet"), *read_as("greet", "goodbye")]
    assert macro_f1(messages) == pytest.approx(2 / 3)


def test_a_fallback_changes_what_is_shipped_and_not_the_likeliest_intent():
    messages = [
        scored("greet", ("greet", 0.2), decided="nlu_fallback"),
        scored("greet", ("greet", 0.9)),
        scored("greet", ("thank", 0.8)),
        scored("greet", ("out_of_scope", 0.8)),
        scored("out_of_scope", ("greet", 0.1), decided="nlu_fallback"),
        scored("out_of_scope", ("out_of_scope", 0.9)),
        scored("out_of_scope", ("greet", 0.9)),
    ]
    assert accuracy(messages) == pytest.approx(3 / 7)
    shipped = as_shipped(messages)
    assert shipped.right == pytest.approx(1 / 4)
    assert shipped.rejected == pytest.approx(2 / 4)
    assert shipped.misread == pytest.approx(1 / 4)
    assert shipped.out_of_scope_recall == pytest.approx(2 / 3)


def with_probability(meant, probability):
    """A message whose likeliest intent in scope has this probability; `out_of_scope` gets the rest."""
    return scored(
        meant, *sorted([("greet", probability), ("out_of_scope", 1 - probability)], key=lambda pair: -pair[1])
    )


def test_out_of_scope_recall_turns_away_no_more_in_scope_than_it_may():
    inside = [with_probability("greet", number / 100) for number in range(1, 101)]
    outside = [with_probability("out_of_scope", probability) for probability in (0.005, 0.02, 0.035, 0.04, 0.5)]
    # Three in a hundred may go: those at 0.01, 0.02 and 0.03. What lies below 0.04 is found, what lies on it is not.
    assert out_of_scope_recall([*inside, *outside]) == pytest.approx(3 / 5)
    # One in forty is more than three in a hundred, so nothing in scope may go.
    few = [with_probability("greet", 0.3 + number / 100) for number in range(30)]
    assert out_of_scope_recall([*few, *outside]) == pytest.approx(4 / 5)


def test_messages_in_scope_of_the_same_probability_go_or_stay_together():
    inside = [with_probability("greet", 0.5)] * 100
    assert out_of_scope_recall([*inside, with_probability("oos", 0.5)]) == 0
    assert out_of_scope_recall([*inside, with_probability("oos", 0.49)]) == 1


def test_the_calibration_error_weighs_the_gaps_by_their_messages():
    messages = [
        *[scored("greet", ("greet", 0.95))] * 3,
        scored("thank", ("greet", 0.95)),
        scored("thank", ("greet", 0.25)),
    ]
    # Ten stretches: four messages at 0.95, three of them right; one at 0.25, wrong.
    assert calibration_error(messages, bins=10) == pytest.approx((4 * 0.2 + 1 * 0.25) / 5)
    assert [part.count for part in calibration(messages, bins=10)] == [1, 4]


@pytest.mark.parametrize("confidence", [0.0, 1.0, 0.5, 1.0000001])
def test_every_confidence_falls_into_a_stretch(confidence):
    assert [part.count for part in calibration([scored("greet", ("greet", confidence))])] == [1]


def test_figures_without_messages_are_not_numbers():
    assert math.isnan(accuracy([]))
    assert math.isnan(macro_f1([]))
    assert math.isnan(calibration_error([]))
    assert math.isnan(out_of_scope_recall(read_as("greet", "greet")))
    assert math.isnan(as_shipped(read_as("greet", "greet")).out_of_scope_recall)


def test_confusions_count_pairs_of_meant_and_read():
    messages = [*read_as("greet", "greet", 2), *read_as("greet", "thank")]
    assert confusions(messages) == {("greet", "greet"): 2, ("greet", "thank"): 1}


AGE = Mark("age", 3, 10, "20")
LATER_AGE = Mark("age", 20, 27, "20")


@pytest.mark.parametrize(
    ("key", "found", "right"),
    [
        (by_span, Mark("age", 3, 10, "21"), 1),
        (by_value, Mark("age", 3, 10, "21"), 0),
        (by_span_and_value, Mark("age", 3, 10, "21"), 0),
        (by_span, Mark("age", 3, 5, "20"), 0),
        (by_value, Mark("age", 3, 5, "20"), 1),
        (by_span_and_value, Mark("age", 3, 5, "20"), 0),
        (by_span_and_value, AGE, 1),
        (by_value, Mark("product", 3, 10, "20"), 0),
    ],
)
def test_an_entity_is_right_by_place_by_value_or_by_both(key, found, right):
    tallies = tally_entities([scored("inform", ("inform", 1.0), marks=[AGE], found=[found])], frozenset({"age"}), key)
    assert tallies["age"].right == right


def test_each_occurrence_counts_once():
    twice = scored("inform", ("inform", 1.0), marks=[AGE, LATER_AGE], found=[AGE])
    (tally,) = tally_entities([twice], frozenset({"age"}), by_value).values()
    assert tally == Tally(meant=2, found=1, right=1)
    assert (tally.precision, tally.recall, tally.f1) == (1.0, 0.5, pytest.approx(2 / 3))


def test_entities_that_the_author_never_marks_do_not_count():
    one = scored("inform", ("inform", 1.0), marks=[AGE], found=[AGE, Mark("nationality", 0, 2, "vn")])
    assert marked_names([one]) == {"age"}
    assert overall(tally_entities([one], marked_names([one]), by_span)) == Tally(1, 1, 1)


def test_the_total_weighs_each_occurrence_the_same():
    total = overall({"age": Tally(meant=8, found=8, right=8), "email": Tally(meant=2, found=2, right=0)})
    assert total.f1 == pytest.approx(0.8)
    assert math.isnan(overall({}).f1)
