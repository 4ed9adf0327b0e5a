import type { Change, ChangeKind } from "../../core/rows.ts";
import type { EpochMs } from "../../core/window.ts";
import { serviceOfPath, serviceOfText } from "../causes/service-names.ts";
import { type Diff, netWords, parseDiff } from "./diff.ts";
import { type Trait, traitsOf } from "./diff-traits.ts";
import { effectsOf } from "./effects.ts";

/** What a change touches, judged by its files: documents and tests do not break production. */
export type ChangeNature =
  | "code"
  | "documents"
  | "tests"
  | "looks"
  | "tooling"
  | "elsewhere"
  | "dependencies";

/** A place and time at which a change went live. */
export interface Carrier {
  readonly service: string;
  readonly at: EpochMs;
  readonly ref: string;
  /** The deploy names this very change; otherwise the change was merged before and rode along. */
  readonly isOwn: boolean;
}

/** One change with everything known of it: a commit and the deploys that carried it are one. */
export interface ChangeUnit {
  readonly ref: string;
  readonly kind: ChangeKind;
  readonly title: string;
  readonly files: readonly string[];
  /** The service it belongs to; null for shared code and for what could not be told. */
  readonly service: string | null;
  readonly isShared: boolean;
  readonly writtenAt: EpochMs;
  /** Empty: merged, not deployed. */
  readonly carriers: readonly Carrier[];
  /** Live times are of recorded deploys, not merely of the commit. */
  readonly isDeployRecorded: boolean;
  readonly nature: ChangeNature;
  readonly diff: Diff | null;
  readonly traits: readonly Trait[];
  /** Share of removed words that the diff adds back, 0..1. */
  readonly keptShare: number;
}

/** Changes looked at; the newest win. */
export const changesMax = 2_000;
/**
 * A merged commit rides on deploys of its service for this long, unless they say what they hold.
 */
const rideMs = 7 * 86_400_000;

/** Joins commits with the deploys that carried them. */
export function changeUnits(
  changes: readonly Change[],
  services: readonly string[],
): readonly ChangeUnit[] {
  const recent = [...changes].sort((a, b) => a.timestamp - b.timestamp).slice(-changesMax);
  const deploys = recent.filter((c) => c.kind === "deploy" && c.service !== "");
  const deployed = new Set(deploys.map((d) => d.service));
  const commitRefs = new Set(recent.filter((c) => c.kind === "commit").map((c) => c.ref));
  return recent
    .filter((c) => !(c.kind === "deploy" && commitRefs.has(c.ref)))
    .map((change) => unitOf(change, recent, deploys, deployed, services));
}

function unitOf(
  change: Change,
  all: readonly Change[],
  deploys: readonly Change[],
  deployed: ReadonlySet<string>,
  services: readonly string[],
): ChangeUnit {
  const own = deploys.filter((d) => d.ref === change.ref);
  const service = homeOf(change, own, services);
  const isShared = change.kind === "commit" && isSharedCode(change.files);
  const files = change.files.length > 0 ? change.files : filesOfSameRef(change, all);
  const text = change.diff ?? all.find((c) => c.ref === change.ref && c.diff)?.diff ?? null;
  const diff = text === null || text.trim() === "" ? null : parseDiff(text);
  const nature = natureOf(files, change.title, change.kind);
  const isDeployRecorded =
    own.length > 0 ||
    (service !== null && deployed.has(service)) ||
    (isShared && deploys.length > 0);
  const rides = carriersOf(change, own, deploys, isShared ? null : service);
  const itself = { service: service ?? "", at: change.timestamp, ref: change.ref, isOwn: true };
  const isCommit = change.kind === "commit";
  const carriers = isCommit && (rides.length > 0 || isDeployRecorded) ? rides : [itself];
  return {
    ref: change.ref,
    kind: change.kind,
    title: change.title,
    files,
    service,
    isShared,
    writtenAt: change.timestamp,
    carriers,
    isDeployRecorded,
    nature,
    diff,
    traits: nature === "code" ? traitsFor(change, diff, files) : [],
    keptShare: diff ? netWords(diff).keptShare : 0,
  };
}

