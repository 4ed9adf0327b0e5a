/** The jobs that `prompts/` has words for: one Markdown file each. */
export const promptNames = [
  "investigate",
  "verify",
  "answer-follow-up",
  "write-narrative",
] as const;
export type PromptName = (typeof promptNames)[number];

/** Static instructions, without front matter. Data is appended in a fence, never spliced in. */
export type Prompts = Readonly<Record<PromptName, string>>;
