"""What a run says: the console's table, `report.json`, and the files it writes."""
