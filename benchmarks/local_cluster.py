"""A Dask cluster on this computer, started as docs/cluster.md says: one authority, a scheduler, workers with one core each, all by TLS."""

from __future__ import annotations

import contextlib
import datetime
import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from missions.cluster import security_of
from missions.cluster_address import Cluster

_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority in a folder: `ca.pem`, and a certificate with its key for each machine that asked."""

    folder: Path
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def ca(self) -> Path:
        path = self.folder / "ca.pem"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(
                _signed("authority", self._key.public_key(), self._key, authority=True).public_bytes(serialization.Encoding.PEM)
            )
        return path

    def certificate(self, name: str, password: bytes | None = None) -> tuple[Path, Path]:
        """The files of a new certificate and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        cert_file, key_file = self.ca.with_name(f"{name}.pem"), self.ca.with_name(f"{name}-key.pem")
        cert_file.write_bytes(_signed(name, key.public_key(), self._key, authority=False).public_bytes(serialization.Encoding.PEM))
        locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))
        return cert_file, key_file


def _signed(name: str, public: ec.EllipticCurvePublicKey, key: ec.EllipticCurvePrivateKey, *, authority: bool) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")]))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


class LocalCluster:
    """A scheduler and its workers, each a process that ends with the `with`."""

    def __init__(self, folder: Path, workers: int) -> None:
        self._folder, self._count = folder, workers
        self.authority = Authority(folder)
        self.workers: list[subprocess.Popen[bytes]] = []
        self._scheduler: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> LocalCluster:
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.workers, self._scheduler):
            if process is not None:
                process.kill()
                process.wait()

    def _begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        contact = self._folder / "scheduler.json"
        place = ["--host", "tls://127.0.0.1", "--port", "0", "--scheduler-file", str(contact)]
        self._scheduler = self._start(["scheduler", *place, "--no-dashboard", *self._tls("scheduler")])
        self.address = str(json.loads(_text_of(contact))["address"])
        for _ in range(self._count):
            self.add_worker()

    def add_worker(self) -> None:
        """One more; without a nanny, so that one that is killed stays away."""
        place = ["--nthreads", "1", "--local-directory", str(self._folder)]
        tls = self._tls(f"worker-{len(self.workers)}")
        self.workers.append(self._start(["worker", self.address, "--no-nanny", "--no-dashboard", *place, *tls]))

    def wait_for(self, workers: int) -> None:
        """Until so many have told the scheduler that they are there."""
        from distributed import Client

        cluster = self.as_seen_by("watch")
        with Client(self.address, security=security_of(cluster), set_as_default=False) as client:
            pause, until_s = threading.Event(), time.monotonic() + _PATIENCE_S
            while len(client.scheduler_info(n_workers=-1)["workers"]) != workers:
                if time.monotonic() > until_s:
                    raise TimeoutError(f"there are not {workers} workers")
                pause.wait(0.05)

    def as_seen_by(self, name: str) -> Cluster:
        """The cluster, for a planner with a certificate of its own."""
        cert, key = self.authority.certificate(name)
        return Cluster(scheduler=self.address, ca=self.authority.ca, cert=cert, key=key)

    def _tls(self, name: str) -> list[str]:
        cert, key = self.authority.certificate(name)
        return ["--tls-ca-file", str(self.authority.ca), "--tls-cert", str(cert), "--tls-key", str(key)]

    def _start(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        with (self._folder / f"{arguments[0]}.log").open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", "dask", *arguments], stdout=log, stderr=log)


def _text_of(path: Path) -> str:
    """What a process will write there."""
    pause, until_s = threading.Event(), time.monotonic() + _PATIENCE_S
    while time.monotonic() < until_s:
        with contextlib.suppress(OSError):
            text = path.read_text(encoding="utf-8")
            if text.rstrip().endswith("}"):
                return text
        pause.wait(0.02)
    raise TimeoutError(f"{path} was not written")
