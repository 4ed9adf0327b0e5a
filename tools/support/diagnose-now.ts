import type { Finding } from "../../src/core/evidence.ts";
import type { Diagnosis } from "../../src/core/hypothesis.ts";
import type { Gap } from "../../src/core/outcome.ts";
import type { ToolContext } from "../../src/core/tool.ts";
import { allParts, type ObservationPart, observe } from "./observe.ts";

/** What the evidence engine makes of the wanted parts; reads are shared within an investigation. */
export async function diagnoseNow(
  context: ToolContext,
  parts: readonly ObservationPart[] = allParts,
): Promise<{ diagnosis: Diagnosis; findings: readonly Finding[]; gaps: readonly Gap[] }> {
  // Loaded when it is needed: whoever only lists the tools (an MCP client at its start) need not
  // wait.
  const { diagnose } = await import("../../src/evidence/diagnose.ts");
  const observations = await observe(context, parts);
  const { alarm, kpis, slos } = context;
  const { diagnosis, findings } = diagnose({ observations, alarm, kpis, slos });
  return { diagnosis, findings, gaps: observations.gaps };
}
