import { z } from "zod";
import { readAlarms } from "../src/core/row-readers.ts";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { toIso } from "../src/core/window.ts";
import { limitField } from "./support/inputs.ts";
import { cut, notData } from "./support/readings.ts";

const reasonCharsMax = 300;

/** What else the telemetry system itself complains of. */
export const listAlarms = defineTool({
  name: "list_alarms",
  title: "List alarms",
  description:
    "Alarms of the telemetry system that fire or fired in the window: since when, how often (flapping), and what composite alarms are made of.",
  input: z.object({
    names: z.array(z.string().max(255)).max(20).optional().describe("These and their children"),
    state: z.enum(["firing", "all"]).default("firing"),
    limit: limitField(30, 200),
  }),
  output: z.object({
    alarms: z.array(
      z.object({
        name: z.string(),
        service: z.string().nullable(),
        state: z.string(),
        since: z.string().nullable(),
        watches: z.string().nullable(),
        children: z.array(z.string()),
        firings: z.number().nullable(),
        flapping: z.boolean(),
        reason: z.string(),
      }),
    ),
  }),
  annotations: readOnly,
  costly: false,
  async run({ names, state, limit }, { telemetry, window }) {
    const asked = names?.length ? { names } : {};
    const reading = await telemetry.read({ kind: "alarms", state, ...asked }, window);
    if (reading.kind !== "data") return notData(reading);
    const rows = readAlarms(reading.frame);
    const { shown, truncated } = cut(rows, limit, "Give `names`, or raise `limit`.");
    return {
      kind: "data",
      output: {
        alarms: shown.map((row) => ({
          name: row.name,
          service: row.service,
          state: row.state,
          since: Number.isFinite(row.since) ? toIso(row.since) : null,
          watches: row.metric,
          children: row.children.slice(0, 50),
          firings: Number.isFinite(row.firings) ? row.firings : null,
          flapping: row.isFlapping,
          reason: row.reason.slice(0, reasonCharsMax),
        })),
      },
      findings: [],
      gaps: reading.gaps,
      ...(truncated ? { truncated } : {}),
    };
  },
});
