import type { IncidentEvent } from "../../core/analyst.ts";

type Listener = (event: IncidentEvent) => void;

/** Hands events to whoever watches an incident, or all of them. */
export class EventHub {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Returns the way to stop listening. */
  subscribe(incident: string | "all", listener: Listener): () => void {
    const listeners = this.#listeners.get(incident) ?? new Set();
    this.#listeners.set(incident, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(incident);
    };
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  emit(event: IncidentEvent): void {
    const incident = event.kind === "changed" ? event.incident.id : event.incident;
    for (const key of [incident, "all"]) {
      for (const listener of this.#listeners.get(key) ?? []) listener(event);
    }
  }
}
