/** The counts of a test run, from vitest's JSON report. A run without a report, or one that broke, has a failure. */

import { existsSync, readFileSync } from 'node:fs'

/** How a run ended. */
export interface TestSummary {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Reads the report; `ok` is whether vitest itself left with 0. */
export function summarize(reportFile: string, ok: boolean): TestSummary {
  const report = readReport(reportFile)
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  const { numPassedTests, numFailedTests, numPendingTests = 0, numTodoTests = 0 } = report
  // A file that cannot be loaded, or an error outside of any test, fails the run without failing a test.
  return {
    passed: numPassedTests,
    failed: Math.max(numFailedTests, ok ? 0 : 1),
    skipped: numPendingTests + numTodoTests,
  }
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests?: number
  readonly numTodoTests?: number
}

function readReport(file: string): Report | undefined {
  if (!existsSync(file)) return undefined
  try {
    const report: Partial<Report> | null = JSON.parse(readFileSync(file, 'utf8'))
    const { numPassedTests, numFailedTests } = report ?? {}
    return numPassedTests === undefined || numFailedTests === undefined
      ? undefined
      : { ...report, numPassedTests, numFailedTests }
  } catch {
    // Cut off while it was written: as good as none.
    return undefined
  }
}
