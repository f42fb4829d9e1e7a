"""How paths look on each system: where programs, files and registry values are, and what stands for a `*`."""

from __future__ import annotations

from functools import lru_cache

from converter.events.generate.groups import PATHS
from converter.events.generate.paths import PathFields
from converter.events.generate.patterns import Fills

_WINDOWS_FOLDERS = (
    r"C:\Program Files\Contoso\Agent",
    r"C:\Windows\System32",
    r"C:\Users\jlee\AppData\Local\Temp",
    r"D:\tools",
)
_POSIX_FOLDERS = ("/opt/contoso/bin", "/usr/bin", "/tmp", "/home/jlee")


@lru_cache(maxsize=16)
def fills(system: str) -> Fills:
    """What stands for a `*` in a path of the system."""
    if system == "windows":
        return Fills("\\", r"C:\Users\jlee", r"C:\ProgramData\x7", "x7", "x7")
    return Fills("/", "/home/jlee", "/opt/x7", "x7", "x7")


@lru_cache(maxsize=256)
def path_fields(prefix: str, system: str) -> PathFields:
    """How paths of a group look."""
    parts = PATHS.get(prefix, {"name": f"{prefix}.name"})
    if prefix == "registry":
        folders = (r"HKLM\SOFTWARE\Contoso\Agent", r"HKEY_USERS\S-1-5-21-1-2-3-1121\Software\Contoso")
        return PathFields(
            "registry.path",
            parts,
            "\\",
            folders,
            ("Setting", "Version"),
            Fills("\\", r"HKLM\SOFTWARE", r"HKLM\SOFTWARE\x7", "x7", "x7"),
            hives=True,
        )
    windows = system == "windows"
    names = {
        "file": ("report.docx", "notes.txt", "tool.exe", "data"),
        "dll": ("contoso.dll", "helper.dll", "ntdll.dll"),
    }.get(prefix, ("before.tmp", "old.docx"))
    return PathFields(
        f"{prefix}.path",
        parts,
        "\\" if windows else "/",
        _WINDOWS_FOLDERS if windows else _POSIX_FOLDERS,
        names,
        fills(system),
    )


@lru_cache(maxsize=256)
def image_fields(prefix: str, system: str) -> PathFields:
    """How the path of a program looks."""
    windows = system == "windows"
    return PathFields(
        f"{prefix}.executable",
        {"name": f"{prefix}.name"},
        "\\" if windows else "/",
        _WINDOWS_FOLDERS if windows else _POSIX_FOLDERS,
        ("agent.exe", "svchost.exe", "tool.exe") if windows else ("agentd", "bash", "tool"),
        fills(system),
    )
