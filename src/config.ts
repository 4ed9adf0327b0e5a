import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { ConfigError } from "./core/errors.ts";
import { httpSettingsSchema } from "./core/http-settings.ts";
import { languageSchema } from "./core/language.ts";
import { mcpSettingsSchema } from "./core/mcp-settings.ts";
import { budgetSettingsSchema, modelSettingsSchema } from "./core/model-settings.ts";
import { kpiSchema, sloSchema } from "./core/objectives.ts";
import { slackSettingsSchema } from "./core/slack-settings.ts";
import {
  retentionSettingsSchema,
  webhookNotifierSchema,
  workSettingsSchema,
} from "./core/work-settings.ts";
import { groupingSettingsSchema } from "./intake/grouping/settings.ts";

/** `shodo.yaml`. Unknown keys are faults, because a misspelt setting is a silent one. */
const fileSchema = z.strictObject({
  model: modelSettingsSchema,
  language: languageSchema.default("en"),
  budget: budgetSettingsSchema,
  /** Telemetry systems to read; without any, only captures can be investigated. */
  sources: z.array(z.looseObject({ kind: z.string(), name: z.string().optional() })).default([]),
  kpis: z.array(kpiSchema).default([]),
  slos: z.array(sloSchema).default([]),
  priority: z.looseObject({}).default({}),
  /** Folders with runbooks of the team, beside those that ship; the later one of a name wins. */
  runbooks: z.array(z.string().min(1)).default([]),
  mcp: mcpSettingsSchema.prefault({}),
  /** Absent: no Slack. */
  slack: slackSettingsSchema.optional(),
  /** Senders of alarms that `shodo serve` listens to; their own files check the rest. */
  alarms: z.array(z.looseObject({ kind: z.string() })).default([]),
  grouping: groupingSettingsSchema,
  work: workSettingsSchema,
  notify: z.array(webhookNotifierSchema).default([]),
  retention: retentionSettingsSchema,
  serve: httpSettingsSchema,
});

/** Environment variables that Shodo reads, apart from those its vendors' SDKs read themselves. */
const environmentSchema = z.object({
  SHODO_HOME: z.string().optional(),
  SHODO_CONFIG: z.string().optional(),
  /** The text of `shodo.yaml` itself, where no file can be put; a file that is named wins. */
  SHODO_YAML: z.string().optional(),
  SHODO_MODEL: z.string().optional(),
  SHODO_LANGUAGE: languageSchema.optional(),
  OPENAI_API_KEY: z.string().min(1).optional(),
  OPENAI_BASE_URL: z.url().optional(),
  DATABASE_URL: z.string().min(1).optional(),
  SLACK_BOT_TOKEN: z.string().optional(),
  SLACK_APP_TOKEN: z.string().optional(),
  SLACK_SIGNING_SECRET: z.string().optional(),
  /** App configuration token and app id: with them `doctor` can read the subscribed events. */
  SLACK_CONFIG_TOKEN: z.string().optional(),
  SLACK_APP_ID: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
});

/** Everything that may be set, from file and environment, checked once. */
export interface Config extends z.infer<typeof fileSchema> {
  /** The file read, `SHODO_YAML`, or null when there is neither. */
  readonly file: string | null;
  /** Folder of state: store, captures received. */
  readonly home: string;
  readonly secrets: {
    readonly openaiApiKey: string | null;
    readonly databaseUrl: string | null;
    /** By the variable that `mcp.mounts.*.tokenEnv` names. */
    readonly mountTokens: Readonly<Record<string, string>>;
    /** By the variable that a `secretFrom` names. */
    readonly named: Readonly<Record<string, string>>;
    readonly slack: {
      readonly botToken: string | null;
      readonly appToken: string | null;
      readonly signingSecret: string | null;
      readonly configToken: string | null;
      readonly appId: string | null;
    };
  };
  readonly otlpEndpoint: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `shodo.yaml` and the environment. Every fault is reported at once, each naming the file or
 * variable, the key and what is allowed. Throws `ConfigError`.
 */
export function loadConfig(
  options: { file?: string | undefined; cwd?: string; environment?: Environment } = {},
): Config {
  const environment = options.environment ?? process.env;
  const cwd = options.cwd ?? process.cwd();
  const faults: string[] = [];
  const env = environmentSchema.safeParse(blankIsAbsent(environment));
  if (!env.success) faults.push(...faultLines("environment", env.error));
  const { from, settings } = readSettings(options.file, env.data ?? {}, { cwd, faults });
  const file = fileSchema.safeParse(settings);
  if (!file.success) faults.push(...faultLines(from ?? "shodo.yaml", file.error));
  const named = namedSecrets(file.data, environment, faults);
  if (!env.success || !file.success || faults.length > 0) {
    throw new ConfigError(`The configuration has ${count(faults)}:\n${faults.join("\n")}`);
  }
  return {
    ...file.data,
    model: withEnvironment(file.data.model, env.data),
    language: env.data.SHODO_LANGUAGE ?? file.data.language,
    runbooks: file.data.runbooks.map((folder) =>
      resolve(from ? dirname(resolve(cwd, from)) : cwd, folder),
    ),
    file: from,
    home: resolve(cwd, env.data.SHODO_HOME ?? defaultHome(environment)),
    secrets: {
      openaiApiKey: env.data.OPENAI_API_KEY ?? null,
      databaseUrl: env.data.DATABASE_URL ?? null,
      mountTokens: mountTokens(file.data.mcp, environment),
      named,
      slack: {
        botToken: env.data.SLACK_BOT_TOKEN ?? null,
        appToken: env.data.SLACK_APP_TOKEN ?? null,
        signingSecret: env.data.SLACK_SIGNING_SECRET ?? null,
        configToken: env.data.SLACK_CONFIG_TOKEN ?? null,
        appId: env.data.SLACK_APP_ID ?? null,
      },
    },
    otlpEndpoint: env.data.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
  };
}

/** What the Lambda function of `app/lambda.ts` is told, which has no `shodo.yaml`. */
export function lambdaSettings(environment: Environment = process.env) {
  return {
    databaseUrl: environment.DATABASE_URL || null,
    forwardTo: environment.SHODO_INTAKE_URL || null,
    secret: environment.SHODO_INTAKE_SECRET || null,
  };
}

/**
 * Only the variables that the file names: a mount cannot be pointed at another secret by a server.
 */
function mountTokens(mcp: Config["mcp"], environment: Environment): Record<string, string> {
  const names = Object.values(mcp.mounts).flatMap((mount) =>
    "url" in mount && mount.tokenEnv !== undefined ? [mount.tokenEnv] : [],
  );
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name];
      return value ? [[name, value]] : [];
    }),
  );
}

