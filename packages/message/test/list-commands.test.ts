import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatListCommands, parseListCommands } from '../src/index.ts'

describe('parseListCommands', () => {
  it.each([
    {
      value: '<mailto:list@host.example?subject=help> (List Instructions)',
      commands: [{ uri: 'mailto:list@host.example?subject=help', comment: 'List Instructions' }],
    },
    {
      value: '(Use this (really) command) <mailto:a@host.example>,\r\n <https://host.example/u?x=1,2>',
      commands: [
        { uri: 'mailto:a@host.example', comment: 'Use this (really) command' },
        { uri: 'https://host.example/u?x=1,2' },
      ],
    },
    {
      value: '<mailto: a@\r\n b.example>,, <x:y>',
      commands: [{ uri: 'mailto:a@b.example' }],
    },
    { value: '<a:b>, <c:d> (e), (f)', commands: [{ uri: 'a:b' }, { uri: 'c:d', comment: 'e' }] },
    { value: '<a:b> (c) junk, <d:e>', commands: [{ uri: 'a:b', comment: 'c' }] },
    { value: '<a:b>, mailto:c@d, <e:f>', commands: [{ uri: 'a:b' }] },
    { value: 'mailto:a@b, <c:d>', commands: [] },
    { value: '<>, <a:b', commands: [] },
    { value: 'No such list', commands: [] },
    { value: '', commands: [] },
  ])('reads $value (RFC 2369 §2)', ({ value, commands }) => {
    expect(parseListCommands(value)).toEqual({ commands, no: false })
  })

  it('knows that nobody may post (RFC 2369 §3.4)', () => {
    expect(parseListCommands('NO (posting not allowed on this list)')).toEqual({ commands: [], no: true })
  })

  it.each(['<', '(', '<>', '<a>,', '(a)', ','])('takes a megabyte of %s', (piece) => {
    expect(parseListCommands(piece.repeat(1_000_000 / piece.length)).no).toBe(false)
  })
})

describe('formatListCommands', () => {
  it.each([
    { commands: [], value: '' },
    {
      commands: [{ uri: 'mailto:a@b' }, { uri: 'https://c/?d', comment: 'e (f)' }],
      value: '<mailto:a@b>, (e \\(f\\)) <https://c/?d>',
    },
    { commands: [{ uri: 'é', comment: 'c' }, { uri: 'a:b' }], value: '<a:b>' },
    { commands: [{ uri: 'x:a b<c>,d\r\ne', comment: 'é ' }], value: '<x:a%20b%3Cc%3E%2Cde>' },
  ])('writes $value (RFC 2369 §2)', ({ commands, value }) => {
    expect(formatListCommands(commands)).toBe(value)
  })

  it('writes what parseListCommands reads', () => {
    const uri = fc.stringMatching(/^[a-z]+:[!-+\--;=?-~]{1,30}$/)
    const comment = fc.option(fc.stringMatching(/^[!-~](?:[ -~]{0,20}[!-~])?$/), { nil: undefined })
    const command = fc
      .record({ uri, comment })
      .map(({ uri, comment }) => (comment === undefined ? { uri } : { uri, comment }))
    fc.assert(
      fc.property(fc.array(command), (commands) => {
        expect(parseListCommands(formatListCommands(commands))).toEqual({ commands, no: false })
      }),
    )
  })
})
