/** The transcripts of `packages/smtp` against the servers of others. */

import { isDeepStrictEqual } from 'node:util'
import { describe, it } from 'vitest'
import { EXPLANATIONS } from '../src/explanations.ts'
import { judge } from '../src/judge.ts'
import { PEERS, whyNot } from '../src/peers.ts'
import { replayAll } from '../src/replay-all.ts'
import { loadTranscripts } from '../src/transcripts.ts'

describe.concurrent.each(PEERS)('the transcripts against $name', (kind) => {
  it('differ from it only where it is said why', { timeout: 300_000 }, async ({ expect, skip }) => {
    const why = await whyNot(kind)
    skip(why !== undefined, why)
    const transcripts = await loadTranscripts()
    const { differences, replayed, compared, version } = await replayAll(kind, transcripts)
    // Dovecot plays LMTP alone.
    expect(replayed).toBeGreaterThan(kind.name === 'Dovecot' ? 2 : 20)
    expect(compared).toBeGreaterThan(replayed * 3)
    const known = version.startsWith(kind.explained)
    skip(!known, `the differences are explained for ${kind.name} ${kind.explained}, and this is ${version}`)
    let { unexplained, vanished } = judge(kind.name, differences, EXPLANATIONS)
    if (unexplained.length + vanished.length > 0) {
      // On a busy machine a reply may come late: what counts is found twice.
      const again = judge(kind.name, (await replayAll(kind, transcripts)).differences, EXPLANATIONS)
      unexplained = unexplained.filter((each) => again.unexplained.some((other) => isDeepStrictEqual(each, other)))
      vanished = vanished.filter((each) => again.vanished.includes(each))
    }
    expect({ unexplained, vanished }).toEqual({ unexplained: [], vanished: [] })
  })
})
