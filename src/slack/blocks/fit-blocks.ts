import { blockLimits as max } from "./block-limits.ts";
import { countChars } from "./count-chars.ts";
import { clip } from "./foreign-text.ts";
import type { Block, Surface } from "./types.ts";

/** What `fitBlocks` cut; the last block of the result says it in the reader's language. */
export interface Fitted {
  readonly blocks: Block[];
  readonly dropped: number;
}

/**
 * Makes blocks fit Slack's limits: long texts are cut with an ellipsis, long tables and lists lose
 * their tail, and when the whole is still too long, the least important blocks go (the largest of
 * the optional kinds first). `more` is the line that stands for what was cut.
 */
export function fitBlocks(blocks: readonly Block[], surface: Surface, more: string): Fitted {
  const limited = dropSurplusCharts(blocks.map((block) => shrink(block) as Block));
  let kept = limited.blocks;
  let dropped = limited.dropped;
  const room = () => kept.length < max.blocks[surface] || dropped === 0;
  while (tooLarge(kept, surface) || !room()) {
    const victim = leastImportant(kept);
    if (victim < 0) break;
    kept = kept.filter((_, i) => i !== victim);
    dropped += 1;
  }
  if (dropped === 0) return { blocks: kept, dropped };
  const note: Block = {
    type: "context",
    elements: [{ type: "mrkdwn", text: clip(more, max.contextText), verbatim: true }],
  };
  return { blocks: [...kept.slice(0, max.blocks[surface] - 1), note], dropped };
}

function tooLarge(blocks: readonly Block[], surface: Surface): boolean {
  if (blocks.length > max.blocks[surface]) return true;
  return surface === "message" && countChars(blocks) > max.totalChars;
}

/** Kinds that may go, first to go first; what is not listed stays. */
const optional = [
  "carousel",
  "card",
  "table",
  "container",
  "data_visualization",
  "image",
  "data_table",
  "divider",
  "plan",
  "markdown",
  "rich_text",
  "context",
  "section",
];

function leastImportant(blocks: readonly Block[]): number {
  for (const kind of optional) {
    const last = blocks.findLastIndex((block) => block.type === kind);
    if (last >= 0) return last;
  }
  return -1;
}

function dropSurplusCharts(blocks: readonly Block[]): Fitted {
  let charts = 0;
  const kept = blocks.filter((block) => {
    if (block.type !== "data_visualization") return true;
    charts += 1;
    return charts <= max.chartsPerMessage;
  });
  return { blocks: kept, dropped: blocks.length - kept.length };
}

/** Longest string per key; keys that mean different things in different places are below. */
const textMax: Readonly<Record<string, number>> = {
  alt_text: max.imageAlt,
  caption: max.tableCaption,
  action_id: max.actionId,
  block_id: max.blockId,
};

const listMax: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  section: { fields: max.sectionFields },
  context: { elements: max.contextElements },
  actions: { elements: max.actionsElements },
  plan: { tasks: max.planTasks },
  task_card: { sources: max.taskSources },
  container: { child_blocks: max.containerChildren },
  data_table: { rows: max.tableRows },
  carousel: { elements: max.carouselCards },
  static_select: { options: max.options },
};

const ownText: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  header: { text: max.header },
  section: { text: max.sectionText, fields: max.sectionField },
  context: { elements: max.contextText },
  markdown: { text: max.markdownTotal },
  plan: { title: max.taskText },
  task_card: { title: max.taskText },
  data_visualization: { title: max.chartTitle },
  container: { title: max.containerTitle },
  card: { title: max.cardTitle, subtitle: max.cardTitle, body: max.cardBody },
  button: { text: max.buttonText, value: max.buttonValue },
  option: { text: max.optionText },
  alert: { text: max.sectionText },
};

/** Slack refuses these when they are empty. */
const neverEmpty = new Set(["text", "title", "name", "label", "alt_text", "caption"]);

/** Cuts every over-long string and list inside one block; types and keys stay as they are. */
function shrink(value: unknown, kind = "", key = ""): unknown {
  if (typeof value === "string") {
    const cut = clip(value, ownText[kind]?.[key] ?? textMax[key] ?? 1e9);
    return cut === "" && neverEmpty.has(key) ? "–" : cut;
  }
  if (Array.isArray(value)) {
    const most = listMax[kind]?.[key] ?? value.length;
    return value.slice(0, most).map((item) => shrinkIn(item, kind, key));
  }
  return shrinkIn(value, kind, key);
}

function shrinkIn(value: unknown, kind: string, key: string): unknown {
  if (typeof value === "string") return shrink(value, kind, key);
  if (Array.isArray(value)) return value.map((item) => shrinkIn(item, kind, key));
  if (typeof value !== "object" || value === null) return value;
  const type = "type" in value && typeof value.type === "string" ? value.type : "";
  const isText = type === "plain_text" || type === "mrkdwn";
  const entries = Object.entries(value).map(([name, item]) => {
    if (isText && name === "text" && typeof item === "string") {
      return [name, clip(item, ownText[kind]?.[key] ?? 1e9) || "–"];
    }
    return [name, shrink(item, type || (key === "options" ? "option" : kind), name)];
  });
  return Object.fromEntries(entries);
}
