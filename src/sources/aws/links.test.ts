import { expect, it } from "vitest";
import {
  alarmsLink,
  eventsLink,
  expressionLink,
  insightsLink,
  jsurl,
  metricsLink,
  objectivesLink,
  signalsLink,
  traceLink,
  tracesLink,
} from "./links.ts";

const region = "eu-west-1";
const window = { from: Date.UTC(2026, 2, 1, 10), to: Date.UTC(2026, 2, 1, 11) };
const hostile = `a'b "c" <d> \`e\` [f](g) \\h`;

it("writes states of the console as it reads them", () => {
  expect(jsurl({ a: ["x y", 1, true], "b c": "$é漢" })).toBe(
    "~(a~(~%27x*20y~1~true)~b*20c~%27!*e9**6f22)",
  );
});

it.each([
  ["metrics", metricsLink(region, [{ path: [hostile], stat: "p99" }], 60, window)],
  ["an expression", expressionLink(region, hostile, 60, window)],
  ["logs", insightsLink(region, hostile, [hostile], window)],
  ["events", eventsLink(region, window)],
  ["firing alarms", alarmsLink(region, undefined)],
  ["one alarm", alarmsLink(region, [hostile])],
  ["traces", tracesLink(region, hostile, window)],
  ["one trace", traceLink(region, "1-5759e988-bd862e3fe1be46a994272793", window)],
  ["services", signalsLink(region, [{ Name: hostile, Environment: hostile }], window)],
  ["objectives", objectivesLink(region, [hostile], window)],
])("links to %s with nothing in it that would end the address in a text", (_what, link) => {
  expect(link).toMatch(/^https:\/\/eu-west-1\.console\.aws\.amazon\.com\/[^\s<>[\]"'`\\]+$/);
});

it.each([
  ["metrics", metricsLink(region, [], 60, window)],
  ["an expression", expressionLink(region, "m1/m2", 60, window)],
  ["logs", insightsLink(region, "fields @message", ["g"], window)],
  ["events", eventsLink(region, window)],
  ["traces", tracesLink(region, "", window)],
  ["one trace", traceLink(region, "1-5759e988-bd862e3fe1be46a994272793", window)],
  ["services", signalsLink(region, [{ Name: "a", Environment: "b" }], window)],
  ["objectives", objectivesLink(region, ["a"], window)],
])("links to %s over the window that was asked for", (_what, link) => {
  expect(link.replaceAll("*3a", ":")).toMatch(
    /2026-03-01T10:00:00.*2026-03-01T11:00:00|T11:00.*T10:00/,
  );
});
