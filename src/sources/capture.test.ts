import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import type { QueryKind } from "../core/query.ts";
import { systemClock } from "../platform/clock.ts";
import { capture, readCaptureIncident } from "./capture.ts";

const cases = process.env["SHODO_CASES"] ?? join(import.meta.dirname, "../../../shared/cases");
const folders = globSync("*/*/incident.json", { cwd: cases }).map((file) =>
  join(cases, dirname(file)),
);
const isThere = existsSync(cases) && folders.length > 0;
const skipped = isThere ? "" : `, skipped: there are none in ${cases}`;

it.runIf(isThere)(
  "opens every labelled incident and fails at no question",
  async () => {
    const failures: string[] = [];
    for (const folder of folders) {
      const incident = await readCaptureIncident(folder);
      const source = await capture.open("capture", { folder });
      const context = {
        signal: new AbortController().signal,
        deadline: systemClock.now() + 60_000,
        bytesMax: 1e12,
      };
      const asked: readonly QueryKind[] = ["metric-series", "log-patterns", "operation-stats"];
      for (const kind of asked) {
        const outcome = await source.run({ kind } as never, incident.window, context);
        if (outcome.kind === "failed") failures.push(`${folder} ${kind}: ${outcome.message}`);
      }
      await source.close();
    }
    expect(failures).toEqual([]);
  },
  60_000,
);
