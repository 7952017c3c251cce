"""Every command that clients use runs, and gives as many values, and of the type, as SerialEM's own does."""

import pytest

from commands import COMMANDS
from serialem_client import SEMerror
from story import ABSENT, CHAPTERS, told


def form_of(result):
    """The values' types, as commands.tsv writes them."""
    values = () if result is None else result if isinstance(result, tuple) else (result,)
    return "".join("s" if isinstance(value, str) else "n" for value in values)


# The last command of SerialEM 4.1, and of the others all that such a column has.
LAST_OF_4_1 = 704


def lacks(kind, name):
    return kind == "tfs-4.1" and COMMANDS[name].code > LAST_OF_4_1 or kind == "jeol" and name == "IsPVPRunning"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_step_gives_what_the_table_says(serialem, program_kind, chapter):
    for name, *arguments in CHAPTERS[chapter]:
        arguments = [argument(serialem) if callable(argument) else argument for argument in arguments]
        if lacks(program_kind, name):
            with pytest.raises(SEMerror):
                serialem.command(name, *arguments)
            continue
        result = serialem.command(name, *arguments)
        assert form_of(result) in COMMANDS[name].forms, f"{name}{tuple(arguments)} gave {result}"


def test_the_story_has_every_command_in_use():
    assert {command.name for command in COMMANDS.values() if command.is_used} <= told() | ABSENT


@pytest.mark.parametrize("name", sorted(ABSENT))
def test_what_the_facility_alone_has_fails(still_serialem, name):
    with pytest.raises(SEMerror, match=name):
        still_serialem.command(name, "none")


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"Exit", "Pause", "YesNoBox", "OKBox"}))
def test_a_command_without_what_it_needs_fails_and_nothing_else(still_serialem, name):
    """The server does not check arguments: each command decides, and none may take the program down."""
    try:
        still_serialem.code(COMMANDS[name].code)
    except SEMerror:
        pass
    assert len(still_serialem.ReportStageXYZ()) == 3


def test_a_long_text_travels_both_ways(still_serialem):
    text = "".join(chr(33 + number % 90) for number in range(5000))
    still_serialem.SetVariable("long", text)
    assert still_serialem.GetVariable("long") == text


def test_nineteen_arguments_are_not_too_many(still_serialem):
    still_serialem.code(COMMANDS["Echo"].code, *[(float(number), b"word") for number in range(19)])
    assert len(still_serialem.ReportStageXYZ()) == 3
