import type { Watch } from "../../agent/session.ts";
import type { Clock } from "../../core/clock.ts";
import type { Principal } from "../../core/principal.ts";
import type { Store } from "../../core/store.ts";

/**
 * What the house wants to know of a model at work: every request stands in the audit log before it
 * leaves, by size and hash; what the model writes goes to whoever listens.
 */
export function modelWatch(
  { store, clock }: { readonly store: Pick<Store, "audit">; readonly clock: Clock },
  run: {
    readonly incident: string;
    readonly investigation: string;
    readonly by: Principal;
    readonly onDraft?: ((text: string) => void) | undefined;
  },
): Watch {
  const { incident, investigation, by, onDraft } = run;
  return {
    ...(onDraft ? { onDraft } : {}),
    onModelSend: (sent) =>
      store.audit.append({
        at: clock.now(),
        event: "model-send",
        by: by.id,
        incident,
        detail: { investigation, ...sent },
      }),
  };
}
