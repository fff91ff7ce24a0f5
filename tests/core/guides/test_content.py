"""Every value of the manual that a person looks for on the screen stands in the guides, as it is printed."""

import unicodedata

import pytest

from bot.core.guides.records import LANGUAGES
from bot.settings import ROOT

CERTIFICATE_NAME = (
    "SERIALNUMBER = <IC NUMBER>, SN = <IC NUMBER>, CN = <USER NAME>, OU = <DEPARTMENT>, "
    "O = Pos Digicert Sdn Bhd, C = MY"
)

# By guide, a line for each step: windows, panes, labels, files, commands and messages that the manual prints for it.
PRINTED = {
    "sign-softcert-high": [
        ["MyCukai"],
        ["Choose Certificate"],
        ["Choose Certificate", "Choose", "View", "Name", "Issuer"],
        [
            "Signing data with your private exchange key",
            "OK",
            "Password for: CryptoAPI Private Key",
            "Remember password",
            "Cancel",
            "Details",
        ],
    ],
    "sign-softcert-medium": [
        ["MyCukai"],
        ["Choose Certificate"],
        ["Choose Certificate", "Choose", "View", "Name", "Issuer"],
        ["Signing data with your private exchange key", "OK", "Cancel", "Details"],
    ],
    "sign-token": [
        ["MyCukai"],
        ["Choose Certificate"],
        ["Choose Certificate", "Choose", "View", "Name", "Issuer"],
        ["User PIN Verification", "Login", "User PIN:", "Enable soft keyboard", "Change PIN", "Cancel"],
    ],
    "install-esign-windows": [
        ["MyCukai"],
        [],
        ["Reminder", "Next"],
        ["Introduction", "Next"],
        ["License Agreement", "Next", "I accept the terms of the License Agreement"],
        ["Choose Install Folder", "Next"],
        ["Choose Shortcut Folder", "Next"],
        ["Pre-Installation Summary", "Install"],
        ["Install Complete", "Done", "e-Sign already running", "OK"],
        ["task manager"],
    ],
    "install-st3-mac": [
        ["ST3_1.0.17.0303.pkg", "ST3_1.0.17.0313.pkg"],
        ["Install ST3", "Introduction", "Continue"],
        ["Install ST3", "Important Information (Read Me)", "Continue", "Print", "Save"],
        [
            "Install ST3",
            "License",
            "Agree",
            "Read License",
            "Disagree",
            "Print",
            "Save",
            "Go Back",
            "Continue",
        ],
        ["Install ST3", "Installation Type", "Install", "Customize"],
        ["Install ST3", "Installation", "Continue"],
        ["Install ST3", "Summary", "Close"],
        ["Application Folder", "ST3 Token Manager"],
    ],
    "install-esign-mac": [
        ["esign.tar.gz"],
        ["Terminal", "gunzip esign.tar.gz", "tar -xvf esign.tar"],
        ["Terminal"],
        ["Terminal", "cd eSign"],
        ["Terminal", "./eSign.sh &"],
        ["e-Sign"],
        ["e-SIGN", "Configuration", "Menu", "Open"],
        ["Configuration", "Token", "Softcert"],
        ["Configuration", "Update"],
        ["e-SIGN", "Menu", "Open"],
        ["e-SIGN", "Import P12"],
        ["Import P12", "Choose P12", "Softcert (P12)", "IC Number", "PIN", "<FOLDER>/<USER NAME>.p12"],
        [
            "Import P12",
            "IC Number",
            CERTIFICATE_NAME,
        ],
        ["Import P12", "Cancel"],
    ],
    "import-softcert-windows": [
        ["CERT_<NUMBER>.p12", "2048DigisignIDBasic.cer", "class2root.cer"],
        [
            "Certificate Import Wizard",
            "Welcome to the Certificate Import Wizard",
            "Next",
            "Current User",
            "Local Machine",
        ],
        ["Certificate Import Wizard", "File to Import", "Next", "File name:", "Browse"],
        ["Certificate Import Wizard", "Private key protection", "Next", "Password:", "Display Password", "Cancel"],
        [
            "Certificate Import Wizard",
            "Certificate Store",
            "Next",
            "Automatically select the certificate store based on the type of certificate",
            "Place all certificates in the following store",
        ],
        ["Certificate Import Wizard", "Completing the Certificate Import Wizard", "Finish", "Cancel"],
        ["Importing a new private exchange key", "Set Security Level"],
        ["Choose a Security Level", "Next", "High", "Medium", "Back", "Cancel"],
        ["Create a Password", "Selesai", "Finish", "Password:", "Confirm:"],
        ["Importing a new private exchange key", "OK", "An application is creating a Protected item."],
        ["Certificate Import Wizard", "OK", "The import was successful."],
    ],
    "verify-softcert": [
        ["Internet Explorer", "Tools"],
        [
            "Certificates",
            "Internet Options",
            "Content",
            "Personal",
            "<USER NAME>",
            "Issued To",
            "Issued By",
            "Expiration Date",
            "Friendly Name",
        ],
        [
            "Certificate",
            "Certification Path",
            "General",
            "Details",
            "Issued to: <USER NAME>",
            "Issued by: Digisign ID (Basic) 2048",
        ],
        ["Certificate", "Certification Path", "View Certificate", "OK"],
    ],
}

