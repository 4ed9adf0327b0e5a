import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FakeModel, Turn } from "./fake-model.ts";

/**
 * A host that runs without a screen: installed from npm, driven by a model that follows a script.
 */
export interface Host {
  /** Package and exact version, from npm. */
  readonly install: string;
  readonly bin: string;
  readonly script: readonly Turn[];
  /** Adds what the host needs besides the entry that `shodo install` wrote; gives its arguments. */
  prepare(home: string, model: FakeModel): readonly string[];
  environment(model: FakeModel): NodeJS.ProcessEnv;
}

const wish = "List the incidents.";

/** What the model says last, in every script: the host must print it. */
export const lastWords = "All incidents are listed.";
const last: Turn = { kind: "say", text: lastWords };

export const hosts: Readonly<Record<string, Host>> = {
  "claude-code": {
    install: "@anthropic-ai/claude-code@2.1.329",
    bin: "claude",
    script: [
      { kind: "call", tool: "ToolSearch", input: { query: "select:mcp__shodo__list_incidents" } },
      { kind: "call", tool: "mcp__shodo__list_incidents", input: {} },
      last,
    ],
    prepare: (home) => {
      const flags = ["-p", "--strict-mcp-config", "--mcp-config", join(home, ".mcp.json")];
      const allow = ["--max-turns", "4", "--allowedTools", "mcp__shodo__list_incidents"];
      return [...flags, ...allow, "--", wish];
    },
    environment: (model) => ({
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: "dummy",
      DISABLE_AUTOUPDATER: "1",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    }),
  },
  codex: {
    install: "@openai/codex@0.169.0",
    bin: "codex",
    script: [{ kind: "call", tool: "mcp__shodo/list_incidents", input: {} }, last],
    prepare: (home, model) => {
      const file = join(home, ".codex/config.toml");
      const top = ['model = "fake"', 'model_provider = "fake"', ""].join("\n");
      writeFileSync(file, `${top}\n${readFileSync(file, "utf8")}`);
      const more = [
        // The first turn is sent with the tools that are there by then.
        "required = true",
        "startup_timeout_sec = 60",
        `env = { SHODO_HOME = ${JSON.stringify(join(home, "state"))} }`,
        "[model_providers.fake]",
        'name = "fake"',
        `base_url = "${model.url}/v1"`,
        'wire_api = "responses"',
      ];
      appendFileSync(file, `${more.join("\n")}\n`);
      return ["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", wish];
    },
    environment: () => ({}),
  },
  gemini: {
    install: "@google/gemini-cli@0.61.0",
    bin: "gemini",
    script: [{ kind: "call", tool: "mcp_shodo_list_incidents", input: {} }, last],
    prepare: (home) => {
      const file = join(home, ".gemini/settings.json");
      const installed = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
      const settings = {
        ...installed,
        security: { auth: { selectedType: "gemini-api-key" } },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
        general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
      };
      writeFileSync(file, JSON.stringify(settings, null, 2));
      return ["--skip-trust", "--approval-mode", "yolo", "--model", "gemini-2.5-flash", "-p", wish];
    },
    environment: (model) => ({
      GOOGLE_GEMINI_BASE_URL: model.url,
      GEMINI_API_KEY: "dummy",
      GEMINI_CLI_NO_RELAUNCH: "true",
    }),
  },
};
