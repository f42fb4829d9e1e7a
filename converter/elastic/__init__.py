"""Elastic rules in: files to rules, query text to ir."""
