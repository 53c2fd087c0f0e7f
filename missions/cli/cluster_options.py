"""The options that say which cluster plans instead of this computer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from missions.cluster_address import Cluster, cluster_at, load_clusters
from missions.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.model import MissionSpec

ClusterOption = Annotated[
    str | None,
    typer.Option("--cluster", metavar="tls://HOST:PORT|CLUSTERS.toml", help="A Dask cluster plans, or each nation's own; the same plan."),
]
ClusterCaOption = Annotated[Path | None, typer.Option("--cluster-ca", metavar="PEM", help="The authority that its machines are known by.")]
ClusterCertOption = Annotated[Path | None, typer.Option("--cluster-cert", metavar="PEM", help="Our certificate of that authority.")]
ClusterKeyOption = Annotated[Path | None, typer.Option("--cluster-key", metavar="PEM", help="Its key, where it is not in the same file.")]


def chosen_clusters(
    spec: MissionSpec, cluster: str | None, ca: Path | None, cert: Path | None, key: Path | None, workers: int | None
) -> tuple[Cluster | None, Mapping[str, Cluster]]:
    """The cluster that does everything, or those of nations. Raises InputError, also for options that make no sense together."""
    files = {"--cluster-ca": ca, "--cluster-cert": cert, "--cluster-key": key}
    given = next((option for option, path in files.items() if path is not None), None)
    if cluster is None:
        if given is not None:
            raise InputError("is of no use without --cluster", key=given, mend="give --cluster, or leave it out")
        return None, {}
    if "://" in cluster:
        if workers is not None:
            raise InputError("the cluster's workers plan", key="--workers", value=workers, mend="leave it out")
        return cluster_at(cluster, ca, cert, key), {}
    if given is not None:
        raise InputError(f"{cluster} names certificates itself", key=given, mend="leave it out")
    return None, load_clusters(Path(cluster), [nation.id for nation in spec.nations])
