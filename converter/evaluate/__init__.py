"""Evaluators: one a language, each reads query text and events, and says what matches.

No evaluator sees the ir that a text was written from (but Elastic's, whose parsers are
the road's own first station): a mistake in writing must stay visible.
"""
