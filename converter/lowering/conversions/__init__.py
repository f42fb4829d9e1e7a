"""Conversions: how a leaf over an ECS field becomes a predicate over a target's field.

One module each; a taxonomy cell names one (`Image|file_name`). The table in `registry` is all that
knows them.
"""
