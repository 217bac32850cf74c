import { mailboxOf } from '@postroad/address'
import { DirectoryUnavailableError } from '@postroad/directory'
import { createMemoryDirectory } from '@postroad/directory/memory'
import { saslprep } from '@postroad/sasl'
import { describe, expect, it } from 'vitest'
import { isSink, openParts, submit } from './parts.ts'

const credentials = (authenticationId: string, password: string, authorizationId = '') => ({
  kind: 'password' as const,
  authorizationId,
  authenticationId,
  password,
})

describe('authentication', () => {
  it.each([
    ['the right password', credentials('ada', 'secret'), { kind: 'accepted', account: 'ada' }],
    ['the same name twice', credentials('ada', 'secret', 'ada'), { kind: 'accepted', account: 'ada' }],
    ['another password', credentials('ada', 'other'), { kind: 'refused' }],
    ['a name that is not there', credentials('eve', 'secret'), { kind: 'refused' }],
    ['acting for another (RFC 4616 §2)', credentials('ada', 'secret', 'bob'), { kind: 'refused' }],
  ])('judges %s', async (_, given, expected) => {
    expect(await openParts().session.authenticate(given)).toMatchObject(expected)
  })

  it.each([
    ['a password in another normal form', 'ada', 'cafe\u0301', 'accepted'],
    ['a password as it was stored', 'ada', 'caf\u00e9', 'accepted'],
    ['a name in another normal form', 'zoe\u0308', 'ab', 'accepted'],
    ['U+00AA for the letter that it stands for', 'zo\u00eb', '\u00aab', 'accepted'],
    ['what is mapped to nothing', 'a\u00adda', 'caf\u00e9', 'accepted'],
    ['another password', 'zo\u00eb', 'b', 'refused'],
    ['a letter that was not assigned', 'ada', 'caf\u00e9\u{1f600}', 'refused'],
  ])('prepares names and passwords by SASLprep (RFC 4616 §2): %s', async (_, name, password, kind) => {
    const directory = createMemoryDirectory({
      accounts: [
        { name: 'ada', password: 'caf\u00e9', mailboxes: [] },
        { name: 'zo\u00eb', password: 'ab', mailboxes: [] },
      ],
      domains: { local: ['example.org'] },
    })
    const { session } = openParts({ directory })
    expect(await session.authenticate(credentials(name, password))).toMatchObject({ kind })
    // Whom the client wants to act as has been prepared by whoever asks, unless it is the name as it came.
    for (const itself of [name, saslprep(name, 'query') ?? '']) {
      expect(await session.authenticate(credentials(name, password, itself))).toMatchObject({ kind })
    }
  })

  it.each([
    ['a name with what is forbidden', 'ada\u0007', 'secret'],
    ['a name of which nothing is left', '\u00ad', 'secret'],
    ['a password with what is forbidden', 'ada', 'secret\u0000'],
    ['a password that mixes directions', 'ada', '\u0627a'],
    ['a password of which nothing is left', 'ada', '\u200d'],
  ])('refuses %s, and asks nobody (RFC 4616 §2)', async (_, name, password) => {
    const asked: string[] = []
    const directory = {
      authenticate: async (attempt: { name: string }) => {
        asked.push(attempt.name)
        return { name: 'ada' }
      },
      maySendAs: async () => false,
      domain: async () => 'none' as const,
      recipient: async () => ({ kind: 'elsewhere' as const }),
    }
    expect(await openParts({ directory }).session.authenticate(credentials(name, password))).toEqual({
      kind: 'refused',
    })
    expect(asked).toEqual([])
  })

  it('judges nothing but passwords', async () => {
    const { session } = openParts()
    const proof = { kind: 'proof', mechanism: 'CRAM-MD5', authorizationId: '', authenticationId: 'ada' } as const
    expect(await session.authenticate(proof)).toEqual({ kind: 'refused' })
    expect(await session.authenticate({ kind: 'token', authorizationId: 'ada', token: 'secret' })).toEqual({
      kind: 'refused',
    })
    expect(await session.authenticate({ kind: 'certificate', authorizationId: 'ada' })).toEqual({ kind: 'refused' })
  })

  it('is a fault where the directory is away', async () => {
    const away = {
      authenticate: () => Promise.reject(new DirectoryUnavailableError('away')),
      maySendAs: async () => false,
      domain: async () => 'none' as const,
      recipient: async () => ({ kind: 'elsewhere' as const }),
    }
    await expect(openParts({ directory: away }).session.authenticate(credentials('a', 'b'))).rejects.toThrow('away')
  })
})

