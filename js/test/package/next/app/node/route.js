import * as scanner from "@runesec/scanner";
import { runCases } from "../../cases.mjs";

export const runtime = "nodejs";
export const dynamic = "force-dynamic";

export function GET() {
  return Response.json(runCases(scanner));
}