/** Values of the variables that settings name in `secretFrom`; one that is not set is a fault. */
function namedSecrets(
  settings: unknown,
  environment: Environment,
  faults: string[],
): Record<string, string> {
  const named: Record<string, string> = {};
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      if (!/secretFrom$/i.test(key) || typeof item !== "string") walk(item);
      else if (environment[item]) named[item] = environment[item];
      else faults.push(`  environment: ${item} is not set, and ${key} names it`);
    }
  };
  walk(settings);
  return named;
}

function withEnvironment(
  model: Config["model"],
  env: z.infer<typeof environmentSchema>,
): Config["model"] {
  const baseUrl = model.baseUrl ?? env.OPENAI_BASE_URL;
  return { ...model, name: env.SHODO_MODEL ?? model.name, ...(baseUrl ? { baseUrl } : {}) };
}

/**
 * The settings as they stand: those of the file that is named, else `SHODO_YAML`, else shodo.yaml.
 */
function readSettings(
  file: string | undefined,
  env: Partial<z.infer<typeof environmentSchema>>,
  { cwd, faults }: { cwd: string; faults: string[] },
): { from: string | null; settings: unknown } {
  const named = file ?? env.SHODO_CONFIG;
  if (named === undefined && env.SHODO_YAML !== undefined) {
    const text = env.SHODO_YAML;
    return { from: "SHODO_YAML", settings: parseYaml("SHODO_YAML", () => text, faults) };
  }
  const path = resolve(cwd, named ?? "shodo.yaml");
  if (existsSync(path)) {
    return { from: path, settings: parseYaml(path, () => readFileSync(path, "utf8"), faults) };
  }
  if (named) faults.push(`  ${path}: there is no such file; correct --config or SHODO_CONFIG`);
  return { from: null, settings: {} };
}

/** YAML's many modules are loaded only when there is a file: the demo needs none. */
const require = createRequire(import.meta.url);

function parseYaml(where: string, read: () => string, faults: string[]): unknown {
  const { parse } = require("yaml") as typeof import("yaml");
  try {
    return parse(read()) ?? {};
  } catch (error) {
    const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : "";
    faults.push(`  ${where}: it is not readable YAML: ${why}`);
    return {};
  }
}

/** One line per fault: where, which key, what is allowed. */
function faultLines(where: string, error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const key = issue.path.map((part) => String(part)).join(".");
    return `  ${where}: ${key ? `${key}: ` : ""}${issue.message}`;
  });
}

function count(faults: readonly string[]): string {
  return faults.length === 1 ? "1 fault" : `${faults.length} faults`;
}

/** `KEY=` in a shell or container file means "not set". */
function blankIsAbsent(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
}

/** The user's data directory, as the XDG Base Directory Specification and macOS place it. */
function defaultHome(environment: Environment): string {
  if (environment.XDG_DATA_HOME) return join(environment.XDG_DATA_HOME, "shodo");
  if (process.platform === "darwin") return join(homedir(), "Library/Application Support/shodo");
  return join(homedir(), ".local/share/shodo");
}
