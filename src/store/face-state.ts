import type { Clock } from "../core/clock.ts";
import type { FaceState } from "../core/store.ts";
import { type Engine, fromJson, text } from "./engine.ts";

/** Most keys that one listing returns. */
const listMax = 10_000;

/** Values are JSON; an absent key reads as null, as does a stored null. */
export function faceState(engine: Engine, clock: Clock): FaceState {
  return {
    get: async (key) => {
      const [row] = await engine.all("SELECT value FROM face_state WHERE key = ?", [key]);
      return row ? fromJson<unknown>(row, "value") : null;
    },
    put: async (key, value) => {
      await engine.run(
        `INSERT INTO face_state (key, value) VALUES (?, ?)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
        [key, JSON.stringify(value ?? null)],
      );
    },
    list: async (prefix) => {
      const rows = await engine.all(
        `SELECT key, value FROM face_state WHERE substr(key, 1, ?) = ? ORDER BY key LIMIT ?`,
        [prefix.length, prefix, listMax],
      );
      return rows.map((row) => ({ key: text(row, "key"), value: fromJson<unknown>(row, "value") }));
    },
    delete: async (key) => {
      await engine.run("DELETE FROM face_state WHERE key = ?", [key]);
    },
    once: async (key, ttlMs) => {
      const now = clock.now();
      const won = await engine.run(
        `INSERT INTO seen (key, until) VALUES (?, ?)
         ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE seen.until <= ?`,
        [key, now + ttlMs, now],
      );
      return won > 0;
    },
  };
}
