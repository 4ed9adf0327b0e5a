import { expect, it } from "vitest";
import type { Alarm } from "./core/alarm.ts";
import type { Outcome } from "./core/outcome.ts";
import type { QueryKind } from "./core/query.ts";
import type { AlarmRow } from "./core/rows.ts";
import type { Source } from "./core/source.ts";
import { knowAlarm } from "./investigate-alarm.ts";
import { systemClock } from "./platform/clock.ts";
import { alarmsFrame } from "./sources/cloudwatch/alarm-rows.ts";
import { openTelemetry } from "./sources/telemetry.ts";

const hour = 3_600_000;
const firedAt = Date.UTC(2026, 2, 1, 10);
const window = { from: firedAt - 2 * hour, to: firedAt + hour / 4 };

const alarm: Alarm = {
  fingerprint: "a",
  sender: "cloudwatch",
  name: "checkout is bad",
  service: null,
  resource: null,
  metric: null,
  threshold: null,
  observed: null,
  severity: null,
  state: "firing",
  firedAt,
  summary: "a child fires",
  labels: { region: "eu-west-1" },
  link: null,
  raw: null,
};

const row = (name: string, more: Partial<AlarmRow> = {}): AlarmRow => ({
  name,
  service: "checkout",
  state: "firing",
  since: firedAt,
  reason: "",
  metric: "Sum Errors",
  children: [],
  firings: 1,
  isFlapping: false,
  suggested: null,
  ...more,
});

function known(rows: readonly AlarmRow[], answers: readonly QueryKind[] = ["alarms"], own = alarm) {
  const asked: unknown[] = [];
  const source: Source = {
    name: "alarms",
    signals: ["alarms"],
    answers,
    guide: "",
    probe: async () => ({ state: "ready", lines: [] }),
    run: async (query, over): Promise<Outcome> => {
      asked.push(query);
      return {
        kind: "data",
        frame: alarmsFrame(rows),
        gaps: [],
        provenance: {
          source: "alarms",
          signal: "alarms",
          query: "DescribeAlarms",
          window: over,
          tookMs: 0,
          rows: rows.length,
          bytesScanned: 0,
          truncated: false,
        },
      };
    },
    close: async () => {},
  };
  const telemetry = openTelemetry([source], {
    clock: systemClock,
    signal: new AbortController().signal,
    readTimeoutMs: 1_000,
    bytesMax: 1e9,
  });
  return knowAlarm(telemetry, own, window).then((found) => ({ ...found, asked }));
}

it("looks as far back as the alarm's own periods reach, and takes service and children", async () => {
  const suggested = { from: firedAt - 15 * hour, to: firedAt + 2 * hour };
  const found = await known([
    row("checkout is bad", { children: ["errors", "quiet"], suggested }),
    row("errors"),
    row("quiet", { state: "resolved", firings: 0 }),
  ]);
  expect(found.window).toEqual({ from: suggested.from, to: window.to });
  expect(found.alarm.service).toBe("checkout");
  expect(found.alarm.labels).toEqual({ region: "eu-west-1", children: "errors" });
  expect(found.asked).toEqual([{ kind: "alarms", names: ["checkout is bad"] }]);
});

it("looks back a day at most, and never less than it would without", async () => {
  const days = { from: firedAt - 240 * hour, to: firedAt };
  expect((await known([row(alarm.name, { suggested: days })])).window.from).toBe(
    window.to - 24 * hour,
  );
  const short = { from: firedAt - hour / 4, to: firedAt };
  expect((await known([row(alarm.name, { suggested: short })])).window).toEqual(window);
});

it("says of an alarm that flaps how often it fired", async () => {
  const { alarm: found } = await known([row(alarm.name, { isFlapping: true, firings: 7 })]);
  expect(found.labels.flapping).toBe("fired 7 times");
});

it("changes nothing where nobody knows the alarm, and does not ask about a question", async () => {
  expect(await known([])).toMatchObject({ alarm, window });
  expect((await known([], ["changes"])).asked).toEqual([]);
  expect((await known([], ["alarms"], { ...alarm, sender: "question" })).asked).toEqual([]);
});
