// Makes sure that there is a browser to test in.
import { ensureProgram } from "./debian.mjs";

ensureProgram({ program: "/usr/bin/chromium", package: "chromium", purpose: "browser", variable: "CHROMIUM" });
