import * as scanner from "@runesec/scanner";
import * as l2 from "@runesec/scanner/l2";
import { l2Cases } from "../../consumer-l2-cases.mjs";

export const runtime = "edge";
export const dynamic = "force-dynamic";

export async function GET() {
  return Response.json(await l2Cases(scanner, l2));
}
