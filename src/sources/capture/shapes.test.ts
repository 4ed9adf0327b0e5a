import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readLogLines, readSeries } from "../../core/row-readers.ts";
import { toIso } from "../../core/window.ts";
import { askCapture, complaintsOf } from "../testing/ask.ts";
import { captureFolder, jsonLines, minute } from "../testing/capture-folder.ts";
import { writeParquet } from "../testing/parquet.ts";

type Files = Record<string, string | Uint8Array>;

async function seriesIn(files: Files, parquetSql?: string) {
  using made = captureFolder(files);
  if (parquetSql) await writeParquet(join(made.folder, "metrics.parquet"), parquetSql);
  const outcome = await askCapture(made.folder, { kind: "metric-series" });
  const series = outcome.kind === "data" ? readSeries(outcome.frame) : [];
  const told = series.map(({ service, metric, resource, points }) => ({
    of: [service, metric, ...(resource ? [resource] : [])].join(" "),
    values: [...points.values],
  }));
  return { told, complaints: complaintsOf(outcome) };
}

async function bodiesIn(name: string, text: string) {
  using made = captureFolder({ [name]: text });
  const outcome = await askCapture(made.folder, { kind: "log-search" });
  const lines = outcome.kind === "data" ? readLogLines(outcome.frame) : [];
  return { bodies: lines.map((line) => line.body).sort(), complaints: complaintsOf(outcome) };
}

const seconds = (after: number) => minute(after) / 1000;

describe("metrics with a column each", () => {
  const table = [
    "time,carts_cpu,carts_latency-90,user-db_cpu,user-db_diskio",
    `${seconds(1)},0.5,12,0.1,7`,
    `${seconds(2)},0.6,,0.2,8`,
  ].join("\n");
  const expected = [
    { of: "carts cpu", values: [0.5, 0.6] },
    { of: "carts latency-90", values: [12] },
    { of: "user-db cpu", values: [0.1, 0.2] },
    { of: "user-db diskio", values: [7, 8] },
  ];

  it("takes services from the names of columns, and an empty cell for no sample", async () => {
    expect(await seriesIn({ "metrics.csv": table })).toEqual({ told: expected, complaints: [] });
  });

  it("takes a service that only shares its measures with others", async () => {
    const names = "time,adservice_container-fs-reads,cartservice_container-fs-reads";
    const more = ",adservice_threads,cartservice_threads";
    const { told } = await seriesIn({ "metrics.csv": `${names}${more}\n${seconds(1)},1,2,3,4\n` });
    expect(told.map(({ of }) => of.split(" ")[0])).toEqual([
      ...["adservice", "adservice", "cartservice", "cartservice"],
    ]);
  });

  it("does not take what is measured for a service", async () => {
    const names = "time,disk_read,disk_write,net_read,net_write";
    const { told } = await seriesIn({ "metrics.csv": `${names}\n${seconds(1)},1,2,3,4\n` });
    expect(told.map(({ of }) => of.split(" ")[0])).toEqual(["", "", "", ""]);
  });

  it("reads JSON Lines and Parquet alike", async () => {
    const rows = [
      { time: seconds(1), carts_cpu: 0.5, "user-db_cpu": 0.1, carts_mem: 3, "user-db_mem": null },
      { time: seconds(2), carts_cpu: 0.6, "user-db_cpu": "0.2", carts_mem: 4, "user-db_mem": 5 },
    ];
    const json = await seriesIn({ "metrics.jsonl": `${jsonLines(rows)}\nnull\n` });
    const values = rows.map((row) => `(${row.time}, ${row.carts_cpu}, ${row.carts_mem}, 1, 'eu')`);
    const names = "time, carts_cpu, carts_mem, user_cpu, region";
    const sql = `SELECT * FROM (VALUES ${values.join(", ")}) AS t(${names})`;
    const parquet = await seriesIn({}, sql);
    const carts = [
      { of: "carts cpu", values: [0.5, 0.6] },
      { of: "carts mem", values: [3, 4] },
    ];
    expect(json.told).toEqual([
      ...carts,
      { of: "user-db cpu", values: [0.1, 0.2] },
      { of: "user-db mem", values: [5] },
    ]);
    expect(parquet.told.slice(0, 2)).toEqual(carts);
  });

  it("keeps owners and labels of a column of their own", async () => {
    const csv = [
      "TimeStamp,Time,PodName,zone,CpuUsage(m),MemoryUsage(Mi)",
      `${seconds(1)},${toIso(minute(1))},cart-6d9f7c5b4-x2x9k,a,12,300`,
      `${seconds(1)},${toIso(minute(1))},cart-6d9f7c5b4-z8wtr,b,13,301`,
      `${seconds(2)},${toIso(minute(2))},cart-6d9f7c5b4-x2x9k,a,14,302`,
    ].join("\n");
    const { told } = await seriesIn({ "metrics.csv": csv });
    expect(told).toEqual([
      { of: "cart CpuUsage(m) cart-6d9f7c5b4-x2x9k zone=a", values: [12, 14] },
      { of: "cart CpuUsage(m) cart-6d9f7c5b4-z8wtr zone=b", values: [13] },
      { of: "cart MemoryUsage(Mi) cart-6d9f7c5b4-x2x9k zone=a", values: [300, 302] },
      { of: "cart MemoryUsage(Mi) cart-6d9f7c5b4-z8wtr zone=b", values: [301] },
    ]);
  });

  it("counts lines without a time once, and cells that hold no number", async () => {
    const broken = `${table}\nnever,1,2,3,4\n${seconds(3)},much,13,0.3,9\n1,2\n`;
    const { told, complaints } = await seriesIn({ "metrics.csv": broken });
    expect(told[0]).toEqual({ of: "carts cpu", values: [0.5, 0.6] });
    expect(told[1]).toEqual({ of: "carts latency-90", values: [12, 13] });
    expect(complaints.join()).toContain("1 line with no time, or an impossible one (line 4)");
    expect(complaints.join()).toContain("1 cell with a value that is missing");
    expect(complaints.join()).toContain("(line 5)");
    expect(complaints.join()).toContain("1 line cannot be read (line 6)");
  });

  it("counts numbers with a decimal comma as values that cannot be read", async () => {
    const csv = `time;carts_cpu;user_cpu\n${seconds(1)};0,5;0,25\n${seconds(2)};0,6;0,75\n`;
    const { told, complaints } = await seriesIn({ "metrics.csv": csv });
    expect(told).toEqual([]);
    expect(complaints.join()).toContain("4 cells with a value that is missing, not a number");
  });

  it.each([
    ["metric", `time,value\n${seconds(1)},1\n`],
    ["value", `time,service,metric,volume\n${seconds(1)},cart,cpu,1\n`],
    ["value", `time,service,name,volume\n${seconds(1)},cart,cpu,1\n`],
    ["timestamp", "when,cart_cpu,user_cpu\n12,1,2\n"],
  ])("still says that a table lacks a column for %s", async (column, csv) => {
    const { complaints } = await seriesIn({ "metrics.csv": csv });
    expect(complaints.join()).toContain(`it has no column for ${column}`);
  });

  it("takes a name beside measures for the name of whom they measure", async () => {
    const csv = `time,name,cpu,memory\n${seconds(1)},cart,1,2\n${seconds(1)},user,3,4\n`;
    const { told } = await seriesIn({ "metrics.csv": csv });
    expect(told.map(({ of }) => of)).toEqual([
      ...["cart cpu", "cart memory", "user cpu", "user memory"],
    ]);
  });
});

