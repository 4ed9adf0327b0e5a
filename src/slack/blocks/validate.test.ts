import { describe, expect, it } from "vitest";
import { validate } from "./validate.ts";

const say = (text: string) => ({ type: "plain_text", text });
const rules = (blocks: unknown[], surface: "message" | "modal" | "home" = "message") =>
  validate(blocks, surface).map((fault) => `${fault.path} ${fault.rule}`);

describe("the validator of blocks", () => {
  it("accepts what Slack accepts", () => {
    expect(rules([{ type: "header", text: say("hello") }, { type: "divider" }])).toEqual([]);
  });

  it.each([
    ["a long header", [{ type: "header", text: say("x".repeat(151)) }], "at most 150 characters"],
    [
      "a mrkdwn header",
      [{ type: "header", text: { type: "mrkdwn", text: "x" } }],
      "plain_text object",
    ],
    [
      "an empty text",
      [{ type: "section", text: { type: "mrkdwn", text: "" } }],
      "at least 1 characters",
    ],
    ["an unknown type", [{ type: "sektion" }], "unknown block type sektion"],
    [
      "51 blocks",
      Array.from({ length: 51 }, () => ({ type: "divider" })),
      "at most 50 blocks, not 51",
    ],
    ["an alert in a message", [{ type: "alert", text: say("x") }], "alert is for modals only"],
    ["an input in a message", [{ type: "input" }], "input is not for messages"],
    [
      "text over the whole budget",
      Array.from({ length: 5 }, () => ({ type: "section", text: say("x".repeat(2_900)) })),
      "msg_blocks_too_long",
    ],
    [
      "two equal block ids",
      [
        { type: "divider", block_id: "a" },
        { type: "divider", block_id: "a" },
      ],
      "block_id must be unique",
    ],
    [
      "a plan in a container",
      [{ type: "container", child_blocks: [{ type: "plan", title: "x" }] }],
      "no plan inside a container",
    ],
    [
      "a long button",
      [
        {
          type: "actions",
          elements: [{ type: "button", action_id: "a", text: say("x".repeat(76)) }],
        },
      ],
      "at most 75 characters",
    ],
    [
      "uneven rows",
      [{ type: "data_table", caption: "c", rows: [[{ type: "raw_text", text: "a" }], []] }],
      "rows of equal length",
    ],
    [
      "a chart with a hole",
      [
        {
          type: "data_visualization",
          title: "t",
          chart: {
            type: "line",
            axis_config: { categories: ["a"] },
            series: [{ name: "s", data: [{ label: "a", value: Number.NaN }] }],
          },
        },
      ],
      "a finite number",
    ],
  ])("refuses %s", (_, blocks, rule) => {
    expect(rules(blocks).join("\n")).toContain(rule);
  });

  it("refuses three charts in one message", () => {
    const chart = {
      type: "data_visualization",
      title: "t",
      chart: {
        type: "line",
        axis_config: { categories: ["a"] },
        series: [{ name: "s", data: [{ label: "a", value: 1 }] }],
      },
    };
    expect(rules([chart, chart])).toEqual([]);
    expect(rules([chart, chart, chart])).toEqual([" at most 2 charts, not 3"]);
  });
});
