"""Converter of Elastic detection rules into Sigma, Splunk SPL and Kusto KQL."""
