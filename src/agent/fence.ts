import { redactDeep } from "../core/redaction.ts";

const begin = "DATA";
const end = "END DATA";

/**
 * Puts foreign text between marks that it cannot contain: whatever it says, a reader knows where it
 * ends. Secrets and invisible characters are taken out.
 */
export function fence(label: string, text: string): string {
  const clean = redactDeep(text).replace(/^(\s*)(END )?DATA\b/gim, "$1| $2DATA");
  return `${begin} ${label}\n${clean}\n${end}`;
}
