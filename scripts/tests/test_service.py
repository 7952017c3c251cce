"""The unit file that a facility copies: whoever hangs or crashes is started again, and nobody is ended who would have said why."""

import configparser
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def service():
    unit = configparser.ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str
    unit.read_string((ROOT / "docs/service/gridpilot.service").read_text())
    return unit["Service"]


class ServiceTests(unittest.TestCase):
    def test_the_server_says_itself_when_it_is_ready_and_its_children_cannot(self):
        self.assertEqual((service()["Type"], service()["NotifyAccess"]), ("notify", "main"))

    def test_a_server_that_crashes_or_hangs_is_started_again(self):
        self.assertIn(service()["Restart"], ("on-failure", "always"))
        self.assertLess(int(service()["RestartSec"]), 10)

    def test_a_part_that_hangs_is_named_in_the_log_before_the_server_is_ended(self):
        limits = {
            int(seconds) for path in (ROOT / "Sources/gridpilot").glob("**/*.swift")
            for seconds in re.findall(r"(?:stallLimit = Duration|limit: Duration = )\.seconds\((\d+)\)", path.read_text())}
        self.assertEqual(len(limits), 1, limits)
        self.assertGreater(int(service()["WatchdogSec"]), limits.pop())

    def test_the_server_has_the_time_to_end_in_order(self):
        self.assertGreater(int(service()["TimeoutStopSec"]), 10)

    def test_the_server_may_have_all_the_links_that_it_allows_and_as_many_files_beside_them(self):
        web = (ROOT / "Sources/WebServer/Configuration.swift").read_text()
        links = int(re.search(r"var connections = (\d+)", web)[1])
        self.assertGreater(int(service()["LimitNOFILE"]), 2 * links)

    def test_the_server_is_not_run_by_root(self):
        self.assertNotIn(service().get("User", "root"), ("root", "0", ""))


if __name__ == "__main__":
    unittest.main()
