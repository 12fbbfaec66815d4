"""
Third parties from the environment: each part is needed, an issuer without TLS is refused, the secret comes from a file.

What is refused is listed; each stops the start.
"""

import pytest

from avow.errors import BadInput
from avow.host.sign_in_with import providers


@pytest.fixture
def written(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("known to both\n")

    def write(**parts):
        whole = {
            "name": "Example Ltd.",
            "issuer": "https://id.example",
            "client_id": "avow",
            "secret_file": str(secret),
        }
        return ",".join(f"{key}={value}" for key, value in (whole | parts).items() if value is not None)

    return write


def test_nothing_written_means_nobody(written):
    assert providers("") == {} == providers(" ; ")


def test_a_third_party_is_read(written):
    [app] = providers(written())["openid_connect"]["APPS"]
    assert (app["provider_id"], app["name"], app["secret"]) == ("example-ltd", "Example Ltd.", "known to both")
    assert app["settings"] == {"server_url": "https://id.example"}
    both = providers(f"{written()}; {written(name='Other')}")["openid_connect"]
    assert [app["provider_id"] for app in both["APPS"]] == ["example-ltd", "other"]
    assert both["OAUTH_PKCE_ENABLED"]


@pytest.mark.parametrize(
    "parts",
    [
        {"issuer": "http://id.example"}, {"issuer": "id.example"}, {"secret_file": "/nowhere"}, {"client_id": None},
        {"client_id": ""}, {"name": "!"}, {"colour": "red"},
    ],
)  # fmt: skip
def test_what_is_missing_misspelt_or_open_to_others_stops_the_start(written, parts):
    with pytest.raises(BadInput):
        providers(written(**parts))


def test_one_name_twice_is_refused(written):
    with pytest.raises(BadInput, match="twice"):
        providers(f"{written()};{written()}")
