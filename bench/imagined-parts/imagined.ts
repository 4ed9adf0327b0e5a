import type { MeasureName } from "./measures.ts";
import type { Fault } from "./system.ts";

/** An incident that nobody recorded: what breaks, who calls, and what is the truth of it. */
export interface Imagined {
  readonly name: string;
  readonly fault: Fault;
  readonly alarm: {
    readonly service?: string;
    readonly measure?: MeasureName;
    readonly threshold?: number;
    readonly summary: string;
    readonly minute?: number;
  };
  /** Minutes; usually 0 to 15, normal time 25 minutes before. */
  readonly window?: readonly [number, number];
  readonly changes?: readonly ImaginedChange[];
  /** Telemetry that is missing: a table, `baseline`, or a service of which nothing was recorded. */
  readonly without?: readonly string[];
  /** Acceptable root-cause services; none: nothing is wrong. */
  readonly services: readonly string[];
  readonly guilty?: readonly string[];
}

export interface ImaginedChange {
  readonly minute: number;
  readonly kind: "deploy" | "commit" | "flag" | "config" | "infrastructure";
  readonly service: string;
  readonly ref: string;
  readonly title: string;
  readonly diff?: string;
}

/** Minute at which most of them begin. */
export const onset = 3;
export const isOn = (minute: number) => minute >= onset;

/** A diff of one line in one file. */
export const diff = (file: string, was: string, now: string) =>
  `--- a/${file}\n+++ b/${file}\n@@ -10,4 +10,4 @@\n-${was}\n+${now}\n`;

/** Changes that are always there and never to blame. */
export const everyday: readonly ImaginedChange[] = [
  {
    ...{ minute: -9, kind: "deploy", service: "cart", ref: "cart@2.31.0" },
    title: "Show a hint when the cart is empty",
    diff: '--- a/src/cart-view.ts\n+++ b/src/cart-view.ts\n@@ -4,3 +4,4 @@\n   render(items);\n+  if (items.length === 0) render(hint("cart-empty"));\n',
  },
  {
    ...{ minute: 1.5, kind: "commit", service: "web", ref: "8c1f0aa" },
    title: "Explain how to run the tests",
    diff: "--- a/docs/tests.md\n+++ b/docs/tests.md\n@@ -1,2 +1,3 @@\n # Tests\n+Run them with make test.\n",
  },
];
