// A Cloudflare Worker that passes chats on to a model, behind a guard. MODEL_URL, MODEL_KEY and RUNE_API_KEY are its bindings.
import { Shield } from "@runesec/scanner";
import { withRune } from "@runesec/scanner/cloudflare";

async function chat(request, env) {
  const headers = { authorization: `Bearer ${env.MODEL_KEY}`, "content-type": "application/json" };
  return fetch(env.MODEL_URL, { method: "POST", headers, body: await request.text() });
}

export default withRune({ fetch: chat }, { shield: (env) => new Shield({ env }), agentId: "support" });
