import { join } from "node:path";

/** How a client is told to reach Shodo. */
export type ServerEntry =
  | { readonly kind: "stdio"; readonly command: string; readonly args: readonly string[] }
  | { readonly kind: "http"; readonly url: string };

/** Where people's and projects' files are. */
export interface Places {
  readonly home: string;
  readonly project: string;
  readonly platform: NodeJS.Platform;
}

/** An MCP client: its file, and the entry in that file's own words. */
export interface McpClient {
  readonly name: string;
  readonly title: string;
  /** What the person does next. */
  readonly next: string;
  file(places: Places): string;
  readonly format:
    | { readonly kind: "json"; readonly key: string; entry(server: ServerEntry): object | null }
    | { readonly kind: "toml"; readonly table: string; entry(server: ServerEntry): object | null };
}

const stdio = (server: ServerEntry) =>
  server.kind === "stdio" ? { command: server.command, args: [...server.args] } : null;

/** In the order of the help text. A client that cannot speak HTTP from its file gives null. */
export const mcpClients: readonly McpClient[] = [
  {
    name: "claude-code",
    title: "Claude Code (this project)",
    next: "Start claude here and approve the server; /mcp shows it.",
    file: ({ project }) => join(project, ".mcp.json"),
    format: {
      kind: "json",
      key: "mcpServers",
      entry: (server) =>
        server.kind === "http"
          ? { type: "http", url: server.url }
          : { type: "stdio", ...stdio(server) },
    },
  },
  {
    name: "claude-desktop",
    title: "Claude Desktop",
    next: "Quit Claude Desktop and open it again.",
    file: claudeDesktopFile,
    format: { kind: "json", key: "mcpServers", entry: stdio },
  },
  {
    name: "cursor",
    title: "Cursor",
    next: "Open Cursor's settings, MCP, and switch shodo on.",
    file: ({ home }) => join(home, ".cursor", "mcp.json"),
    format: {
      kind: "json",
      key: "mcpServers",
      entry: (server) => (server.kind === "http" ? { url: server.url } : stdio(server)),
    },
  },
  {
    name: "vscode",
    title: "VS Code (this project)",
    next: "Open .vscode/mcp.json in VS Code and press Start above shodo.",
    file: ({ project }) => join(project, ".vscode", "mcp.json"),
    format: {
      kind: "json",
      key: "servers",
      entry: (server) =>
        server.kind === "http"
          ? { type: "http", url: server.url }
          : { type: "stdio", ...stdio(server) },
    },
  },
  {
    name: "codex",
    title: "Codex CLI",
    next: "Start codex; /mcp shows it.",
    file: ({ home }) => join(home, ".codex", "config.toml"),
    format: {
      kind: "toml",
      table: "mcp_servers.shodo",
      entry: (server) => (server.kind === "http" ? { url: server.url } : stdio(server)),
    },
  },
  {
    name: "gemini",
    title: "Gemini CLI",
    next: "Start gemini; /mcp shows it.",
    file: ({ home }) => join(home, ".gemini", "settings.json"),
    format: {
      kind: "json",
      key: "mcpServers",
      entry: (server) => (server.kind === "http" ? { httpUrl: server.url } : stdio(server)),
    },
  },
];

function claudeDesktopFile({ home, platform }: Places): string {
  const name = join("Claude", "claude_desktop_config.json");
  if (platform === "darwin") return join(home, "Library", "Application Support", name);
  if (platform === "win32") return join(home, "AppData", "Roaming", name);
  return join(home, ".config", name);
}
