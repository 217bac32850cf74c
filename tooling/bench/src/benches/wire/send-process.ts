/**
 * A process with a client in it. Setup: `client`, one of `SENDERS`, and the `port` it sends to.
 *
 * Work: `callers` that send at a time, `sizeBytes` of a message, `recipients` of it; `messages` to end after so many
 * (otherwise when the round is over); `counted: 'MiB'` where an operation is a MiB and not a message.
 */

import { serveContestant } from '../../serve-contestant.ts'
import { forgetPeak, peakMemory, settledMemory } from './own-memory.ts'
import { type Sender, SENDERS, type SenderKind } from './senders.ts'

let kind: SenderKind = 'postroad'
let port = 0
let sender: Sender | undefined

serveContestant({
  start: async (setup) => {
    const { client } = setup
    if (!isKind(client)) throw new Error(`There is no client "${String(client)}".`)
    kind = client
    port = Number(setup['port'])
  },
  prepare: async (work) => {
    const callers = Number(work['callers'])
    const options = { port, callers, sizeBytes: Number(work['sizeBytes']), recipients: Number(work['recipients'] ?? 1) }
    sender = await SENDERS[kind](options)
    // Connections are open then; where a message takes long, its own round opens one.
    if (work['messages'] === undefined) await Promise.all(Array.from({ length: callers }, sender.send))
    await settledMemory()
    await forgetPeak()
  },
  measure: async (work, roundMs) => {
    if (sender === undefined) throw new Error('Nothing was prepared.')
    const { send } = sender
    const most = Number(work['messages'] ?? Number.POSITIVE_INFINITY)
    const startedAt = performance.now()
    let begun = 0
    let done = 0
    const call = async (): Promise<void> => {
      while (begun < most && performance.now() - startedAt < roundMs) {
        begun += 1
        await send()
        done += 1
      }
    }
    await Promise.all(Array.from({ length: Number(work['callers']) }, call))
    const seconds = (performance.now() - startedAt) / 1_000
    const operations = work['counted'] === 'MiB' ? (done * Number(work['sizeBytes'])) / 2 ** 20 : done
    return { operations, seconds, figures: { peakMaxMiB: (await peakMemory()) / 2 ** 20 } }
  },
  finish: async () => {
    await sender?.close()
    sender = undefined
  },
})

function isKind(client: unknown): client is SenderKind {
  return typeof client === 'string' && Object.hasOwn(SENDERS, client)
}