describe('a submission', () => {
  it('needs an account (RFC 6409 §4.3)', async () => {
    const parts = openParts({ account: undefined as never })
    expect(await parts.session.mail({ reversePath: mailboxOf('ada@example.org') })).toMatchObject({
      code: 530,
      status: '5.7.0',
    })
  })

  it('takes only reverse-paths of the account (RFC 6409 §6.1), and the null one', async () => {
    const { session } = openParts()
    expect(await session.mail({ reversePath: mailboxOf('bob@example.org') })).toMatchObject({
      code: 550,
      status: '5.7.1',
    })
    expect(await session.mail({ reversePath: mailboxOf('ada.lovelace@example.org') })).toMatchObject({ code: 250 })
    expect(await session.mail({ reversePath: null })).toMatchObject({ code: 250 })
  })

  it('takes recipients anywhere, but none that does not exist here', async () => {
    const { session } = openParts()
    await session.mail({ reversePath: mailboxOf('ada@example.org') })
    expect(await session.rcpt({ forwardPath: mailboxOf('bob@example.org') })).toMatchObject({ code: 250 })
    expect(await session.rcpt({ forwardPath: mailboxOf('x@example.net') })).toMatchObject({ code: 250 })
    expect(await session.rcpt({ forwardPath: mailboxOf('nobody@example.org') })).toMatchObject({
      code: 550,
      status: '5.1.1',
    })
    expect(await session.rcpt({ forwardPath: 'postmaster' })).toMatchObject({ code: 250 })
  })

  it('limits the number of recipients (RFC 5321 §4.5.3.1.10)', async () => {
    const { session } = openParts({ maxRecipients: 1 })
    await session.mail({ reversePath: mailboxOf('ada@example.org') })
    expect(await session.rcpt({ forwardPath: mailboxOf('bob@example.org') })).toMatchObject({ code: 250 })
    expect(await session.rcpt({ forwardPath: mailboxOf('ada@example.org') })).toMatchObject({ code: 452 })
  })

  it('completes the header and removes Bcc (RFC 6409 §8, RFC 5322 §3.6.3)', async () => {
    const parts = openParts()
    const answer = await submit(
      parts.session,
      'From: ada@example.org\nTo: bob@example.org\nBcc: eve@example.org\nSubject: hi\n\nbody\n',
    )
    expect(answer).toMatchObject({ code: 250, status: '2.0.0' })
    const text = await parts.stored()
    expect(text).toMatch(/^Received: from laptop\.example\.org \(\[192\.0\.2\.9\]\)[^]* with ESMTPSA/)
    expect(text).toMatch(/\nDate: /)
    expect(text).toMatch(/\nMessage-ID: <[0-9A-Z]{20}@mail\.example\.org>\n/)
    expect(text).not.toContain('eve@')
    expect(text).not.toContain('Sender:')
    expect(text.endsWith('\nFrom: ada@example.org\nTo: bob@example.org\nSubject: hi\n\nbody\n')).toBe(true)
  })

  it('says who submitted where the author is somebody else (RFC 6409 §8.1)', async () => {
    const parts = openParts()
    await submit(parts.session, 'From: Team: bob@example.org, ada@example.org;\nSubject: hi\n\nbody\n')
    expect(await parts.stored()).toContain('\nSender: ada@example.org\n')
  })

  it('puts the account in place of a Sender that is not its own (RFC 6409 §8.1)', async () => {
    const parts = openParts()
    await submit(parts.session, 'From: bob@example.org\nSender: bob@example.org\nSubject: hi\n\nbody\n')
    const text = await parts.stored()
    expect(text).toContain('\nSender: ada@example.org\n')
    expect(text).not.toContain('Sender: bob')
  })

  it('refuses somebody else as author under the null reverse-path: nobody would be named (RFC 6409 §6.1)', async () => {
    const text = 'From: bob@example.org\nSubject: hi\n\nbody\n'
    expect(await submit(openParts().session, text, null)).toMatchObject({ code: 550, status: '5.7.1' })
    const own = 'From: ada@example.org\nSubject: Read: hi\n\nbody\n'
    expect(await submit(openParts().session, own, null)).toMatchObject({ code: 250 })
  })

  it.each([
    ['no From', 'Subject: hi\n\nbody\n'],
    ['two From fields', 'From: ada@example.org\nFrom: ada@example.org\n\nbody\n'],
  ])('refuses a header with %s (RFC 5322 §3.6)', async (_, text) => {
    expect(await submit(openParts().session, text)).toMatchObject({ code: 550, status: '5.6.0' })
  })

  it('forgets the transaction at RSET', async () => {
    const { session } = openParts()
    await session.mail({ reversePath: mailboxOf('ada@example.org') })
    session.reset?.()
    expect(await session.rcpt({ forwardPath: mailboxOf('bob@example.org') })).toMatchObject({ code: 503 })
    expect(await session.content()).toMatchObject({ code: 503 })
  })

  it('stores nothing when the client goes away', async () => {
    const { session, store } = openParts()
    await session.mail({ reversePath: mailboxOf('ada@example.org') })
    await session.rcpt({ forwardPath: mailboxOf('bob@example.org') })
    const sink = await session.content()
    if (!isSink(sink)) throw new Error('no sink')
    await sink.write(Buffer.from('From: ada@example.org\r\n'))
    sink.abort()
    expect(await store.queue.lease({ limit: 1, durationMs: 1, waitMs: 0 })).toEqual([])
  })
})
