import { createRequire } from "node:module";
import { Shield } from "@runesec/scanner";
import { newEnforcer, newModelFromString, StringAdapter } from "casbin";
import { policyOf } from "./policy-rules.mjs";

const cedar = createRequire(import.meta.url)("@cedar-policy/cedar-wasm/nodejs");

/** Each says whether an agent may call a tool. All have read the rules before the first call. */
export async function contenders(rules) {
  const shield = new Shield({ policies: [policyOf(rules)] });
  return {
    "@runesec/scanner": ({ agent, tool }) => shield.validateAction({ agentId: agent, action: tool }).allowed,
    "indexed JavaScript": indexed(rules),
    casbin: await casbin(rules),
    "cedar-wasm": inCedar(rules),
  };
}

/** Rules by their tool, and those with a `*` by what stands before it, the longest first: what one would write by hand. */
function indexed(rules) {
  const exact = new Map();
  const byPrefix = new Map();
  const lengths = new Set();
  for (const [number, { agent, tool }] of rules.entries()) {
    const isGlob = tool.endsWith("*");
    const key = isGlob ? tool.slice(0, -1) : tool;
    const index = isGlob ? byPrefix : exact;
    if (isGlob) lengths.add(key.length);
    index.set(key, [...(index.get(key) ?? []), { name: `rule-${number}`, agent, prefix: agent.slice(0, -1) }]);
  }
  const sizes = [...lengths].sort((a, b) => b - a);
  const denying = (candidates, agent) =>
    candidates?.find((rule) => rule.agent === agent || (rule.agent.endsWith("*") && agent.startsWith(rule.prefix)));
  const decide = (agent, tool) => {
    let rule = denying(exact.get(tool), agent);
    for (const size of sizes) {
      if (rule !== undefined) break;
      if (size <= tool.length) rule = denying(byPrefix.get(tool.slice(0, size)), agent);
    }
    return rule === undefined ? { allowed: true, rule: null } : { allowed: false, rule: rule.name };
  };
  return ({ agent, tool }) => decide(agent, tool).allowed;
}

async function casbin(rules) {
  const model = newModelFromString(`
[request_definition]
r = sub, obj
[policy_definition]
p = sub, obj, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = keyMatch(r.obj, p.obj) && keyMatch(r.sub, p.sub)
`);
  const lines = rules.map(({ agent, tool }) => `p, ${agent}, ${tool}, deny`);
  const enforcer = await newEnforcer(model, new StringAdapter(["p, *, *, allow", ...lines].join("\n")));
  return ({ agent, tool }) => enforcer.enforceSync(agent, tool);
}

/** Parsed once: `statefulIsAuthorized` keeps the policies in the wasm. */
function inCedar(rules) {
  const id = `bench-${rules.length}`;
  const policies = rules.map(({ agent, tool }) => {
    const about = (name, variable, type) =>
      name === "*" || name.endsWith("*") ? variable : `${variable} == ${type}::"${name}"`;
    const globs = [
      ...(agent.endsWith("*") && agent !== "*" ? [`context.agent like "${agent}"`] : []),
      ...(tool.endsWith("*") ? [`context.tool like "${tool}"`] : []),
    ];
    const when = globs.length > 0 ? ` when { ${globs.join(" && ")} }` : "";
    return `forbid(${about(agent, "principal", "Agent")}, action, ${about(tool, "resource", "Tool")})${when};`;
  });
  const answer = cedar.preparsePolicySet(id, {
    staticPolicies: ["permit(principal, action, resource);", ...policies].join("\n"),
  });
  if (answer.type !== "success") throw new Error(`cedar refuses the policies: ${JSON.stringify(answer)}`);
  return ({ agent, tool }) => {
    const { type, response } = cedar.statefulIsAuthorized({
      principal: { type: "Agent", id: agent },
      action: { type: "Action", id: "call" },
      resource: { type: "Tool", id: tool },
      context: { agent, tool },
      preparsedPolicySetId: id,
      entities: [],
    });
    if (type !== "success") throw new Error("cedar failed");
    return response.decision === "allow";
  };
}
