import { cleanText } from "../clean.ts";

/** What another server said, marked as data; its text cannot close the fence. */
export function fence(source: string, text: string, charsMax: number): string {
  const inner = cleanText(text, charsMax).replace(/<(\/?)untrusted/gi, "‹$1untrusted");
  return `<untrusted source=${JSON.stringify(source)}>\n${inner}\n</untrusted>`;
}
