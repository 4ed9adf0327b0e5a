import type { Incident } from "../../core/incident.ts";
import { button } from "../blocks/blocks.ts";
import type { Button } from "../blocks/types.ts";
import type { Words } from "../messages/words.ts";
import { actionIds } from "./action-ids.ts";

/** The first thing to press, wherever an incident stands that nobody took. */
export function acknowledgeButton({ id }: Incident, words: Words): Button {
  const { acknowledge: action } = actionIds;
  return button({ text: words.acknowledge, action, value: id, style: "primary" });
}
