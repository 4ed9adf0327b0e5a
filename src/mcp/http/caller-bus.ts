import { AsyncLocalStorage } from "node:async_hooks";
import { InMemoryServerEventBus, type ServerEventBus } from "@modelcontextprotocol/server";
import type { Analyst } from "../../core/analyst.ts";
import type { Principal } from "../../core/principal.ts";
import { visibleIncident } from "../visible.ts";

export interface CallerBus extends ServerEventBus {
  /** Runs `serve`; whoever begins to listen within it listens as `caller`. */
  as<T>(caller: Principal, serve: () => T): T;
}

/**
 * Change events of which a listener hears those alone that concern incidents it may see: an address
 * that leaks must not tell another caller when something happens to it.
 */
export function callerBus(
  analyst: Analyst,
  inner: ServerEventBus = new InMemoryServerEventBus(),
): CallerBus {
  const asking = new AsyncLocalStorage<Principal>();
  return {
    as: (caller, serve) => asking.run(caller, serve),
    publish: (event) => inner.publish(event),
    subscribe: (listener) => {
      const caller = asking.getStore();
      // Who opened an incident never changes, so that it is asked once per listener and incident.
      const known = new Map<string, Promise<boolean>>();
      return inner.subscribe((event) => {
        const id = event.kind === "resource_updated" ? incidentOf(event.uri) : null;
        if (id === null || !caller) return listener(event);
        const maySee =
          known.get(id) ?? visibleIncident(analyst, id, caller).then((found) => found !== null);
        known.set(id, maySee);
        if (known.size > incidentsKept) known.delete(known.keys().next().value ?? "");
        // A store that does not answer costs this one event.
        maySee.then((isTheirs) => isTheirs && listener(event)).catch(() => known.delete(id));
      });
    },
  };
}

const incidentsKept = 1_000;

function incidentOf(uri: string): string | null {
  return /^shodo:\/\/incidents\/([^/]+)/.exec(uri)?.[1] ?? null;
}
