import { describe, expect, it } from 'vitest'
import { type Argument, Evaluation, type Staged } from '../src/evaluation.ts'

const written = (args: readonly Argument[], staged: readonly Staged[] = []): string => {
  const evaluation = new Evaluation('EVALSHA', 'digest', ['key'], args, staged)
  return [...evaluation.stagings, evaluation].map((command) => String(command.toWritable({}))).join('')
}

const HEAD = '$7\r\nEVALSHA\r\n$6\r\ndigest\r\n$1\r\n1\r\n$3\r\nkey\r\n'

describe('a call of a script', () => {
  it.each<{ readonly what: string; readonly arg: Argument; readonly text: string }>([
    { what: 'text', arg: 'abc', text: '$3\r\nabc\r\n' },
    { what: 'text of nothing', arg: '', text: '$0\r\n\r\n' },
    { what: 'text beyond ASCII', arg: 'ü€😀', text: '$9\r\nü€😀\r\n' },
    { what: 'text whose length in bytes has more digits', arg: 'üüüüüüü', text: '$14\r\nüüüüüüü\r\n' },
    { what: 'half a pair of surrogates', arg: '\ud83d', text: '$3\r\n\ufffd\r\n' },
    { what: 'a number', arg: 1_700_000_000_000, text: '$13\r\n1700000000000\r\n' },
    { what: 'bytes', arg: new Uint8Array([97, 98]), text: '$2\r\nab\r\n' },
    {
      what: 'pieces',
      arg: [Buffer.from('a'), Buffer.alloc(0), Buffer.from('bcdefghijk')],
      text: '$11\r\nabcdefghijk\r\n',
    },
  ])('writes $what', ({ arg, text }) => {
    expect(written([arg, 'z'])).toBe(`*6\r\n${HEAD}${text}$1\r\nz\r\n`)
  })

  it('sets content before it, for a minute and where there is none', () => {
    expect(written([], [{ key: 'k', bytes: [Buffer.from('ab')] }])).toBe(
      `*6\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\nab\r\n$2\r\nNX\r\n$2\r\nPX\r\n$5\r\n60000\r\n*4\r\n${HEAD}`,
    )
  })

  it('sets the content of several in one change', () => {
    const bytes = [Buffer.from('ab')]
    const all = written(
      [],
      [
        { key: 'k', bytes },
        { key: 'l', bytes },
      ],
    )
    expect(all.startsWith('*1\r\n$5\r\nMULTI\r\n*6\r\n$3\r\nSET\r\n$1\r\nk\r\n')).toBe(true)
    expect(all.endsWith(`$5\r\n60000\r\n*1\r\n$4\r\nEXEC\r\n*4\r\n${HEAD}`)).toBe(true)
  })

  it.each([10, 40_000, 2_000_000])('has room for %i bytes, and for all characters beyond ASCII', (length) => {
    const bytes = written([Buffer.alloc(length, 120), '€'.repeat(length / 10)])
    expect(bytes.length).toBeGreaterThan(length)
    expect(bytes.endsWith(`$${(length / 10) * 3}\r\n${'€'.repeat(length / 10)}\r\n`)).toBe(true)
  })

  it('uses the memory of one that was answered again, and of no other', () => {
    const one = new Evaluation('EVAL', 'a', [], [], [])
    const other = new Evaluation('EVAL', 'b', [], [], [])
    expect(other.toWritable().buffer).not.toBe(one.toWritable().buffer)
    one.done()
    expect(new Evaluation('EVAL', 'c', [], [], []).toWritable().buffer).toBe(one.toWritable().buffer)
  })
})
