// Runs js/src/**/*.test.ts and eval/*.test.ts against the core that can be made to trap.
import { bundleTests } from "./bundle-tests.mjs";
import { runTests } from "./node-test.mjs";
import { root } from "./root.mjs";

const generated = `${root}/target/trap-for-tests/generated`;

const trapCore = {
  name: "trap-core",
  setup({ onResolve }) {
    onResolve({ filter: /\/generated\/scanner\.js$/ }, () => ({ path: `${generated}/scanner.js` }));
    onResolve({ filter: /^@runesec\/scanner$/ }, () => ({ path: `${root}/js/src/index.ts` }));
  },
};

const files = [
  ...(await bundleTests("js/src", "target/unit-tests", { plugins: [trapCore] })),
  ...(await bundleTests("eval", "target/eval-tests", { plugins: [trapCore] })),
];
runTests(files, { RUNE_TEST_CORE: `${generated}/scanner_bg.wasm` });
