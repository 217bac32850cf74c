/** Our client against the servers of others, which pass on to our server what they took: it arrives byte for byte. */

import { mailboxOf } from '@postroad/address'
import type { Envelope } from '@postroad/envelope'
import { systemClock, systemCryptography } from '@postroad/runtime/system'
import { createClientMechanism } from '@postroad/sasl'
import { createSmtpDelivery, sendMessage, type SendMessageReport, type TlsMode } from '@postroad/smtp-client'
import { slow } from '@postroad/tooling-vitest/slow'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificate } from '../src/certificate.ts'
import { DOTS, EIGHT_BIT, envelope, kindsOf, MEBIBYTE, sourceOf, UTF8_HEADER } from '../src/messages.ts'
import { startOurServer, type OurServer, type TakenMessage } from '../src/our-server.ts'
import type { PeerServer } from '../src/peer.ts'
import { PEERS, whyNot } from '../src/peers.ts'
import { WireClient } from '../src/wire-client.ts'

/** What each can, as far as it matters here. */
const FEATURES: Readonly<Record<string, Features>> = {
  Postfix: {
    chunking: true,
    smtputf8: true,
    tls: true,
    prompt: true,
    mechanisms: ['SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN', 'LOGIN'],
    services: {
      plain:
        'smtpd_recipient_restrictions=check_recipient_access inline:{ { nobody@example.net = 550 5.1.1 No such mailbox } }',
      data: 'smtpd_discard_ehlo_keywords=chunking',
      starttls: 'smtpd_tls_security_level=may',
      implicit: 'smtpd_tls_wrappermode=yes; smtpd_tls_security_level=encrypt',
      auth: (mechanism) =>
        `smtpd_tls_security_level=may; smtpd_sasl_auth_enable=yes; smtpd_sasl_mechanism_filter=${mechanism}`,
    },
  },
  Exim: {
    chunking: true,
    smtputf8: true,
    tls: true,
    prompt: true,
    mechanisms: ['PLAIN', 'LOGIN'],
    services: {
      plain: '#refuse nobody@example.net 550 5.1.1 No such mailbox',
      data: 'chunking_advertise_hosts = 192.0.2.1',
      starttls: 'tls_advertise_hosts = *',
      implicit: 'tls_advertise_hosts = *\ntls_on_connect_ports = PORT',
      auth: (mechanism) => `tls_advertise_hosts = *\nauth_advertise_hosts = *\n#authenticators ${mechanism}`,
    },
  },
  OpenSMTPD: {
    chunking: false,
    smtputf8: false,
    // Every TLS handshake fails as it runs here, and it takes AUTH only under TLS.
    tls: false,
    // It waits between one message that it passes on and the next.
    prompt: false,
    mechanisms: [],
    services: {
      plain: 'hostname mx.example.net',
      data: 'hostname mx.example.net',
      starttls: 'hostname mx.example.net tls pki interop',
      implicit: 'hostname mx.example.net smtps pki interop',
      auth: () => 'hostname mx.example.net tls pki interop auth <accounts>',
    },
  },
}

interface Features {
  readonly chunking: boolean
  readonly smtputf8: boolean
  readonly tls: boolean
  /** Passes on at once what it took. */
  readonly prompt: boolean
  readonly mechanisms: readonly string[]
  readonly services: {
    readonly plain: string
    /** Offers no CHUNKING. */
    readonly data: string
    readonly starttls: string
    readonly implicit: string
    readonly auth: (mechanism: string) => string
  }
}

let sent = 0

/** OpenSMTPD takes its time. */
const KINDS = PEERS.filter(({ name }) => FEATURES[name] !== undefined && (FEATURES[name].prompt || slow))

/** The packages may have to be fetched first. */
const FETCH_MS = 300_000

