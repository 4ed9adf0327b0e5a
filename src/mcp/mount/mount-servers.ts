import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { McpSettings } from "../../core/mcp-settings.ts";
import type { Tool } from "../../core/tool.ts";
import { definitionHash } from "./definition-hash.ts";
import { mountedName, mountedTool } from "./mounted-tool.ts";
import { type Sessions, sessionsOf } from "./session.ts";

export interface MountOptions {
  readonly mounts: McpSettings["mounts"];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  /** A token by the name of the variable that holds it. */
  readonly secret: (variable: string) => string | undefined;
  /** Names that are taken: ours always win. */
  readonly taken: readonly string[];
}

export interface Mounted {
  readonly tools: readonly Tool[];
  /** What was not mounted, why, and the line that would change it. For `doctor` and the log. */
  readonly refused: readonly string[];
  close(): Promise<void>;
}

/**
 * Connects to every server of `mcp.mounts` and takes the tools that are allowed by name and whose
 * definition was accepted. A server that does not answer costs its tools, never the start.
 */
export async function mountServers(options: MountOptions): Promise<Mounted> {
  const open: Sessions[] = [];
  const results = await Promise.all(
    Object.entries(options.mounts).map(async ([mount, settings]) => {
      const sessions = sessionsOf(mount, settings, options.secret, {
        version: options.version,
        now: options.clock.now,
      });
      open.push(sessions);
      return mountOne(mount, settings, sessions, options.clock);
    }),
  );
  const tools: Tool[] = [];
  const refused = results.flatMap((result) => result.refused);
  for (const tool of results.flatMap((result) => result.tools)) {
    const isTaken = options.taken.includes(tool.name) || tools.some((t) => t.name === tool.name);
    if (isTaken) refused.push(`${tool.name}: the name is taken; rename the mount.`);
    else tools.push(tool);
  }
  for (const reason of refused) options.logger.warn("mcp-mount-refuse", { reason });
  return {
    tools,
    refused,
    close: async () => {
      await Promise.all(open.map((sessions) => sessions.close().catch(() => undefined)));
    },
  };
}

async function mountOne(
  mount: string,
  settings: McpSettings["mounts"][string],
  sessions: Sessions,
  clock: Clock,
): Promise<{ readonly tools: readonly Tool[]; readonly refused: readonly string[] }> {
  const refused: string[] = [];
  const tools: Tool[] = [];
  const session = await sessions.get().catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    refused.push(`mcp.mounts.${mount}: ${why.slice(0, 200)}`);
    return null;
  });
  for (const name of session ? settings.allow : []) {
    const definition = session?.tools.find((tool) => tool.name === name);
    const where = `mcp.mounts.${mount}.accepted.${name}`;
    if (!definition) {
      refused.push(`mcp.mounts.${mount}.allow: the server has no tool ${name}.`);
      continue;
    }
    const hash = definitionHash(definition);
    const { readOnlyHint, destructiveHint } = definition.annotations ?? {};
    if (readOnlyHint === false || destructiveHint === true) {
      refused.push(
        `${mountedName(mount, name)}: it says that it changes things; Shodo only looks.`,
      );
    } else if (settings.accepted[name] === undefined) {
      refused.push(`${where}: look at its definition, then add ${hash}`);
    } else if (settings.accepted[name] !== hash) {
      refused.push(`${where}: the definition changed; look at it, then replace it by ${hash}`);
    } else {
      tools.push(mountedTool({ mount, definition, hash, sessions, now: clock.now }));
    }
  }
  return { tools, refused };
}
