"""The HTTP API under `/api/`: it gathers the routers of the apps and turns their errors into plain JSON."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.security import django_auth

import ronghe


class ContractedAPI(NinjaAPI):
    """Publishes what every closed operation may answer besides its own: nobody has to say 401 at each one."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        detail = {
            "type": "object",
            "properties": {"detail": {"type": "string"}},
            "required": ["detail"],
        }
        for path in schema["paths"].values():
            for operation in path.values():
                if operation.get("security"):
                    operation["responses"].setdefault(
                        401,
                        {"description": "Not signed in", "content": {"application/json": {"schema": detail}}},
                    )
        return schema


api = ContractedAPI(
    title="Ronghe 融合",
    version=ronghe.__version__,
    description="Industry–education integration community. Sign in first; every answer shows what you may see.",
    auth=django_auth,
    urls_namespace="api",
)
api.add_router("/agreements", "ronghe.apps.agreements.api.router")
api.add_router("/community", "ronghe.apps.community.api.router")
api.add_router("/credentials", "ronghe.apps.credentials.api.router")
api.add_router("/credits", "ronghe.apps.credits.api.router")
api.add_router("/curriculum", "ronghe.apps.curriculum.api.router")
api.add_router("/demand", "ronghe.apps.demand.api.router")
api.add_router("/ledger", "ronghe.apps.ledger.api.router")
api.add_router("/mentors", "ronghe.apps.mentors.api.router")
api.add_router("/metrics", "ronghe.apps.metrics.api.router")
api.add_router("/policies", "ronghe.apps.policies.api.router")
api.add_router("/pool", "ronghe.apps.pool.api.router")
api.add_router("/positions", "ronghe.apps.positions.api.router")
api.add_router("/rotations", "ronghe.apps.rotations.api.router")
api.add_router("/sites", "ronghe.apps.sites.api.router")
api.add_router("/training", "ronghe.apps.training.api.router")


@api.exception_handler(PermissionDenied)
def refuse(request: HttpRequest, error: Any) -> HttpResponse:
    """403 with the service's own words."""
    return api.create_response(request, {"detail": str(error) or "You may not do this."}, status=403)
