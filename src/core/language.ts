import { z } from "zod";

/** Languages in which people are answered. One more is one file of messages in each face. */
export const languages = ["en", "ja"] as const;

export const languageSchema = z.enum(languages);
export type Language = z.infer<typeof languageSchema>;
