import { describe, expect, it } from 'vitest'
import { formatMailbox, mailboxOf } from '@postroad/address'
import { DirectoryUnavailableError, type Directory } from '@postroad/directory'
import { reply } from '@postroad/envelope'
import type { Resolution } from '../src/index.ts'
import { openParts, recipient } from './parts.ts'

const resolve = (parts: ReturnType<typeof openParts>, text: string): Promise<Resolution> =>
  parts.intake.resolve({ recipient: recipient(text), reversePath: null, account: undefined })

const targets = (resolution: Resolution): readonly string[] =>
  resolution.kind === 'accepted'
    ? resolution.targets.map(({ recipient, group }) => `${formatMailbox(recipient.mailbox)} ${group}`)
    : [resolution.kind]

describe('resolving a recipient', () => {
  it.each([
    ['ada@example.org', 'local', ['ada@example.org local']],
    ['x@example.com', 'relay', ['x@example.com mx:example.com']],
    ['x@example.net', 'none', ['x@example.net mx:example.net']],
  ])('gives %s its role and way', async (text, role, expected) => {
    const resolution = await resolve(openParts(), text)
    expect(resolution).toMatchObject({ kind: 'accepted', role })
    expect(targets(resolution)).toEqual(expected)
  })

  it('knows who does not exist', async () => {
    expect(await resolve(openParts(), 'nobody@example.org')).toEqual({ kind: 'unknown' })
  })

  it('expands an alias and keeps the original recipient (RFC 3461 §5.2.1)', async () => {
    const resolution = await resolve(openParts(), 'team@example.org')
    expect(resolution).toMatchObject({ kind: 'accepted', role: 'local' })
    expect(targets(resolution)).toEqual([
      'ada@example.org local',
      'bob@example.org local',
      'carol@example.net mx:example.net',
    ])
    if (resolution.kind !== 'accepted') throw new Error('not accepted')
    for (const { recipient } of resolution.targets) {
      expect(recipient.orcpt).toEqual({ type: 'rfc822', address: 'team@example.org' })
    }
  })

  it.each([
    [['success', 'failure'], ['success', 'failure'], ['failure']],
    [['success'], ['success'], ['never']],
    [
      ['failure', 'delay'],
      ['failure', 'delay'],
      ['failure', 'delay'],
    ],
    [['never'], ['never'], ['never']],
  ] as const)(
    'passes NOTIFY=%s to several targets, SUCCESS to one alone (RFC 3461 §5.2.7.3)',
    async (notify, first, rest) => {
      const { intake } = openParts()
      const resolution = await intake.resolve({
        recipient: { ...recipient('team@example.org'), notify },
        reversePath: null,
        account: undefined,
      })
      if (resolution.kind !== 'accepted') throw new Error('not accepted')
      expect(resolution.targets.map(({ recipient }) => recipient.notify)).toEqual([first, rest, rest])
    },
  )

  it('passes NOTIFY unchanged to the only target of an alias (RFC 3461 §5.2.7.2)', async () => {
    const { intake } = openParts()
    const resolution = await intake.resolve({
      recipient: { ...recipient('broken@example.org'), notify: ['success'] },
      reversePath: null,
      account: undefined,
    })
    expect(resolution).toMatchObject({ targets: [{ recipient: { notify: ['success'] } }] })
  })

  it('refuses an alias of whose targets the routes refuse one: nobody else would be told', async () => {
    const parts = openParts({
      rules: [
        {
          match: { domain: ['example.net'] },
          action: { transport: 'refuse', reply: reply(550, '5.7.1', 'not there') },
        },
      ],
    })
    expect(await resolve(parts, 'team@example.org')).toMatchObject({ kind: 'refused', reply: { lines: ['not there'] } })
  })

  it('keeps a target that does not exist, so that its failure is reported', async () => {
    expect(targets(await resolve(openParts(), 'broken@example.org'))).toEqual(['nobody@example.org local'])
  })

  it('ends a loop of aliases', async () => {
    expect(await resolve(openParts(), 'loop@example.org')).toMatchObject({
      kind: 'refused',
      reply: { code: 550, status: '5.4.6' },
    })
  })

  it('stops at a chain that is too deep, and at too many targets', async () => {
    const chain: Directory = {
      authenticate: async () => undefined,
      maySendAs: async () => false,
      domain: async () => 'local',
      recipient: async ({ localPart, domain }) => ({
        kind: 'alias',
        targets: [{ localPart: `${localPart}x`, domain }],
      }),
    }
    expect(await resolve(openParts({ directory: chain }), 'a@example.org')).toMatchObject({
      kind: 'refused',
      reply: { code: 451 },
    })
    const crowd: Directory = {
      ...chain,
      recipient: async ({ localPart, domain }) =>
        localPart === 'all'
          ? { kind: 'alias', targets: Array.from({ length: 1_001 }, (_, index) => ({ localPart: `${index}`, domain })) }
          : { kind: 'mailbox', account: localPart },
    }
    expect(await resolve(openParts({ directory: crowd }), 'all@example.org')).toMatchObject({
      kind: 'refused',
      reply: { code: 451 },
    })
  })

  it('passes on what the routes refuse', async () => {
    const parts = openParts({
      rules: [
        {
          match: { domain: ['example.net'] },
          action: { transport: 'refuse', reply: reply(550, '5.7.1', 'not there') },
        },
      ],
    })
    expect(await resolve(parts, 'x@example.net')).toMatchObject({ kind: 'refused', reply: { lines: ['not there'] } })
  })

  it('rejects where the directory cannot answer', async () => {
    const away: Directory = {
      authenticate: async () => undefined,
      maySendAs: async () => false,
      domain: async () => 'none',
      recipient: () => Promise.reject(new DirectoryUnavailableError('away')),
    }
    await expect(resolve(openParts({ directory: away }), formatMailbox(mailboxOf('a@example.org')))).rejects.toThrow(
      'away',
    )
  })
})
