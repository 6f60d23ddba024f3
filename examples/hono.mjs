// An application of Hono that passes chats on to a model, behind a guard.
import { Shield } from "@runesec/scanner";
import { rune } from "@runesec/scanner/hono";
import { Hono } from "hono";

const app = new Hono();
app.use("/chat", rune({ shield: (env) => new Shield({ env }), agentId: "support" }));
app.post("/chat", async ({ req, env }) => {
  const headers = { authorization: `Bearer ${env.MODEL_KEY}`, "content-type": "application/json" };
  return fetch(env.MODEL_URL, { method: "POST", headers, body: await req.text() });
});

export default app;
