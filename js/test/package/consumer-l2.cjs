const scanner = require("@runesec/scanner");
const l2 = require("@runesec/scanner/l2");

void import("./consumer-l2-cases.mjs")
  .then(({ l2Cases }) => l2Cases(scanner, l2))
  .then((cases) => console.log(JSON.stringify(cases)));
