"""Names of ES|QL: functions, aggregates, commands. Source: the ES|QL reference, 8.11 to 9.x."""

from __future__ import annotations

ALIASES = {
    "to_str": "to_string",
    "to_int": "to_integer",
    "to_bool": "to_boolean",
    "to_dt": "to_datetime",
    "to_dbl": "to_double",
    "to_ul": "to_unsigned_long",
    "to_ulong": "to_unsigned_long",
    "to_ver": "to_version",
    "to_lower_case": "to_lower",
}
"""Functions with two names, under the one that the ir has."""

CASTS = {
    "bool": "to_boolean",
    "boolean": "to_boolean",
    "int": "to_integer",
    "integer": "to_integer",
    "long": "to_long",
    "double": "to_double",
    "unsigned_long": "to_unsigned_long",
    "keyword": "to_string",
    "string": "to_string",
    "text": "to_string",
    "ip": "to_ip",
    "date": "to_datetime",
    "datetime": "to_datetime",
    "date_nanos": "to_date_nanos",
    "version": "to_version",
    "date_period": "to_dateperiod",
    "time_duration": "to_timeduration",
    "geo_point": "to_geopoint",
    "geo_shape": "to_geoshape",
    "cartesian_point": "to_cartesianpoint",
    "cartesian_shape": "to_cartesianshape",
    "dense_vector": "to_dense_vector",
    "aggregate_metric_double": "to_aggregate_metric_double",
}
"""`value::type` is a call of the type's function."""

AGGREGATES = frozenset(
    {
        "absent",
        "avg",
        "count",
        "count_distinct",
        "first",
        "last",
        "max",
        "median",
        "median_absolute_deviation",
        "min",
        "percentile",
        "present",
        "sample",
        "st_centroid_agg",
        "st_extent_agg",
        "std_dev",
        "sum",
        "top",
        "values",
        "variance",
        "weighted_avg",
    }
)
"""Functions that only `stats` takes; those of time series (`rate`) stand inside them."""

COMMANDS = frozenset(
    {
        "change_point",
        "completion",
        "enrich",
        "fork",
        "fuse",
        "inline",
        "inlinestats",
        "insist",
        "lookup",
        "metrics_info",
        "mmr",
        "registered_domain",
        "rerank",
        "sample",
        "ts_info",
        "uri_parts",
        "user_agent",
    }
)
"""Commands that are read but not translated."""

TIME_UNITS = {
    "millisecond": "milliseconds",
    "ms": "milliseconds",
    "second": "seconds",
    "sec": "seconds",
    "s": "seconds",
    "minute": "minutes",
    "min": "minutes",
    "m": "minutes",
    "hour": "hours",
    "h": "hours",
    "day": "days",
    "d": "days",
    "week": "weeks",
    "w": "weeks",
    "month": "months",
    "mo": "months",
    "quarter": "quarters",
    "q": "quarters",
    "year": "years",
    "yr": "years",
    "y": "years",
}
"""Units of time spans, in the singular or short, under their plural."""


def time_unit(name: str) -> str | None:
    """The plural of a time span's unit, however it is written; None for what is none."""
    lowered = name.lower()
    if lowered in TIME_UNITS.values():
        return lowered
    return TIME_UNITS.get(lowered)
