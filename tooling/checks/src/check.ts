/** What a check is. One file for each; `run.ts` has the list. */

/** One thing that breaks a rule. */
export interface Failure {
  /** Relative to the root; `undefined` where it is no single file. */
  readonly file?: string
  /** 1-based. */
  readonly line?: number
  /** What is wrong and what would be right, in one sentence; may have more lines where a tool said it. */
  readonly message: string
}

/** One rule of the repository. */
export interface Check {
  /** As `pnpm check NAME` calls it. */
  readonly name: string
  /** Finds everything that breaks the rule. Rejects only where the check itself is broken. */
  run(): Promise<readonly Failure[]>
}

/** Writes a failure as `file:line: message`. */
export function formatFailure({ file, line, message }: Failure): string {
  if (file === undefined) return message
  return `${file}${line === undefined ? '' : `:${line}`}: ${message}`
}
