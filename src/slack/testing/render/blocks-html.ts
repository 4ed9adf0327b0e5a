import { asJson, type Json, list } from "../../blocks/shape-checks.ts";
import type { Workspace } from "../double/workspace.ts";
import { chartHtml } from "./chart-html.ts";
import { escapeHtml, markdownHtml, mrkdwnHtml } from "./text-html.ts";

/** What a click on an element does on the page; null draws it without. */
export interface Scene {
  readonly workspace: Workspace;
  /** Attribute text for an element, so that the page can act for a person. */
  readonly act: (what: Json) => string;
}

/** Blocks as HTML. A type it does not know is shown as an error, never dropped. */
export function blocksHtml(blocks: readonly Json[], scene: Scene): string {
  return blocks.map((block) => blockHtml(block, scene)).join("\n");
}

type Draw = (block: Json, scene: Scene) => string;

const draws: Readonly<Record<string, Draw>> = {
  header: (block, scene) => `<h3>${textHtml(block.text, scene)}</h3>`,
  section: (block, scene) => {
    const text = block.text ? `<div>${textHtml(block.text, scene)}</div>` : "";
    const cells = list(block.fields).map((one) => `<div>${textHtml(one, scene)}</div>`);
    const fields = cells.length > 0 ? `<div class="fields">${cells.join("")}</div>` : "";
    return `<div class="section">${text}${fields}</div>`;
  },
  context: (block, scene) =>
    `<div class="context">${list(block.elements)
      .map((one) => `<span>${textHtml(one, scene)}</span>`)
      .join("")}</div>`,
  divider: () => "<hr>",
  markdown: (block) => `<div class="markdown">${markdownHtml(String(block.text))}</div>`,
  image: (block, scene) => imageHtml(block, scene),
  rich_text: (block) => richHtml(block),
  plan: (block, scene) =>
    `<div class="plan">${block.title ? `<div class="plan-title">${escapeHtml(String(block.title))}</div>` : ""}${list(
      block.tasks,
    )
      .map((task) => blockHtml(task, scene))
      .join("")}</div>`,
  task_card: (block) => taskHtml(block),
  data_visualization: (block) => chartHtml(block),
  data_table: (block) => tableHtml(block),
  table: (block) => tableHtml(block),
  container: (block, scene) =>
    `<details class="container" ${block.default_collapsed ? "" : "open"}><summary>${textHtml(
      block.title,
      scene,
    )}</summary>${blocksHtml(list(block.child_blocks), scene)}</details>`,
  alert: (block, scene) =>
    `<div class="alert ${escapeHtml(String(block.level))}">⚠️ ${textHtml(block.text, scene)}</div>`,
  actions: (block, scene) =>
    `<div class="actions">${list(block.elements)
      .map((one) => elementHtml(one, scene))
      .join("")}</div>`,
  context_actions: (block, scene) =>
    `<div class="actions small">${list(block.elements)
      .map((one) => elementHtml(one, scene))
      .join("")}</div>`,
  input: (block, scene) => inputHtml(block, scene),
};

function blockHtml(block: Json, scene: Scene): string {
  const draw = draws[String(block.type)];
  return draw ? draw(block, scene) : `<div class="wrong">unknown block ${String(block.type)}</div>`;
}

function textHtml(value: unknown, scene: Scene): string {
  const text = asJson(value);
  const raw = String(text.text ?? "");
  return text.type === "mrkdwn" ? mrkdwnHtml(raw, scene.workspace) : escapeHtml(raw);
}

function imageHtml(block: Json, scene: Scene): string {
  const file = scene.workspace.files.get(String(asJson(block.slack_file).id));
  const alt = escapeHtml(String(block.alt_text));
  if (file?.mimetype !== "image/png") {
    return `<div class="file">📄 ${escapeHtml(file?.name ?? "file")}</div>`;
  }
  const body = Buffer.from(file.body).toString("base64");
  return `<img alt="${alt}" src="data:image/png;base64,${body}">`;
}

