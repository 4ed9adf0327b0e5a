import { join } from "node:path";
import type { Referee } from "./run.ts";
import { bin, root, run } from "./servers.ts";

/** The manifest of the `.mcpb` bundle, judged by the format's own tool. */
export const bundle: Referee = async (report) => {
  const ran = await run([bin("mcpb"), "validate", join(root, "infra/mcpb/manifest.json")]);
  report("mcpb validate", ran.code === 0, (ran.out + ran.err).trim().slice(0, 300));
};
