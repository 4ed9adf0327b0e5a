import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

/** A host that cannot be driven without a screen, or cannot be had from npm. */
export interface DesktopHost {
  /** Where `shodo install` puts the entry, below the home or the project, and under which key. */
  readonly file: string;
  readonly key: string;
  /** Why the host itself is not run here, and what a person does to see it. */
  readonly missing: string;
  readonly byHand: string;
}

const ask = 'ask "list the incidents of shodo" in agent mode: 13 demo incidents are named';

export const desktopHosts: Readonly<Record<string, DesktopHost>> = {
  "claude-desktop": {
    file: ".config/Claude/claude_desktop_config.json",
    key: "mcpServers",
    missing: "a desktop program without a headless mode, not on npm, and it needs an account",
    byHand: `open it; ${ask}; ask it to show one: the view opens in the conversation`,
  },
  cursor: {
    file: ".cursor/mcp.json",
    key: "mcpServers",
    missing: "not on npm, and its agent needs an account",
    byHand: `switch shodo on under Settings, MCP; ${ask}`,
  },
  vscode: {
    file: ".vscode/mcp.json",
    key: "servers",
    missing: "not on npm, and its agent mode needs an extension that signs in",
    byHand: `open the folder, press Start above the entry in .vscode/mcp.json; ${ask}`,
  },
};

/** Starts the server exactly as the host's file says, and calls a tool as the host would. */
export async function judgeEntry(
  name: string,
  host: DesktopHost,
  home: string,
  say: (isPassed: boolean, what: string) => void,
): Promise<void> {
  const file = JSON.parse(readFileSync(join(home, host.file), "utf8")) as Record<
    string,
    { readonly shodo?: { readonly command: string; readonly args: string[] } }
  >;
  const entry = file[host.key]?.shodo;
  if (!entry) {
    say(false, `${name}: ${host.file} has no ${host.key}.shodo`);
    return;
  }
  const client = new Client({ name: `as-${name}`, version: "0" });
  const env = { HOME: home, SHODO_HOME: join(home, "state"), PATH: process.env.PATH ?? "" };
  const { command, args } = entry;
  try {
    await client.connect(new StdioClientTransport({ command, args, env, stderr: "ignore" }));
    const { tools } = await client.listTools();
    const result = await client.callTool({ name: "list_incidents", arguments: {} });
    const isListed = JSON.stringify(result.structuredContent).includes("01-amber-harbor");
    say(isListed, `${name}: the entry of ${host.file} starts a server with ${tools.length} tools`);
  } catch (error) {
    say(false, `${name}: the entry of ${host.file} starts no server: ${String(error)}`);
  } finally {
    await client.close();
  }
  console.log(`not seen: ${name} itself: ${host.missing}. By hand: ${host.byHand}.`);
}
