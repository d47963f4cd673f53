import gzip

import pytest

from autoequivariant.data.formats.gzipped import is_gzipped, open_unzipped


@pytest.mark.parametrize(("pack", "gzipped"), [(bytes, False), (gzip.compress, True)])
@pytest.mark.parametrize("name", ["a", "a.gz"])
def test_the_contents_and_not_the_name_decide(tmp_path, pack, gzipped, name):
    path = tmp_path / name
    path.write_bytes(pack(b"contents"))
    assert is_gzipped(path) == gzipped
    with open_unzipped(path) as file:
        assert file.read() == b"contents"
