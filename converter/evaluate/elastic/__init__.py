"""Evaluates what Elastic rules mean: a detection and events in, alerts out."""

from converter.evaluate.elastic.detections import (
    asks_time,
    compile_deciding,
    compile_detection,
    compile_eql,
    compile_remembering,
)

__all__ = ["asks_time", "compile_deciding", "compile_detection", "compile_eql", "compile_remembering"]
