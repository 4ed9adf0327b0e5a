import { createHash } from "node:crypto";
import { history } from "../control/history.ts";
import { diffOf, type Edits, shopFile } from "../control/releases.ts";
import type { ChangeRecord, Fault } from "../faults/fault.ts";

const pastCommits = 12;
const hourMs = 3_600_000;

/** Files as they were before the harmless commits that this recording deploys. */
export async function editsAtStart(fault: Fault): Promise<Edits> {
  const edits: Edits = {};
  for (const { file, was, now } of deployedLater(fault)) {
    const text = edits[file] ?? (await shopFile(file));
    if (!text.includes(now)) throw new Error(`${file} no longer contains: ${now}`);
    edits[file] = text.replace(now, was);
  }
  return edits;
}

/** The harmless commits of the two working days before the recording, with their real diffs. */
export async function pastChanges(fault: Fault, startMs: number): Promise<ChangeRecord[]> {
  const later = deployedLater(fault);
  const random = sequence(fault.name);
  const pool = history
    .filter((commit) => !later.includes(commit))
    .map((commit) => ({ commit, order: random() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, pastCommits);
  const changes: ChangeRecord[] = [];
  for (const [index, { commit }] of pool.entries()) {
    const { service, title, author, file, was, now } = commit;
    const text = await shopFile(file);
    if (!text.includes(now)) throw new Error(`${file} no longer contains: ${now}`);
    const hoursAgo = 1.5 + (46 * (pool.length - index - random() * 0.8)) / pool.length;
    const timestamp = new Date(startMs - hoursAgo * hourMs).toISOString();
    changes.push({
      timestamp,
      kind: "commit",
      service,
      ref: createHash("sha1").update(`${title}${timestamp}`).digest("hex").slice(0, 9),
      title,
      author,
      files: [file],
      diff: await diffOf(file, text.replace(now, was), text),
    });
  }
  return changes.sort((a, b) => a.timestamp.localeCompare(b.timestamp));
}

function deployedLater(fault: Fault) {
  const titles = fault.steps.flatMap((step) =>
    "commit" in step && typeof step.commit === "string" ? [step.commit] : [],
  );
  return history.filter(({ title }) => titles.includes(title));
}

/** Numbers in [0, 1) that are the same for the same seed. */
function sequence(seed: string): () => number {
  let count = 0;
  return () => {
    count += 1;
    const digest = createHash("sha1").update(`${seed}:${count}`).digest();
    return digest.readUInt32BE(0) / 2 ** 32;
  };
}
