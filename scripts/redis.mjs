// Makes sure that there is a Redis server to test with.
import { ensureProgram } from "./debian.mjs";

ensureProgram({
  program: "/usr/bin/redis-server",
  package: "redis-server",
  purpose: "Redis",
  variable: "REDIS_SERVER",
});
