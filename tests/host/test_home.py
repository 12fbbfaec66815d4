"""A mistyped AVOW_HOME closes nobody's folder."""

import pytest

from avow.errors import BadInput
from avow.host.home import Home


def test_a_folder_with_other_files_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / "letters.txt").write_text("mine")
    tmp_path.chmod(0o755)
    with pytest.raises(BadInput, match="AVOW_HOME"):
        Home(tmp_path).make()
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_new_home_is_closed_to_others_and_found_again(tmp_path):
    home = Home(tmp_path / "a" / "b").make()
    assert home.root.stat().st_mode & 0o777 == 0o700
    home.lock.touch()
    (home.root / "anything").touch()
    assert home.make() == home


def test_connections_are_written_whole_and_for_the_owner_alone(tmp_path):
    home = Home(tmp_path)
    assert home.read_connections() == {}
    home.write_connections({"host": "x"})
    assert home.read_connections() == {"host": "x"}
    assert home.connections.stat().st_mode & 0o777 == 0o600
