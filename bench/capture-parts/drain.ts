import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/**
 * Drain as it is usually written (He et al., ICWS 2017): every line is parsed, masked, walked down
 * a tree by length and first words, and compared with the clusters of its leaf. The yardstick for
 * mining patterns inside the engine that reads the lines.
 */
export async function drainFile(path: string): Promise<{ lines: number; clusters: number }> {
  const leaves = new Map<string, string[][]>();
  let lines = 0;
  let clusters = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    lines += 1;
    const { body } = JSON.parse(line) as { body: string };
    const words = (body.split("\n")[0] ?? "")
      .split(" ")
      .map((word) => (/\d/.test(word) ? "<*>" : word));
    const key = `${words.length} ${words[0]} ${words[1] ?? ""}`;
    const leaf = leaves.get(key) ?? [];
    if (leaf.length === 0) leaves.set(key, leaf);
    if (!join(leaf, words)) {
      leaf.push(words);
      clusters += 1;
    }
  }
  return { lines, clusters };
}

function join(leaf: readonly string[][], words: readonly string[]): boolean {
  for (const template of leaf) {
    let same = 0;
    for (let at = 0; at < words.length; at++) if (template[at] === words[at]) same += 1;
    if (same / words.length < 0.6) continue;
    for (let at = 0; at < words.length; at++) if (template[at] !== words[at]) template[at] = "<*>";
    return true;
  }
  return false;
}
