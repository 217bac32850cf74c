/** Captures what a command writes to the terminal. */

import { afterEach, beforeEach, vi } from 'vitest'

/** What was written since the test began. */
export interface CapturedTerminal {
  out: string
  complaints: string
}

/** Captures standard output and standard error of each test. */
export function captureTerminal(): CapturedTerminal {
  const captured: CapturedTerminal = { out: '', complaints: '' }
  beforeEach(() => {
    captured.out = ''
    captured.complaints = ''
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      captured.out += String(text)
      return true
    })
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      captured.complaints += String(text)
      return true
    })
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })
  return captured
}
