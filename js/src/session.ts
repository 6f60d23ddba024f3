/** What a session is remembered by. Calls without one are one session for each agent: what cannot be told apart is not trusted apart. */
export function sessionOf({
  agentId,
  sessionId,
}: {
  readonly agentId: string | null;
  readonly sessionId: string | null;
}): string {
  return sessionId === null ? `agent ${agentId ?? ""}` : `session ${sessionId}`;
}
