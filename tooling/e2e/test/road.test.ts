/** The whole road, from a mail client to Maildirs and another MTA, in both shapes. */

import { randomUUID } from 'node:crypto'
import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mailboxOf } from '@postroad/address'
import { readReport } from '@postroad/dsn'
import { reply } from '@postroad/envelope'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { systemClock } from '@postroad/runtime/system'
import { sendMessage } from '@postroad/smtp-client'
import {
  demoErrands,
  differences,
  openRoad,
  openSubmitter,
  openTestMta,
  PASSWORD,
  readMailbox,
  RoadLog,
  splitMessage,
  type Errand,
  type Road,
  type RoadOptions,
  type TestMta,
} from '../src/index.ts'

const SHAPES: readonly { name: string; shape: () => RoadOptions['shape'] }[] = [
  { name: 'one process over SQLite', shape: () => ({ kind: 'one' }) },
  {
    name: 'four processes over Redis',
    shape: () => ({ kind: 'four', redisUrl: redisUrl(), prefix: `e2e-${randomUUID()}` }),
  },
]

const REFUSED = 'nobody@example.net'

describe.each(SHAPES)('the road as $name', ({ shape }) => {
  let mta: TestMta
  let road: Road
  const log = new RoadLog()
  const errands = demoErrands(systemClock.now(), REFUSED)
  const titled = (title: string): Errand => errands.find((errand) => errand.title === title) ?? expect.unreachable()

  beforeAll(async () => {
    mta = await openTestMta({
      hostname: 'mx.example.net',
      judge: (recipient, asked) => {
        if (recipient === REFUSED) return reply(550, '5.1.1', 'No such user in this house')
        return recipient === 'busy@example.net' && asked === 0 ? reply(451, '4.7.1', 'Come back later') : undefined
      },
      onArrival: () => log.poke(),
    })
    road = await openRoad({
      shape: shape(),
      mxPort: mta.port,
      relay: ['retry = ["1s"]'],
      onLine: log.push,
    })
  })

  afterAll(async () => {
    await road?.[Symbol.asyncDispose]()
    await mta?.[Symbol.asyncDispose]()
  })

  /** What lies in a mailbox under a subject. */
  const stored = async (account: string, subject: string): Promise<readonly Uint8Array[]> => {
    const mails = await readMailbox(road.maildir, account)
    return mails
      .map(({ content }) => content)
      .filter((content) => splitMessage(content).header.first('Subject')?.value === subject)
  }

  const subjectOf = ({ content }: { readonly content: Uint8Array }): string =>
    splitMessage(content).header.first('Subject')?.value ?? ''

  /** Sends it and waits until it lies in the mailbox of each local recipient. */
  const deliver = async (errand: Errand): Promise<void> => {
    await using submitter = openSubmitter(road, 'ada')
    const outcomes = await submitter.submit(errand)
    expect(outcomes.map(({ kind }) => kind)).toEqual(errand.to.map(() => 'delivered'))
    for (const address of errand.to.filter((to) => to.endsWith('@example.org'))) {
      const account = address.replace('@example.org', '')
      await expect.poll(() => stored(account, subjectOf(errand)), { timeout: 30_000 }).toHaveLength(1)
    }
  }

  it.each(['a plain message', 'a message in UTF-8', '8 MB of attachment'])(
    'delivers %s byte for byte',
    async (title) => {
      const errand = titled(title)
      await deliver(errand)
      const [arrived] = await stored('bob', subjectOf(errand))
      expect(differences(errand.content, arrived!)).toEqual([])
      const { header } = splitMessage(arrived!)
      expect(header.fields.slice(0, 2).map(({ name, value }) => `${name}: ${value}`)).toEqual([
        'Return-Path: <ada@example.org>',
        'Delivered-To: bob@example.org',
      ])
      expect(header.first('Received')?.value).toMatch(/ by mail\.example\.org with (LMTP|ESMTPSA) /)
    },
  )

  it('delivers to two local users and a remote domain', async () => {
    const errand = titled('two here, one elsewhere')
    await deliver(errand)
    for (const account of ['bob', 'eve']) {
      const [arrived] = await stored(account, subjectOf(errand))
      expect(differences(errand.content, arrived!)).toEqual([])
    }
    await log.until('the arrival at the other MTA', () =>
      mta.arrivals.some((it) => it.recipients.includes('carol@example.net')),
    )
    const arrival = mta.arrivals.find((it) => it.recipients.includes('carol@example.net'))
    expect(arrival?.recipients).toEqual(['carol@example.net'])
    expect(differences(errand.content, arrival!.content)).toEqual([])
  })

  it('expands an alias, each target once', async () => {
    await using submitter = openSubmitter(road, 'ada')
    const content = Buffer.from('From: ada@example.org\r\nTo: team@example.org\r\nSubject: team\r\n\r\nall of you\r\n')
    await submitter.submit({ from: 'ada@example.org', to: ['team@example.org', 'bob@example.org'], content })
    await expect.poll(() => stored('eve', 'team'), { timeout: 30_000 }).toHaveLength(1)
    await expect.poll(() => stored('bob', 'team'), { timeout: 30_000 }).toHaveLength(1)
  })

  it('brings a failure report to the mailbox of the sender (RFC 3461 §6)', async () => {
    const errand = titled('one who does not exist elsewhere')
    await using submitter = openSubmitter(road, 'ada')
    await submitter.submit(errand)
    await log.until('the report', () => log.count('mailbox.delivered', { account: 'ada' }) > 0)
    const mails = await readMailbox(road.maildir, 'ada')
    const reports = mails.map(({ content }) => readReport(content)).filter((report) => report.ok)
    expect(reports).toHaveLength(1)
    const [report] = reports
    expect(report?.value.recipients).toMatchObject([{ action: 'failed', status: '5.1.1' }])
    const text = Buffer.from(mails[0]!.content).toString()
    expect(text).toMatch(/^Return-Path: <>\r\n/)
    expect(text).toContain(REFUSED)
    expect(text).toContain('No such user in this house')
  })

  it('tries again where the next hop said 451, and delivers when it accepts', async () => {
    await using submitter = openSubmitter(road, 'ada')
    const content = Buffer.from('From: ada@example.org\r\nSubject: patience\r\n\r\nlater\r\n')
    await submitter.submit({ from: 'ada@example.org', to: ['busy@example.net'], content })
    await log.until('the arrival', () => mta.arrivals.some(({ recipients }) => recipients.includes('busy@example.net')))
    await log.until('both attempts', () => log.count('attempt.finished', { recipient: 'busy@example.net' }) === 2)
    expect(
      log.lines.flatMap(({ event, recipient, outcome }) =>
        event === 'attempt.finished' && recipient === 'busy@example.net' ? [outcome] : [],
      ),
    ).toEqual(['deferred', 'delivered'])
  })

  it('refuses a local recipient that does not exist, at RCPT', async () => {
    await using submitter = openSubmitter(road, 'ada')
    const content = Buffer.from('From: ada@example.org\r\n\r\nx\r\n')
    expect(await submitter.submit({ from: 'ada@example.org', to: ['nobody@example.org'], content })).toMatchObject([
      { kind: 'failed', status: '5.1.1' },
    ])
  })

  it('takes mail from others for its own, and relays for nobody', async () => {
    const send = (to: string) =>
      sendMessage({
        host: 'localhost',
        address: '127.0.0.1',
        port: road.ports.smtp,
        tls: 'opportunistic',
        hostname: 'mail.example.net',
        envelope: { reversePath: mailboxOf('carol@example.net'), recipients: [{ mailbox: mailboxOf(to) }] },
        content: Buffer.from('From: carol@example.net\r\nSubject: from outside\r\n\r\nx\r\n'),
        clock: systemClock,
      })
    expect((await send('bob@example.org')).outcomes).toMatchObject([{ kind: 'delivered' }])
    await expect.poll(() => stored('bob', 'from outside'), { timeout: 30_000 }).toHaveLength(1)
    expect((await send('dave@example.com')).outcomes).toMatchObject([{ kind: 'failed', status: '5.7.1' }])
  })

  it('takes no submission without AUTH, and none with a wrong password', async () => {
    const send = (credentials?: { username: string; password: string }) =>
      sendMessage({
        host: 'localhost',
        address: '127.0.0.1',
        port: road.ports.submission,
        tls: 'required',
        trust: { ca: road.ca },
        hostname: 'client.example.org',
        envelope: {
          reversePath: mailboxOf('ada@example.org'),
          recipients: [{ mailbox: mailboxOf('dave@example.com') }],
        },
        content: Buffer.from('From: ada@example.org\r\n\r\nx\r\n'),
        clock: systemClock,
        ...(credentials && { credentials }),
      })
    expect((await send()).outcomes).toMatchObject([{ kind: 'failed', reply: { code: 530 } }])
    expect(await send({ username: 'ada', password: 'wrong' })).toMatchObject({ phase: 'auth' })
  })

  it('serves a client that nobody here wrote', async () => {
    const transport = createTransport({
      host: '127.0.0.1',
      port: road.ports.submissions,
      secure: true,
      tls: { ca: road.ca, servername: 'localhost' },
      auth: { user: 'bob', pass: PASSWORD },
    })
    const info = await transport.sendMail({
      from: 'bob@example.org',
      to: ['ada@example.org', 'eve@example.org'],
      bcc: 'carol@example.net',
      subject: 'from nodemailer',
      text: 'Grüße\n.\n',
      attachments: [{ filename: 'a.bin', content: Buffer.alloc(100_000, 7) }],
    })
    transport.close()
    expect(info.rejected).toEqual([])
    await expect.poll(() => stored('ada', 'from nodemailer'), { timeout: 30_000 }).toHaveLength(1)
    await expect.poll(() => stored('eve', 'from nodemailer'), { timeout: 30_000 }).toHaveLength(1)
    await log.until('the blind copy', () => mta.arrivals.some(({ reversePath }) => reversePath?.localPart === 'bob'))
    const [mail] = await stored('ada', 'from nodemailer')
    expect(splitMessage(mail!).header.has('Bcc')).toBe(false)
  })

  it('stops gracefully, and leaves nothing in the log that a person must act on', async () => {
    for (const part of road.parts.toReversed()) expect(await road.stop(part)).toBe(0)
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})
