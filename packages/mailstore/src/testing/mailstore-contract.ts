/** The tests that every `Mailstore` must pass. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MailboxDelivery, Mailstore, MailboxWriter, StoredMessage } from '../mailstore.ts'

/** How the suite gets an implementation. */
export interface MailstoreHarness {
  /** A new, empty mailstore. */
  open(): Promise<OpenedMailstore>
}

/** A mailstore under test, and what its readers see. */
export interface OpenedMailstore {
  /** Empty at first where `open` gave it; called at once from many places. */
  readonly mailstore: Mailstore
  /** The messages of an account as a reader sees them, whole, with CRLF line ends, in any order. */
  read(account: string): Promise<readonly Uint8Array[]>
  /** Opens the same store again, as after a crash. Left out by stores that keep nothing. */
  reopen?(): Promise<OpenedMailstore>
  /** The locations of different messages lead to them; makes sure of that where the medium allows. */
  readAt?(location: string): Promise<Uint8Array>
  /** A key that was just committed is recognised: false where the store never recognises any. Default true. */
  readonly recognisesKeys?: boolean
  /** Called once after the test, passed or not; of a store that was opened again, for each of the two. */
  close(): Promise<void>
}

const PREFIX = 'Return-Path: <eve@example.net>\r\nDelivered-To: ada@example.org\r\n'
const CONTENT = 'Subject: hello\r\n\r\nfirst\r\n.second\r\n'

