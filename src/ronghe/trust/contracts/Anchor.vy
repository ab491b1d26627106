# pragma version ==0.4.3
# pragma evm-version paris
"""
@title Anchor of one transparency log
@notice Records heads of the log (number of leaves and Merkle root), by its owner only, each larger than the last.
        It cannot be changed, paused or handed over: a log whose key was lost deploys another one.
"""

event Anchored:
    log_id: indexed(bytes32)
    size: indexed(uint64)
    root: bytes32

# SHA-256 of the log's origin, the first line of its checkpoints.
LOG_ID: public(immutable(bytes32))
OWNER: public(immutable(address))

size: public(uint64)
root: public(bytes32)


@deploy
def __init__(log_id: bytes32):
    LOG_ID = log_id
    OWNER = msg.sender


@external
def anchor(size: uint64, root: bytes32):
    """
    @notice Record the root that the log has at `size` leaves.
    """
    assert msg.sender == OWNER, "only the owner anchors"
    assert size > self.size, "a log only grows"
    self.size = size
    self.root = root
    log Anchored(log_id=LOG_ID, size=size, root=root)
