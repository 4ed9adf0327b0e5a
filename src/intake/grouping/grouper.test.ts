import { describe, expect, it } from "vitest";
import type { Alarm } from "../../core/alarm.ts";
import { type AcceptedAlarm, emptyRound, type GroupingRound } from "../../core/intake.ts";
import { sampleAlarm } from "../../store/testing/samples.ts";
import { type Grouper, grouper } from "./grouper.ts";
import { groupingSettingsSchema } from "./settings.ts";
import { topologyOf } from "./topology.ts";

const start = Date.parse("2026-03-02T10:00:00Z");
const second = 1_000;
const minute = 60 * second;
/** web -> checkout -> payments -> payments-db; web -> search -> search-db; ads stands alone. */
const edges = [
  ["web", "checkout"],
  ["checkout", "payments"],
  ["payments", "payments-db"],
  ["web", "search"],
  ["search", "search-db"],
  ["ads", "ads-db"],
].map(([from = "", to = ""]) => ({ from, to, kind: "calls" }));

class Bench {
  readonly rounds: GroupingRound[] = [];
  readonly grouper: Grouper;
  #ids = 0;
  #number = 0;

  constructor(settings: object = {}, topologyEdges = edges) {
    const topology = topologyOf(topologyEdges);
    this.grouper = grouper(
      {
        settings: groupingSettingsSchema.parse(settings),
        topology: () => topology,
        nextId: (prefix) => `${prefix}_${String(++this.#ids).padStart(3, "0")}`,
      },
      [],
    );
  }

