import { type CommandDefinition, exitCodes, portOption, textOption } from "../command.ts";

/** `shodo mcp` */
export const mcp: CommandDefinition = {
  name: "mcp",
  summary: "serve tools and investigations to MCP clients, over stdio or HTTP",
  configure(command) {
    command
      .option("--http", "serve Streamable HTTP at /mcp instead of stdio")
      .option("--host <address>", "address to listen at (default: mcp.http.host, 127.0.0.1)")
      .option("--port <number>", "port to listen at (default: mcp.http.port, 7330)")
      .option("--new-token <name>", "make a bearer token for HTTP, print it once, and stop")
      .option("--scope <scopes>", "of the new token: read, investigate, admin", "investigate");
  },
  async run(_args, options, { runtime, terminal, signal }) {
    const tokenName = textOption(options, "newToken");
    if (tokenName !== undefined) {
      const scopes = (textOption(options, "scope") ?? "").split(",").map((scope) => scope.trim());
      const { token, yaml } = await runtime.newMcpToken(tokenName, scopes);
      terminal.say("The token, shown this once; the lines below go into shodo.yaml:");
      terminal.print(`${token}\n\n${yaml}`);
      return exitCodes.done;
    }
    await runtime.serveMcp({
      configFile: textOption(options, "config"),
      transport: options.http ? "http" : "stdio",
      host: textOption(options, "host"),
      port: portOption(options),
      say: terminal.say,
      signal,
    });
    return exitCodes.done;
  },
};
