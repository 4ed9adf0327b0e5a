import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { texts } from "../../core/frame.ts";
import { askCapture } from "../testing/ask.ts";
import { captureFolder, jsonLines, minute } from "../testing/capture-folder.ts";

/** Log lines of which some carry a key of their own; about 150 bytes each. */
function logs(count: number, isOdd: (i: number) => boolean): string {
  const filler = "x".repeat(80);
  return jsonLines(
    Array.from({ length: count }, (_, i) => ({
      timestamp: minute(1) + i,
      service: "api",
      body: `line ${filler}`,
      ...(isOdd(i) ? { region: "eu", "user.tier": "gold" } : {}),
    })),
  );
}

/** Values of the odd key that a question over the whole file finds. */
async function regions(file: string, content: string | Uint8Array) {
  using made = captureFolder({ [file]: content });
  const text =
    "SELECT attributes->>'region' AS region, count(*) AS n FROM logs GROUP BY 1 ORDER BY 1";
  const outcome = await askCapture(made.folder, { kind: "native", source: "capture", text });
  if (outcome.kind !== "data") throw new Error(JSON.stringify(outcome));
  return texts(outcome.frame, "region");
}

it("keeps a column that only a stretch in the middle of a big file has", async () => {
  // 12 MB, of which 2.5 % have the column.
  const content = logs(80_000, (i) => i >= 40_000 && i < 42_000);
  expect(await regions("logs.jsonl", content)).toEqual(["eu", null]);
});

it("keeps a column of single lines where looks show that lines differ", async () => {
  const content = logs(80_000, (i) => i === 50_001 || i > 79_990);
  expect(await regions("logs.jsonl", content)).toEqual(["eu", null]);
});

it("keeps a column that a compressed file has near its end only", async () => {
  const content = gzipSync(logs(8_000, (i) => i === 7_000));
  expect(await regions("logs.jsonl.gz", content)).toEqual(["eu", null]);
});

it("finds what an OTLP file holds beyond its start", async () => {
  const log = { timeUnixNano: String(minute(1) * 1e6), body: { stringValue: "x".repeat(2_000) } };
  const line = { resourceLogs: [{ scopeLogs: [{ logRecords: [log] }] }] };
  const span = {
    traceId: "t",
    spanId: "s",
    name: "op",
    startTimeUnixNano: String(minute(1) * 1e6),
    endTimeUnixNano: String((minute(1) + 5) * 1e6),
  };
  const other = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
  const lines = Array.from({ length: 900 }, (_, i) => (i === 450 ? other : line));
  using made = captureFolder({ "all.otlp.jsonl": jsonLines(lines) });
  const outcome = await askCapture(made.folder, { kind: "operation-stats" });
  expect(outcome.kind).toBe("data");
});
