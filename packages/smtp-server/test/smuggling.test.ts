/** Ends of data that are none, over whole servers: what a message holds is never taken for commands (RFC 5321 §4.1.1.4). */

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ENVELOPE, Recorder, serve } from './harness.ts'
import type { Harness } from './harness.ts'

const folder = process.env['POSTROAD_CORPUS'] ?? fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))
const file = `${folder}/smtp-smuggling/end-of-data.json`
const corpus: { never_end_of_data: string[] } = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : { never_end_of_data: [] }
if (corpus.never_end_of_data.length === 0) console.log(`skipped in part: no corpus at ${folder} (set POSTROAD_CORPUS)`)

const OTHERS =
  '\n.\n|\r\n.\n|\r\n.\r|\r.\r\n|\n.\r\n|\r\n.\r\r\n|\r\r\n.\r\n|\r\n..\r\n|\r\n. \r\n|\r\n.\x00\r\n|\r\n\x00.\r\n|\r\n.\v\n|\x85.\x85'
const LOOKALIKES = new Set([...corpus.never_end_of_data, ...OTHERS.split('|')])
const SMUGGLED = 'MAIL FROM:<smuggled@example.org>\r\nRCPT TO:<ada@example.net>\r\nDATA\r\n'
// Of these the end stands in them, behind what makes the content void.
const ENDS = (lookalike: string): boolean => lookalike.includes('\r\n.\r\n')

const MODES = ['refuse', 'repair'] as const

function check(harness: Harness, handlers: readonly Recorder[], reply: string | undefined, how: string): void {
  const [handler] = handlers
  expect(
    handler?.calls.filter((call) => call === 'mail'),
    how,
  ).toHaveLength(1)
  expect(harness.of('transaction.accepted').length + harness.of('transaction.refused').length, how).toBe(1)
  expect(reply?.slice(0, 3), how).toMatch(/^(250|550)$/)
  expect(harness.faults()).toEqual([])
}

describe.each([...LOOKALIKES].filter((each) => !ENDS(each)))('%j is no end of data', (lookalike) => {
  const content = Buffer.from(`first${lookalike}${SMUGGLED}second${lookalike}QUIT\r\n.\r\n`, 'latin1')

  it.each(MODES)('sent whole, over a pair and over a socket (bare newlines: %s)', async (bareNewlines) => {
    for (const kind of ['pair', 'socket'] as const) {
      const handler = new Recorder()
      const harness = serve(handler, { bareNewlines })
      const client = await harness[kind]()
      await client.talk('HELO a', ...ENVELOPE)
      client.send(content)
      check(harness, [handler], await client.reply(), kind)
      expect(await client.talk('NOOP')).toEqual(['250 2.0.0 OK'])
      await harness.server.stop({ deadlineMs: 0 })
    }
  })

  it.each(MODES)('cut at every byte (bare newlines: %s)', async (bareNewlines) => {
    const handler = new Recorder()
    const harness = serve(handler, { bareNewlines })
    const client = await harness.pair()
    const end = 5 + lookalike.length + 2
    for (let cut = 1; cut < end; cut += 1) {
      handler.calls.length = 0
      harness.events.length = 0
      await client.talk('HELO a', ...ENVELOPE)
      client.send(content.subarray(0, cut))
      await Promise.resolve()
      client.send(content.subarray(cut, end))
      await Promise.resolve()
      client.send(content.subarray(end))
      check(harness, [handler], await client.reply(), `cut at ${cut}`)
    }
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('by BDAT, where no octet means anything (RFC 3030 §2)', async () => {
    const handler = new Recorder()
    const harness = serve(handler, { bareNewlines: 'repair' })
    const client = await harness.socket()
    await client.talk('EHLO a')
    for (const cut of [content.length, 5, 5 + lookalike.length, 7]) {
      handler.calls.length = 0
      harness.events.length = 0
      const [first, second] = [content.subarray(0, cut), content.subarray(cut)]
      await client.talk(ENVELOPE[0], ENVELOPE[1])
      client.send(Buffer.concat([Buffer.from(`BDAT ${first.length}\r\n`), first]))
      const firstReply = await client.reply()
      client.send(Buffer.concat([Buffer.from(`BDAT ${second.length} LAST\r\n`), second]))
      const lastReply = await client.reply()
      // A NUL makes the chunk void in which it stands, and the message with it.
      if (firstReply?.startsWith('250') === true) check(harness, [handler], lastReply, `cut at ${cut}`)
      expect(handler.calls.filter((call) => call === 'mail')).toHaveLength(1)
      await client.talk('RSET')
    }
    await harness.server.stop({ deadlineMs: 0 })
  })
})
