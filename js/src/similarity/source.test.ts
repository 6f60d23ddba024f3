import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { L2UnavailableError } from "../errors.js";
import { fetchL2Model, modelAt } from "./source.js";

const MODEL = Uint8Array.from({ length: 200_000 }, (_, at) => at % 251);

/** Lets `work` ask a server. */
async function withServer(answer: RequestListener, work: (url: URL) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  try {
    await work(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/similarity.bin`));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("a model on the disk is there at once, and one that is not is missed by its path", () => {
  const here = pathToFileURL(`${process.cwd()}/model/similarity.bin`);
  ok(modelAt(here) instanceof Uint8Array);
  throws(() => modelAt(pathToFileURL("/nowhere/similarity.bin")), L2UnavailableError);
});

test("a runtime that fails when it is asked for a file system is not asked about a model elsewhere", () => {
  const getBuiltinModule = (): never => {
    throw new Error("not supported in the Edge Runtime");
  };
  ok("then" in modelAt(new URL("blob:server/similarity.bin"), { process: { getBuiltinModule } }));
});

test("a model elsewhere is fetched once somebody waits for it, once for all, and again after it failed", async () => {
  let asked = 0;
  await withServer(
    (_, response) => {
      asked += 1;
      if (asked === 1) response.writeHead(503).end();
      else response.end(MODEL);
    },
    async (url) => {
      const model = modelAt(url) as PromiseLike<Uint8Array>;
      equal(asked, 0);
      await rejects(async () => await model, new Error("the server answered 503"));
      deepEqual(await Promise.all([model, model]), [MODEL, MODEL]);
      equal(asked, 2);
    },
  );
});

test("tells how much has arrived, and of how much unless what is transferred is compressed", async () => {
  for (const [headers, total] of [
    [{ "content-length": String(MODEL.length) }, MODEL.length],
    [{}, null],
  ] as const) {
    const told: (number | null)[][] = [];
    await withServer(
      (_, response) => {
        response.writeHead(200, headers).write(MODEL.subarray(0, 1000));
        setTimeout(() => response.end(MODEL.subarray(1000)), 20);
      },
      async (url) => {
        deepEqual(await fetchL2Model(url, { onProgress: (...bytes) => told.push(bytes) }), MODEL);
      },
    );
    ok(told.length >= 2);
    deepEqual(told.at(-1), [MODEL.length, total]);
  }
});

test("a connection that breaks off is an error and no model", async () => {
  await withServer(
    (_, response) => {
      response.writeHead(200, { "content-length": String(MODEL.length) }).write(MODEL.subarray(0, 1000));
      setTimeout(() => response.destroy(), 20);
    },
    (url) => rejects(fetchL2Model(url)),
  );
});
