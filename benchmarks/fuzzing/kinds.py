"""The kinds of input, by name."""

from __future__ import annotations

from fuzzing.data_files import Csv, Idx, Images, Npy, Npz, Parquet
from fuzzing.kind import Kind
from fuzzing.run_files import Config, Model, Results, Study, Verdicts
from fuzzing.texts import Options, Yaml

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        *(Npz(), Npy(), Idx(), Csv(), Parquet(), Images(), Yaml(), Options()),
        *(Config(), Results(), Verdicts(), Study(), Model()),
    )
}
