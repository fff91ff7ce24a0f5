"""The actions, one module a topic."""

from __future__ import annotations

from actions.base import ProductAction
from actions.handlers import (
    bulletins,
    eligibility,
    guides,
    handoff,
    learning,
    people,
    programme,
    registration,
    reports,
    talk,
)
from actions.runtime import ActionRuntime

_ACTIONS: tuple[type[ProductAction], ...] = (
    programme.ActionAnswerQuestion,
    programme.ActionNotUnderstood,
    eligibility.ActionBeginEligibility,
    eligibility.ActionValidateEligibilityForm,
    eligibility.ActionAskProduct,
    eligibility.ActionAskAge,
    eligibility.ActionAskFounding,
    eligibility.ActionAskCertificate,
    eligibility.ActionTellVerdict,
    eligibility.ActionReceiveFacts,
    bulletins.ActionCheckBulletin,
    reports.ActionWarnOfFraud,
    reports.ActionValidateReportForm,
    reports.ActionAskWhatHappened,
    reports.ActionAskConsent,
    reports.ActionFinishReport,
    handoff.ActionBeginHandoff,
    handoff.ActionValidateHandoffForm,
    handoff.ActionAskName,
    handoff.ActionAskNameProduct,
    handoff.ActionAskAdult,
    handoff.ActionAskRegistrar,
    handoff.ActionAskHandoffConsent,
    handoff.ActionAskPerson,
    handoff.ActionAskContact,
    handoff.ActionAskSending,
    handoff.ActionFinishHandoff,
    handoff.ActionPutAwayHandoff,
    registration.ActionTellStatus,
    guides.ActionBeginGuide,
    guides.ActionValidateGuideForm,
    guides.ActionAskGuide,
    guides.ActionEndGuide,
    guides.ActionLeaveGuide,
    guides.ActionAnswerAboutCertificates,
    people.ActionOfferPerson,
    people.ActionOfferErasure,
    people.ActionValidateDecisionForm,
    people.ActionAskDecision,
    people.ActionFinishDecision,
    people.ActionTellRights,
    learning.ActionTakeFeedback,
    talk.ActionMakeSmallTalk,
    talk.ActionConfirmNothing,
    talk.ActionCancel,
    talk.ActionRestart,
)


def all_actions(runtime: ActionRuntime) -> list[ProductAction]:
    """Build every action that the domain names."""
    return [action(runtime) for action in _ACTIONS]
