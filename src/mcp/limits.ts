/** Maxima of this door; each is said in the answer when it is reached. */
export const mcpLimits = {
  /** Tools in `tools/list`; model tool choice suffers beyond some 30, and every request pays. */
  directToolsMax: 15,
  /** Tokens of the whole `tools/list` answer. */
  listTokensMax: 6_000,
  /** Items of one list in a concise and in a detailed answer. */
  conciseItems: 8,
  detailedItems: 50,
  /** Items of evidence, with their queries, on one page of a detailed report. */
  detailedEvidence: 15,
  /** Characters of one string in an answer. */
  stringCharsMax: 2_000,
  /** Levels of nesting that are shown. */
  depthMax: 12,
  /**
   * Days that one look or one investigation may span; what is kept longer costs too much at once.
   */
  windowDaysMax: 31,
  waitSecondsMax: 30,
  waitSecondsDefault: 20,
  /** While a caller waits, the store is asked this often: another replica may do the work. */
  pollMs: 500,
  incidentsPerPageMax: 50,
  /** Pages looked through for incidents that the caller may see. */
  pagesScannedMax: 20,
  questionCharsMax: 2_000,
  /** Elements and depth of the arguments of one call. */
  inputElementsMax: 2_000,
  inputDepthMax: 32,
  requestBytesMax: 1_048_576,
  completionsMax: 100,
  /** Mounted servers: tools taken, time to answer, and size of an answer. */
  mountedToolsMax: 100,
  mountedCallMs: 60_000,
  mountedResultCharsMax: 12_000,
} as const;
