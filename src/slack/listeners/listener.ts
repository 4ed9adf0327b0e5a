import type { App } from "@slack/bolt";
import type { Desk } from "../desk.ts";
import type { Parts } from "../parts.ts";

/** One way in: a file in this folder. The manifest is held equal to what these say they need. */
export interface Listener {
  readonly name: string;
  readonly needs: {
    /** Events of the Events API. */
    readonly events?: readonly string[];
    readonly scopes: readonly string[];
    readonly command?: string;
    readonly shortcuts?: readonly { readonly id: string; readonly type: "message" | "global" }[];
    /** True when it answers clicks or modals. */
    readonly interactivity?: boolean;
  };
  register(app: App, parts: Parts, desk: Desk): void;
}
