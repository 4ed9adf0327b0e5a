import type { Desk } from "../desk.ts";
import type { Parts } from "../parts.ts";
import { actionIds } from "../views/action-ids.ts";
import { whoDid } from "../views/case-state.ts";
import { noteView, refusalView } from "../views/notes.ts";
import { localTime } from "../views/numbers.ts";
import { publishHome } from "./home.ts";
import type { Listener } from "./listener.ts";
import { caseOf, type Pressed, pressed, tell } from "./pressed.ts";

/** S5: one person takes the incident; everyone else is told who did. */
export const acknowledge: Listener = {
  name: "acknowledge",
  needs: { scopes: ["chat:write"], interactivity: true },
  register(app, parts, desk) {
    app.action(actionIds.acknowledge, async ({ ack, body, action }) => {
      await ack();
      await parts.work.run("acknowledge", () => take(parts, desk, pressed(parts, body, action)));
    });
  },
};

async function take(parts: Parts, desk: Desk, press: Pressed): Promise<void> {
  const found = await caseOf(parts, press, press.value);
  if (!found) return;
  const { record, words } = found;
  const context = { incident: record.incident, words };
  const permit = await parts.roles.permit(press.person, "acknowledge", context);
  if (permit.kind === "denied") return tell(parts, press, noteView(permit.message));
  const before = (await parts.analyst.incident(record.incident))?.acknowledgedBy;
  const isFirst = await parts.face.once(`slack:ack:${record.incident}`, 86_400_000 * 30);
  if (before || !isFirst) {
    const taken = before ?? (await parts.analyst.incident(record.incident))?.acknowledgedBy;
    const name = taken ? whoDid(taken) : words.unknown;
    const at = taken ? localTime(taken.at) : "";
    return tell(parts, press, noteView(words.alreadyAcknowledged(name, at)));
  }
  const outcome = await parts.analyst.acknowledge(record.incident, permit.principal);
  if (outcome.kind === "refused")
    return tell(parts, press, refusalView(outcome.message, record.language));
  await desk.repaintNow(record.incident);
  if (!press.channel) await publishHome(parts, press.person, null);
}
