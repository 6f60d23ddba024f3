const scanner = require("@runesec/scanner");

void import("./cases.mjs").then(({ runCases }) => console.log(JSON.stringify(runCases(scanner))));
