import { expect, it } from 'vitest'
import { createProgress } from '../src/progress.ts'

const show = (isTTY: boolean, use: (progress: ReturnType<typeof createProgress>) => void): string => {
  let written = ''
  use(createProgress({ isTTY, columns: 12, write: (text) => (written += text) }))
  return written
}

it('changes one line of a terminal, no wider than it', () => {
  const written = show(true, (progress) => {
    progress.show('round 1', 'a')
    progress.show('round 1', 'another')
    progress.clear()
  })
  expect(written).toBe('\r\u001B[2Kround 1: a\r\u001B[2Kround 1: an\r\u001B[2K')
})

it('writes a line for each step elsewhere, without what changes often', () => {
  const written = show(false, (progress) => {
    progress.show('round 1', 'a')
    progress.show('round 1', 'b')
    progress.clear()
    progress.show('round 2', 'a')
  })
  expect(written).toBe('round 1\nround 2\n')
})
