"""The planner's executor on a Dask cluster: reached by mutual TLS, trusted only when it runs the same program, never waited for in vain.

Whoever can reach a Dask scheduler can run programs on its workers, and a worker's answers can run programs here: jobs and results are
pickles. So a cluster is one nation's own (docs/cluster.md).
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from missions.cluster_address import Cluster, is_trusted
from missions.cluster_jobs import StrangerError, differences, run_job, this_build

if TYPE_CHECKING:
    from distributed import Client, Future
    from distributed.security import Security

J = TypeVar("J")
R = TypeVar("R")

_CORRECT: Final = "start a scheduler there, or correct the address"
_START: Final = "start workers as docs/cluster.md says"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterParams:
    """How long a scheduler may take to answer, how long a plan waits when there is no worker left, and how often that is looked at.
    Clocks may differ by `clocks_s` where a time limit counts by them.
    """

    answer_s: float = 10.0
    workerless_s: float = 60.0
    look_s: float = 2.0
    clocks_s: float = 1.0


class ClusterError(Exception):
    """The cluster cannot be used: which one, why, and the mend."""

    def __init__(self, scheduler: str, text: str, mend: str) -> None:
        super().__init__(scheduler, text, mend)
        self.scheduler, self.text, self.mend = scheduler, text, mend


class DaskExecutor:
    """Runs jobs on the workers of a cluster; one that dies has its jobs run again by others."""

    def __init__(self, client: Client, scheduler: str, build: Mapping[str, str], params: ClusterParams) -> None:
        self._client, self._scheduler, self._build, self._params = client, scheduler, build, params
        self._futures: list[Future] = []

    @property
    def workers(self) -> int:
        return max(1, len(_workers(self._client)))

    def map(self, function: Callable[[J], R], jobs: Iterable[J], /) -> Iterator[R]:
        """As every executor. What is wrong with the cluster meanwhile is raised as ClusterError."""
        import dask

        mine = partial(run_job, function=function, build=self._build)
        # Jobs carry all that they need, which Dask would warn of.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
            futures = self._client.map(mine, list(jobs), pure=False, retries=0)
        self._futures += futures
        return (self._result(future) for future in futures)

    def cancel(self) -> None:
        """Let go of the cluster: jobs that nobody has begun are dropped, those that are run are told to stop."""
        with contextlib.suppress(OSError, TimeoutError):
            self._client.close(timeout=self._params.answer_s)

    def _result(self, future: Future) -> Any:
        from distributed import KilledWorker
        from distributed.comm import CommClosedError

        workerless_s = 0.0
        while True:
            try:
                return future.result(timeout=self._params.look_s)
            except StrangerError as error:
                raise self._error(f"a worker is not like this program: {error}", "install the same version on every worker") from error
            except KilledWorker as error:
                raise self._error(f"{error.allowed_failures + 1} workers died over one job, maybe for want of memory", _START) from error
            except (CancelledError, CommClosedError) as error:
                raise self._error("was lost while planning", "look at its log, and plan again") from error
            except TimeoutError as error:
                if future.status == "error" and isinstance(future.exception(), TimeoutError):
                    raise
                workerless_s = 0.0 if _workers(self._client) else workerless_s + self._params.look_s
                if workerless_s > self._params.workerless_s or self._client.status not in ("running", "connecting"):
                    raise self._error("has no worker left", _START) from error

    def _error(self, text: str, mend: str) -> ClusterError:
        return ClusterError(self._scheduler, text, mend)


def connect(
    cluster: Cluster, params: ClusterParams | None = None, *, timed: bool = False, build: Mapping[str, str] | None = None
) -> DaskExecutor:
    """The cluster's executor, after it has answered, proved who it is, and shown that its workers are like `build` (this program).

    `timed` says that jobs end by the clock. Raises ClusterError.
    """
    params, build = params or ClusterParams(), build or this_build()
    security = security_of(cluster)
    _greet(cluster, security, params)
    client = _client(cluster, security, params)
    try:
        _require_alike(client, cluster.scheduler, build)
        if timed:
            _require_same_time(client, cluster.scheduler, params)
    except BaseException:
        client.close()
        raise
    return DaskExecutor(client, cluster.scheduler, build, params)


def security_of(cluster: Cluster) -> Security:
    """Certificates as given, or where nothing is given as Dask's own settings have them. Raises ClusterError."""
    try:
        from distributed.security import Security
    except ImportError as error:
        raise ClusterError(cluster.scheduler, f"needs a package: {error}", 'pip install "jointpatrol[cluster]"') from error
    given = {"tls_ca_file": cluster.ca, "tls_client_cert": cluster.cert, "tls_client_key": cluster.key}
    secret = cluster.scheduler.startswith("tls:")
    security = Security(require_encryption=secret, **{name: str(path) for name, path in given.items() if path is not None})
    if secret:
        for option, value in (("--cluster-ca", security.tls_ca_file), ("--cluster-cert", security.tls_client_cert)):
            if not value:
                raise ClusterError(cluster.scheduler, "needs certificates", f"give {option}, or set it in Dask's own configuration")
    return security


