const scanner = require("@runesec/scanner");

void import("./cases.mjs").then(async ({ runCases }) => console.log(JSON.stringify(await runCases(scanner))));
