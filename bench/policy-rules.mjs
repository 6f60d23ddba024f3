/**
 * Prohibitions that every engine can express: `*` at the end of a name stands for any rest, and an agent of `*` is everyone.
 *
 * @returns {{ agent: string, tool: string }[]}
 */
export function rulesOf(size) {
  return Array.from({ length: size }, (_, number) => {
    switch (number % 3) {
      case 0:
        return { agent: `team-${number % 8}-agent-${number % 32}`, tool: `tool-${number}.delete` };
      case 1:
        return { agent: `team-${number % 8}-*`, tool: `tool-${number}.admin_*` };
      default:
        return { agent: "*", tool: number % 2 === 0 ? `tool-${number}.send` : `tool-${number}.write_*` };
    }
  });
}

/** The rules as one of our documents. */
export function policyOf(rules) {
  const lines = rules.map(({ agent, tool }, number) => {
    const match = agent === "*" ? "" : `    match: { agent_id: "${agent}" }\n`;
    return `  - name: rule-${number}\n    type: tool_denylist\n    tools: ["${tool}"]\n    action: block\n    severity: high\n${match}`;
  });
  return `version: "1.0"\nname: bench\nrules:\n${lines.join("")}`;
}