/** What a change does, by its diff; a switch without one says it by its name, if at all. */
function traitsFor(change: Change, diff: Diff | null, files: readonly string[]): readonly Trait[] {
  if (diff) return traitsOf(diff, `${change.title} ${files.join(" ")}`);
  if (change.kind !== "flag" && change.kind !== "config") return [];
  const quote = change.title;
  const effects = effectsOf(`${quote} ${quote.replace(/([a-z0-9])([A-Z])/g, "$1 $2")}`);
  const phrase = "is named after what is seen";
  return effects.length === 0 ? [] : [{ kind: "named", phrase, quote, effects, risk: 1.5 }];
}

/** The deploys that made a change live, first ones first: its own, then the next of its service. */
function carriersOf(
  change: Change,
  own: readonly Change[],
  deploys: readonly Change[],
  service: string | null,
): Carrier[] {
  const carriers = new Map<string, Carrier>();
  for (const deploy of [...own, ...deploys]) {
    const isOwn = deploy.ref === change.ref;
    const rides =
      change.kind === "commit" &&
      deploy.diff === null &&
      deploy.timestamp >= change.timestamp &&
      deploy.timestamp - change.timestamp <= rideMs &&
      (service === null || deploy.service === service);
    if (!isOwn && !rides) continue;
    const known = carriers.get(deploy.service);
    if (known && (known.isOwn || known.at <= deploy.timestamp)) continue;
    carriers.set(deploy.service, {
      service: deploy.service,
      at: deploy.timestamp,
      ref: deploy.ref,
      isOwn,
    });
  }
  return [...carriers.values()].sort((a, b) => a.at - b.at);
}

function homeOf(
  change: Change,
  own: readonly Change[],
  services: readonly string[],
): string | null {
  if (change.service) return change.service;
  for (const file of change.files) {
    const service = serviceOfPath(file, services);
    if (service) return service;
  }
  return own[0]?.service || serviceOfText(change.title, services);
}

function filesOfSameRef(change: Change, all: readonly Change[]): readonly string[] {
  return all.find((c) => c.ref === change.ref && c.files.length > 0)?.files ?? [];
}

function isSharedCode(files: readonly string[]): boolean {
  return files.some((file) => /^(pkg|internal|libs?|common|shared|packages|core)\//.test(file));
}

const natures: readonly (readonly [ChangeNature, RegExp])[] = [
  ["documents", /\.(md|rst|adoc)$|^docs?\/|documentation\/|CODEOWNERS|LICENSE|CHANGELOG/i],
  ["tests", /(_test|\.test|\.spec)\.\w+$|(^|\/)(tests?|testdata|__tests__|fixtures)\//i],
  ["looks", /\.(css|scss|less|svg|png|jpg|ico)$|theme\.\w+$/i],
  [
    "tooling",
    /^\.github\/|\.gitlab|jenkins|\.golangci|eslint|\.editorconfig|makefile$|biome\.json/i,
  ],
  ["elsewhere", /(^|\/)(staging|sandbox|dev|local|qa)\//i],
  [
    "dependencies",
    /(go\.(mod|sum|work)|package(-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|requirements[\w-]*\.txt|gemfile(\.lock)?|pom\.xml|build\.gradle(\.kts)?|cargo\.(toml|lock)|poetry\.lock|pyproject\.toml)$/i,
  ],
];

/** The least harmless nature among the files; by the title's prefix when there are none. */
function natureOf(files: readonly string[], title: string, kind: ChangeKind): ChangeNature {
  if (files.length === 0) {
    if (kind !== "commit" && kind !== "deploy") return "code";
    const prefix = /^#?(docs|test|style|ci)\b/i.exec(title.trim())?.[1]?.toLowerCase();
    if (prefix === "docs") return "documents";
    if (prefix === "test") return "tests";
    return prefix === undefined ? "code" : "tooling";
  }
  const found = files.map((file) => natures.find(([, pattern]) => pattern.test(file))?.[0]);
  if (found.some((nature) => nature === undefined)) return "code";
  return found.includes("dependencies") ? "dependencies" : (found[0] ?? "code");
}
