import { type Column, type Frame, texts } from "../../core/frame.ts";

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^(deploy|deployment|release|rollout|rollback|version)/i, "deploy"],
  [/^(commit|merge|pull|pr$|code)/i, "commit"],
  [/^(flag|feature|toggle|experiment)/i, "flag"],
  [/^(config|configuration|setting|parameter|secret)/i, "config"],
];

/** One of the five kinds of change; a word that says none of the others is infrastructure. */
export function changeKind(word: string | null): string {
  return kinds.find(([pattern]) => pattern.test(word ?? ""))?.[1] ?? "infrastructure";
}

/**
 * Fills in kinds and missing services of a `changes` frame. A service is taken from the paths of
 * the files, or from a `#tag` in the title, when exactly one known service is named; else it stays
 * ''.
 */
export function completeChanges(frame: Frame, known: readonly string[]): Frame {
  const named = new Map(known.map((service) => [plainName(service), service] as const));
  const service = texts(frame, "service");
  const files = texts(frame, "files");
  const titles = texts(frame, "title");
  const columns = frame.columns.map((column): Column => {
    if (column.type !== "text") return column;
    if (column.name === "kind") return { ...column, values: column.values.map(changeKind) };
    if (column.name === "service") {
      const values = service.map(
        (own, row) => own || ownerOf(filesOf(files[row]), titles[row] ?? "", named),
      );
      return { ...column, values };
    }
    if (column.name === "files") {
      return { name: "files", type: "json", values: column.values.map(filesOf) };
    }
    return column;
  });
  return { ...frame, columns };
}

function ownerOf(
  files: readonly string[],
  title: string,
  known: ReadonlyMap<string, string>,
): string {
  const fromFiles = files.map((path) => {
    const segment = path.split("/").find((part) => known.has(plainName(part)));
    return segment === undefined ? undefined : known.get(plainName(segment));
  });
  const tags = [...title.matchAll(/#([\w.-]+)/g)].map((match) => match[1] ?? "");
  const fromTags = tags.map((tag) => known.get(plainName(tag)));
  for (const hits of [fromFiles, fromTags]) {
    const owners = new Set(hits.filter((owner) => owner !== undefined));
    if (owners.size === 1) return [...owners][0] ?? "";
  }
  return "";
}

/** `Cart_Service`, `cart-service` and `cart` are one name. */
function plainName(name: string): string {
  const plain = name.toLowerCase().replace(/[-_.]/g, "");
  return plain.replace(/(?:service|svc)$/, "") || plain;
}

/** A list as JSON text, or paths separated by commas, semicolons or lines. */
function filesOf(text: string | null | undefined): readonly string[] {
  if (!text) return [];
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value.map(String);
  } catch {
    // Not JSON: a plain list.
  }
  return text.split(/[,;\n]/).flatMap((path) => path.trim() || []);
}
