import { expect, it } from "vitest";
import { alarmsOfRule } from "./alarm-rule.ts";

it.each([
  ['ALARM("orders low") OR ALARM(payment-errors)', ["orders low", "payment-errors"]],
  ['ALARM("a (new)") AND NOT OK("b") AND INSUFFICIENT_DATA(c)', ["a (new)", "b", "c"]],
  ["(ALARM(a) AND ALARM(a)) OR TRUE", ["a"]],
  ["ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders)", ["orders"]],
  ['ALARM("say \\"hi\\"")', ['say "hi"']],
  ['AT_LEAST(2, ALARM, (a, "b c", d)) AND ALARM( e )', ["e", "a", "b c", "d"]],
  ["AT_LEAST(50%, OK, (x,y))", ["x", "y"]],
  ["FALSE", []],
  ["ALARM(", []],
])("finds the alarms of %s", (rule, names) => {
  expect(alarmsOfRule(rule)).toEqual(names);
});