describe.each(KINDS)('our client and $name', (kind) => {
  const features = FEATURES[kind.name]
  if (features === undefined) throw new Error(`Nobody said what ${kind.name} can.`)
  const { services } = features
  let why: string | undefined
  let sink: OurServer
  let peer: PeerServer
  let ca: string
  const dialogue: string[] = []

  beforeAll(async () => {
    why = await whyNot(kind)
    if (why !== undefined) return
    ca = (await certificate()).cert
    sink = await startOurServer({ tls: await certificate() })
    const auth = features.tls ? [...features.mechanisms, 'CRAM-MD5'].map(services.auth) : []
    peer = await kind.start({
      services: [...new Set([services.plain, services.data, services.starttls, services.implicit, ...auth])],
      relayPort: sink.port,
    })
  }, FETCH_MS)
  afterAll(async () => {
    await peer?.[Symbol.asyncDispose]()
    await sink?.[Symbol.asyncDispose]()
  })

  /** Sends under an ENVID of its own, by which it is known again. */
  const send = async (
    service: string,
    tls: TlsMode,
    content: Buffer,
    given: Envelope = envelope(),
    credentials?: { username: string; password: string },
  ): Promise<{ report: SendMessageReport; envid: string }> => {
    sent += 1
    const envid = `interop-${process.pid}-${sent}`
    dialogue.length = 0
    const report = await sendMessage({
      host: 'mx.example.net',
      address: '127.0.0.1',
      port: peer.port(service),
      tls,
      hostname: 'client.example.org',
      envelope: { ...given, envid },
      content,
      clock: systemClock,
      trust: { ca },
      ...(credentials === undefined ? {} : { credentials }),
      onDialogue: (from, line) => dialogue.push(`${from === 'client' ? 'C' : 'S'}: ${line}`),
    })
    return { report, envid }
  }
  /** What the peer passed on, and what is left of it without the fields that the peer put before it. */
  const arrived = async (envid: string, content: Buffer): Promise<TakenMessage> => {
    const message = await sink.taken(({ mail }) => mail.envid === envid)
    const end = message.content.subarray(-content.length)
    expect(end.equals(content), 'the content is as it was sent').toBe(true)
    const before = message.content.subarray(0, -content.length).toString('latin1')
    expect(before).toMatch(/^(?:Return-Path:.*\r\n|Received:.*\r\n(?:[ \t].*\r\n)*)+$/)
    return message
  }

  it('hands over what begins with dots, and it arrives as it was', async ({ skip }) => {
    skip(why !== undefined, why)
    const { report, envid } = await send(services.plain, 'none', DOTS)
    expect(kindsOf(report), dialogue.join('\n')).toEqual(['delivered'])
    await arrived(envid, DOTS)
    const content = features.chunking ? /^C: BDAT \d+ LAST$/ : /^C: DATA$/
    expect(dialogue.filter((line) => content.test(line))).toHaveLength(1)
  })

  it.runIf(features.tls)('passes on to our server under STARTTLS, Exim by BDAT', async ({ skip }) => {
    skip(why !== undefined, why)
    const { envid } = await send(services.plain, 'none', DOTS)
    const { session } = await arrived(envid, DOTS)
    expect(session.tls?.version).toMatch(/^TLSv1\.[23]$/)
    const [first] = sink.dialogue.filter((line) => /^C: (?:BDAT|DATA)/.test(line))
    expect(first).toMatch(kind.name === 'Exim' ? /^C: BDAT \d+ LAST$/ : /^C: DATA$/)
  })

  it.for([
    { what: 'what begins with dots', content: DOTS },
    { what: 'a mebibyte', content: MEBIBYTE },
  ])('hands over $what by DATA where there is no CHUNKING (RFC 5321 §4.5.2)', async ({ content }, { skip }) => {
    skip(why !== undefined, why)
    const { report, envid } = await send(services.data, 'none', content)
    expect(kindsOf(report), dialogue.join('\n')).toEqual(['delivered'])
    expect(dialogue.filter((line) => line === 'C: DATA')).toHaveLength(1)
    await arrived(envid, content)
  })

  it('hands over a mebibyte', async ({ skip }) => {
    skip(why !== undefined, why)
    const { report, envid } = await send(services.plain, 'none', MEBIBYTE)
    expect(kindsOf(report), dialogue.join('\n')).toEqual(['delivered'])
    await arrived(envid, MEBIBYTE)
  })

  it('hands over octets above 127 (RFC 6152 §2)', async ({ skip }) => {
    skip(why !== undefined, why)
    const { report, envid } = await send(services.plain, 'none', EIGHT_BIT, envelope(undefined, { body: '8bitmime' }))
    expect(kindsOf(report), dialogue.join('\n')).toEqual(['delivered'])
    expect(dialogue.join('\n')).toContain('BODY=8BITMIME')
    await arrived(envid, EIGHT_BIT)
  })

  it('hands over internationalized mail where the server takes it, and says so where not (RFC 6531 §3.4)', async ({
    skip,
  }) => {
    skip(why !== undefined, why)
    const given = envelope(['åda@example.net'], { smtputf8: true, body: '8bitmime' })
    const { report, envid } = await send(services.plain, 'none', UTF8_HEADER, given)
    if (features.smtputf8) {
      expect(kindsOf(report), dialogue.join('\n')).toEqual(['delivered'])
      const { mail, recipients } = await arrived(envid, UTF8_HEADER)
      expect(mail.smtputf8).toBe(true)
      expect(recipients[0]?.forwardPath).toMatchObject({ localPart: 'åda' })
    } else {
      expect(kindsOf(report)).toEqual(['failed 5.6.7'])
      expect(dialogue.join('\n')).not.toContain('MAIL FROM')
    }
  })

  it('asks for reports, and the server passes that on (RFC 3461 §5)', async ({ skip }) => {
    skip(why !== undefined, why)
    const given: Envelope = {
      ...envelope(undefined, { ret: 'hdrs' }),
      recipients: [
        {
          mailbox: mailboxOf('ada@example.net'),
          notify: ['success', 'failure'],
          orcpt: { type: 'rfc822', address: 'a+b@example.com' },
        },
      ],
    }
    const { report, envid } = await send(services.plain, 'none', DOTS, given)
    expect(kindsOf(report), dialogue.join('\n')).toEqual(['delivered'])
    const { mail, recipients } = await arrived(envid, DOTS)
    expect(mail.ret).toBe('hdrs')
    expect(recipients[0]?.orcpt).toEqual({ type: 'rfc822', address: 'a+b@example.com' })
    expect(recipients[0]?.notify?.toSorted()).toEqual(['failure', 'success'])
  })

  it('hands over one message for 90 recipients', async ({ skip }) => {
    skip(why !== undefined, why)
    const names = Array.from({ length: 90 }, (_, index) => `r${index}@example.net`)
    const { report, envid } = await send(services.plain, 'none', DOTS, envelope(names))
    expect(new Set(kindsOf(report)), dialogue.join('\n')).toEqual(new Set(['delivered']))
    const reached = new Set<string>()
    while (reached.size < names.length) {
      await sink.taken((message) => {
        if (message.mail.envid !== envid) return false
        const before = reached.size
        for (const { forwardPath } of message.recipients) {
          if (forwardPath !== 'postmaster') reached.add(`${forwardPath.localPart}@${forwardPath.domain}`)
        }
        return reached.size > before
      })
    }
    expect([...reached].toSorted()).toEqual(names.toSorted())
  })

  it.skipIf(kind.name === 'OpenSMTPD')('tells the recipient that is refused from the others', async ({ skip }) => {
    skip(why !== undefined, why)
    const given = envelope(['ada@example.net', 'nobody@example.net', 'bob@example.net'])
    const { report, envid } = await send(services.plain, 'none', DOTS, given)
    expect(
      kindsOf(report).map((text) => text.split('.')[0]),
      dialogue.join('\n'),
    ).toEqual(['delivered', 'failed 5', 'delivered'])
    const { recipients } = await arrived(envid, DOTS)
    expect(recipients).toHaveLength(2)
  })

  it.runIf(features.tls)('upgrades by STARTTLS and knows the certificate (RFC 3207 §4)', async ({ skip }) => {
    skip(why !== undefined, why)
    const { report, envid } = await send(services.starttls, 'required', DOTS)
    expect(kindsOf(report), dialogue.join('\n')).toEqual(['delivered'])
    expect(report.peer?.tls).toMatchObject({ verified: true })
    await arrived(envid, DOTS)
  })

  it.runIf(features.tls)('speaks TLS from the first byte (RFC 8314 §3)', async ({ skip }) => {
    skip(why !== undefined, why)
    const { report, envid } = await send(services.implicit, 'implicit', DOTS)
    expect(kindsOf(report), dialogue.join('\n')).toEqual(['delivered'])
    expect(report.peer?.tls).toMatchObject({ verified: true })
    await arrived(envid, DOTS)
  })

  it.for(features.mechanisms)(
    'authenticates by %s, and not with another password (RFC 4954 §4)',
    async (mechanism, { skip }) => {
      skip(why !== undefined, why)
      const service = services.auth(mechanism)
      const right = await send(service, 'required', DOTS, envelope(), { username: 'ada', password: 'secret' })
      expect(kindsOf(right.report), dialogue.join('\n')).toEqual(['delivered'])
      expect(dialogue.filter((line) => line.startsWith('C: AUTH')).join()).toContain(mechanism.split(' ')[0])
      await arrived(right.envid, DOTS)
      const wrong = await send(service, 'required', DOTS, envelope(), { username: 'ada', password: 'wrong' })
      expect(wrong.report.phase).toBe('auth')
      expect(kindsOf(wrong.report)[0]).toMatch(/^(?:deferred|failed) [45]\.7\./)
    },
  )

  it.runIf(features.tls)(
    'does not use CRAM-MD5, which our mechanism knows all the same (RFC 2195 §2)',
    async ({ skip }) => {
      skip(why !== undefined, why)
      const service = services.auth('CRAM-MD5')
      const login = { username: 'ada', password: 'secret' }
      const { report } = await send(service, 'required', DOTS, envelope(), login)
      expect(kindsOf(report)).toEqual(['deferred 4.7.4'])
      expect(dialogue.filter((line) => line.startsWith('C: AUTH'))).toEqual([])

      const client = await WireClient.open(peer.port(service))
      const say = async (line: string): Promise<string> => {
        client.send(Buffer.from(`${line}\r\n`))
        const answer = await client.reply()
        return typeof answer === 'string' ? answer : (answer[0] ?? '')
      }
      expect(await client.reply()).toHaveLength(1)
      await say('EHLO client.example.org')
      expect(await say('STARTTLS')).toMatch(/^220/)
      expect(await client.startTls()).toBe(true)
      await say('EHLO client.example.org')
      const exchange = createClientMechanism('CRAM-MD5', login, { cryptography: systemCryptography })
      expect(exchange?.start()).toBeUndefined()
      const challenge = Buffer.from((await say('AUTH CRAM-MD5')).slice(4), 'base64')
      const step = exchange?.receive(challenge)
      if (step?.kind !== 'respond') throw new Error(`no response to ${challenge.toString()}`)
      expect(await say(Buffer.from(step.bytes).toString('base64'))).toMatch(/^235/)
      client.close()
    },
  )

  it('sends twenty messages over one connection', async ({ skip }) => {
    skip(why !== undefined, why)
    const opened: string[] = []
    await using delivery = createSmtpDelivery({
      hostname: 'client.example.org',
      clock: systemClock,
      observer: { observe: (event) => void (event.type === 'connection-opened' && opened.push(event.sessionId)) },
    })
    const destination = { protocol: 'smtp', host: '127.0.0.1', port: peer.port(services.plain), tls: 'none' } as const
    for (let index = 0; index < 20; index += 1) {
      const envid = `pooled-${process.pid}-${kind.name}-${index}`
      const { outcomes } = await delivery.deliver({
        envelope: { ...envelope(), envid },
        content: sourceOf(DOTS),
        destination,
        signal: new AbortController().signal,
      })
      expect(outcomes.map((outcome) => outcome.kind)).toEqual(['delivered'])
      if (features.prompt) await arrived(envid, DOTS)
    }
    expect(opened).toHaveLength(1)
  })
})
