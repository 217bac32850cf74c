import { describe, expect, it } from 'vitest'
import {
  BARE_STAGES,
  matchesPattern,
  parseTranscripts,
  playTranscript,
  TranscriptMismatchError,
  TranscriptSyntaxError,
} from '../src/testing/index.ts'

const [stage] = BARE_STAGES
const play = async (body: string): Promise<void> => {
  const [transcript] = parseTranscripts(`#: title test\n${body}`)
  if (transcript === undefined || stage === undefined) throw new Error('nothing to play')
  await playTranscript(transcript, stage)
}

describe('transcripts', () => {
  it.each([
    { pattern: '250 OK', line: '250 OK', matches: true },
    { pattern: '250 OK', line: '250 OKAY', matches: false },
    { pattern: '250 *', line: '250 ', matches: true },
    { pattern: '250-*SIZE*', line: '250-x SIZE 1', matches: true },
    { pattern: '*a*a', line: 'a', matches: false },
    { pattern: '*a*b*', line: 'ba', matches: false },
    { pattern: '250 *', line: '550 x', matches: false },
  ])('$pattern and $line', ({ pattern, line, matches }) => {
    expect(matchesPattern(pattern, line)).toBe(matches)
  })

  it.each([
    { why: 'a wrong line', body: 'S: 221 *' },
    { why: 'an end that does not come', body: 'S: 220 *\nC: NOOP\n--close--' },
    { why: 'a line behind the end', body: 'S: 220 *\nC: QUIT\nS: 221 *\nS: 250 *' },
    { why: 'a line that nobody expects', body: 'S: 220 *\nC: NOOP' },
  ])('fail for $why', async ({ body }) => {
    await expect(play(body)).rejects.toThrow(TranscriptMismatchError)
  })

  it('fail where nothing is said', async () => {
    await expect(play('S: 220 *\nC> NOOP\nS: 250 *')).rejects.toThrow('nothing was said')
  })

  it.each(['C: NOOP', '#: title x\nX: y', '#: title x\nC> \\q', '#: title x\n#: nonsense', '#: title x\nC> \\x4'])(
    'cannot be read: %j',
    (text) => {
      expect(() => parseTranscripts(text)).toThrow(TranscriptSyntaxError)
    },
  )
})
