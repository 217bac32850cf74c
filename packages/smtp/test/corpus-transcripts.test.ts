import { describe, expect, it } from 'vitest'
import { BARE_STAGES, parseTranscripts } from '../src/testing/index.ts'
import type { TranscriptPeer } from '../src/testing/index.ts'
import { hasCorpus, readCorpus } from './corpus.ts'
import { latin1 } from './server-helper.ts'

/** Sessions of Apache James: the codes and the number of replies must be the same, the texts are its own. */
const FILES = ['authplain.txt', 'data_with_starttls.txt', 'helo.txt', 'starttls.txt']

/** Its AUTH comes before EHLO, which RFC 4954 §4 has no client do; its server offers STARTTLS in all of them. */
const SETTINGS = '#: title james\n#: starttls\n#: auth PLAIN LOGIN\n#: plaintext-auth\n'

/** What the server says until it waits: the codes of whole replies. */
async function codes(peer: TranscriptPeer, expected: number): Promise<readonly string[]> {
  const found: string[] = []
  while (found.length < expected) {
    const line = (await peer.readLine()) ?? 'closed'
    if (line.charAt(3) !== '-') found.push(line.slice(0, 3))
  }
  return found
}

describe.skipIf(!hasCorpus)('sessions of Apache James', () => {
  for (const file of FILES) {
    it.each(BARE_STAGES)(`${file} has the same codes, stage $name`, async (stage) => {
      const [settings] = parseTranscripts(SETTINGS)
      if (settings === undefined) throw new Error('no settings')
      const peer = await stage.open(settings.settings)
      const lines = readCorpus(`smtp-transcripts/james/${file}`).split('\n')
      // A password that the receiver here knows; a hello before AUTH.
      const client = lines.map((line) => line.replace('C: Ym9iQG15ZG9tYWluLnRsZA==', 'C: YWRh'))
      if (file === 'authplain.txt') client.splice(1, 0, 'C: ehlo yopmail.com', 'S: 250 hello')
      let pending: string[] = []
      let replies: string[] = []
      const settle = async (): Promise<void> => {
        expect(await codes(peer, replies.length)).toEqual(replies)
        replies = []
      }
      for (const line of client) {
        if (line.startsWith('C: ') || line === 'C:') {
          if (replies.length > 0) await settle()
          pending.push(`${line.slice(3)}\r\n`)
        } else if (line.startsWith('S: ')) {
          if (pending.length > 0) await peer.send(latin1(pending.join('')))
          pending = []
          // `250.*` is the first line of a reply to EHLO, whose last has a space.
          if (/^S: \d{3} /.test(line)) replies.push(line.slice(3, 6))
        }
      }
      await settle()
      expect(await peer.end()).toEqual([])
    })
  }
})
