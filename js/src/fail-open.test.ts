import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { mock, test } from "node:test";
import { DEAR_PATTERN, trapNext } from "../test/support/core.js";
import { WARNINGS } from "./causes.js";
import { RuneError, ShieldBlockedError } from "./errors.js";
import { Shield } from "./shield.js";
import { recordingFetch } from "./testing/recording-fetch.js";
import type { ShieldConfig } from "./types.js";

// What becomes of a call when something fails: docs/fail-open.md says it, and is what happens here.

const DOC = "docs/fail-open.md";
const BEGIN = "<!-- table -->\n";
const apiKey = "rune_live_0123456789";
const REFUSED = "http://127.0.0.1:9";
const LIMITED =
  'version: "1.0"\nrules:\n- { name: few, type: rate_limit, max_calls: 1, window_seconds: 60, action: block }\n';

/** Something that fails, and a call that is made meanwhile. */
interface Trouble {
  readonly name: string;
  readonly config: () => ShieldConfig;
  /** Makes it fail; without one the configuration does. */
  readonly begin?: (shield: Shield) => void | Promise<void>;
  readonly end?: () => void;
  readonly call: (shield: Shield) => Promise<string>;
  /** The same call afterwards, where what failed is over. */
  readonly isOver: boolean;
}

const LOCAL = { eventsEnabled: false } as const satisfies ShieldConfig;
/** A judge that never answers and is asked behind calls, about the arguments of each and about its result. */
const HANGING_BEHIND = {
  ...LOCAL,
  l3Enabled: true,
  judge: () => new Promise(() => {}),
} as const satisfies ShieldConfig;
const TROUBLES: readonly Trouble[] = [
  {
    name: "policies have never arrived: the server is gone",
    config: () => ({ apiKey, apiEndpoint: REFUSED, eventsEndpoint: REFUSED }),
    begin: (shield) => shield.ready(),
    call: protectedCall,
    isOver: false,
  },
  {
    name: "policies have never arrived: the server answers 401",
    config: () => {
      const server = recordingFetch();
      server.failNextSync(401);
      return { apiKey, fetch: server.fetch };
    },
    begin: (shield) => shield.ready(),
    call: protectedCall,
    isOver: false,
  },
  {
    name: "the server of events is gone",
    config: () => {
      const server = recordingFetch();
      server.failNext(...Array.from({ length: 100 }, () => new Error("gone")));
      return { apiKey, fetch: server.fetch };
    },
    begin: (shield) => shield.ready(),
    call: protectedCall,
    isOver: false,
  },
  {
    name: "the store of rate limits is down",
    config: () => ({
      ...LOCAL,
      policies: [LIMITED],
      rateLimitStore: { take: () => Promise.reject(new Error("down")) },
    }),
    call: protectedCall,
    isOver: false,
  },
  {
    name: "the core traps",
    config: () => LOCAL,
    begin: () => trapNext("scan", 1),
    call: protectedCall,
    isOver: true,
  },
  {
    name: "the content is longer than `maxInputChars`",
    config: () => ({ ...LOCAL, maxInputChars: 100 }),
    call: async (shield) => saw(shield.scanInput("honest text ".repeat(20))),
    isOver: false,
  },
  {
    name: "a getter of the content throws",
    config: () => LOCAL,
    call: async (shield) =>
      saw(
        shield.scanInput({
          get text() {
            throw new Error("no");
          },
        }),
      ),
    isOver: false,
  },
  {
    name: "a pattern of yours is too dear for the content",
    config: () => ({ ...LOCAL, customPatterns: [DEAR_PATTERN] }),
    call: async (shield) => saw(shield.scanInput("keys ".repeat(8_000))),
    isOver: false,
  },
  {
    name: "the scan takes longer than `scanTimeoutMs`",
    config: () => ({ ...LOCAL, scanTimeoutMs: 1 }),
    call: async (shield) => saw(shield.scanInput(["honest text ".repeat(20_000), "honest text"])),
    isOver: false,
  },
  {
    name: "the judge does not answer within `scanTimeoutMs`",
    config: () => ({ ...LOCAL, l3Enabled: true, judge: () => new Promise(() => {}), scanTimeoutMs: 100 }),
    call: deepScan,
    isOver: false,
  },
  {
    name: "the judge answers something else than a judgement",
    config: () => ({ ...LOCAL, l3Enabled: true, judge: (() => "all safe!") as never }),
    call: deepScan,
    isOver: false,
  },
  {
    name: "the judge throws",
    config: () => ({ ...LOCAL, l3Enabled: true, judge: () => Promise.reject(new Error("503")) }),
    call: deepScan,
    isOver: false,
  },
  {
    name: "the judge's model refuses",
    config: () => ({
      ...LOCAL,
      l3Enabled: true,
      judge: () => Promise.reject(new RuneError("judge_refused", "no")),
    }),
    call: deepScan,
    isOver: false,
  },
  {
    name: "the content is longer than a judge is shown",
    config: () => ({ ...LOCAL, l3Enabled: true, judge: () => ({ verdict: "safe", score: 1 }) }),
    call: async (shield) => saw(await shield.scanDeep("honest text ".repeat(5_000))),
    isOver: false,
  },
  {
    name: "64 contents wait for the judge behind calls already",
    config: () => HANGING_BEHIND,
    begin: async (shield) => {
      for (let count = 0; count < 64; count += 2) await protectedCall(shield);
    },
    call: protectedCall,
    isOver: false,
  },
  {
    name: "the Shield is closed while the arguments and the result of a call wait for the judge",
    config: () => HANGING_BEHIND,
    call: async (shield) => {
      const outcome = await protectedCall(shield);
      await shield.close();
      return outcome;
    },
    isOver: false,
  },
  {
    name: "the L2 model has not arrived",
    config: () => ({ ...LOCAL, l2Enabled: true, l2Model: new Promise<Uint8Array>(() => {}) }),
    call: async (shield) => saw(shield.scanInput("honest text")),
    isOver: false,
  },
  {
    name: "the L2 model does not arrive",
    config: () => ({ ...LOCAL, l2Enabled: true, l2Model: Promise.reject(new Error("404")) }),
    begin: (shield) => shield.ready(),
    call: async (shield) => saw(shield.scanInput("honest text")),
    isOver: false,
  },
  {
    name: "the clock goes back an hour",
    config: () => ({ ...LOCAL, policies: [LIMITED.replace("max_calls: 1", "max_calls: 5")] }),
    begin: async (shield) => {
      await protectedCall(shield);
      const { now } = performance;
      mock.method(performance, "now", () => now.call(performance) - 3_600_000);
    },
    end: () => mock.restoreAll(),
    call: protectedCall,
    isOver: true,
  },
];