# What the steps' sentences, notes and advice name, in every language.
NAMED = {
    ("install-esign-mac", 1): ["esign.tar.gz", "/Users/Operator/Desktop"],
    ("install-esign-mac", 2): ["No such file or directory", "tar -xvf esign.tar"],
    ("install-esign-mac", 5): ["Permission denied", "chmod +x eSign.sh"],
    ("install-esign-mac", 6): ["Tray Icon"],
    ("install-esign-mac", 7): ["Menu > Open", "Configuration", "Token", "Softcert", "Update"],
    ("install-esign-mac", 13): ["IC Number", "DN"],
    ("install-st3-mac", 3): ["ReadMe.rtf", "ST3.pkg", "ST3 Token Manager Admin", "PKCS#11", "Firefox"],
    ("install-st3-mac", 4): ["Read License", "Disagree", "Agree"],
    ("install-st3-mac", 8): ["ST3 Token Manager", "Application Folder"],
    ("import-softcert-windows", 4): ["PASSWORD/PIN", "Display Password"],
    ("import-softcert-windows", 8): ["High", "Medium"],
    ("import-softcert-windows", 9): ["8", "1", "Abcd1234", "Selesai", "Finish"],
    ("import-softcert-windows", 11): [
        "Digicert Class2 Root",
        "Digisign ID Basic 2048",
        "class2root.cer",
        "2048DigisignIDBasic.cer",
    ],
    ("verify-softcert", 1): ["Internet Options", "Control Panel", "certmgr.msc", "Personal > Certificates"],
    ("verify-softcert", 3): ["You have a private key that corresponds to this certificate."],
    ("verify-softcert", 4): ["Certificate status", "This certificate is OK.", "Digicert Class2 Root"],
}


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from texts(inner)


@pytest.mark.parametrize("guide_id", PRINTED)
def test_every_label_of_every_step_stands_on_its_screen_as_printed(guides, guide_id):
    steps = guides.guide(guide_id).steps
    for step, labels in zip(steps, PRINTED[guide_id], strict=True):
        shown = list(texts(step.screen.model_dump()))
        assert set(labels) <= set(shown), (guide_id, step.n)


@pytest.mark.parametrize(("place", "names"), NAMED.items(), ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_step_names_is_named_in_every_language(guides, place, names, language):
    guide_id, number = place
    told = " ".join(_in_language(guides.guide(guide_id).step(number).model_dump(), language))
    assert [name for name in names if name not in told] == []


def _in_language(value, language):
    """Yield the texts of one language in a record."""
    if isinstance(value, dict):
        if set(value) == set(LANGUAGES):
            yield value[language]
            return
        for inner in value.values():
            yield from _in_language(inner, language)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _in_language(inner, language)


def test_there_are_eight_guides_with_fifty_nine_steps_in_the_manual_s_sections(guides):
    assert [guide.id for guide in guides.guides] == list(PRINTED)
    assert sum(len(guide.steps) for guide in guides.guides) == 59
    sections = ["2.1.1.1", "2.1.1.2", "2.1.2", "2.1.3", "2.2.3", "2.2.4", "3", "3.3"]
    assert [guide.section for guide in guides.guides] == sections


def test_the_requirement_tables_are_the_manual_s(guides):
    needs = guides.manual.needs
    assert needs.windows.model_dump() == {
        "operating_system": "Microsoft Windows XP",
        "browser": "Mozilla Firefox version 45.0",
        "processor": "Pentium III 800 MHz",
        "memory": "256 MB RAM",
        "usb_port_for": "ST3 USB Token",
    }
    assert set(needs.mac.operating_systems) == {"Mac OS X Yosemite", "Mac OS Sierra", "Mac OS El Capitan"}
    packages = {system: guides.manual.package_for(system) for system in (*needs.mac.operating_systems, "macOS 14")}
    assert packages == {
        "Mac OS X Yosemite": "ST3_1.0.17.0303.pkg",
        "Mac OS Sierra": "ST3_1.0.17.0313.pkg",
        "Mac OS El Capitan": "ST3_1.0.17.0313.pkg",
        "macOS 14": None,
    }


def test_media_and_suppliers_are_the_manual_s_and_roaming_has_no_guide(guides):
    manual = guides.manual
    assert {carrier.medium: carrier.label for carrier in manual.carriers if carrier.is_guided} == {
        "token": "Token Certificate",
        "softcert": "Softcert",
    }
    assert [carrier.label for carrier in manual.carriers if not carrier.is_guided] == ["Roaming Certificate"]
    assert manual.suppliers == ("MSC Trustgate", "Pos Digicert", "TM")
    assert set(manual.glossary) == {"SMPC", "SEC", "ePPC", "MOF"}


def test_every_step_that_takes_a_secret_is_marked(guides):
    sensitive = {(guide.id, step.n) for guide in guides.guides for step in guide.steps if step.is_sensitive}
    assert sensitive == {
        ("sign-softcert-high", 4),
        ("sign-softcert-medium", 4),
        ("sign-token", 4),
        ("install-st3-mac", 5),
        ("install-esign-mac", 12),
        ("install-esign-mac", 13),
        ("install-esign-mac", 14),
        ("import-softcert-windows", 4),
        ("import-softcert-windows", 9),
    }


def test_every_caution_and_every_gap_is_told_at_a_step_or_with_the_requirements(guides):
    steps = [step for guide in guides.guides for step in guide.steps]
    told_at_steps = {key for step in steps for key in step.cautions}
    assert {caution.key for caution in guides.manual.cautions if not caution.about_needs} <= told_at_steps
    assert {gap.key for gap in guides.manual.gaps} == {key for step in steps for key in step.gaps}


@pytest.mark.parametrize("path", sorted((ROOT / "bot" / "content" / "guides").iterdir()), ids=lambda path: path.name)
def test_the_guides_are_composed_unicode(path):
    assert unicodedata.is_normalized("NFC", path.read_text("utf-8"))
