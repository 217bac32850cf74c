import { describe, expect, it } from 'vitest'
import { splitCommandLine } from '../src/command-line.ts'

describe('splitCommandLine', () => {
  it.each([
    { line: 'NOOP', word: 'NOOP', argument: '' },
    { line: 'noop ', word: 'NOOP', argument: '' },
    { line: 'noop\t', word: 'NOOP', argument: '' },
    { line: 'quit\t \t', word: 'QUIT', argument: '' },
    { line: 'EHLO  a\t', word: 'EHLO', argument: 'a' },
    { line: 'EHLO \ta b ', word: 'EHLO', argument: 'a b' },
    { line: 'EHLO\ta', word: 'EHLO\tA', argument: '' },
    { line: ' NOOP', word: '', argument: 'NOOP' },
    { line: ' \t ', word: '', argument: '' },
    { line: '\t', word: '', argument: '' },
    { line: '', word: '', argument: '' },
  ])('takes $line apart, without white space at its end (RFC 5321 §4.1.1)', ({ line, word, argument }) => {
    expect(splitCommandLine(line)).toEqual({ word, argument })
  })
})
