import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { mcpClients, type Places } from "./clients.ts";
import { applyInstallation, planInstallation } from "./install-client.ts";

const npx = { kind: "stdio", command: "npx", args: ["-y", "shodo", "mcp"] } as const;
const remote = { kind: "http", url: "https://shodo.example/mcp" } as const;

function places(platform: NodeJS.Platform = "linux"): Places {
  const folder = mkdtempSync(join(tmpdir(), "shodo-"));
  return { home: join(folder, "home"), project: join(folder, "project"), platform };
}

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

describe("installing into a client", () => {
  it.each(mcpClients.map((client) => client.name))("writes what %s expects", (name) => {
    const where = places();
    const plan = planInstallation(name, npx, where);
    expect(plan.after).toMatchSnapshot(name);
    expect(existsSync(plan.file)).toBe(false);
    applyInstallation(plan);
    expect(readFileSync(plan.file, "utf8")).toBe(plan.after);
    expect(planInstallation(name, npx, where).before).toBe(plan.after);
    expect(planInstallation(name, npx, where).after).toBe(plan.after);
  });

  it("keeps everything else that stands in the file", () => {
    const where = places();
    const cursor = planInstallation("cursor", npx, where).file;
    put(cursor, '{\n    "mcpServers": { "other": { "command": "x" } },\n    "theme": "dark"\n}\n');
    expect(JSON.parse(planInstallation("cursor", npx, where).after)).toEqual({
      mcpServers: { other: { command: "x" }, shodo: { command: "npx", args: npx.args } },
      theme: "dark",
    });
    const codex = planInstallation("codex", npx, where).file;
    put(
      codex,
      'model = "x"\n\n[mcp_servers.shodo]\ncommand = "old"\n\n[mcp_servers.b]\ncommand = "b"\n',
    );
    expect(planInstallation("codex", npx, where).after).toMatchInlineSnapshot(`
      "model = "x"

      [mcp_servers.shodo]
      command = "npx"
      args = ["-y","shodo","mcp"]

      [mcp_servers.b]
      command = "b"
      "
    `);
  });

  it("does not rewrite a file that it cannot read", () => {
    const where = places();
    const { file } = planInstallation("vscode", npx, where);
    put(file, '{\n  // mine\n  "servers": {}\n}\n');
    expect(() => planInstallation("vscode", npx, where)).toThrow(/not touched. Add this yourself/);
  });

  it("points to a server over HTTP where the client can", () => {
    const where = places();
    expect(planInstallation("claude-code", remote, where).after).toContain('"type": "http"');
    expect(planInstallation("gemini", remote, where).after).toContain("httpUrl");
    expect(planInstallation("codex", remote, where).after).toContain('url = "https://');
    expect(() => planInstallation("claude-desktop", remote, where)).toThrow("custom connector");
  });

  it("finds Claude Desktop's file on each system, and names the clients it knows", () => {
    const file = (platform: NodeJS.Platform) =>
      planInstallation("claude-desktop", npx, places(platform)).file;
    expect(file("darwin")).toContain("Library/Application Support/Claude");
    expect(file("win32")).toContain("AppData");
    expect(file("linux")).toContain(".config/Claude");
    expect(() => planInstallation("emacs", npx, places())).toThrow(
      "claude-code, claude-desktop, cursor, vscode, codex, gemini",
    );
  });
});
