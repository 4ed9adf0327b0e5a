import type { Incident } from "../core/incident.ts";
import type { CaseRecord } from "./cases.ts";
import { wordsOf } from "./messages/words.ts";
import type { Parts } from "./parts.ts";
import { permalink } from "./start-case.ts";
import { threadLink } from "./views/headline.ts";
import { noteView } from "./views/notes.ts";

const againEveryMs = 2_000;
const againForMs = 60_000;

/**
 * An incident became part of another: its headline, or a note where it has none, leads to the
 * thread in which the work goes on. The other may have no thread yet; then its title has to do for
 * now, and `again` is called soon, for a minute at most.
 */
export async function noteMerge(
  parts: Parts,
  record: CaseRecord,
  incident: Incident,
  again: () => void,
): Promise<void> {
  const into = incident.mergedInto;
  if (into === null || record.survivor?.link) return;
  const [other, place] = await Promise.all([parts.analyst.incident(into), parts.cases.get(into)]);
  const title = other?.title ?? into;
  const link = place ? await permalink(parts, place.channel, place.thread) : null;
  await parts.cases.change(record.incident, { survivor: { title, link } });
  const isFresh = parts.clock.now() - incident.updatedAt < againForMs;
  if (!link && isFresh) parts.timers.after(againEveryMs, again);
  if (record.headline || !link) return;
  if (!(await parts.face.once(`slack:merged:${record.incident}`, 86_400_000))) return;
  const words = wordsOf(record.language);
  await parts.poster.post(record, noteView(words.merged(threadLink({ title, link }, words))));
}
