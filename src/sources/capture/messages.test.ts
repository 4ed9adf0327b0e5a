import { describe, expect, it } from "vitest";
import { openEngine } from "./engine.ts";

/** The pattern and the severity that the engine reads from one line. */
async function read(body: string) {
  const engine = await openEngine();
  try {
    const text = `'${body.replaceAll("'", "''")}'`;
    const frame = await engine.query(
      `SELECT mask(${text}) AS pattern, severity_of(NULL, ${text}) AS severity`,
      { signal: new AbortController().signal, deadline: Date.now() + 30_000 },
    );
    return frame.columns.map((column) => column.values[0]);
  } finally {
    await engine.close();
  }
}

describe("what a log line says", () => {
  it.each([
    ['{"level":"error","msg":"cannot charge card 42","pid":7}', "cannot charge card <*>", "error"],
    [
      '{"message":"charge failed","error":"timeout after 30 s"}',
      "charge failed timeout after <*> s",
      "info",
    ],
    ['ts=2026-01-01 level=warn msg="pool is full" err="no slot"', "pool is full no slot", "warn"],
    ['10.0.0.1 - - [x] "GET /cart?id=7 HTTP/1.1" 502 12 "-"', "GET /cart server error", "error"],
    ['10.0.0.1 - - [x] "GET /cart HTTP/1.1" 200 12 "-"', "GET /cart ok", "info"],
    ["INFO Response [status=1, message=Get orders]", "INFO Response <*>", "info"],
    ["{not json} stays", "<*> stays", "info"],
  ])("%s reads as %s", async (body, pattern, severity) => {
    expect(await read(body)).toEqual([pattern, severity]);
  });
});
