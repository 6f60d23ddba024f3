import * as scanner from "@runesec/scanner";
import { runCases } from "../../cases.mjs";

export const runtime = "edge";
export const dynamic = "force-dynamic";

export async function GET() {
  return Response.json(await runCases(scanner));
}
