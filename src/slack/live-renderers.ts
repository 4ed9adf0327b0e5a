import type { Incident } from "../core/incident.ts";
import { escapeMrkdwn, plain } from "./blocks/foreign-text.ts";
import type { MessageView } from "./blocks/types.ts";
import { caseState } from "./case-view.ts";
import type { CaseRecord } from "./cases.ts";
import { wordsOf } from "./messages/words.ts";
import type { Parts } from "./parts.ts";
import { headlineView } from "./views/headline.ts";
import { type Progress, planBlock, planChunks } from "./views/progress.ts";

/** Everything one repaint needs. */
export interface Scene {
  readonly parts: Parts;
  readonly record: CaseRecord;
  readonly incident: Incident;
  readonly progress: Progress;
  readonly isLast: boolean;
}

/** What the screen shows, and by which means. */
export interface Shown {
  readonly progress: Progress | null;
  readonly mode: "stream" | "message";
}

export const streamLimits = {
  /** Slack ends a stream after about five minutes without saying so; we are earlier. */
  rotateAfterMs: 240_000,
  /** A stream that cannot start within this is not worth waiting for. */
  startWithinMs: 5_000,
} as const;

/** A plan that streams to the person who asked. Any trouble falls back to an edited message. */
export async function showInStream(scene: Scene, shown: Shown): Promise<Shown> {
  const { parts, record } = scene;
  if (!record.recipient) return { ...shown, mode: "message" };
  const live = record.live;
  if (!live) return startStream(scene, shown);
  if (live.kind === "message") return { ...shown, mode: "message" };
  const chunks = planChunks(shown.progress, scene.progress);
  const isOld = parts.clock.now() - live.startedAt > streamLimits.rotateAfterMs;
  if (scene.isLast || isOld) {
    const stopped = await parts.poster.stopStream(record.channel, live.ts, { chunks });
    if (stopped.kind === "refused") return toMessage(scene, live.ts);
    await parts.cases.change(record.incident, { live: null });
    if (scene.isLast) return { ...shown, progress: scene.progress };
    return startStream({ ...scene, record: { ...record, live: null } }, shown);
  }
  if (chunks.length === 0) return shown;
  const sent = await parts.poster.appendStream(record.channel, live.ts, chunks);
  if (sent.kind === "refused") return toMessage(scene, live.ts);
  return { ...shown, progress: sent.kind === "sent" ? scene.progress : shown.progress };
}

async function startStream(scene: Scene, shown: Shown): Promise<Shown> {
  const { parts, record } = scene;
  if (scene.isLast || !record.recipient) return shown;
  const isCrowded = parts.poster.outbox.waitMs("chat.startStream") > streamLimits.startWithinMs;
  if (isCrowded) return { progress: null, mode: "message" };
  const chunks = planChunks(null, scene.progress);
  const startedAt = parts.clock.now();
  const posted = await parts.poster.startStream(record, record.recipient, chunks);
  if (posted.kind === "failed") return { progress: null, mode: "message" };
  await parts.cases.change(record.incident, {
    live: { ts: posted.ts, kind: "stream", startedAt },
  });
  return { progress: scene.progress, mode: "stream" };
}

/** The stream is gone: the same message, edited to the whole state, else a new one. */
async function toMessage(scene: Scene, ts: string): Promise<Shown> {
  const { parts, record } = scene;
  const sent = await parts.poster.update(record.channel, ts, planView(scene), 0);
  const live =
    sent.kind === "refused" ? null : { ts, kind: "message" as const, startedAt: parts.clock.now() };
  await parts.cases.change(record.incident, { live });
  return { progress: live ? scene.progress : null, mode: "message" };
}

/** The headline, or a message of its own, edited now and then: works without a human recipient. */
export async function showInMessage(scene: Scene, shown: Shown): Promise<Shown> {
  const { parts, record } = scene;
  if (shown.progress === scene.progress && record.headline === null) return shown;
  const rank = scene.isLast ? 0 : 1;
  if (record.headline) {
    const view = headlineView(await headlineState(scene));
    await parts.poster.update(record.channel, record.headline, view, rank);
    return { ...shown, progress: scene.progress };
  }
  const live = (await parts.cases.get(record.incident))?.live;
  if (live) {
    await parts.poster.update(record.channel, live.ts, planView(scene), rank);
    return { ...shown, progress: scene.progress };
  }
  if (scene.isLast || !hasProgressRoom(parts)) return shown;
  const posted = await parts.poster.post(record, planView(scene), { rank: 1 });
  if (posted.kind === "posted") {
    const startedAt = parts.clock.now();
    await parts.cases.change(record.incident, {
      live: { ts: posted.ts, kind: "message", startedAt },
    });
  }
  return { ...shown, progress: scene.progress };
}

/** With more calls waiting than this, progress is left out and the report comes sooner. */
const progressRoom = 40;
/** A message that could not be brought to its end within this is not begun. */
const endWithinMs = 10_000;

function hasProgressRoom({ poster }: Parts): boolean {
  const { outbox } = poster;
  return outbox.size <= progressRoom && outbox.waitMs("chat.update") <= endWithinMs;
}

async function headlineState(scene: Scene) {
  const report = await scene.parts.analyst.report(scene.incident.id);
  return caseState(scene.parts, scene.record, {
    incident: scene.incident,
    report,
    progress: scene.progress,
  });
}

function planView(scene: Scene): MessageView {
  const words = wordsOf(scene.record.language);
  return {
    text: escapeMrkdwn(`${words.investigating}: ${plain(scene.progress.plan, 200)}`),
    blocks: [planBlock(scene.progress, words)],
  };
}