def _greet(cluster: Cluster, security: Security, params: ClusterParams) -> None:
    """Whether somebody answers there whom we know and who knows us. Dask itself would try again and again, and not say why."""
    where = urlsplit(cluster.scheduler)
    context = _context(cluster, security) if where.scheme == "tls" else None
    try:
        plain = socket.create_connection((where.hostname or "", where.port or 0), timeout=params.answer_s)
        with plain, context.wrap_socket(plain) if context is not None else contextlib.nullcontext(plain) as talk:
            # A scheduler greets first. One that does not know our certificate says so only now.
            greeting = talk.recv(1)
    except ssl.SSLError as error:
        words = (error.reason or str(error)).lower().replace("_", " ")
        text = f"certificates do not match: {getattr(error, 'verify_message', '') or words}"
        raise ClusterError(cluster.scheduler, text, "all machines need certificates of one authority, see docs/cluster.md") from error
    except OSError as error:
        raise ClusterError(cluster.scheduler, f"does not answer: {error.strerror or error}", _CORRECT) from error
    if not greeting:
        raise ClusterError(cluster.scheduler, "hangs up, as no Dask scheduler does", _CORRECT)


def _context(cluster: Cluster, security: Security) -> ssl.SSLContext:
    """Certificates as Dask will load them, after a look whether it can: it would ask for a key's password at a terminal."""
    try:
        key = security.tls_client_key or security.tls_client_cert
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(security.tls_client_cert, key, password=_no_password)
        context: ssl.SSLContext = security.get_connection_args("client")["ssl_context"]
    except _LockedKeyError as error:
        raise ClusterError(cluster.scheduler, "the key of our certificate has a password", "Dask needs a key without one") from error
    except OSError as error:  # which ssl.SSLError is, too
        text = f"certificates cannot be read: {getattr(error, 'reason', None) or error.strerror or error}"
        raise ClusterError(cluster.scheduler, text, "give --cluster-ca, --cluster-cert and --cluster-key in PEM format") from error
    return context


class _LockedKeyError(Exception):
    """A key needs a password."""


def _no_password() -> str:
    raise _LockedKeyError


def _client(cluster: Cluster, security: Security, params: ClusterParams) -> Client:
    from distributed import Client

    for name in ("distributed", "distributed.client"):
        # What goes wrong is told once, and by us.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return Client(cluster.scheduler, security=security, timeout=params.answer_s, set_as_default=False, name="jointpatrol")
    except (OSError, TimeoutError) as error:
        raise ClusterError(cluster.scheduler, f"is no Dask scheduler that answers: {error}", _CORRECT) from error


def _workers(client: Client) -> Mapping[str, Mapping[str, Any]]:
    workers: Mapping[str, Mapping[str, Any]] = client.scheduler_info(n_workers=-1)["workers"]
    return workers


def _require_alike(client: Client, scheduler: str, ours: Mapping[str, str]) -> None:
    """Workers that are there, spoken to in secret, with one job at a time each, and with this program and its libraries."""
    own = client.get_versions()["scheduler"]["packages"]["distributed"]
    if own != ours["distributed"]:
        raise ClusterError(scheduler, f"its scheduler has distributed {own} instead of {ours['distributed']}", "install the same version")
    workers = _workers(client)
    if not workers:
        raise ClusterError(scheduler, "has no worker", _START)
    for address, worker in workers.items():
        if not is_trusted(address):
            raise ClusterError(scheduler, f"worker {address} is not encrypted", "start it with --tls-ca-file, --tls-cert, --tls-key")
        if worker["nthreads"] != 1:
            text = f"worker {address} runs {worker['nthreads']} jobs in one process, which the solver does not bear"
            raise ClusterError(scheduler, text, "start it with --nthreads 1 --nworkers " + str(worker["nthreads"]))
    for address, theirs in client.run(this_build, on_error="return").items():
        if isinstance(theirs, BaseException):
            text = f"worker {address} lacks this program: {theirs}"
            raise ClusterError(scheduler, text, "install the same jointpatrol there")
        unlike = differences(theirs, ours)
        if unlike:
            raise ClusterError(scheduler, f"worker {address} has {unlike}", "install the same versions there")


def _require_same_time(client: Client, scheduler: str, params: ClusterParams) -> None:
    """A time limit is told to jobs as a time of day."""
    before_s = time.time()
    told = client.run(time.time)
    after_s = time.time()
    for address, their_s in told.items():
        off_s = max(before_s - their_s, their_s - after_s)
        if off_s > params.clocks_s:
            text = f"the clock of worker {address} is {off_s:.0f} s off, and --time-limit goes by it"
            raise ClusterError(scheduler, text, "set the clock, or give --effort instead")
