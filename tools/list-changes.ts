import { z } from "zod";
import { limits } from "../src/core/limits.ts";
import { readChanges } from "../src/core/row-readers.ts";
import { defineTool, readOnly } from "../src/core/tool.ts";
import { toIso } from "../src/core/window.ts";
import { limitField, servicesField, windowOf } from "./support/inputs.ts";
import { cut, notData } from "./support/readings.ts";

/** A change this long before the window can still be the cause: leaks and pools show late. */
const lookBackMs = 24 * 3_600_000;
const diffCharsMax = 1_500;

/** What was deployed, committed, flipped or configured. */
export const listChanges = defineTool({
  name: "list_changes",
  title: "List changes",
  description:
    "Deploys, commits, feature flags and configuration changes before and during the incident, newest first. Timing alone proves nothing; rank_root_causes weighs mechanism.",
  input: z.object({
    services: servicesField,
    text: z.string().max(200).optional().describe("Part of title, file name or ref, any case"),
    with_diff: z.boolean().default(false).describe("Also show the beginning of each diff"),
    limit: limitField(20, 100),
    from: z.iso.datetime({ offset: true }).optional().describe("Default: a day before"),
    to: z.iso.datetime({ offset: true }).optional().describe("Default: end of the incident"),
  }),
  output: z.object({
    changes: z.array(
      z.object({
        at: z.string(),
        kind: z.string(),
        service: z.string(),
        ref: z.string(),
        title: z.string(),
        author: z.string().nullable(),
        files: z.array(z.string()),
        diff: z.string().nullable(),
      }),
    ),
  }),
  annotations: readOnly,
  costly: false,
  everyday: true,
  async run(input, context) {
    const asked = windowOf(input, context);
    const from = input.from ? asked.from : Math.min(context.baseline.from, asked.from - lookBackMs);
    const services = input.services?.length ? { services: input.services } : {};
    // Cut only after the text is looked for; the ranking asks for the same, which is read once.
    const reading = await context.telemetry.read(
      { kind: "changes", limit: limits.groupsMax, ...services },
      { from, to: asked.to },
    );
    if (reading.kind !== "data") return notData(reading);
    const text = input.text?.toLowerCase();
    const matching = readChanges(reading.frame)
      .filter(({ title, ref, files }) =>
        text ? `${title} ${ref} ${files.join(" ")}`.toLowerCase().includes(text) : true,
      )
      .sort((a, b) => b.timestamp - a.timestamp);
    const { shown, truncated } = cut(matching, input.limit, "Narrow with services, text or from.");
    return {
      kind: "data",
      output: {
        changes: shown.map(({ timestamp, kind, service, ref, title, author, files, diff }) => ({
          at: toIso(timestamp),
          kind,
          service,
          ref,
          title,
          author,
          files: files.slice(0, 10),
          diff: input.with_diff ? (diff?.slice(0, diffCharsMax) ?? null) : null,
        })),
      },
      findings: [],
      gaps: reading.gaps,
      ...(truncated ? { truncated } : {}),
    };
  },
});
