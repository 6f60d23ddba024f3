import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";

// Without an icon of its own a page asks the server for one.
const PAGE = `<!doctype html>
<link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "@runesec/scanner": "/node_modules/@runesec/scanner/dist/inline.js" } }</script>
<script type="module">
PROBE
</script>`;

/** What a program that prints its figures prints in a page of a fresh headless Chromium, once for each run. */
export async function printedInChromium(root, probe, runs) {
  const { chromium } = createRequire(`${root}/package.json`)("playwright-core");
  const server = createServer(({ url }, response) => {
    const isPage = url === "/";
    response.setHeader("content-type", isPage ? "text/html; charset=utf-8" : "text/javascript");
    response.end(isPage ? PAGE.replace("PROBE", () => probe) : readFileSync(`.${url}`));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const printed = [];
  try {
    for (let run = 0; run < runs; run++) {
      const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: ["--no-sandbox"],
      });
      try {
        const page = await browser.newPage();
        const told = page.waitForEvent("console");
        await page.goto(`http://127.0.0.1:${server.address().port}/`);
        printed.push((await told).text());
      } finally {
        await browser.close();
      }
    }
  } finally {
    server.close();
  }
  return printed;
}
