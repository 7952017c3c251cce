"""What scripts/check-arrows lets through and what it stops."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
path = pathlib.Path(__file__).resolve().parent.parent / "check-arrows"
loader = importlib.machinery.SourceFileLoader("check_arrows", str(path))
arrows = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_arrows", loader))
loader.exec_module(arrows)

OWN = {"RunModel", "JSONText", "Store", "Engine", "Microscope", "Imaging", "WebServer", "CJansson", "gridpilot", "TestSupport"}


def target(name, *dependencies, kind="regular"):
    entries = [{"byName": [each, None]} for each in dependencies]
    return {"name": name, "type": kind, "dependencies": entries}


def problems(of, *modules):
    return arrows.problems_of(of, {module: {"File.swift"} for module in modules}, OWN)


class ImportsInTests(unittest.TestCase):
    def test_every_form_of_import_is_seen(self):
        source = (
            "import Foundation\n@testable import Store\n@preconcurrency public import GRDB\n"
            "import struct RunModel.Length\ninternal import Yams\n  import Dispatch\n"
        )
        self.assertEqual(arrows.imports_in(source), {"Foundation", "Store", "GRDB", "RunModel", "Yams", "Dispatch"})

    def test_comments_and_long_strings_are_no_imports(self):
        source = '// import A\n/* \nimport B\n*/\nlet text = """\nimport C\n"""\nimport D // import E\n'
        self.assertEqual(arrows.imports_in(source), {"D"})


class HiddenNamesTests(unittest.TestCase):
    def test_a_step_that_names_the_session_is_told(self):
        source = "// RunSession is no code\nlet session: RunSession"
        self.assertEqual(arrows.hidden_names_in(source, {"RunSession", "Journal"}), {"RunSession"})

    def test_a_longer_name_and_a_comment_are_not_it(self):
        self.assertEqual(arrows.hidden_names_in("let a = RunSessions() // RunSession", {"RunSession"}), set())

    def test_the_folders_are_there(self):
        for folder in arrows.HIDDEN:
            self.assertTrue(any((path.parent.parent / folder).rglob("*.swift")), folder)


class ProblemsTests(unittest.TestCase):
    def test_agreement_is_silent(self):
        self.assertEqual(problems(target("Store", "RunModel", "JSONText"), "RunModel", "JSONText", "Foundation"), [])

    def test_an_import_that_is_not_listed_is_named_with_its_file(self):
        (problem,) = problems(target("Store", "RunModel"), "RunModel", "JSONText")
        self.assertIn("Store imports JSONText", problem)
        self.assertIn("File.swift", problem)

    def test_a_listed_dependency_that_no_file_imports_is_named(self):
        (problem,) = problems(target("Store", "RunModel", "JSONText"), "RunModel")
        self.assertIn("lists JSONText", problem)

    def test_an_arrow_that_points_back_is_stopped_although_it_is_listed(self):
        (problem,) = problems(target("Store", "RunModel", "Engine"), "RunModel", "Engine")
        self.assertIn("Store may not point to Engine", problem)

    def test_the_run_model_imports_nothing_at_all(self):
        (problem,) = problems(target("RunModel"), "Foundation")
        self.assertIn("RunModel imports Foundation", problem)

    def test_a_c_library_stays_with_its_owner(self):
        (problem,) = problems(target("gridpilot", "CJansson", kind="executable"), "CJansson")
        self.assertIn("gridpilot may not point to CJansson", problem)

    def test_the_owners_tests_may_use_its_c_library(self):
        tests = target("JSONTextTests", "JSONText", "CJansson", kind="test")
        self.assertEqual(problems(tests, "JSONText", "CJansson", "Testing"), [])

    def test_the_tests_of_a_program_may_use_what_it_may(self):
        tests = target("GridPilotTests", "gridpilot", "Store", "ArgumentParser", kind="test")
        self.assertEqual(problems(tests, "gridpilot", "Store", "ArgumentParser", "Testing"), [])

    def test_testing_belongs_to_tests(self):
        (problem,) = problems(target("Store"), "Testing")
        self.assertIn("Store imports Testing", problem)

    def test_a_target_outside_the_picture_is_stopped(self):
        (problem,) = problems(target("Helpers"), "Foundation")
        self.assertIn("not in the picture", problem)

    def test_products_count_as_listed(self):
        engine = target("Engine")
        engine["dependencies"] = [{"product": ["Yams", "Yams", None, None]}]
        self.assertEqual(problems(engine, "Yams"), [])


if __name__ == "__main__":
    unittest.main()