describe("files that hold a JSON array", () => {
  const line = (after: number, body: string) => ({
    ...{ timestamp: toIso(minute(after)), service: "a", severity: "INFO", body },
  });
  const lines = [
    line(1, 'one, "quoted" [and] {braced}'),
    line(2, "two\nlines \\"),
    line(3, "three"),
  ];
  const bodies = lines.map(({ body }) => body).sort();

  it.each([
    ["on one line", JSON.stringify(lines)],
    ["over many", JSON.stringify(lines, null, 2)],
    ["with a byte order mark", `\uFEFF${JSON.stringify(lines)}`],
  ])("reads one %s", async (_, text) => {
    expect(await bodiesIn("logs.json", text)).toEqual({ bodies, complaints: [] });
  });

  it("keeps what was written before the file was cut, and counts the rest", async () => {
    const text = JSON.stringify(lines).slice(0, -20);
    const read = await bodiesIn("logs.json", text);
    expect(read.bodies).toEqual(bodies.slice(0, 1).concat(bodies[2] as string));
    expect(read.complaints.join()).toContain("1 entry cannot be read (entry 3)");
  });

  it("loses no more than the entry in which a quote is missing", async () => {
    const [one, two, three] = lines.map((item) => JSON.stringify(item));
    const text = `[\n${one},\n${two?.replace('"a"', '"a')},\n${three}\n]`;
    const read = await bodiesIn("logs.json", text);
    expect(read.bodies).toEqual([lines[0]?.body, "three"]);
    expect(read.complaints.join()).toContain("1 entry cannot be read");
  });

  it("says of an empty one that it holds nothing", async () => {
    expect((await bodiesIn("logs.json", "[]")).complaints).not.toEqual([]);
  });
});

describe("pods", () => {
  const point = { timestamp: minute(5), metric: "mem", value: 1 };
  it.each([
    ["cart-6d9f7c5b4-x2x9k", "cart mem cart-6d9f7c5b4-x2x9k"],
    ["redis-cart-0", "redis-cart mem redis-cart-0"],
    ["front-nginx", "front-nginx mem front-nginx"],
  ])("go by what they run: %s", async (pod, of) => {
    const { told } = await seriesIn({ "metrics.jsonl": jsonLines([{ ...point, pod }]) });
    expect(told).toEqual([{ of, values: [1] }]);
  });
});
