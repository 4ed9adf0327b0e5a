import fc from "fast-check";
import { expect, it } from "vitest";
import { readJsurl, readLink } from "../testing/console-link.ts";
import {
  alarmsLink,
  eventsLink,
  graphedQueries,
  insightsLink,
  jsurl,
  mapLink,
  metricsLink,
  objectivesLink,
  queryLink,
  traceLink,
  tracesLink,
} from "./links.ts";

const region = "eu-west-1";
const window = { from: Date.UTC(2026, 2, 1, 10), to: Date.UTC(2026, 2, 1, 11) };
const hostile = `a'b "c" <d> \`e\` [f](g) \\h`;
const trace = "1-5759e988-bd862e3fe1be46a994272793";
const mathed = graphedQueries([
  {
    Id: "m1",
    MetricStat: {
      Metric: {
        Namespace: "Shop",
        MetricName: hostile,
        Dimensions: [{ Name: "Service", Value: "pay" }],
      },
      Period: 60,
      Stat: "p99",
    },
    ReturnData: false,
  },
  { Id: "q1", Expression: `m1 / 2 ${hostile}` },
]);

it("writes states of the console as it reads them", () => {
  expect(jsurl({ a: ["x y", 1, true], "b c": "$é漢" })).toBe(
    "~(a~(~%27x*20y~1~true)~b*20c~%27!*e9**6f22)",
  );
  const text = fc.string({ unit: "grapheme" });
  const state = fc.dictionary(
    fc.string({ minLength: 1 }),
    fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text)),
    { minKeys: 1, noNullPrototype: true },
  );
  fc.assert(
    fc.property(state, (given) => {
      expect(readJsurl(jsurl(given))).toEqual(given);
    }),
  );
});

it.each([
  [
    "a graph of metrics and math",
    metricsLink(region, mathed, 60, window),
    "metricsV2",
    {
      metrics: [
        ["Shop", hostile, "Service", "pay", { stat: "p99", id: "m1", visible: false }],
        [{ expression: `m1 / 2 ${hostile}`, id: "q1" }],
      ],
      period: 60,
    },
  ],
  [
    "a query of Logs Insights",
    insightsLink(region, hostile, ["/ecs/a", hostile], window),
    "logsV2",
    { editorString: hostile, source: ["/ecs/a", hostile], timeType: "ABSOLUTE" },
  ],
  ["events", eventsLink(region, window), "events", { ReadOnly: "false" }],
  [
    "traces of a filter",
    tracesLink(region, hostile, window),
    "xray",
    { query: { expression: hostile } },
  ],
  ["one trace", traceLink(region, trace, window), "xray", { context: {} }],
  ["the map of calls", mapLink(region, window), "service-map", {}],
  [
    "objectives",
    objectivesLink(region, [hostile], window),
    "metricsV2",
    {
      metrics: [
        ["AWS/ApplicationSignals", "AttainmentRate", "SloName", hostile, { stat: "Average" }],
      ],
    },
  ],
])("opens %s with the query and the window", (_what, link, page, state) => {
  expect(readLink(link)).toMatchObject({ region, page, state, window });
});

it("opens pages that take no window by what they are about", () => {
  expect(readLink(alarmsLink(region, [hostile]))).toMatchObject({
    state: { path: `alarm/${encodeURIComponent(hostile).replaceAll("'", "%27")}` },
    window: null,
  });
  expect(readLink(alarmsLink(region, undefined))).toMatchObject({
    page: "alarmsV2",
    state: { alarmStateFilter: "ALARM" },
  });
  expect(queryLink(region, "q-1")).toMatch(/#\/query-editor\/history\/q-1$/);
  expect(traceLink(region, trace, window)).toContain(`#xray:traces/${trace}?`);
});

it("opens the last six hours of a longer window in the map, which shows no more", () => {
  const day = { from: window.to - 86_400_000, to: window.to };
  expect(readLink(mapLink(region, day)).window).toEqual({
    from: window.to - 6 * 3_600_000,
    to: window.to,
  });
});

it.each([
  metricsLink(region, mathed, 60, window),
  insightsLink(region, hostile, [hostile], window),
  alarmsLink(region, [hostile]),
  tracesLink(region, hostile, window),
  objectivesLink(region, [hostile], window),
  queryLink(region, hostile.replaceAll("'", "")),
])("has nothing in a link that would end the address in a text: %s", (link) => {
  expect(link).toMatch(/^https:\/\/eu-west-1\.console\.aws\.amazon\.com\/[^\s<>[\]"'`\\]+$/);
});

it.each([
  ["cn-north-1", "https://cn-north-1.console.amazonaws.cn/"],
  ["us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"],
])("opens the console of the partition of %s", (own, start) => {
  expect(eventsLink(own, window).startsWith(start)).toBe(true);
});
