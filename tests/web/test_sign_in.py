"""The sign-in providers that the environment configures."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from ronghe.web.sign_in import sign_in_providers


def test_without_configuration_there_is_no_outside_identity() -> None:
    assert sign_in_providers({}) == {}


def test_each_provider_is_read_from_its_variables() -> None:
    providers = sign_in_providers(
        {
            "RONGHE_WEIXIN_ID": "wx1",
            "RONGHE_WEIXIN_SECRET": "s",
            "RONGHE_DINGTALK_ID": "d1",
            "RONGHE_DINGTALK_SECRET": "s",
            "RONGHE_OIDC_ID": "o1",
            "RONGHE_OIDC_SECRET": "s",
            "RONGHE_OIDC_SERVER": "https://id.example.edu",
            "RONGHE_OIDC_NAME": "示例大学",
        }
    )
    assert set(providers) == {"weixin", "dingtalk", "openid_connect"}
    assert providers["openid_connect"]["APPS"][0]["name"] == "示例大学"
    assert providers["openid_connect"]["APPS"][0]["settings"] == {"server_url": "https://id.example.edu"}


@pytest.mark.parametrize(
    "half",
    [
        {"RONGHE_WEIXIN_ID": "wx1"},
        {"RONGHE_DINGTALK_SECRET": "s"},
        {"RONGHE_OIDC_ID": "o1", "RONGHE_OIDC_SECRET": "s"},
        {"RONGHE_OIDC_ID": "o1", "RONGHE_OIDC_SECRET": "s", "RONGHE_OIDC_SERVER": "http://insecure.example"},
    ],
)
def test_half_a_configuration_stops_the_site_with_the_name_of_the_variable(half: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured, match="RONGHE_"):
        sign_in_providers(half)
