// Reads {"schemas": {table: {column: type}}, "queries": [text]} on standard input, writes a list of
// diagnostics for each query on standard output. Microsoft's parser does the work.
"use strict";
const fs = require("fs");
const folder = process.argv[2];
// The two files are browser scripts: the bridge puts its names on the global object.
require(folder + "/@kusto/language-service-next/bridge.min.js");
require(folder + "/@kusto/language-service-next/Kusto.Language.Bridge.min.js");

const language = global.Kusto.Language;
const symbols = language.Symbols;
const input = JSON.parse(fs.readFileSync(0, "utf8"));

const tables = Object.entries(input.schemas).map(([table, columns]) => {
    const text = Object.entries(columns).map(([name, type]) => `['${name}']: ${type}`).join(", ");
    return symbols.TableSymbol.From("(" + text + ")").WithName(table);
});
const database = new symbols.DatabaseSymbol.$ctor1("db", tables, false);
const globals = language.GlobalState.Default.WithDatabase(database);

const found = input.queries.map((query) => {
    const code = language.KustoCode.ParseAndAnalyze(query, globals);
    const diagnostics = code.GetDiagnostics();
    const list = [];
    for (let index = 0; index < diagnostics.Count; index++) {
        const item = diagnostics.getItem(index);
        list.push({ code: item.Code, severity: item.Severity, message: item.Message, start: item.Start });
    }
    return list;
});
fs.writeSync(1, JSON.stringify(found));