  fire(service: string | null, atMs: number, changes: Partial<Alarm> = {}): void {
    this.#number += 1;
    const fingerprint = changes.fingerprint ?? `${service} ${changes.name ?? "latency"}`;
    const alarm = sampleAlarm(fingerprint, { service, name: "latency", summary: "", ...changes });
    const accepted: AcceptedAlarm = {
      number: this.#number,
      delivery: String(this.#number),
      receivedAt: start + atMs,
      alarm,
    };
    this.grouper.take(accepted);
  }

  /** Lets time pass and gives what was written. */
  at(atMs: number): GroupingRound {
    this.grouper.advance(start + atMs);
    const round = this.grouper.round(start + atMs);
    if (round) this.rounds.push(round);
    return round ?? emptied;
  }
}

const emptied = emptyRound();

const dispositions = (round: GroupingRound) => round.settlements.map((item) => item.disposition);
const opened = (round: GroupingRound) =>
  round.opened.map((incident) => incident.alarms.map((item) => item.alarm.service));

describe("grouping", () => {
  it("makes one incident of a fault and its victims, the deepest service first", () => {
    const bench = new Bench();
    bench.fire("web", 0);
    bench.fire("payments", 400);
    bench.fire("checkout", 600);
    bench.fire("payments-db", 900, { name: "cpu" });
    expect(dispositions(bench.at(1_000))).toEqual(["gathered", "gathered", "gathered", "gathered"]);
    const round = bench.at(3_000);
    expect(opened(round)).toEqual([["payments-db", "web", "payments", "checkout"]]);
    expect(round.opened[0]).toMatchObject({ title: "payments-db: cpu (+3)", state: "queued" });
    expect(round.jobs).toMatchObject([
      { kind: "announce" },
      { kind: "investigate", exclusive: round.opened[0]?.id },
    ]);
    expect(round.release).toMatchObject([{ disposition: "joined" }]);
  });

  it("keeps problems apart that only share a caller", () => {
    const bench = new Bench();
    bench.fire("payments-db", 0);
    bench.fire("search-db", 100);
    bench.fire("web", 200, { name: "errors" });
    bench.fire("search", 300);
    bench.fire("payments", 400);
    expect(opened(bench.at(3_000)).length).toBe(2);
  });

  it("takes a service to where it fits better, once the alarm that explains it has come", () => {
    const bench = new Bench();
    const at = (ms: number) => ({ firedAt: start + ms });
    bench.fire("payments-db", 0, { name: "error rate", ...at(0) });
    bench.fire("search-db", 8_000, { name: "latency p95", ...at(8_000) });
    // Two calls from payments-db and from search-db; search, between, is delivered late.
    bench.fire("web", 9_500, { name: "error rate", fingerprint: "web 1", ...at(9_500) });
    bench.fire("web", 9_600, { name: "latency p95", fingerprint: "web 2", ...at(9_600) });
    const before = bench.at(9_700);
    const home = before.settlements[2]?.group;
    expect(before.settlements.map((item) => item.group)).toEqual([
      before.settlements[0]?.group,
      before.settlements[1]?.group,
      home,
      home,
    ]);
    bench.at(14_000);
    bench.fire("checkout", 14_100, { name: "error rate", ...at(9_200) });
    const after = bench.at(14_200);
    const web = bench.rounds.flatMap((round) => round.moved).at(-1);
    expect(web).toMatchObject({ from: home, to: before.settlements[0]?.group });
    expect(web?.fingerprints).toEqual(["web 1", "web 2"]);
    expect(after.parted).toMatchObject([{ fingerprints: ["web 1", "web 2"] }]);
    expect(after.joins.map((join) => join.alarm.fingerprint).sort()).toEqual([
      "checkout error rate",
      "web 1",
      "web 2",
    ]);
  });

  it("never takes a service out of a group that a person set it apart from", () => {
    const bench = new Bench();
    bench.fire("payments-db", 0);
    bench.fire("payments", 1_000);
    const [incident] = bench.at(5_000).opened;
    expect(bench.grouper.split(incident?.id ?? "", ["payments latency"], start + 6_000)).toBe(
      "inc_004",
    );
    bench.fire("checkout", 7_000, { name: "errors" });
    bench.at(7_000);
    bench.at(8_000);
    const moved = bench.rounds.flatMap((round) => round.moved);
    expect(moved.map((move) => move.fingerprints)).toEqual([["payments latency"]]);
  });

  it("gives its reasons", () => {
    const bench = new Bench();
    bench.fire("payments-db", 0);
    bench.fire("payments", 1_000);
    const [first, second_] = bench.at(1_000).settlements;
    expect([first?.reasons, second_?.reasons]).toMatchInlineSnapshot(`
      [
        [
          "first alarm of its group",
        ],
        [
          "score 0.90",
          "payments calls payments-db (topology 0.8)",
          "0 s after it (time 1.00)",
          "wording 1.00",
        ],
      ]
    `);
  });

  it("unites two groups when what both suffer from turns up", () => {
    const bench = new Bench({ debounceSeconds: 0 });
    const two = [
      { from: "a", to: "shared", kind: "calls" },
      { from: "b", to: "shared", kind: "calls" },
    ];
    const other = new Bench({ debounceSeconds: 0 }, two);
    other.fire("a", 0, { name: "alpha" });
    other.fire("b", 0, { name: "omega" });
    const before = other.at(0);
    expect(before.opened).toHaveLength(2);
    other.fire("shared", second, { name: "cpu" });
    const after = other.at(second);
    expect(after.merged).toEqual([{ incident: before.opened[1]?.id, into: before.opened[0]?.id }]);
    expect(after.joins.map((join) => join.alarm.service).sort()).toEqual(["b", "shared"]);
    expect(bench.at(0)).toEqual(emptied);
  });

  it("counts a repeated alarm and opens nothing for it", () => {
    const bench = new Bench();
    bench.fire("ads", 0);
    bench.at(3_000);
    bench.fire("ads", 4_000);
    bench.fire("ads", 5_000);
    const round = bench.at(9_000);
    expect(dispositions(round)).toEqual(["repeated", "repeated"]);
    expect(round.opened).toEqual([]);
    expect(round.joins).toMatchObject([{ count: 3, firstAt: start, lastAt: start + 5_000 }]);
  });

  it("appends a late alarm to the incident that runs", () => {
    const bench = new Bench();
    bench.fire("payments-db", 0);
    const incident = bench.at(3_000).opened[0]?.id;
    bench.fire("checkout", 30 * second);
    const round = bench.at(31 * second);
    expect(round.opened).toEqual([]);
    expect(round.joins).toMatchObject([{ incident, alarm: { service: "checkout" } }]);
    expect(dispositions(round)).toEqual(["joined"]);
  });

  it("opens another incident for an alarm that comes much later", () => {
    const bench = new Bench();
    bench.fire("payments-db", 0);
    bench.at(3_000);
    bench.fire("checkout", 20 * minute);
    expect(bench.at(21 * minute).opened).toHaveLength(1);
  });

  it("waits at most the maximum, even while alarms keep coming", () => {
    const bench = new Bench({ debounceSeconds: 2, maxWaitSeconds: 3 });
    for (let at = 0; at < 3_000; at += 500) {
      bench.fire("ads", at);
      expect(bench.at(at).opened).toEqual([]);
    }
    bench.fire("ads", 3_000);
    expect(bench.at(3_000).opened).toHaveLength(1);
  });

  it("needs as many different alarms as settings ask for, and says when they never came", () => {
    const bench = new Bench({ incidentAfter: 2, openMinutes: 10 });
    bench.fire("ads", 0);
    bench.fire("ads", second);
    expect(bench.at(minute).opened).toEqual([]);
    const lapsed = bench.at(11 * minute);
    expect(lapsed.release).toMatchObject([{ disposition: "lapsed", incident: null }]);
    bench.fire("ads", 12 * minute);
    bench.fire("ads", 12 * minute, { name: "errors" });
    expect(bench.at(13 * minute).opened).toHaveLength(1);
  });

  it("calls an alarm flapping that changes its state again and again", () => {
    const bench = new Bench({ flapping: { changes: 4, withinMinutes: 15 } });
    for (let n = 0; n < 6; n += 1) {
      bench.fire("ads", n * 10 * second, { state: n % 2 === 0 ? "firing" : "resolved" });
    }
    expect(dispositions(bench.at(minute)).slice(-2)).toEqual(["flapping", "flapping"]);
  });

  it("resolves an incident when all its alarms are over, and a recurrence is a new one", () => {
    const bench = new Bench();
    bench.fire("ads", 0);
    const incident = bench.at(3_000).opened[0]?.id;
    bench.fire("ads", minute, { state: "resolved" });
    expect(bench.at(2 * minute).resolved).toEqual([]);
    expect(bench.at(7 * minute).resolved).toEqual([{ incident, at: start + 7 * minute }]);
    bench.fire("ads", 8 * minute);
    expect(bench.at(9 * minute).opened).toHaveLength(1);
  });

  it("records and opens nothing during maintenance, for the services it names", () => {
    const window = { name: "db upgrade", services: ["ads"] };
    const from = new Date(start).toISOString();
    const to = new Date(start + minute).toISOString();
    const bench = new Bench({ maintenance: [{ ...window, from, to }] });
    bench.fire("ads", 0);
    bench.fire("web", 0);
    bench.fire("ads", minute);
    const { settlements } = bench.at(minute);
    expect(settlements.map((item) => item.disposition)).toEqual(["muted", "gathered", "gathered"]);
    expect(settlements[0]?.reasons).toEqual(["maintenance: db upgrade"]);
  });

  it("honours what CloudWatch suppresses", () => {
    const bench = new Bench();
    bench.fire("ads", 0, { labels: { suppressedBy: "Alarm" } });
    expect(dispositions(bench.at(minute))).toEqual(["muted"]);
  });

  it("in shadow mode records what it would have grouped, and opens nothing", () => {
    const bench = new Bench({ shadow: true });
    bench.fire("payments-db", 0);
    bench.fire("payments", second);
    const round = bench.at(minute);
    expect(dispositions(round)).toEqual(["shadow", "shadow"]);
    expect(new Set(round.settlements.map((item) => item.group)).size).toBe(1);
    expect([round.opened, round.jobs]).toEqual([[], []]);
  });

  it("puts a composite alarm with its children", () => {
    const bench = new Bench();
    bench.fire("ads", 0, { name: "ads-latency" });
    bench.fire(null, second, { name: "all-of-it", labels: { children: "ads-latency" } });
    expect(opened(bench.at(minute))).toEqual([["ads", null]]);
  });

  it("without a topology groups by time and wording", () => {
    const bench = new Bench({}, []);
    bench.fire("a", 0, { name: "latency too high", metric: "latency" });
    bench.fire("b", second, { name: "latency too high", metric: "latency" });
    bench.fire("c", second, { name: "certificate expires", metric: "days_left" });
    expect(
      opened(bench.at(minute))
        .map((list) => list.length)
        .sort(),
    ).toEqual([1, 2]);
  });

  it("merges and splits as a person asks, and keeps apart what was split", () => {
    const bench = new Bench({ debounceSeconds: 0 });
    bench.fire("ads", 0);
    bench.fire("search-db", 0);
    const [one, two] = bench.at(0).opened.map((incident) => incident.id);
    expect(bench.grouper.merge(two ?? "", one ?? "")).toBe(true);
    expect(bench.at(second).merged).toEqual([{ incident: two, into: one }]);
    const parted = bench.grouper.split(one ?? "", ["search-db latency"], start + 2 * second);
    const round = bench.at(2 * second);
    expect(round.opened.map((incident) => incident.id)).toEqual([parted]);
    expect(round.parted).toEqual([{ incident: one, fingerprints: ["search-db latency"] }]);
    expect(bench.grouper.split(one ?? "", ["ads latency"], start)).toBeNull();
    expect(bench.grouper.merge("inc_x", one ?? "")).toBe(false);
    bench.fire("search-db", 3 * second);
    expect(bench.at(3 * second).joins).toMatchObject([{ incident: parted }]);
  });

  it("goes on when the clock is set back", () => {
    const bench = new Bench();
    bench.fire("ads", 0);
    expect(bench.at(-60 * minute).opened).toHaveLength(1);
  });
});
