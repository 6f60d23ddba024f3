import { env } from "cloudflare:workers";
import { Shield } from "@runesec/scanner";
import { workersAiJudge } from "@runesec/scanner/judge";

const events = [];
const warnings = [];
// Made while the module loads, where a Worker forbids randomness, timers and connections.
const shield = new Shield({
  l3Enabled: true,
  judge: workersAiJudge({ binding: env.AI, model: "@cf/meta/llama" }),
  scanTimeoutMs: 2000,
  onEvent: ({ action_taken, scan_result }) => events.push([action_taken, scan_result.l3_result]),
  onWarning: ({ cause }) => warnings.push(cause),
});
const fetchPage = shield.protect({ action: "fetch" })((text) => ({ length: text.length }));

export default {
  async fetch(request, _, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    const text = searchParams.get("text");
    if (pathname === "/deep") {
      const { l3Result, failedOpen } = await shield.scanDeep(text);
      return Response.json([l3Result, failedOpen]);
    }
    if (pathname === "/behind" || pathname === "/lost") fetchPage(text);
    if (pathname === "/behind") ctx.waitUntil(shield.flush());
    if (pathname === "/flush") await shield.flush();
    return Response.json({ events, warnings });
  },
};
