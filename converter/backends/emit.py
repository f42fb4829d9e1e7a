"""A plan in a profile's language: the one place that knows which writer takes which plan."""

from __future__ import annotations

from collections.abc import Mapping

from converter.backends import (
    kusto,
    kusto_aggregate,
    kusto_pipeline,
    kusto_sequence,
    splunk,
    splunk_aggregate,
    splunk_pipeline,
    splunk_sequence,
)
from converter.lowering.fidelity import Refused
from converter.lowering.plan import (
    EventPlan,
    IndicatorPlan,
    NewTermsPlan,
    PipelinePlan,
    Plan,
    SequencePlan,
    ThresholdPlan,
)
from converter.taxonomy.model import Profile

Schemas = Mapping[str, Mapping[str, str]]

WITHOUT_SCAN = frozenset({"defender_xdr"})
"""Products whose query language does not document the `scan` operator."""


def emit(plan: Plan, profile: Profile, schemas: Schemas) -> str:
    """The query text, ending with a newline. Raises Refused for what the language has no equivalent of."""
    is_splunk = profile.target == "splunk"
    text = _splunk(plan) if is_splunk else _kusto(plan, profile, schemas)
    if isinstance(plan, EventPlan | PipelinePlan) and plan.limit is not None:
        text += f"\n| {'head' if is_splunk else 'take'} {plan.limit}"
    return text + "\n"


def _splunk(plan: Plan) -> str:
    match plan:
        case EventPlan():
            return splunk.write_events(plan)
        case SequencePlan():
            return splunk_sequence.write_sequence(plan)
        case ThresholdPlan():
            return splunk_aggregate.write_threshold(plan)
        case NewTermsPlan():
            return splunk_aggregate.write_new_terms(plan)
        case IndicatorPlan():
            return splunk_aggregate.write_indicators(plan)
        case PipelinePlan():
            return splunk_pipeline.write_pipeline(plan)
    raise Refused.because("construct", f"{type(plan).__name__} in Splunk")


def _kusto(plan: Plan, profile: Profile, schemas: Schemas) -> str:
    match plan:
        case EventPlan():
            return kusto.write_events(plan, schemas)
        case SequencePlan() if profile.name in WITHOUT_SCAN:
            return kusto_sequence.write_join(plan, schemas)
        case SequencePlan():
            return kusto_sequence.write_scan(plan, schemas)
        case ThresholdPlan():
            return kusto_aggregate.write_threshold(plan, schemas)
        case NewTermsPlan():
            return kusto_aggregate.write_new_terms(plan, schemas)
        case IndicatorPlan():
            return kusto_aggregate.write_indicators(plan, schemas)
        case PipelinePlan():
            return kusto_pipeline.write_pipeline(plan, schemas)
    raise Refused.because("construct", f"{type(plan).__name__} in Kusto")
