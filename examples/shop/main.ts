/**
 * `npm run shop` runs the whole shop until Ctrl-C; `npm run shop -- record <name>` makes a
 * recording of one of its incidents; `npm run shop -- list` names them; `npm run shop -- judge`
 * writes what a careful person says about each into its recording anew.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startOtlpReceiver } from "../../src/sources/otlp-receiver.ts";
import { ShopSystem } from "./control/system.ts";
import { faults } from "./faults/catalog.ts";
import { judgeAll } from "./record/judge.ts";
import { record } from "./record/record.ts";

const incidentsDir = join(import.meta.dirname, "../incidents");

const help = `npm run shop -- [command] [options]

  run             the whole shop until Ctrl-C (the default)
  list            the incidents that it can act out
  record NAME     acts one out, about 13 minutes, and keeps it as a capture
  judge           writes what a careful person says about each into its recording anew

  --port N        first of the ports (run: 8100); 0 takes free ones (record)
  --otlp URL      where run sends its telemetry, instead of into a capture
  --out DIR       where the capture is written
  --visits N      shoppers per second (1.2)
`;

const interrupted = new AbortController();
process.on("SIGINT", () => interrupted.abort());
process.on("SIGTERM", () => interrupted.abort());
const say = (text: string) => console.error(text);

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      port: { type: "string" },
      otlp: { type: "string" },
      out: { type: "string" },
      visits: { type: "string" },
    },
  });
  const [command = "run", name = ""] = positionals;
  if (values.help) console.log(help);
  else if (command === "run") await run(values);
  else if (command === "record") await makeRecording(name, values);
  else if (command === "judge") await judgeAll(faults, incidentsDir, say);
  else if (command === "list") for (const { name: known } of faults) console.log(known);
  else throw new Error(`no command "${command}"; there are run, record <name>, judge and list`);
} catch (error) {
  if (!interrupted.signal.aborted) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

interface Options {
  readonly port?: string | undefined;
  readonly otlp?: string | undefined;
  readonly out?: string | undefined;
  readonly visits?: string | undefined;
}

/** What was given for `option`, a number from `least` to `most`; throws with what is allowed. */
function numberOf(given: string, option: string, least: number, most: number): number {
  const number = Number(given);
  if (given.trim() !== "" && number >= least && number <= most) return number;
  throw new Error(`${option} is a number from ${least} to ${most}, not "${given}"`);
}

/** Runs until interrupted. Telemetry goes to `--otlp`, else into a capture at `--out`. */
async function run(values: Options): Promise<void> {
  const port = numberOf(values.port ?? "8100", "--port", 0, 65_000);
  const visitsPerSecond = numberOf(values.visits ?? "1.2", "--visits", 0.01, 100);
  const folder = await mkdtemp(join(tmpdir(), "shodo-shop-run-"));
  const receiver = values.otlp
    ? null
    : await startOtlpReceiver({ dir: values.out ?? join(folder, "capture"), port: 0 });
  try {
    const system = await ShopSystem.start({
      otlp: values.otlp ?? receiver?.url ?? "",
      port,
      visitsPerSecond,
      databaseUrl: process.env.DATABASE_URL,
      onNotice: say,
    });
    say(`the shop runs at ${system.storefrontUrl}; Ctrl-C stops it`);
    await new Promise((done) => interrupted.signal.addEventListener("abort", done, { once: true }));
    say("stopping");
    await system.stop();
    if (receiver && values.out) say(`telemetry is in ${await receiver.finish()}`);
    else await receiver?.abandon();
  } catch (error) {
    await receiver?.abandon();
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeRecording(name: string, values: Options): Promise<void> {
  const fault = faults.find((known) => known.name === name);
  if (!fault) {
    const names = faults.map((known) => known.name).join(", ");
    throw new Error(`no fault "${name}"; there are ${names}`);
  }
  await record(fault, {
    out: values.out ?? join(incidentsDir, fault.folder),
    port: numberOf(values.port ?? "0", "--port", 0, 65_000),
    databaseUrl: process.env.DATABASE_URL,
    say,
    signal: interrupted.signal,
  });
}
