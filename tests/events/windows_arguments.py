"""How the data sources split a Windows command line into `process.args`.

Elastic Defend and the Sysmon pipelines follow the C runtime's rules; the pipeline of the Security log
splits at white space outside quotes and keeps the quotes (elastic/integrations, system/security,
"Process Event 4688"; elastic/beats, sysmon ingest pipeline, "Windows-like SplitCommandLine").
"""

from __future__ import annotations


def split_by_runtime_rules(command_line: str) -> list[str]:
    """Backslashes escape only before a quote; a doubled quote inside quotes is one; quotes are dropped."""
    arguments: list[str] = []
    current: list[str] = []
    quoted = started = False
    place = 0
    while place < len(command_line):
        character = command_line[place]
        if character in " \t" and not quoted:
            if started:
                arguments.append("".join(current))
            current, started, place = [], False, place + 1
            continue
        started = True
        run = len(command_line[place:]) - len(command_line[place:].lstrip("\\"))
        after = command_line[place + run : place + run + 1]
        if run and after == '"':
            current.append("\\" * (run // 2))
            place += run
            if run % 2:
                current.append('"')
                place += 1
        elif run:
            current.append("\\" * run)
            place += run
        elif character == '"':
            if quoted and command_line[place + 1 : place + 2] == '"':
                current.append('"')
                place += 1
            quoted = not quoted
            place += 1
        else:
            current.append(character)
            place += 1
    return [*arguments, "".join(current)] if started else arguments


def split_as_security_log(command_line: str) -> list[str]:
    """White space outside quotes parts the arguments; the quotes stay."""
    arguments = [""]
    quoted = False
    for character in command_line:
        quoted ^= character == '"'
        if character.isspace() and not quoted:
            arguments.append("")
        else:
            arguments[-1] += character
    return arguments
