"""Package.swift lets no warning of the project's own code through."""

import json
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class WarningsTests(unittest.TestCase):
    def test_a_warning_is_an_error_in_every_target_that_is_compiled(self):
        text = subprocess.run(["swift", "package", "dump-package"], cwd=ROOT, check=True, capture_output=True).stdout
        compiled = [target for target in json.loads(text)["targets"] if target["type"] != "system"]
        self.assertGreater(len(compiled), 10)
        lenient = [target["name"] for target in compiled if not strict(target)]
        self.assertEqual(lenient, [])


def strict(target):
    kinds = [setting["kind"] for setting in target["settings"] if setting["tool"] == "swift"]
    return any("treatAllWarnings" in kind and "error" in json.dumps(kind) for kind in kinds)


if __name__ == "__main__":
    unittest.main()
