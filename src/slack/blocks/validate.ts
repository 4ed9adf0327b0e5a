import { blockLimits as max } from "./block-limits.ts";
import { countChars } from "./count-chars.ts";
import { asJson, count, type Fault, type Json, list, string, text } from "./shape-checks.ts";
import type { Surface } from "./types.ts";
import { chartFaults } from "./validate-chart.ts";
import { elementFaults } from "./validate-elements.ts";
import { dataTableFaults } from "./validate-table.ts";

/**
 * Checks blocks as Slack's servers would, offline: types, required fields, lengths, counts, surface
 * rules and cross rules. An empty list means that Slack accepts it, as far as is known.
 */
export function validate(blocks: readonly unknown[], surface: Surface): Fault[] {
  const faults: Fault[] = [];
  if (blocks.length > max.blocks[surface]) {
    faults.push({ path: "", rule: `at most ${max.blocks[surface]} blocks, not ${blocks.length}` });
  }
  blocks.forEach((block, i) => {
    faults.push(...blockFaults(asJson(block), `/${i}`, surface));
  });
  return [...faults, ...crossFaults(blocks.map(asJson), surface)];
}

type Check = (block: Json, path: string, surface: Surface) => Fault[];

const checks: Readonly<Record<string, Check>> = {
  header: (block, path) => [...text(block.text, `${path}/text`, max.header, "plain_text")],
  section: (block, path) => sectionFaults(block, path),
  context: (block, path) => [
    ...count(block.elements, `${path}/elements`, 1, max.contextElements),
    ...list(block.elements).flatMap((item, i) =>
      item.type === "image" ? [] : text(item, `${path}/elements/${i}`, max.contextText),
    ),
  ],
  divider: () => [],
  markdown: (block, path) => string(block.text, `${path}/text`, 1, max.markdownTotal),
  image: (block, path) => [
    ...string(block.alt_text, `${path}/alt_text`, 1, max.imageAlt),
    ...(block.image_url || block.slack_file ? [] : [{ path, rule: "image_url or slack_file" }]),
  ],
  rich_text: (block, path) => count(block.elements, `${path}/elements`, 1, 1_000),
  plan: (block, path, surface) => [
    ...string(block.title, `${path}/title`, 1, max.taskText),
    ...count(block.tasks ?? [], `${path}/tasks`, 0, max.planTasks),
    ...list(block.tasks).flatMap((task, i) => blockFaults(task, `${path}/tasks/${i}`, surface)),
  ],
  task_card: (block, path) => taskFaults(block, path),
  data_visualization: chartFaults,
  data_table: dataTableFaults,
  table: (block, path) => count(block.rows, `${path}/rows`, 1, 100),
  container: (block, path, surface) => containerFaults(block, path, surface),
  card: (block, path) => cardFaults(block, path),
  carousel: (block, path) => [
    ...count(block.elements, `${path}/elements`, 1, max.carouselCards),
    ...list(block.elements).flatMap((card, i) => cardFaults(card, `${path}/elements/${i}`)),
  ],
  alert: (block, path, surface) => [
    ...(surface === "modal" ? [] : [{ path, rule: "alert is for modals only" }]),
    ...text(block.text, `${path}/text`, max.sectionText),
  ],
  actions: (block, path) => [
    ...count(block.elements, `${path}/elements`, 1, max.actionsElements),
    ...list(block.elements).flatMap((item, i) => elementFaults(item, `${path}/elements/${i}`)),
  ],
  context_actions: (block, path, surface) => [
    ...(surface === "message" ? [] : [{ path, rule: "context_actions is for messages only" }]),
    ...count(block.elements, `${path}/elements`, 1, max.contextActionsElements),
    ...list(block.elements).flatMap((item, i) => elementFaults(item, `${path}/elements/${i}`)),
  ],
  input: (block, path, surface) => [
    ...(surface === "message" ? [{ path, rule: "input is not for messages" }] : []),
    ...text(block.label, `${path}/label`, max.inputLabel, "plain_text"),
    ...(block.hint ? text(block.hint, `${path}/hint`, max.inputHint, "plain_text") : []),
    ...elementFaults(asJson(block.element), `${path}/element`),
  ],
};

