import { asJson, type Json } from "../blocks/shape-checks.ts";
import type { CaseRecord } from "../cases.ts";
import type { Desk } from "../desk.ts";
import { wordsOf } from "../messages/words.ts";
import type { Parts } from "../parts.ts";
import { isRunning } from "../views/headline.ts";
import { noteView, refusalView } from "../views/notes.ts";
import type { Listener } from "./listener.ts";
import { personOf } from "./who-asked.ts";

/** The native Stop of an agent's session: no further query or model call is made. */
export const stop: Listener = {
  name: "stop",
  needs: { events: ["agent_session_stopped"], scopes: ["chat:write"] },
  register(app, parts, desk) {
    app.event("agent_session_stopped", async ({ event, body }) => {
      const sent = asJson(event);
      const channel = String(sent.channel ?? sent.channel_id);
      const user = String(sent.user);
      await parts.work.run("stop", async () => {
        const record = await parts.cases.ofThread(channel, String(sent.thread_ts));
        if (record) await stopCase(parts, desk, record, user, asJson(body));
      });
    });
  },
};

/** Stops a running investigation for a person who may; the partial report follows by itself. */
export async function stopCase(
  parts: Parts,
  desk: Desk,
  record: CaseRecord,
  user: string,
  body: Json,
): Promise<void> {
  const words = wordsOf(record.language);
  const person = personOf(parts, user, body);
  const context = { incident: record.incident, words };
  const permit = await parts.roles.permit(person, "stop", context);
  if (permit.kind === "denied") {
    await parts.poster.whisper(record, user, noteView(permit.message));
    return;
  }
  const incident = await parts.analyst.incident(record.incident);
  if (!incident || !isRunning(incident)) {
    if (parts.answers.stop(record)) return;
    await parts.poster.whisper(record, user, noteView(words.nothingToStop));
    void parts.poster.setSession(record, "active");
    return;
  }
  await parts.cases.change(record.incident, { stoppedBy: user });
  const outcome = await parts.analyst.cancel(record.incident, permit.principal);
  if (outcome.kind === "refused") {
    await parts.cases.change(record.incident, { stoppedBy: null });
    await parts.poster.whisper(record, user, refusalView(outcome.message, record.language));
    return;
  }
  void parts.poster.whisper(record, user, noteView(words.stopping));
  desk.resume(record.incident);
}
