import { stringify } from "yaml";
import { UserError } from "../core/errors.ts";
import type { Ids } from "../core/ids.ts";
import { mcpHttpSchema } from "../core/mcp-settings.ts";
import { newToken } from "../mcp/http/tokens.ts";

/** A new token and the lines of shodo.yaml that admit it; only the hash goes into the file. */
export function newMcpToken(
  name: string,
  scopes: readonly string[],
  ids: Ids,
): { token: string; yaml: string } {
  const { token, hash } = newToken(ids);
  const settings = mcpHttpSchema.safeParse({ tokens: [{ name, scopes, hash }] });
  if (!settings.success) {
    throw new UserError(
      "A token needs a name of letters, digits, `.`, `@`, `-` or `_`, and scopes of " +
        "read, investigate, admin.",
    );
  }
  return { token, yaml: stringify({ mcp: { http: { tokens: settings.data.tokens } } }) };
}
