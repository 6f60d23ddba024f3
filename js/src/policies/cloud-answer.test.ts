import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { readAnswer } from "./cloud-answer.js";

const POLICY = { id: "pol_1", name: "prod", version: "3", active: true, yaml: "version: '1.0'\nrules: []" };
const ALLOWED = { id: "a1", pattern_id: "ssn", fingerprint: "0123456789abcdef" };

function refusal(answer: unknown): string {
  try {
    return `read: ${JSON.stringify(readAnswer(JSON.stringify(answer)))}`;
  } catch (error) {
    return (error as Error).message;
  }
}

test("reads what the server says, and passes over what a later one may add", () => {
  const answer = {
    policies: [
      { ...POLICY, updated_at: "today" },
      { ...POLICY, active: false, version: 4 },
    ],
    allowlist: [ALLOWED, { ...ALLOWED, agent_id: "bot" }, { ...ALLOWED, agent_id: null }],
    next: {},
  };
  const { id, name, yaml } = POLICY;
  const allowed = { patternId: "ssn", fingerprint: "0123456789abcdef", agentId: null };
  deepEqual(readAnswer(JSON.stringify(answer)), {
    policies: [
      { id, name, yaml, isActive: true },
      { id, name, yaml, isActive: false },
    ],
    allowlist: [allowed, { ...allowed, agentId: "bot" }, allowed],
  });
  deepEqual(readAnswer('{"policies":[]}'), { policies: [], allowlist: [] });
});

test("what is no JSON object is not the server's", () => {
  for (const text of ["", "<h1>Please log in</h1>", "[]", "null", "7", '{"policies":[']) equal(readAnswer(text), null);
});

test("refuses an answer for one wrong entry, and says which", () => {
  for (const [answer, message] of [
    [{}, "`policies` must be an array, got `undefined`"],
    [{ accepted: 1 }, "`policies` must be an array, got `undefined`"],
    [{ policies: {} }, "`policies` must be an array, got an object"],
    [{ policies: [POLICY, null] }, "`policies[1]` must be an object, got `null`"],
    [
      { policies: [{ ...POLICY, id: "" }] },
      "`policies[0].id` must be a string of 1 to 200 characters, got an empty string",
    ],
    [{ policies: [{ ...POLICY, name: 7 }] }, "`policies[0].name` must be a string of 1 to 200 characters, got `7`"],
    [{ policies: [{ ...POLICY, version: null }] }, "`policies[0].version` must be a string or a number, got `null`"],
    [{ policies: [{ ...POLICY, active: "yes" }] }, '`policies[0].active` must be a boolean, got `"yes"`'],
    [{ policies: [{ ...POLICY, yaml: undefined }] }, "`policies[0].yaml` must be a string, got `undefined`"],
    [{ policies: Array(1001).fill(POLICY) }, "`policies` has 1001 entries, at most 1000 are read"],
    [{ policies: [], allowlist: null }, "`allowlist` must be an array, got `null`"],
    [
      { policies: [], allowlist: [{ ...ALLOWED, id: undefined }] },
      "`allowlist[0].id` must be a string of 1 to 200 characters, got `undefined`",
    ],
    [
      { policies: [], allowlist: [{ ...ALLOWED, pattern_id: [] }] },
      "`allowlist[0].pattern_id` must be a string of 1 to 200 characters, got an array",
    ],
    [
      { policies: [], allowlist: [{ ...ALLOWED, fingerprint: "0x1" }] },
      '`allowlist[0].fingerprint` must be 16 hexadecimal digits, got `"0x1"`',
    ],
    [
      { policies: [], allowlist: [{ ...ALLOWED, agent_id: 7 }] },
      "`allowlist[0].agent_id` must be a string of 1 to 200 characters, got `7`",
    ],
    [{ policies: [], allowlist: Array(10_001).fill(ALLOWED) }, "`allowlist` has 10001 entries, at most 10000 are read"],
  ] as const) {
    equal(refusal(answer), `Policy sync failed: ${message}`);
  }
});
