"use client";

import * as scanner from "@runesec/scanner";
import * as l2 from "@runesec/scanner/l2";
import { useEffect } from "react";
import { l2Cases } from "../../consumer-l2-cases.mjs";

export default function Page() {
  useEffect(() => {
    void l2Cases(scanner, l2).then((cases) => {
      globalThis.results = cases;
    });
  }, []);
  return "cases";
}
