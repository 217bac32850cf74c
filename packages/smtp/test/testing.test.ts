import { describe, expect, it } from 'vitest'
import { EXTENSIONS } from '../src/index.ts'
import {
  BARE_STAGES,
  createScriptedHandler,
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
    { why: 'a line behind any number of lines', body: 'S: 221-...' },
    { why: 'a line that nobody expects behind any number of lines', body: 'S: 220 *\nC: NOOP\nC: FOO\nS: 250...' },
  ])('fail for $why', async ({ body }) => {
    await expect(play(body)).rejects.toThrow(TranscriptMismatchError)
  })

  it('fail where nothing is said', async () => {
    await expect(play('S: 220 *\nC> NOOP\nS: 250 *')).rejects.toThrow('nothing was said')
  })

  it.each([
    'C: NOOP',
    '#: title x\nX: y',
    '#: title x\nC> \\q',
    '#: title x\nC> \\',
    '#: title x\n#: nonsense',
    '#: title x\nC> \\x4',
    '#: title x\n#: title',
  ])('cannot be read: %j', (text) => {
    expect(() => parseTranscripts(text)).toThrow(TranscriptSyntaxError)
  })

  it.each([
    'nonsense',
    'hostname',
    'hostname two words',
    'protocol',
    'protocol lmpt',
    'starttls no',
    'implicit-tls no',
    'plaintext-auth no',
    'trusted no',
    'auth',
    'auth FOO',
    'auth PLAIN FOO',
    'bare-newlines',
    'bare-newlines repare',
    'limit maxErors 1',
    'limit maxErrors',
    'limit maxErrors one',
    'limit maxErrors -1',
    'limit maxErrors 1 2',
    'limit toString 1',
    'without CHUNKNG',
    'without ETRN',
    'extension NONSENSE',
    'extension ETRN yes',
    'extension DELIVERBY soon',
    'extension DELIVERBY 60 seconds',
    'extension FUTURERELEASE',
    'extension MT-PRIORITY two words',
    'extension MT-PRIORITY one/word',
    'extension NO-SOLICITING 1st',
    'extension VERB',
    'stages',
    'stages hole',
    'stages whole pare',
    'answer XYZ 250 OK',
    'answer rcpt 550 No',
    'answer content: 550 No',
    'answer content:bob 550 No',
    'answer RCPT',
    'answer RCPT No',
    'answer RCPT 55 No',
    'answer RCPT 550-No',
    'answer RCPT 650 No',
    'command X-A',
    'command X-A Yes',
  ])('refuse a setting that means nothing, with its line: %s', (setting) => {
    const read = (): unknown => parseTranscripts(`#: title x\n#: ${setting}`)
    expect(read).toThrow(TranscriptSyntaxError)
    expect(read).toThrow('line 2: ')
  })

  it.each([
    { setting: 'protocol submission', settings: { protocol: 'submission' } },
    { setting: 'bare-newlines refuse', settings: { bareNewlines: 'refuse' } },
    { setting: 'auth PLAIN LOGIN', settings: { mechanisms: ['PLAIN', 'LOGIN'] } },
    { setting: 'starttls', settings: { startTls: true, implicitTls: false, trusted: false } },
    { setting: 'implicit-tls', settings: { startTls: false, implicitTls: true } },
    { setting: 'plaintext-auth', settings: { allowPlaintextAuth: true } },
    { setting: 'limit maxErrors 0', settings: { limits: { errorDelayMs: 0, maxErrors: 0 } } },
    { setting: 'limit errorDelayMs 9', settings: { limits: { errorDelayMs: 9 } } },
    { setting: 'answer postmaster 550', settings: { answers: new Map([['postmaster', '550']]) } },
    { setting: 'answer content:a@b 452 Full', settings: { answers: new Map([['content:a@b', '452 Full']]) } },
  ])('take a setting: $setting', ({ setting, settings }) => {
    expect(parseTranscripts(`#: title x\n#: ${setting}`)[0]?.settings).toMatchObject(settings)
  })

  it('know their settings', () => {
    const [plain, full] = parseTranscripts(
      '#: title one\n#: title two words\n#: extension ETRN\n#: without DSN\n#: limit maxErrors 3\n#: stages whole pair\n' +
        '#: answer RCPT 550 No\n#: command X-A 250 Yes\n#: trusted\n#: bare-newlines repair\nC> \\\\\\t\n',
    ).map(({ settings }) => settings)
    expect(plain).toMatchObject({ title: 'one', extensions: EXTENSIONS, stages: [], trusted: false, protocol: 'smtp' })
    expect(plain?.limits).toEqual({ errorDelayMs: 0 })
    expect(full).toMatchObject({
      title: 'two words',
      limits: { maxErrors: 3 },
      stages: ['whole', 'pair'],
      commands: ['X-A'],
      trusted: true,
      bareNewlines: 'repair',
      protocol: 'smtp',
    })
    expect(full?.extensions.map(({ name }) => name)).toEqual([
      ...EXTENSIONS.map(({ name }) => name).filter((name) => name !== 'DSN'),
      'ETRN',
    ])
    expect([...(full?.answers ?? [])]).toEqual([
      ['RCPT', '550 No'],
      ['X-A', '250 Yes'],
    ])
  })

  it('refuse mechanisms that a bare session cannot carry out', async () => {
    const hello = 'S: 220 *\nC: EHLO a\nS: 250-...\nS: 250 AUTH *\n'
    const auth = '#: plaintext-auth\n#: auth '
    // A transcript cannot name it; who plays one with settings of one's own can.
    const [transcript] = parseTranscripts(`#: title x\n#: plaintext-auth\n${hello}C: AUTH NONSENSE\nS: 504 5.5.4 *`)
    if (transcript === undefined || stage === undefined) throw new Error('nothing to play')
    await playTranscript({ ...transcript, settings: { ...transcript.settings, mechanisms: ['NONSENSE'] } }, stage)
    await play(`${auth}PLAIN\n${hello}C: AUTH PLAIN AAAA\nS: 501 5.5.2 Malformed\nC: AUTH PLAIN AGFkYQBub3Qt\nS: 535 *`)
  })

  it('tell their receiver of every end', async () => {
    const [transcript] = parseTranscripts(
      '#: title test\n#: extension ATRN\n#: auth PLAIN\n#: plaintext-auth\nS: 220 *',
    )
    const scripted = createScriptedHandler(transcript?.settings ?? parseTranscripts('#: title x')[0]!.settings)
    const taken: ((stream: unknown) => void)[] = []
    const answer = await scripted.atrn(['example.org'], (take) => void taken.push(take))
    expect(answer.code).toBe(250)
    for (const take of taken) take(undefined)
    scripted.end?.()
    expect(scripted.calls).toEqual(['turned', 'end'])
  })
})
