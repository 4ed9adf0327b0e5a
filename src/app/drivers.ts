import { builtinDriver } from "../agent/builtin-policy.ts";
import type { Driver } from "../agent/session.ts";
import type { Config } from "../config.ts";
import { ConfigError } from "../core/errors.ts";

/** The driver of a model's name. Nothing of a model is loaded for `builtin`. */
export async function driverFor(name: string, _config: Config): Promise<Driver> {
  if (name === "builtin") return builtinDriver;
  throw new ConfigError(`The model "${name}" is not known. Use builtin or openai:<model>.`);
}
