/** Plays the service behind the AI binding of Workers: a model that finds an attack where it reads "evil", and hangs at "hang". */
export default {
  async fetch(request) {
    const model = request.headers.get("cf-consn-model-id");
    const { inputs } = await request.json();
    const [system, user] = inputs.messages.map(({ content }) => content);
    if (user.includes("hang")) await scheduler.wait(60_000);
    if (user.includes("broken")) return Response.json({ internalCode: 3040, message: user }, { status: 429 });
    const [, nonce] = /"nonce": "([^"]+)"/.exec(system);
    const isKnown = model === "@cf/meta/llama" && inputs.response_format.type === "json_schema";
    const verdict = isKnown && user.includes("evil") ? "attack" : "safe";
    return Response.json({ response: { nonce, verdict, category: "jailbreak", score: 0.9 } });
  },
};
