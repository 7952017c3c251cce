"""SerialEM's commands as commands.tsv has them: code, name, keys, values, and whether SmartScope, which most facilities run, uses it.

keys: one letter an argument, I and i whole numbers, D and d real ones, S and s texts; small ones may be left out.
script_commands.tsv has those of people's scripts in the same way.
values: one letter a value, n a number, s a text; several forms stand between bars; ? is what the table cannot say.
"""

import csv
import pathlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    code: int
    name: str
    keys: str
    # Every form the values may have: "" for none, "nns" for two numbers and a text. Empty where anything may come.
    forms: tuple
    is_used: bool


def read_table(name):
    with open(pathlib.Path(__file__).with_name(name), newline="") as file:
        return {row["name"]: command_of(row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def command_of(row):
    forms = () if row["values"] == "?" else tuple(form.strip("-") for form in row["values"].split("|"))
    return Command(int(row["code"]), row["name"], row["keys"].strip("-"), forms, row["used"] == "yes")


SCRIPT_COMMANDS = read_table("script_commands.tsv")
COMMANDS = read_table("commands.tsv") | SCRIPT_COMMANDS
