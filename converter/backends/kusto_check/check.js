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

// ASIM's parsers are functions that return a table.
const isParser = (name) => /^(_Im_|im[A-Z])/.test(name);

const declared = Object.entries(input.schemas).map(([name, columns]) => {
    const text = Object.entries(columns).map(([column, type]) => `['${column}']: ${type}`).join(", ");
    const table = symbols.TableSymbol.From("(" + text + ")").WithName(name);
    return isParser(name) ? new symbols.FunctionSymbol.$ctor5(name, table, []) : table;
});
const database = new symbols.DatabaseSymbol.$ctor1("db", declared, false);
const globals = language.GlobalState.Default.WithDatabase(database);

const found = input.queries.map((query) => {
    const diagnostics = language.KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
    const list = [];
    for (let index = 0; index < diagnostics.Count; index++) {
        const item = diagnostics.getItem(index);
        list.push({ code: item.Code, severity: item.Severity, message: item.Message, start: item.Start });
    }
    return list;
});
fs.writeFileSync(1, JSON.stringify(found));