function blockFaults(block: Json, path: string, surface: Surface): Fault[] {
  const check = checks[String(block.type)];
  if (!check) return [{ path: `${path}/type`, rule: `unknown block type ${String(block.type)}` }];
  const id = block.block_id;
  const idFaults = id === undefined ? [] : string(id, `${path}/block_id`, 1, max.blockId);
  return [...idFaults, ...check(block, path, surface)];
}

function sectionFaults(block: Json, path: string): Fault[] {
  const hasText = block.text !== undefined;
  const hasFields = block.fields !== undefined;
  return [
    ...(hasText || hasFields ? [] : [{ path, rule: "text or fields" }]),
    ...(hasText ? text(block.text, `${path}/text`, max.sectionText) : []),
    ...(hasFields ? count(block.fields, `${path}/fields`, 1, max.sectionFields) : []),
    ...list(block.fields).flatMap((item, i) => text(item, `${path}/fields/${i}`, max.sectionField)),
    ...(block.accessory ? elementFaults(asJson(block.accessory), `${path}/accessory`) : []),
  ];
}

function taskFaults(block: Json, path: string): Fault[] {
  const isStatus = ["pending", "in_progress", "complete", "error"].includes(String(block.status));
  return [
    ...string(block.task_id, `${path}/task_id`, 1, max.blockId),
    ...string(block.title, `${path}/title`, 1, max.taskText),
    ...(isStatus ? [] : [{ path: `${path}/status`, rule: "one of the four states" }]),
    ...["details", "output"].flatMap((key) =>
      block[key] === undefined || asJson(block[key]).type === "rich_text"
        ? []
        : [{ path: `${path}/${key}`, rule: "one rich_text block" }],
    ),
    ...count(block.sources ?? [], `${path}/sources`, 0, max.taskSources),
    ...list(block.sources).flatMap((item, i) => [
      ...string(item.text, `${path}/sources/${i}/text`, 1, max.taskText),
      ...string(item.url, `${path}/sources/${i}/url`, 1, max.buttonUrl),
    ]),
  ];
}

const containerBans = new Set([
  "markdown",
  "plan",
  "task_card",
  "data_table",
  "data_visualization",
]);

function containerFaults(block: Json, path: string, surface: Surface): Fault[] {
  return [
    ...count(block.child_blocks, `${path}/child_blocks`, 1, max.containerChildren),
    ...(block.title ? text(block.title, `${path}/title`, max.containerTitle, "plain_text") : []),
    ...list(block.child_blocks).flatMap((child, i) => [
      ...(containerBans.has(String(child.type))
        ? [{ path: `${path}/child_blocks/${i}`, rule: `no ${child.type} inside a container` }]
        : []),
      ...blockFaults(child, `${path}/child_blocks/${i}`, surface),
    ]),
  ];
}

function cardFaults(block: Json, path: string): Fault[] {
  return [
    ...(block.title ? text(block.title, `${path}/title`, max.cardTitle) : []),
    ...(block.subtitle ? text(block.subtitle, `${path}/subtitle`, max.cardTitle) : []),
    ...(block.body ? text(block.body, `${path}/body`, max.cardBody) : []),
    ...list(block.actions).flatMap((item, i) => elementFaults(item, `${path}/actions/${i}`)),
  ];
}

function crossFaults(blocks: readonly Json[], surface: Surface): Fault[] {
  const faults: Fault[] = [];
  const ids = blocks.flatMap((block) => (block.block_id ? [String(block.block_id)] : []));
  if (new Set(ids).size < ids.length) faults.push({ path: "", rule: "block_id must be unique" });
  for (const [i, block] of blocks.entries()) {
    const actions = list(block.elements).flatMap((e) => (e.action_id ? [String(e.action_id)] : []));
    if (new Set(actions).size < actions.length) {
      faults.push({ path: `/${i}`, rule: "action_id must be unique within a block" });
    }
  }
  if (surface !== "message") return faults;
  const charts = blocks.filter((block) => block.type === "data_visualization").length;
  if (charts > max.chartsPerMessage) {
    faults.push({ path: "", rule: `at most ${max.chartsPerMessage} charts, not ${charts}` });
  }
  const prose = blocks.filter((block) => block.type === "markdown");
  if (countChars(prose) > max.markdownTotal) {
    faults.push({ path: "", rule: `markdown blocks over ${max.markdownTotal} characters` });
  }
  if (countChars(blocks) > max.totalCharsRefused) {
    faults.push({ path: "", rule: "msg_blocks_too_long" });
  }
  return faults;
}
