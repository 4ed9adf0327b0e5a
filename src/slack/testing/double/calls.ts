import { asJson, type Json, list } from "../../blocks/shape-checks.ts";
import type { Surface } from "../../blocks/types.ts";
import { validate } from "../../blocks/validate.ts";
import type { Faults } from "./faults.ts";
import type { DoubleMessage, Workspace } from "./workspace.ts";

/** What a Web API method answers; an error carries Slack's own code. */
export type Answer = Json & { readonly ok: boolean };

export interface Call {
  readonly workspace: Workspace;
  readonly faults: Faults;
  readonly input: Json;
  readonly origin: string;
}

export type Method = (call: Call) => Answer;

/** Slack's way to say yes: HTTP 200 and `ok: true`. */
export const ok = (more: Json = {}): Answer => ({ ok: true, ...more });
/** Slack's way to refuse: HTTP 200 too, with its own code as `error`. */
export const no = (error: string, messages: readonly string[] = []): Answer => ({
  ok: false,
  error,
  response_metadata: { messages },
});

/** Empty when there are none. */
export function blocksOf(input: Json): Json[] {
  return list(input.blocks);
}

/** Slack's refusal of these blocks, null when it would take them. */
export function refused(
  blocks: readonly Json[],
  surface: Surface,
  workspace: Workspace,
): Answer | null {
  const faults = validate(blocks, surface);
  if (faults.some((fault) => fault.rule === "msg_blocks_too_long"))
    return no("msg_blocks_too_long");
  if (faults.length > 0) {
    return no(
      "invalid_blocks",
      faults.map((fault) => `${fault.rule} [json-pointer:${fault.path}]`),
    );
  }
  for (const block of blocks.filter((one) => one.type === "image" && one.slack_file)) {
    const file = workspace.files.get(String(asJson(block.slack_file).id));
    if (!file?.ready) return no("invalid_blocks", ["invalid slack file"]);
  }
  return null;
}

/** A person's id stands for the direct messages with them, as it does in Slack. */
export function channelOf(call: Call) {
  const id = String(call.input.channel ?? call.input.channel_id);
  return call.workspace.users.has(id) ? call.workspace.imOf(id) : call.workspace.channels.get(id);
}

/** The message that the call is about, told by channel and `ts`. */
export function target(call: Call): DoubleMessage | undefined {
  return call.workspace.find(String(call.input.channel), String(call.input.ts));
}