/** Registers the tests. Call it once per implementation. */
export function describeMailstoreContract(name: string, harness: MailstoreHarness): void {
  describe(`${name} keeps the Mailstore contract`, () => {
    let opened: OpenedMailstore

    beforeEach(async () => {
      opened = await harness.open()
    })

    afterEach(async () => {
      await opened.close()
    })

    const begin = async (account: string, more: Partial<MailboxDelivery> = {}): Promise<MailboxWriter> => {
      const writer = await opened.mailstore.begin({ account, prefix: bytes(PREFIX), ...more })
      if (writer.kind !== 'writer') throw new TypeError('The mailbox refused.')
      return writer
    }
    const put = async (
      account: string,
      content: string,
      more: Partial<MailboxDelivery> = {},
    ): Promise<StoredMessage> => {
      const writer = await begin(account, more)
      await writer.write(bytes(content))
      return writer.commit()
    }
    const texts = async (account: string): Promise<readonly string[]> =>
      (await opened.read(account)).map(text).toSorted()

    it('puts the prefix in front of the content and changes neither', async () => {
      const { location } = await put('ada', CONTENT)
      expect(await texts('ada')).toEqual([PREFIX + CONTENT])
      expect(location).not.toBe('')
      if (opened.readAt !== undefined) expect(text(await opened.readAt(location))).toBe(PREFIX + CONTENT)
    })

    it('shows nothing before the commit', async () => {
      const writer = await begin('ada')
      await writer.write(bytes(CONTENT))
      expect(await texts('ada')).toEqual([])
      await writer.commit()
      expect(await texts('ada')).toEqual([PREFIX + CONTENT])
    })

    it('forgets what is aborted, also twice', async () => {
      const writer = await begin('ada')
      await writer.write(bytes(CONTENT))
      await writer.abort()
      await writer.abort()
      expect(await texts('ada')).toEqual([])
    })

    it('takes content cut anywhere, and gives the chunk back after each write', async () => {
      const whole = bytes(`${CONTENT}a\r\r\nb\rc\r\n\r\n\u00e9 \u0000\r\n`)
      for (let cut = 0; cut <= whole.length; cut += 1) {
        const writer = await begin(`cut-${cut}`, { prefix: new Uint8Array(0) })
        const chunk = new Uint8Array(whole.length)
        for (const part of [whole.subarray(0, cut), whole.subarray(cut)]) {
          chunk.set(part)
          await writer.write(chunk.subarray(0, part.length))
          chunk.fill(0x78)
        }
        await writer.commit()
      }
      // CR CR LF cannot be told from CR LF once line ends are LF on the medium; the two bytes before are what counts.
      const cuts = Array.from({ length: whole.length + 1 }, (_, cut) => opened.read(`cut-${cut}`))
      const [first, ...others] = (await Promise.all(cuts)).map(([message]) => message && hex(message))
      expect(first).toContain(hex(bytes(CONTENT)))
      expect(new Set([first, ...others]).size).toBe(1)
    })

    it('streams a message larger than any buffer', async () => {
      const line = `${'x'.repeat(76)}\r\n`
      const chunk = bytes(line.repeat(500))
      const writer = await begin('ada', { prefix: new Uint8Array(0) })
      for (let index = 0; index < 20; index += 1) await writer.write(chunk)
      await writer.commit()
      const [message] = await opened.read('ada')
      expect(message?.length).toBe(chunk.length * 20)
      expect(text((message ?? new Uint8Array(0)).subarray(-78))).toBe(line)
    })

    it('takes a message without prefix and content', async () => {
      const writer = await begin('ada', { prefix: new Uint8Array(0) })
      await writer.commit()
      expect(await texts('ada')).toEqual([''])
    })

    it('keeps mailboxes apart, whatever their names', async () => {
      const accounts = [
        'ada',
        'bob',
        '..',
        '.',
        '../ada',
        '/etc/passwd',
        'a/b',
        'a%2Fb',
        'Jürgen',
        '日本',
        'x@y+z',
        ' ',
        'new',
        '%',
      ]
      for (const account of accounts) await put(account, `Subject: ${account}\r\n\r\n`)
      for (const account of accounts) expect(await texts(account)).toEqual([`${PREFIX}Subject: ${account}\r\n\r\n`])
    })

    it('refuses or takes a name that is not possible, but does not throw', async () => {
      for (const account of ['', 'x'.repeat(5_000)]) {
        const begun = await opened.mailstore.begin({ account, prefix: new Uint8Array(0) })
        if (begun.kind === 'writer') await begun.abort()
        else expect(begun.reply.code).toBeGreaterThanOrEqual(400)
      }
    })

    it('writes many messages at once, each whole', async () => {
      const numbers = Array.from({ length: 40 }, (_, index) => index)
      const stored = await Promise.all(
        numbers.map((number) =>
          put(number % 2 === 0 ? 'ada' : 'bob', `Subject: ${number}\r\n\r\n${'x'.repeat(number * 500)}\r\n`),
        ),
      )
      expect(new Set(stored.map(({ location }) => location)).size).toBe(40)
      expect((await texts('ada')).length + (await texts('bob')).length).toBe(40)
    })

    it('stores the same content twice without a key', async () => {
      await put('ada', CONTENT)
      await put('ada', CONTENT)
      expect(await texts('ada')).toHaveLength(2)
    })

    it('takes a key that was committed for done, and gives its location', async () => {
      const first = await put('ada', CONTENT, { key: 'message-1/ada' })
      const second = await put('ada', CONTENT, { key: 'message-1/ada' })
      await put('ada', CONTENT, { key: 'message-2/ada' })
      if (opened.recognisesKeys === false) return
      expect(await texts('ada')).toHaveLength(2)
      expect(second.location).toBe(first.location)
    })

    it('never takes a key for done that was aborted, or stands in another mailbox', async () => {
      const writer = await begin('ada', { key: 'message-1' })
      await writer.write(bytes(CONTENT))
      await writer.abort()
      await put('bob', CONTENT, { key: 'message-1' })
      await put('ada', CONTENT, { key: 'message-1' })
      expect(await texts('ada')).toEqual([PREFIX + CONTENT])
      expect(await texts('bob')).toEqual([PREFIX + CONTENT])
    })

    it('still holds what was committed after a crash, and nothing else', async ({ skip }) => {
      if (opened.reopen === undefined) return skip('the store keeps nothing')
      await put('ada', CONTENT)
      const lost = await begin('ada')
      await lost.write(bytes(CONTENT))
      const reopened = await opened.reopen()
      try {
        expect((await reopened.read('ada')).map(text)).toEqual([PREFIX + CONTENT])
      } finally {
        await reopened.close()
      }
      return undefined
    })
  })
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const bytes = (content: string): Uint8Array => encoder.encode(content)
const text = (content: Uint8Array): string => decoder.decode(content)
const hex = (content: Uint8Array): string => [...content].map((byte) => byte.toString(16).padStart(2, '0')).join('')