function richHtml(block: Json): string {
  return list(block.elements)
    .map((part) => {
      const inner = list(part.elements)
        .map((piece) =>
          piece.type === "link"
            ? `<a href="#">${escapeHtml(String(piece.text ?? piece.url))}</a>`
            : escapeHtml(String(piece.text ?? "")),
        )
        .join("");
      return part.type === "rich_text_preformatted" ? `<pre>${inner}</pre>` : `<div>${inner}</div>`;
    })
    .join("");
}

const marks: Readonly<Record<string, string>> = {
  complete: '<i class="done">✓</i>',
  error: '<i class="failed">!</i>',
  in_progress: '<i class="busy">◌</i>',
  pending: '<i class="busy">·</i>',
};

function taskHtml(task: Json): string {
  const output = task.output ? `<div class="output">${richHtml(asJson(task.output))}</div>` : "";
  const sources = list(task.sources)
    .map((one) => `<a class="source" href="#">${escapeHtml(String(one.text))}</a>`)
    .join("");
  return `<div class="task">${marks[String(task.status)] ?? ""}<div><div>${escapeHtml(
    String(task.title),
  )}</div>${output}${sources}</div></div>`;
}

function tableHtml(block: Json): string {
  const rows = Array.isArray(block.rows) ? block.rows.map(list) : [];
  const size = Number(block.page_size ?? rows.length);
  const cells = (row: Json[], tag: string) =>
    row
      .map((cell) => {
        const inner = cell.type === "rich_text" ? richHtml(cell) : escapeHtml(String(cell.text));
        return `<${tag}>${inner}</${tag}>`;
      })
      .join("");
  const [head = [], ...body] = rows;
  const pages = body.length > size ? `<div class="pages">1–${size} of ${body.length} ›</div>` : "";
  const caption = block.caption
    ? `<div class="caption">${escapeHtml(String(block.caption))}</div>`
    : "";
  return `${caption}<table><tr>${cells(head, "th")}</tr>${body
    .slice(0, size)
    .map((row) => `<tr>${cells(row, "td")}</tr>`)
    .join("")}</table>${pages}`;
}

function elementHtml(element: Json, scene: Scene): string {
  const act = scene.act({ action: element.action_id });
  const label = textHtml(element.text, scene);
  switch (element.type) {
    case "button":
      return `<button class="${element.style ?? ""}" ${act}>${label}${element.url ? " ↗" : ""}</button>`;
    case "static_select": {
      const options = list(element.options)
        .map(
          (one) =>
            `<option value="${escapeHtml(String(one.value))}">${textHtml(one.text, scene)}</option>`,
        )
        .join("");
      return `<select ${act}><option value="">${textHtml(element.placeholder, scene)}</option>${options}</select>`;
    }
    case "feedback_buttons": {
      const good = scene.act({ action: element.action_id, feedback: "good" });
      const bad = scene.act({ action: element.action_id, feedback: "bad" });
      return `<button class="thumb" ${good}>👍</button><button class="thumb" ${bad}>👎</button>`;
    }
    default:
      return `<div class="wrong">unknown element ${escapeHtml(String(element.type))}</div>`;
  }
}

function inputHtml(block: Json, scene: Scene): string {
  const element = asJson(block.element);
  const name = escapeHtml(String(block.block_id));
  const label = `<label>${textHtml(block.label, scene)}${block.optional ? " <em>(optional)</em>" : ""}</label>`;
  const hint = block.hint ? `<div class="hint">${textHtml(block.hint, scene)}</div>` : "";
  const options = list(element.options);
  const field =
    element.type === "radio_buttons"
      ? options
          .map(
            (one) =>
              `<label class="radio"><input type="radio" name="${name}" value="${escapeHtml(String(one.value))}"> ${textHtml(one.text, scene)}</label>`,
          )
          .join("")
      : element.type === "static_select"
        ? `<select name="${name}">${options
            .map(
              (one) =>
                `<option value="${escapeHtml(String(one.value))}">${textHtml(one.text, scene)}</option>`,
            )
            .join("")}</select>`
        : element.multiline
          ? `<textarea name="${name}"></textarea>`
          : `<input name="${name}">`;
  return `<div class="input" data-block="${name}">${label}${field}${hint}</div>`;
}
