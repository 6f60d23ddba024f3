// One of the processes that share a limit: makes many calls at once and prints how many passed.
import { createRequire } from "node:module";
import { redisRateLimitStore } from "@runesec/scanner";

const [kind, socket, clients, processes, calls, limits] = process.argv.slice(2);
// The clients lie where the tests come from; this project has nothing but the package.
const require = createRequire(clients);

const { client, run, close } = await connect();
const store = redisRateLimitStore(client);

// All wait for the last one.
await run("return redis.call('INCR', KEYS[1])", "ready");
while (Number(await run("return redis.call('GET', KEYS[1])", "ready")) < Number(processes));

const answers = await Promise.all(Array.from({ length: Number(calls) }, () => store.take(JSON.parse(limits))));
console.log(answers.filter((waits) => waits.every((waitMs) => waitMs === 0)).length);
await close();

async function connect() {
  if (kind === "redis") {
    const redis = require("redis").createClient({ socket: { path: socket } });
    await redis.connect();
    return { client: redis, run: (script, key) => redis.eval(script, { keys: [key] }), close: () => redis.close() };
  }
  const { Redis } = require("ioredis");
  const redis = new Redis(socket);
  const arrays = { eval: (script, keys, args) => redis.eval(script, keys.length, ...keys, ...args) };
  const client = kind === "ioredis" ? redis : arrays;
  return { client, run: (script, key) => redis.eval(script, 1, key), close: () => redis.quit() };
}
