"""What other programs take up where a session ends."""

import csv
import datetime
import io
import pathlib
import re
import sys

import pytest

from accessibility import expect_accessible_in_both_themes, expect_no_sideways_scroll
from scope import Scope
from server import Server, eventually
from sessions import new_session

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "SerialEMTests"))
from serialem_client import SerialEM  # noqa: E402


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """Two grids, with holes that are reached by image shift."""
    server = Server(tmp_path_factory.mktemp("exports"))
    session = new_session(server, grids=2, holesPerSquare=6, exposuresPerHole=2)
    server.person("operator").ask("PUT", f"{session.api}/pause-between-grids", {"enabled": False})
    session.start()
    session.wait_for("runCompleted", patience=240)
    # Movies are worked on behind the run.
    eventually(lambda: sum(event["type"] == "micrographProcessed" for event in session.events()) == 24, "the last movie", 120)
    yield session
    server.end()


def table(star, name):
    """The rows of a loop, by column; by nothing of ours."""
    block = star.split(f"data_{name}\n")[1].split("\ndata_")[0]
    columns = re.findall(r"^_rln(\w+) #\d+$", block, re.MULTILINE)
    rows = [line.split() for line in block.splitlines() if line and not line.startswith(("_", "loop_", "#"))]
    assert rows and all(len(row) == len(columns) for row in rows)
    return [dict(zip(columns, row)) for row in rows]


def fetched(session, path):
    answer = session.staff.ask("GET", path)
    assert answer.status == 200, answer.body
    return answer.body if isinstance(answer.body, str) else answer.body.decode()


def test_star_files_of_grid_and_session_name_what_is_on_the_disk(ended):
    folder = next((ended.server.folder / "data" / "sessions").glob(f"*/*_{ended.name}"))
    whole = table(fetched(ended, f"{ended.api}/export/movies.star"), "movies")
    parts = [table(fetched(ended, f"/api/grids/{ended.id}.g{slot}/export/movies.star"), "movies") for slot in (1, 2)]
    assert [len(part) for part in parts] == [12, 12] and len(whole) == 24
    assert all((folder / row["MicrographMovieName"]).stat().st_size > 0 for row in whole)
    star = fetched(ended, f"{ended.api}/export/micrographs_ctf.star")
    groups = {row["OpticsGroup"] for row in table(star, "optics")}
    micrographs = table(star, "micrographs")
    assert {row["OpticsGroup"] for row in micrographs} == groups
    assert all((folder / row["MicrographName"]).exists() for row in micrographs)
    # By image shift: more than one, and far fewer than images.
    assert 1 < len({row["OpticsGroup"] for row in whole}) < 20


def test_the_star_files_are_read_by_a_program_that_nobody_here_wrote(ended, tmp_path):
    starfile = pytest.importorskip("starfile")
    for name, block in (("movies", "movies"), ("micrographs_ctf", "micrographs")):
        file = tmp_path / f"{name}.star"
        file.write_text(fetched(ended, f"{ended.api}/export/{name}.star"))
        read = starfile.read(file)
        assert set(read) == {"optics", block} and len(read[block]) > 0
        assert set(read[block]["rlnOpticsGroup"]) == set(read["optics"]["rlnOpticsGroup"])


def test_tables_have_a_line_for_each_exposure(ended):
    rows = list(csv.DictReader(io.StringIO(fetched(ended, f"{ended.api}/export/micrographs.csv"))))
    assert len(rows) == 24 and {row["grid"] for row in rows} == {"grid_1", "grid_2"}
    assert all(float(row["dose_e_per_A2"]) == 40 and row["status"] == "processed" for row in rows)
    groups = list(csv.DictReader(io.StringIO(fetched(ended, f"{ended.api}/export/exposure_groups.csv"))))
    assert {row["movie"] for row in groups} == {row["movie"] for row in rows}


def test_a_navigator_file_is_read_by_the_simulated_serialem_and_comes_back_equal(ended, tmp_path):
    text = fetched(ended, f"/api/grids/{ended.id}.g1/export/targets.nav")
    targets = ended.staff.get(f"/api/grids/{ended.id}.g1/targets")["items"]
    folder = tmp_path / "scope"
    folder.mkdir()
    scope = Scope(folder, "mrc")
    try:
        host, port = scope.address.split(":")
        sem = SerialEM(host, int(port))
        sem.OpenNavigator()
        sem.SaveNavigator("again.nav")
        # Where the simulated program's own folder is.
        saved = next(folder.rglob("again.nav"))
        (saved.parent / "targets.nav").write_text(text)
        sem.ReadNavFile("targets.nav")
        assert sem.ReportNumTableItems() == len(targets)
        for index, target in enumerate(targets, 1):
            _, x, y, z, *_ = sem.ReportOtherItem(index)
            assert all(abs(a - b) < 1e-5 for a, b in zip((x, y, z), (target["stage"][axis] for axis in "xyz")))
        sem.SaveNavigator("again.nav")
        again = saved.read_text()
    finally:
        scope.end()

    def items(nav):
        """By label, the fields that place and mark an item."""
        found = {}
        for section in nav.split("[Item = ")[1:]:
            label, fields = section.split("]", 1)
            values = dict(line.split(" = ", 1) for line in fields.splitlines() if " = " in line)
            places = [float(number) for key in ("StageXYZ", "PtsX", "PtsY") for number in values[key].split()]
            found[label] = places, values.get("Acquire"), values.get("Note"), values.get("GroupID"), values["Color"]
        return found
    assert items(again) == items(text)


