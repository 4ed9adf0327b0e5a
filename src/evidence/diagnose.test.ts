import { describe, expect, it } from "vitest";
import type { Alarm } from "../core/alarm.ts";
import type { Observations, Series } from "../core/rows.ts";
import { diagnose } from "./diagnose.ts";
import { madePoints, madeSeries, ripple } from "./testing/made-series.ts";
import { at, errorLog, observed } from "./testing/observed.ts";

const alarm: Alarm = {
  ...{ fingerprint: "a1", sender: "test", name: "web slow", service: "web", resource: null },
  ...{ metric: "latency_average", threshold: 500, observed: 900, severity: "high" },
  ...{
    state: "firing",
    firedAt: at(65),
    summary: "web is slow",
    labels: {},
    link: null,
    raw: null,
  },
};

const topology = [
  { from: "web", to: "shop", kind: "call" },
  { from: "shop", to: "store", kind: "call" },
  { from: "shop", to: "mail", kind: "call" },
];

/** A metric of 90 minutes that goes from one level to another at minute 60. */
function level(service: string, metric: string, before: number, after = before, seed = 1): Series {
  const noise = ripple(seed + service.length * 31 + metric.length);
  const value = (i: number) => (i < 60 ? before : after) * (1 + 0.03 * noise(i));
  return madeSeries(service, metric, madePoints(90, value, at(0)));
}

function service(name: string, before: number, after = before): Series[] {
  return [
    level(name, "requests", 100),
    level(name, "latency_average", before, after),
    level(name, "cpu_percent", 20),
    level(name, "memory_usage", 400),
  ];
}

const healthy = () => [
  ...service("web", 300),
  ...service("shop", 100),
  ...service("store", 40),
  ...service("mail", 50),
];

const judge = (parts: Partial<Observations>) =>
  diagnose({ observations: observed({ topology, ...parts }), alarm, kpis: [], slos: [] });

/** Somebody asks, and names neither a service nor a signal. */
const complaint: Alarm = {
  ...alarm,
  ...{ service: null, metric: null, threshold: null, observed: null, severity: null },
  ...{ name: "users complain", summary: "users say that the shop fails" },
};

const ask = (parts: Partial<Observations>) =>
  diagnose({ observations: observed({ topology, ...parts }), alarm: complaint, kpis: [], slos: [] })
    .diagnosis.hypotheses;

