import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { athena } from "../athena.ts";
import { knownTables, trailSql } from "./tables.ts";

const shipped = (name: string) =>
  readFileSync(join(import.meta.dirname, "../../../infra/athena", name), "utf8");

/** Names of the columns of a table, with its partitions, as its statement declares them. */
function columnsOf(ddl: string, table: string): string[] {
  const pattern = new RegExp(`EXISTS ${table} \\((.*?)\\n\\)\\nPARTITIONED BY \\((.*?)\\)`, "s");
  const [, body = "", days = ""] = pattern.exec(ddl) ?? [];
  return `${body.replace(/<[^>]*>/g, "")},${days}`
    .split(",")
    .map((each) => each.trim().split(" ")[0]?.replaceAll("`", "") ?? "");
}

it.each([
  ["metrics", ["timestamp", "service", "metric", "value", "resource", "unit", "kind", "layer"]],
  ["logs", ["timestamp", "service", "severity", "body", "trace_id", "span_id", "attributes"]],
  ["spans", ["trace_id", "span_id", "parent_span_id", "service", "name", "start", "duration_ms"]],
  ["spans", ["status", "kind", "attributes"]],
  ["changes", ["timestamp", "kind", "service", "ref", "title", "author", "files", "diff"]],
])("ships a lake with the columns of a capture, by day: %s", (table, names) => {
  const found = columnsOf(shipped("lake.sql"), `lake.${table}`);
  expect(found).toEqual(expect.arrayContaining([...names, "day"]));
});

const own = athena.settings.parse({
  ...{ region: "eu-west-1", lakeDatabase: "lake", albTable: "a", cloudtrailTable: "cloudtrail" },
});

it.each([
  ["lake.sql", "lake.metrics", "metrics"],
  ["lake.sql", "lake.logs", "logs"],
  ["lake.sql", "lake.spans", "spans"],
  ["lake.sql", "lake.changes", "changes"],
  ["alb-logs.sql", "alb_logs", "alb_logs"],
  ["cloudtrail.sql", "cloudtrail", "cloudtrail"],
])("bounds tables of %s by columns that they have: %s", (file, table, known) => {
  const { time = "", day = "", columns = "" } = knownTables(own).get(known) ?? {};
  const outside = `${time} ${day} ${columns}`.replace(/'[^']*'/g, "");
  const words = outside.match(/[a-z_]+\b(?!\()/g) ?? [];
  const has = columnsOf(shipped(file), table);
  expect(words.filter((word) => !has.includes(word) && word !== "timestamp")).toEqual([]);
  expect(has).toContain("day");
});

it("asks a trail for columns that it has", () => {
  const sql = trailSql(own, { from: 0, to: 1 }, 10);
  const names = sql.match(/event\w+|useridentity|requestparameters|errorcode|readonly/g) ?? [];
  const has = columnsOf(shipped("cloudtrail.sql"), "cloudtrail");
  expect(names.filter((name) => !has.includes(name))).toEqual([]);
  expect(names.length).toBeGreaterThan(7);
});

it("reads a line of a load balancer's log into as many fields as its table has", () => {
  const ddl = shipped("alb-logs.sql");
  const pattern = /'input\.regex' = '(.*)'/.exec(ddl)?.[1]?.replaceAll('\\"', '"') ?? "";
  const line =
    "http 2026-03-01T10:00:00.186641Z app/shop/50dc6c495c0c9188 192.168.131.39:2817 " +
    '10.0.0.1:80 0.000 0.001 0.000 502 502 34 366 "GET http://www.example.com:80/cart HTTP/1.1" ' +
    '"curl/7.46.0" - - arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/shop/73e2 ' +
    '"Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2026-03-01T10:00:00.186000Z ' +
    '"forward" "-" "-" "10.0.0.1:80" "502" "-" "-" TID_1234';
  const found = new RegExp(`^${pattern}$`).exec(line);
  // The whole match comes first, and the day is no field of the line.
  expect(found?.length).toBe(columnsOf(ddl, "alb_logs").length);
  expect(found?.slice(11, 15)).toEqual(["502", "502", "34", "366"]);
  expect(found?.slice(15, 18)).toEqual(["GET", "http://www.example.com:80/cart", "HTTP/1.1"]);
});
