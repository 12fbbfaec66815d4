"""`avow application register`: what a person gets wrong is said in a sentence, and nothing is registered."""

import pytest

from avow.errors import BadInput
from avow.host.commands import application


@pytest.mark.parametrize("written", ["report", "report=phone", "=phone:why", "report=:why", "report=phone:"])
def test_a_feature_without_all_its_parts_is_refused(written):
    with pytest.raises(BadInput, match="NAME=FIELD:REASON"):
        application._feature(written)


def test_a_feature_is_read(tmp_path):
    assert application._feature("report=phone:Why: so") == ("report", "phone", "Why: so")


def test_it_is_told_what_it_was_registered_for_and_no_more(policy, tmp_path, monkeypatch):
    """It bites: with every scope for every application, one that needs a name alone is told the phone number."""
    from contextlib import nullcontext

    from allauth.idp.oidc.models import Client
    from click.testing import CliRunner

    monkeypatch.setattr(application, "tables", nullcontext)
    (tmp_path / "secret").write_text("x" * 44)
    command = ["register", "app", "--name", "App", "--back", "https://app.example.com/back"]
    command += ["--secret-file", str(tmp_path / "secret")]
    assert CliRunner().invoke(application.group, command, catch_exceptions=False).exit_code == 0
    assert Client.objects.get().get_scopes() == ["openid"]
    CliRunner().invoke(application.group, [*command, "--scope", "usage", "--scope", "email"], catch_exceptions=False)
    assert Client.objects.get().get_scopes() == ["openid", "email", "usage"]
    with pytest.raises(BadInput, match="no scope everything"):
        CliRunner().invoke(application.group, [*command, "--scope", "everything"], catch_exceptions=False)


def test_a_secret_comes_from_a_file_and_is_long(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        application._secret(tmp_path / "absent")
    (tmp_path / "short").write_text("short")
    with pytest.raises(BadInput, match="20 random characters"):
        application._secret(tmp_path / "short")
    (tmp_path / "good").write_text("x" * 44 + "\n")
    assert application._secret(tmp_path / "good") == "x" * 44
