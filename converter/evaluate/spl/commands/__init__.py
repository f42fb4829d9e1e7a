"""The commands by name. One that is not here is refused by name."""

from converter.evaluate.spl.commands.combining import append, append_pipe, join, multisearch
from converter.evaluate.spl.commands.fields import fields, fill_null, make_mv, mv_expand, rename, table
from converter.evaluate.spl.commands.filters import dedup, head, regex, reverse, search, sort, tail, where
from converter.evaluate.spl.commands.generating import input_lookup, make_results
from converter.evaluate.spl.commands.lookup import lookup
from converter.evaluate.spl.commands.stats import event_stats, stats
from converter.evaluate.spl.commands.streamstats import stream_stats
from converter.evaluate.spl.commands.transaction import transaction
from converter.evaluate.spl.commands.tstats import tstats
from converter.evaluate.spl.commands.values import bin_values, convert, evaluate, rex, spath
from converter.evaluate.spl.plan import Compile

COMMANDS: dict[str, Compile] = {
    "append": append,
    "appendpipe": append_pipe,
    "bin": bin_values,
    "bucket": bin_values,
    "convert": convert,
    "dedup": dedup,
    "eval": evaluate,
    "eventstats": event_stats,
    "fields": fields,
    "fillnull": fill_null,
    "head": head,
    "inputlookup": input_lookup,
    "join": join,
    "lookup": lookup,
    "makemv": make_mv,
    "makeresults": make_results,
    "multisearch": multisearch,
    "mvexpand": mv_expand,
    "regex": regex,
    "rename": rename,
    "reverse": reverse,
    "rex": rex,
    "search": search,
    "sort": sort,
    "spath": spath,
    "stats": stats,
    "streamstats": stream_stats,
    "table": table,
    "tail": tail,
    "transaction": transaction,
    "tstats": tstats,
    "union": multisearch,
    "where": where,
}

__all__ = ["COMMANDS"]
