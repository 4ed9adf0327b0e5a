import { z } from "zod";
import { readSlos } from "../src/core/row-readers.ts";
import { defineTool, readOnly, type ToolContext } from "../src/core/tool.ts";
import { reportedSlos } from "../src/evidence/impact/reported-slos.ts";
import { findingRowOf, findingsOf, findingsOutput } from "./support/finding-rows.ts";
import { servicesField } from "./support/inputs.ts";

/** How fast error budgets burn. */
export const getSloStatus = defineTool({
  name: "get_slo_status",
  title: "Get SLO status",
  description:
    "Service level objectives: burn rate over several windows and error budget left, as in the SRE Workbook.",
  input: z.object({ services: servicesField }),
  output: findingsOutput,
  annotations: readOnly,
  costly: false,
  async run({ services }, context) {
    const [own, kept] = await Promise.all([
      findingsOf(context, {
        parts: ["series", "spanSeries"],
        kinds: ["slo"],
        services,
        searched: `burn of ${context.slos.length} service level objectives`,
      }),
      reported(context, services),
    ]);
    if (own.kind === "failed") return own;
    const gaps = [...own.gaps, ...kept.gaps];
    if (kept.findings.length === 0) return { ...own, gaps };
    const before = own.kind === "data" ? own : null;
    return {
      kind: "data",
      output: {
        findings: [...(before?.output.findings ?? []), ...kept.findings.map(findingRowOf)],
      },
      findings: [...(before?.findings ?? []), ...kept.findings],
      gaps,
      ...(before?.truncated ? { truncated: before.truncated } : {}),
    };
  },
});

/** Objectives that a telemetry system keeps itself; none where no source does. */
async function reported(
  { telemetry, window }: ToolContext,
  services: readonly string[] | undefined,
) {
  const none = { findings: [], gaps: [] };
  if (!telemetry.sources.some((source) => source.answers.includes("slos"))) return none;
  const wanted = services?.length ? { services } : {};
  const reading = await telemetry.read({ kind: "slos", ...wanted }, window);
  if (reading.kind === "failed") {
    const effect = "how much error budget is left is not known";
    return { ...none, gaps: [{ what: "reported objectives", why: reading.message, effect }] };
  }
  const provenance = reading.parts.map((part) => part.provenance);
  const rows = reading.kind === "data" ? readSlos(reading.frame) : [];
  return { findings: reportedSlos(rows, window, provenance), gaps: reading.gaps };
}
