"""The log for programs: its newest checkpoint and proofs. Public, because they hold hashes only."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status

from ronghe.apps.ledger import selectors
from ronghe.apps.ledger.answers import Problem
from ronghe.trust.checkpoint import encode_base64

router = Router(tags=["ledger"], auth=None)


class ProofOut(Schema):
    """That a leaf is in the log (RFC 9162 §2.1.3). Hashes are in base64; `checkpoint` is the signed note."""

    index: int
    size: int
    leaf_hash: str
    path: list[str]
    checkpoint: str


@router.get(
    "/checkpoint",
    response={404: Problem},
    openapi_extra={"responses": {200: {"description": "The signed note", "content": {"text/plain": {}}}}},
    summary="Newest checkpoint",
)
def checkpoint(request: HttpRequest) -> HttpResponse | Status[Problem]:
    """The newest checkpoint of the log, a C2SP signed note with the witnesses' cosignatures."""
    newest = selectors.head().checkpoint
    if newest is None:
        return Status(404, Problem(detail=_("Nothing has been sealed yet; the log has no checkpoint.")))
    return HttpResponse(selectors.note_of(newest), content_type="text/plain; charset=utf-8")


@router.get("/proof/{index}", response={200: ProofOut, 404: Problem}, summary="Proof that a leaf is in the log")
def proof(request: HttpRequest, index: int) -> ProofOut | Status[Problem]:
    """The inclusion proof of leaf `index` in the newest checkpoint."""
    found = selectors.inclusion_proof(index)
    if found is None:
        return Status(404, Problem(detail=_("The newest checkpoint has no such leaf.")))
    return ProofOut(
        index=found.index,
        size=found.size,
        leaf_hash=encode_base64(found.leaf),
        path=[encode_base64(hash_) for hash_ in found.path],
        checkpoint=found.checkpoint.note,
    )
