"use client";

import * as scanner from "@runesec/scanner";
import { useEffect } from "react";
import { runCases } from "../cases.mjs";

export default function Page() {
  useEffect(() => {
    void runCases(scanner).then((results) => {
      globalThis.results = results;
    });
  }, []);
  return "cases";
}
