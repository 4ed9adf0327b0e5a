import { createHash } from "node:crypto";
import { commitNamed } from "../control/history.ts";
import { diffOf, shopFile } from "../control/releases.ts";
import type { ShopService, ShopSystem } from "../control/system.ts";
import type { Settings } from "../lib/settings.ts";
import type { Step } from "./fault.ts";

/** Deploys one harmless commit of the history, for real: the shop ran without it until now. */
export function decoyDeploy(at: number, title: string): Step & { commit: string } {
  const { service, author, file, was, now } = commitNamed(title);
  return {
    at,
    role: "decoy",
    commit: title,
    async run(system) {
      const text = await shopFile(file);
      const before = text.replace(now, was);
      const version = nextVersion(system.version(service));
      await system.deploy(service, version, { [file]: text });
      return {
        kind: "deploy",
        service,
        ref: `${service}@${version}`,
        title: `Deploy ${service} ${version}: ${title}`,
        author,
        files: [file],
        diff: await diffOf(file, before, text),
      };
    },
  };
}

interface BadRelease {
  service: ShopService;
  /** File of the shop that is replaced, and the file under `releases/` that replaces it. */
  file: string;
  release: string;
  title: string;
  author: string;
}

/** Deploys a release with a real fault in its code. */
export function badDeploy(at: number, { service, file, release, title, author }: BadRelease): Step {
  return {
    at,
    role: "guilty",
    async run(system) {
      const [before, after] = [await shopFile(file), await shopFile(release)];
      const version = nextVersion(system.version(service));
      await system.deploy(service, version, { [file]: after });
      return {
        kind: "deploy",
        service,
        ref: `${service}@${version}`,
        title: `Deploy ${service} ${version}: ${title}`,
        author,
        files: [file],
        diff: await diffOf(file, before, after),
      };
    },
  };
}

interface SettingChange {
  kind: "config" | "flag";
  service: string;
  ref: string;
  title: string;
  author: string;
  change: (settings: Settings) => Partial<Settings>;
}

/** Changes the running configuration; the diff is that of the settings file. */
export function settingChange(
  at: number,
  role: "guilty" | "decoy",
  { kind, service, ref, title, author, change }: SettingChange,
): Step {
  return {
    at,
    role,
    async run(system) {
      const file = kind === "flag" ? "config/flags.json" : `config/${service}.json`;
      const before = settingsText(system, kind);
      system.configure(change(structuredClone(system.settings)));
      const diff = await diffOf(file, before, settingsText(system, kind));
      return { kind, service, ref, title, author, files: [file], diff };
    },
  };
}

/** Turns a flag that no code path of this incident reads. */
export function decoyFlag(at: number, flag: string, author: string): Step {
  return settingChange(at, "decoy", {
    kind: "flag",
    service: "storefront",
    ref: `flag/${flag}#${revision(flag)}`,
    title: `Turn on ${flag} for everyone`,
    author,
    change: ({ flags }) => ({ flags: { ...flags, [flag]: true } }),
  });
}

/** Something happens that no change log shows. */
export function event(at: number, run: (system: ShopSystem) => void | Promise<void>): Step {
  return {
    at,
    async run(system) {
      await run(system);
      return null;
    },
  };
}

/** A number that looks like a revision and is the same in every run. */
function revision(text: string): number {
  return 100 + (createHash("sha1").update(text).digest().readUInt16BE(0) % 800);
}

function settingsText(system: ShopSystem, kind: "config" | "flag"): string {
  const { flags, regionalTax, ...rest } = system.settings;
  const shown = kind === "flag" ? { ...flags, "regional-tax.countries": regionalTax } : rest;
  return `${JSON.stringify(shown, null, 2)}\n`;
}

function nextVersion(version: string): string {
  const [major, minor] = version.split(".").map(Number);
  return `${major}.${(minor ?? 0) + 1}.0`;
}
