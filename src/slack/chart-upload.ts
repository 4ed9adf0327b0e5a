import type { Report } from "../core/report.ts";
import { plain } from "./blocks/foreign-text.ts";
import { asJson } from "./blocks/shape-checks.ts";
import type { Parts } from "./parts.ts";
import { chartedEvidence } from "./views/report-charts.ts";

export const uploadLimits = {
  /** Slack processes a file after the upload; asked this often before it is given up. */
  pollsMax: 8,
  pollEveryMs: 500,
  bytesMax: 2_000_000,
} as const;

/** The main chart as a PNG that a message may refer to; null when there is none or it failed. */
export async function uploadChart(
  parts: Parts,
  report: Report,
): Promise<{ id: string; alt: string } | null> {
  const item = chartedEvidence(report)[0];
  if (!item || !parts.drawChart) return null;
  try {
    const png = await parts.drawChart(report);
    if (!png || png.byteLength > uploadLimits.bytesMax) return null;
    const id = await uploadFile(parts, { name: `${item.id}.png`, body: png, place: null });
    return (await isReady(parts, id)) ? { id, alt: plain(item.statement, 500) } : null;
  } catch (error) {
    parts.logger.warn("slack-chart-failed", { error: String(error) });
    return null;
  }
}

/** Uploads in Slack's three steps; with a place, the file is shared there. Throws when refused. */
export async function uploadFile(
  parts: Parts,
  file: {
    readonly name: string;
    readonly body: Uint8Array;
    readonly place: { readonly channel: string; readonly thread: string } | null;
  },
): Promise<string> {
  const ticket = await parts.api.call("files.getUploadURLExternal", {
    filename: file.name,
    length: file.body.byteLength,
  });
  const sent = await fetch(String(ticket.upload_url), {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: Buffer.from(file.body),
    signal: AbortSignal.timeout(20_000),
  });
  if (!sent.ok) throw new Error(`the upload was answered with ${sent.status}`);
  const id = String(ticket.file_id);
  await parts.api.call("files.completeUploadExternal", {
    files: [{ id, title: file.name }],
    ...(file.place ? { channel_id: file.place.channel, thread_ts: file.place.thread } : {}),
  });
  return id;
}

/** A file cannot be shown before Slack knows its type. */
async function isReady(parts: Parts, id: string): Promise<boolean> {
  for (let poll = 0; poll < uploadLimits.pollsMax; poll += 1) {
    const answer = await parts.api.call("files.info", { file: id });
    if (asJson(answer.file).mimetype) return true;
    await new Promise<void>((resolve) => parts.timers.after(uploadLimits.pollEveryMs, resolve));
  }
  return false;
}
