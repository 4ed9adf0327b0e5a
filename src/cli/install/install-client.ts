import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../../core/errors.ts";
import { type McpClient, mcpClients, type Places, type ServerEntry } from "./clients.ts";
import { editJson, editToml } from "./edit-config.ts";

export interface Installation {
  readonly client: McpClient;
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** What would be written, without writing it. Throws `UserError` for what cannot be. */
export function planInstallation(name: string, server: ServerEntry, places: Places): Installation {
  const client = mcpClients.find((candidate) => candidate.name === name);
  if (!client) {
    const names = mcpClients.map((candidate) => candidate.name).join(", ");
    throw new UserError(`--client "${name}" is not known. Use one of: ${names}.`);
  }
  const entry = client.format.entry(server);
  if (!entry) {
    throw new UserError(
      `${client.title} takes no URL in its file. Leave --url out, or add the URL as a custom ` +
        "connector in its settings.",
    );
  }
  const file = client.file(places);
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const after =
    client.format.kind === "json"
      ? editJson(before, client.format.key, entry, file)
      : editToml(before, client.format.table, entry);
  return { client, file, before, after };
}

/** Writes the file beside itself first, so that a crash leaves the old one whole. */
export function applyInstallation({ file, after }: Installation): void {
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.shodo-new`;
  writeFileSync(beside, after, { mode: 0o600 });
  renameSync(beside, file);
}