describe("diagnose", () => {
  it("suspects nobody strongly for the ordinary scatter of requests, though somebody complains", () => {
    for (const hypothesis of ask({ series: healthy() })) {
      expect(hypothesis.confidence).toBeLessThanOrEqual(0.5);
    }
  });

  it("names who is slow for a complaint too, and is less sure than with an alarm's signal", () => {
    const series = [
      ...service("web", 300, 900),
      ...service("shop", 100, 700),
      ...healthy().slice(8),
    ];
    const [asked] = ask({ series });
    const [alarmed] = judge({ series }).diagnosis.hypotheses;
    expect([asked?.service, alarmed?.service]).toEqual(["shop", "shop"]);
    expect(asked?.confidence).toBeLessThanOrEqual(0.6);
    expect(alarmed?.confidence).toBeGreaterThan(asked?.confidence ?? 1);
  });

  it("holds a resource that doubled and still has room for less than one that runs short", () => {
    const cpu = (to: number) => level("store", "cpu_percent", 2, to);
    const others = healthy().filter((s) => s.service !== "store" || s.metric !== "cpu_percent");
    const suspicion = (to: number) =>
      ask({ series: [...others, cpu(to)] }).find(({ service: name }) => name === "store");
    expect(suspicion(80)?.score ?? 0).toBeGreaterThan(1.5 * (suspicion(5)?.score ?? 0));
  });

  it("is not sure of a service of which only log lines speak", () => {
    const logPatterns = [errorLog("store", "cannot write: file system is read-only")];
    const [first] = judge({ logPatterns }).diagnosis.hypotheses;
    expect(first?.service).toBe("store");
    expect(first?.confidence).toBeGreaterThan(0.4);
    expect(first?.confidence).toBeLessThan(0.7);
  });

  it("rules out nothing that it still holds for a lead, and nothing that showed no harm", () => {
    const series = [
      ...service("web", 300, 900),
      ...service("shop", 100, 700),
      ...service("store", 40, 640),
      ...service("mail", 50),
    ];
    const { diagnosis } = judge({ series });
    const out = diagnosis.ruledOut.map((item) => item.said?.claim?.params.service);
    const leads = diagnosis.hypotheses.filter((item) => item.confidence > 0.2);
    expect(out).toContain("shop");
    expect(out).not.toContain("mail");
    for (const lead of leads) expect(out).not.toContain(lead.service);
  });

  it("follows slowness down to the service that makes it, and names the victims", () => {
    const series = [
      ...service("web", 300, 900),
      ...service("shop", 100, 700),
      ...service("store", 40, 640),
      ...service("mail", 50),
    ];
    const { diagnosis, findings } = judge({ series });
    expect(diagnosis.hypotheses[0]).toMatchObject({ key: "service:store", causeKind: "latency" });
    expect(diagnosis.hypotheses[0]?.confidence).toBeGreaterThan(0.7);
    expect(diagnosis.firstFailing).toBe("store");
    expect([...diagnosis.blastRadius].sort()).toEqual(["shop", "web"]);
    expect(diagnosis.onset?.at).toBe(at(60));
    expect(diagnosis.isHealthy).toBe(false);
    expect(findings.slice(0, 6).map((finding) => finding.statement)).toMatchInlineSnapshot(`
      [
        "store itself makes 100% of the extra waiting; 0% of what it loses comes from services it calls",
        "The alarm is right: latency_average of web is 893, normally 298",
        "store fails on its own account: it shows since 11:00",
        "The incident began at 11:00 ± 60 s: latency_average of web left its normal range",
        "store: latency_average rose from 39.9 to 637 (16×) at 11:00 ± 60 s",
        "web: latency_average rose from 298 to 893 (3×) at 11:00 ± 60 s",
      ]
    `);
  });

  it("names the resource that ran full", () => {
    const series = healthy().map((item) =>
      item.service === "store" && item.metric === "cpu_percent"
        ? level("store", "cpu_percent", 20, 96)
        : item,
    );
    const slow = [
      ...series.filter((item) => item.metric !== "latency_average"),
      level("web", "latency_average", 300, 500),
      level("shop", "latency_average", 100, 300),
      level("store", "latency_average", 40, 240),
    ];
    const { diagnosis } = judge({ series: slow });
    expect(diagnosis.hypotheses[0]).toMatchObject({
      service: "store",
      resource: "store/cpu",
      causeKind: "saturation",
    });
  });

  it("finds the service by its metrics alone, without any call graph", () => {
    const series = healthy().map((item) =>
      item.service === "mail" && item.metric === "memory_usage"
        ? level("mail", "memory_usage", 400, 900)
        : item,
    );
    const { diagnosis } = judge({ series, topology: [] });
    const suspects = diagnosis.hypotheses.filter((item) => item.service !== null);
    expect(suspects[0]).toMatchObject({ service: "mail", resource: "mail/memory" });
  });

  it("says that nothing is wrong when the alarm's signal is within its noise", () => {
    const { diagnosis, findings } = judge({ series: healthy() });
    expect(diagnosis.isHealthy).toBe(true);
    expect(diagnosis.hypotheses[0]).toMatchObject({ key: "none", causeKind: "nothing-wrong" });
    expect(diagnosis.hypotheses[0]?.confidence).toBeGreaterThan(0.7);
    expect(diagnosis.hypotheses.slice(1).every((item) => item.confidence <= 0.2)).toBe(true);
    expect(findings.map((finding) => finding.kind)).toContain("normal");
  });

  it("is not sure of anything when nothing could be read", () => {
    const { diagnosis } = judge({});
    expect(diagnosis.isHealthy).toBe(false);
    expect(diagnosis.hypotheses.at(-1)?.key).toBe("none");
    expect(Math.max(...diagnosis.hypotheses.map((item) => item.confidence))).toBeLessThan(0.6);
  });

  it("points only at findings that it hands over, and gives each a provenance-ready key once", () => {
    const series = [
      ...service("web", 300, 900),
      ...service("shop", 100, 700),
      ...service("store", 40),
    ];
    const { diagnosis, findings } = judge({ series });
    const keys = findings.map((finding) => finding.key);
    expect(new Set(keys).size).toBe(keys.length);
    const cited = diagnosis.hypotheses.flatMap((item) => [
      ...item.supporting,
      ...item.contradicting,
    ]);
    expect(cited.filter((key) => !keys.includes(key))).toEqual([]);
  });

  it("always answers the same for the same observations, in any order of rows", () => {
    const series = [
      ...service("web", 300, 900),
      ...service("shop", 100, 700),
      ...service("store", 40),
    ];
    const forward = judge({ series });
    const backward = judge({ series: [...series].reverse() });
    expect(backward.diagnosis).toEqual(forward.diagnosis);
  });
});
