import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { withoutBytes, withoutMedia } from "./without-bytes.js";

const IMAGE = "iVBORw0KGgo=";

test("bytes are left out wherever frameworks put them", () => {
  const url = `data:image/png;base64,${IMAGE}`;
  for (const [part, rest] of [
    [
      { type: "image", data: IMAGE, mimeType: "image/png" },
      { type: "image", mimeType: "image/png" },
    ],
    [{ type: "image", image: url }, { type: "image" }],
    [
      { type: "image", image: { data: IMAGE, mediaType: "image/png" } },
      { type: "image", image: { mediaType: "image/png" } },
    ],
    [
      { type: "image_url", image_url: { url } },
      { type: "image_url", image_url: {} },
    ],
    [
      { type: "file", file: { data: IMAGE, filename: "a.png" } },
      { type: "file", file: { filename: "a.png" } },
    ],
  ]) {
    deepEqual(withoutMedia(part), rest);
    deepEqual(withoutMedia([part, "text"]), [rest, "text"]);
  }
  deepEqual(withoutBytes({ type: "resource", resource: { uri: "file:///a", blob: IMAGE } }), {
    type: "resource",
    resource: { uri: "file:///a" },
  });
});

test("what a model may read is left where it is", () => {
  const bytes = new Uint8Array(8);
  for (const value of [
    "text",
    null,
    undefined,
    7,
    { data: IMAGE },
    { type: "image", image: "https://example.com/a.png" },
    { type: "image", data: bytes },
    { type: "file", data: "Read this." },
    { type: "file", file: { url: "data:text/plain;base64,Read this." } },
  ])
    deepEqual(withoutMedia(value), value);
  for (const text of ["data:text/plain;base64,Read this.", `data:text/plain;base64,${IMAGE}`])
    deepEqual(withoutBytes({ type: "text", text }), { type: "text", text });
});