def test_a_session_that_is_over_is_held_against_its_forecast_and_the_next_one_learns_from_it(ended):
    over = ended.staff.get(f"{ended.api}/forecast")
    assert over["took"] > 0 and over["sessions"] == 0 and over["images"] == 24
    following = new_session(ended.server, grids=2, holesPerSquare=6, exposuresPerHole=2)
    forecast = ended.server.person("staff").get(f"{following.api}/forecast")
    assert forecast["sessions"] == 1 and "took" not in forecast
    # The demo is sixty times as fast as what is usual.
    assert abs(forecast["seconds"] - over["took"]) < abs(over["seconds"] - over["took"])


def rows_of(page, number):
    """What the table of a grid says of each exposure: name, time and CTF fit."""
    rows = page.locator(f"#grid-{number} .exposures tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.children].slice(0, 3).map((cell) => cell.firstChild.textContent))")
    return [(name, datetime.datetime.strptime(time, "%Y-%m-%d %H:%M:%S %z"), fit) for name, time, fit in rows]


def expected_rows(ended, number):
    """The same, from the API."""
    grid = ended.staff.get(f"/api/grids/{ended.id}.g{number}")
    rows = []
    for micrograph in grid["micrographs"]:
        name = "-".join(re.search(r"\.s(\d+)\.h(\d+)\.m(\d+)$", micrograph["id"]).groups())
        fit = micrograph["measurement"].get("ctf")
        begun = datetime.datetime.fromisoformat(micrograph["begunAt"][:19] + "+00:00")
        rows.append((name, begun, f"{fit['fitResolution']:.1f} Å" if fit else "No fit"))
    return rows


def test_a_report_opens_years_later_without_server_network_or_script(ended, browser, visits, shot, tmp_path):
    run_page = visits.open(ended.server, ended.report(1))
    with run_page.expect_download() as download:
        run_page.get_by_role("link", name="Report (HTML)").click()
    assert download.value.suggested_filename == "grid_1_report.html"
    files = {"grid": tmp_path / "grid.html", "session": tmp_path / "session.html"}
    download.value.save_as(files["grid"])
    files["session"].write_text(fetched(ended, f"{ended.api}/export/report.html"))

    context = browser.new_context(offline=True, java_script_enabled=True)
    try:
        for kind, file in files.items():
            page, said, asked = context.new_page(), [], []
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.on("request", lambda request: asked.append(request.url))
            page.goto(file.as_uri())
            grids = (1, 2) if kind == "session" else (1,)
            assert page.get_by_role("heading", level=1).inner_text() == (ended.name if kind == "session" else "1 grid_1")
            assert page.locator("h2.title").all_inner_texts() == [f"{number} grid_{number}" for number in grids]
            for number in grids:
                assert rows_of(page, number) == expected_rows(ended, number)
            # Every picture is there and whole.
            assert page.locator("img").count() == 12 * len(grids)
            assert page.locator("img").evaluate_all("all => all.every(({ complete, naturalWidth }) => complete && naturalWidth > 0)")
            assert page.locator("svg image").count() >= 2 * len(grids) and page.get_by_text("could not be read").count() == 0
            for scheme in ("light", "dark"):
                for width in (1440, 390):
                    page.emulate_media(color_scheme=scheme)
                    page.set_viewport_size({"width": width, "height": 1000})
                    expect_no_sideways_scroll(page)
                    shot(page, f"report-{kind}-{scheme}-{width}", full_page=True)
            expect_accessible_in_both_themes(page)
            paper = page.pdf(path=tmp_path / f"{kind}.pdf", prefer_css_page_size=True, print_background=False)
            assert paper.startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", paper)) > len(grids)
            page.emulate_media(media="print")
            # A4 without its margins.
            page.set_viewport_size({"width": 703, "height": 1032})
            expect_no_sideways_scroll(page)
            shot(page, f"report-{kind}-print", full_page=True)
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
            assert said == []
            assert all(url == file.as_uri() or url.startswith("data:") for url in asked), asked
            page.close()
    finally:
        context.close()
