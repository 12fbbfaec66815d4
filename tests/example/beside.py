"""A whole `avow up` with the example beside it."""

from avow.host.supervising import is_free
from tests.faults.house import House, free_port, until

PATIENCE = 180  # seconds for a first start on a machine that is busy with other tests
AT = "Optimibi, an application"


def pair():
    """A free port whose neighbour is free too."""
    return until(lambda: next((port for port in [free_port()] if is_free(port + 1)), None), 10, "two free ports")


def started(home, **more):
    """Start both, and return when both answer."""
    house = House(home, port=pair(), DEMO="1", **more)
    try:
        house.start(wait=False)
        said = lambda: AT in house.said or "Without Optimibi" in house.said or house.process.poll() is not None  # noqa: E731
        until(said, PATIENCE, "the example")
        assert AT in house.said, house.said
    except BaseException:
        house.stop()
        raise
    return house


def both(house):
    """Where the two are."""
    return {"avow": f"http://127.0.0.1:{house.port}", "optimibi": f"http://127.0.0.1:{house.port + 1}"}
