"""`python -m converter.backends.kusto_check` installs the parser (`make kusto-parser`)."""

import sys

from converter.backends.kusto_check.node import install
from converter.source import SourceError

try:
    install()
except SourceError as error:
    sys.exit(str(error))
