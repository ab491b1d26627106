"""Which outside identities may sign in: OIDC of a university, WeChat and DingTalk, each only when it is configured."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def sign_in_providers(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Read the providers from the environment.

    RONGHE_WEIXIN_ID and RONGHE_WEIXIN_SECRET; RONGHE_DINGTALK_ID and …_SECRET; RONGHE_OIDC_ID, …_SECRET, …_SERVER
    (the issuer's address) and …_NAME (what the button says). Half a configuration raises ImproperlyConfigured.
    """

    def app(prefix: str) -> dict[str, Any] | None:
        client_id, secret = environment.get(f"{prefix}_ID", ""), environment.get(f"{prefix}_SECRET", "")
        if bool(client_id) != bool(secret):
            raise ImproperlyConfigured(f"set both {prefix}_ID and {prefix}_SECRET, or neither")
        return {"client_id": client_id, "secret": secret} if client_id else None

    providers: dict[str, dict[str, Any]] = {}
    for provider, prefix in (("weixin", "RONGHE_WEIXIN"), ("dingtalk", "RONGHE_DINGTALK")):
        if configured := app(prefix):
            providers[provider] = {"APPS": [configured]}
    if configured := app("RONGHE_OIDC"):
        server = environment.get("RONGHE_OIDC_SERVER", "")
        if not server.startswith("https://"):
            raise ImproperlyConfigured("RONGHE_OIDC_SERVER must be the https address of the identity provider")
        providers["openid_connect"] = {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    **configured,
                    "provider_id": "oidc",
                    "name": environment.get("RONGHE_OIDC_NAME", "OIDC"),
                    "settings": {"server_url": server},
                }
            ],
        }
    return providers
