/** Replays all transcripts against one kind of server. */

import type { Transcript } from '@postroad/smtp/testing'
import type { PeerKind } from './peer.ts'
import { replay, type Difference } from './replay.ts'

/** What came of it. */
export interface PeerReplays {
  readonly peer: string
  /** As it logged it; `''` where it did not. */
  readonly version: string
  /** How many transcripts were replayed. */
  readonly replayed: number
  /** How many of these without any difference. */
  readonly same: number
  /** How many replies and closings were compared. */
  readonly compared: number
  readonly differences: readonly Difference[]
  /** Transcripts that cannot be replayed against it, and why. */
  readonly leftOut: readonly { readonly title: string; readonly reason: string }[]
}

const AT_A_TIME = 8

/** Replays them, some at a time. */
export async function replayAll(kind: PeerKind, transcripts: readonly Transcript[]): Promise<PeerReplays> {
  const leftOut: { readonly title: string; readonly reason: string }[] = []
  const plays: { readonly transcript: Transcript; readonly service: string }[] = []
  for (const transcript of transcripts) {
    const translation = kind.translate(transcript.settings)
    if ('reason' in translation) leftOut.push({ title: transcript.settings.title, reason: translation.reason })
    else plays.push({ transcript, service: translation.service })
  }
  await using peer = await kind.start({ services: [...new Set(plays.map(({ service }) => service))] })
  const findVersion = async (): Promise<string | undefined> => kind.version.exec(await peer.log())?.[1]
  const early = await findVersion()
  let same = 0
  let compared = 0
  const found: (readonly Difference[])[] = []
  const entries = plays.entries()
  const work = async (): Promise<void> => {
    for (const [index, { transcript, service }] of entries) {
      const result = await replay(transcript, peer.port(service), kind.pipelining)
      if (result.differences.length === 0) same += 1
      compared += result.compared
      found[index] = result.differences
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  // Some write their first lines late, some keep only the last.
  const version = early ?? (await findVersion()) ?? ''
  return {
    peer: kind.name,
    version,
    replayed: plays.length,
    same,
    compared,
    differences: found.flat(),
    leftOut,
  }
}