async function protectedCall(shield: Shield): Promise<string> {
  const lookUp = shield.protect()(async function lookUp(_params: { id: string }) {
    return "found";
  });
  try {
    return (await lookUp({ id: "order 7" })) === "found" ? "it ran" : "something else";
  } catch (error) {
    if (ShieldBlockedError.isInstance(error)) return `\`ShieldBlockedError\`: ${error.message}`;
    throw error;
  }
}

async function deepScan(shield: Shield): Promise<string> {
  return saw(await shield.scanDeep("honest text"));
}

function saw({ blocked, explanation }: { blocked: boolean; explanation: string | null }): string {
  return blocked ? `\`blocked\`: ${explanation}` : "not blocked";
}

/** One line of the table. */
async function rowOf({ name, config, begin, end, call, isOver }: Trouble): Promise<string> {
  const cells: string[] = [];
  let failedOpen = "";
  for (const onError of ["open", "closed"] as const) {
    const warnings: string[] = [];
    const shield = new Shield({ ...config(), onError, onWarning: ({ cause }) => warnings.push(cause) });
    await begin?.(shield);
    const before = shield.stats.failOpenTotal;
    cells.push(await call(shield));
    const { failOpenTotal, blocksTotal } = shield.stats;
    const counts = `${failOpenTotal - before}, ${blocksTotal}`;
    failedOpen = failedOpen || `${[...new Set(warnings)].map((cause) => `\`${cause}\``).join(", ") || "–"} | ${counts}`;
    if (onError === "closed") cells.push(counts);
    if (isOver) {
      equal(await call(shield), "it ran", `${name}: afterwards`);
      deepEqual(shield.stats.failOpenTotal, failOpenTotal, `${name}: afterwards`);
    }
    end?.();
    await shield.close();
  }
  const [open = "", closed = "", closedCounts = ""] = cells;
  const [warned = "", openCounts = ""] = failedOpen.split(" | ");
  return `| ${[name, warned, open, openCounts, closed, closedCounts].join(" | ")} |\n`;
}

test("what becomes of a call when something fails is what the documentation says", async () => {
  let table =
    '| what fails | warned of | with `onError: "open"` | counts | with `"closed"` | counts |\n|---|---|---|---|---|---|\n';
  for (const trouble of TROUBLES) table += await rowOf(trouble);
  for (const cause of Object.keys(WARNINGS)) ok(table.includes(`\`${cause}\``), `no row for ${cause}`);
  const document = readFileSync(DOC, "utf8");
  const intro = document.slice(0, document.indexOf(BEGIN) + BEGIN.length);
  if (process.env["UPDATE_DOCS"] !== undefined) writeFileSync(DOC, intro + table);
  else equal(document, intro + table, "UPDATE_DOCS=1 node scripts/unit-tests.mjs writes it anew");
});
