import { tools } from "../../../tools/index.ts";
import type { Config } from "../../config.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Mounted } from "../../mcp/mount/mount-servers.ts";
import { packageVersion } from "../package-root.ts";

/** Tools of the MCP servers that `mcp.mounts` names; without any, nothing is loaded or started. */
export async function mountTools(config: Config, clock: Clock, logger: Logger): Promise<Mounted> {
  const { mounts } = config.mcp;
  if (Object.keys(mounts).length === 0) return { tools: [], refused: [], close: async () => {} };
  const { mountServers } = await import("../../mcp/mount/mount-servers.ts");
  return mountServers({
    mounts,
    clock,
    logger,
    version: packageVersion(),
    secret: (variable) => config.secrets.mountTokens[variable],
    taken: tools.map((tool) => tool.name),
  });
}
