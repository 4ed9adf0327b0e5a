import { diff, type Imagined, type ImaginedChange, isOn, onset } from "./imagined.ts";

const slowSearch: ImaginedChange = {
  ...{ minute: onset, kind: "deploy", service: "search", ref: "search@7.4.0" },
  title: "Rank results by personal taste",
  diff: diff(
    "src/rank.ts",
    "  return sortByScore(hits);",
    "  return sortByTaste(hits.map((hit) => scoreTaste(hit, user)));",
  ),
};

const brokenPayments: ImaginedChange = {
  ...{ minute: onset - 0.2, kind: "deploy", service: "payments", ref: "payments@5.2.0" },
  title: "Send amounts in minor units",
  diff: diff("src/charge.ts", "  amount: total,", "  amountMinor: toMinorUnits(total, currency),"),
};
const paymentsFail: Imagined["fault"] = {
  fails: ({ service, minute, chance }) =>
    service === "payments" && isOn(minute) && chance() < 0.7
      ? "TypeError: Cannot read properties of undefined (reading 'toMinorUnits')"
      : undefined,
};

const slowly: Imagined["fault"] = {
  slow: ({ service, minute }) => (service === "search" && isOn(minute) ? { times: 7 } : undefined),
  resource: (service, name, minute, usual) =>
    service === "search" && name === "cpu" && isOn(minute) ? usual * 2.5 : undefined,
};

/** Two plain deploys, seen through other windows, without normal time, or in one signal alone. */
export const viewIncidents: readonly Imagined[] = [
  {
    name: "slow-deploy",
    fault: slowly,
    alarm: { service: "web", measure: "p95Ms", summary: "web p95 latency is high" },
    changes: [slowSearch],
    services: ["search"],
    guilty: ["search@7.4.0"],
  },
  {
    name: "window-before-deploy",
    fault: slowly,
    window: [-10, 15],
    alarm: { service: "search", measure: "meanMs", summary: "search is slow" },
    changes: [slowSearch],
    services: ["search"],
    guilty: ["search@7.4.0"],
  },
  {
    name: "late-alarm",
    fault: paymentsFail,
    window: [0, 45],
    alarm: { service: "payments", measure: "errors", summary: "payments fail", minute: 40 },
    changes: [brokenPayments],
    services: ["payments"],
    guilty: ["payments@5.2.0"],
  },
  {
    name: "whole-window",
    fault: paymentsFail,
    window: [4, 15],
    alarm: { service: "payments", measure: "errors", summary: "payments fail", minute: 8 },
    changes: [brokenPayments],
    services: ["payments"],
    guilty: ["payments@5.2.0"],
  },
  ...["logs", "metrics", "spans"].map(
    (only): Imagined => ({
      name: `only-${only}`,
      fault: paymentsFail,
      alarm: { service: "gateway", measure: "errors", summary: "gateway answers 5xx" },
      changes: [brokenPayments],
      without: ["logs", "metrics", "spans"].filter((table) => table !== only),
      services: ["payments"],
      guilty: ["payments@5.2.0"],
    }),
  ),
  {
    name: "no-baseline",
    fault: paymentsFail,
    window: [-5, 15],
    alarm: { service: "gateway", measure: "errors", summary: "gateway answers 5xx" },
    changes: [brokenPayments],
    without: ["baseline"],
    services: ["payments"],
    guilty: ["payments@5.2.0"],
  },
];
