"use client";

import * as scanner from "@runesec/scanner";
import { useEffect } from "react";
import { runCases } from "../cases.mjs";

export default function Page() {
  useEffect(() => {
    globalThis.results = runCases(scanner);
  }, []);
  return "cases";
}
