import { asJson, type Json, list } from "../../blocks/shape-checks.ts";
import type { Surface } from "../../blocks/types.ts";
import { validate } from "../../blocks/validate.ts";
import { type Answer, type Method, no, ok } from "./calls.ts";

/** `views.open`: a trigger works once, for three seconds. */
export const openView: Method = (call) => {
  const { workspace, input } = call;
  const trigger = workspace.triggers.get(String(input.trigger_id));
  if (!trigger) return no("invalid_trigger_id");
  if (trigger.used) return no("exchanged_trigger_id");
  if (workspace.clock.now() - trigger.at > 3_000) return no("expired_trigger_id");
  const fault = viewFault(asJson(input.view), "modal");
  if (fault) return fault;
  trigger.used = true;
  const id = `V${workspace.next()}`;
  const hash = `h${workspace.next()}`;
  workspace.views.set(id, { id, user: trigger.user, hash, view: asJson(input.view), open: true });
  workspace.changed();
  return ok({ view: { id, hash, ...asJson(input.view) } });
};

function viewFault(view: Json, surface: Surface): Answer | null {
  const faults = validate(list(view.blocks), surface);
  const title = String(asJson(view.title).text ?? "");
  const messages = faults.map((fault) => `${fault.rule} [json-pointer:/view/blocks${fault.path}]`);
  if (surface === "modal" && (title.length === 0 || title.length > 24)) messages.push("title");
  if (String(view.private_metadata ?? "").length > 3_000) messages.push("private_metadata");
  const hasInput = list(view.blocks).some((block) => block.type === "input");
  if (surface === "modal" && hasInput && !view.submit) messages.push("missing submit");
  return messages.length > 0 ? no("invalid_arguments", messages) : null;
}

/** `views.update`: with an outdated hash it is refused. */
export const updateView: Method = (call) => {
  const view = call.workspace.views.get(String(call.input.view_id));
  if (!view?.open) return no("not_found");
  if (call.input.hash && call.input.hash !== view.hash) return no("hash_conflict");
  const fault = viewFault(asJson(call.input.view), "modal");
  if (fault) return fault;
  view.view = asJson(call.input.view);
  view.hash = `h${call.workspace.next()}`;
  call.workspace.changed();
  return ok({ view: { id: view.id, hash: view.hash, ...view.view } });
};

/** `views.publish`: the newest replaces the person's home. */
export const publishView: Method = (call) => {
  const view = asJson(call.input.view);
  const fault = viewFault(view, "home");
  if (fault) return fault;
  call.workspace.homes.set(String(call.input.user_id), view);
  call.workspace.changed();
  return ok({ view });
};
