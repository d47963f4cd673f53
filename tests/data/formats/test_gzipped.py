import gzip
import io

import pytest

from autoequivariant.data.formats.gzipped import (
    is_gzipped,
    most_unzipped,
    open_unzipped,
    read_bytes,
)


@pytest.mark.parametrize(("pack", "gzipped"), [(bytes, False), (gzip.compress, True)])
@pytest.mark.parametrize("name", ["a", "a.gz"])
def test_the_contents_and_not_the_name_decide(tmp_path, pack, gzipped, name):
    path = tmp_path / name
    path.write_bytes(pack(b"contents"))
    assert is_gzipped(path) == gzipped
    with open_unzipped(path) as file:
        assert file.read() == b"contents"


def test_no_file_holds_more_than_the_bound(tmp_path):
    path = tmp_path / "zeros"
    path.write_bytes(bytes(10**6))
    assert most_unzipped(path) == 10**6
    path.write_bytes(gzip.compress(bytes(10**6)))
    assert path.stat().st_size < 10**6 <= most_unzipped(path)


def test_bytes_of_a_stream():
    assert read_bytes(io.BytesIO(b"abc"), 2).tobytes() == b"ab"
    assert read_bytes(io.BytesIO(b"abc"), 3).tobytes() == b"abc"
    assert read_bytes(io.BytesIO(b"abc"), 2**25).tobytes() == b"abc"
