import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import type { QueryKind } from "../core/query.ts";
import { systemClock } from "../platform/clock.ts";
import { capture, readCaptureIncident } from "./capture.ts";
import { captureFolder, madeBaseline, madeWindow, shopFiles } from "./testing/capture-folder.ts";
import { sourceConformance } from "./testing/source-conformance.ts";

const { folder } = captureFolder(shopFiles());

sourceConformance("the capture", {
  open: () => capture.open("capture", { folder }),
  window: madeWindow,
  baseline: madeBaseline,
  emptyWindow: { from: madeWindow.to + 3_600_000, to: madeWindow.to + 7_200_000 },
  expected: [
    ...(["metric-list", "metric-series", "log-search", "log-patterns", "log-volume"] as const),
    ...(["operation-stats", "edge-stats", "span-series", "span-attributes"] as const),
    ...([
      "trace-list",
      "trace",
      "trace-sample",
      "changes",
      "topology",
      "alarms",
      "native",
    ] as const),
  ],
  nativeText: "SELECT service, count(*) AS n FROM spans GROUP BY service",
  traceId: "t75",
});

const cases = process.env.SHODO_CASES ?? join(import.meta.dirname, "../../../shared/cases");
const folders = globSync("*/*/incident.json", { cwd: cases }).map((file) =>
  join(cases, dirname(file)),
);
const isThere = existsSync(cases) && folders.length > 0;
const skipped = isThere ? "" : ` (skipped: there are none in ${cases})`;

it.runIf(isThere)(
  `opens every labelled incident and fails at no question${skipped}`,
  async () => {
    const failures: string[] = [];
    for (const path of folders) {
      const incident = await readCaptureIncident(path);
      const source = await capture.open("capture", { folder: path });
      const context = {
        signal: new AbortController().signal,
        deadline: systemClock.now() + 60_000,
        bytesMax: 1e12,
      };
      const asked: readonly QueryKind[] = ["metric-series", "log-patterns", "operation-stats"];
      for (const kind of asked) {
        const outcome = await source.run({ kind } as never, incident.window, context);
        if (outcome.kind === "failed") failures.push(`${path} ${kind}: ${outcome.message}`);
      }
      await source.close();
    }
    expect(failures).toEqual([]);
  },
  240_000,
);
