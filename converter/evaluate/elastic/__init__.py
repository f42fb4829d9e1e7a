"""Evaluates what Elastic rules mean: a detection and events in, alerts out."""

from converter.evaluate.elastic.detections import compile_detection, compile_eql

__all__ = ["compile_detection", "compile_eql"]
