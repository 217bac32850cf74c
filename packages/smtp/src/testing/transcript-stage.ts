/** Where a transcript plays: something that takes the client's bytes and gives the server's. */

import type { TranscriptSettings } from './transcript-settings.ts'
import { matchesPattern } from './transcript.ts'
import type { Transcript } from './transcript.ts'

/** One way to run a server: a bare session, a server over a pair of streams, over sockets ... */
export interface TranscriptStage {
  /**
   * As the setting `stages` names it: `whole`, `bytes`, `pieces`, `pair` or `sockets`. One of any other name is for
   * transcripts that name no stages. Who plays a file of them looks for this, and that each has found a stage.
   */
  readonly name: string
  /** Starts a server for one transcript and connects; with `implicitTls` the handshake is done when it resolves. */
  open(settings: TranscriptSettings): Promise<TranscriptPeer>
}

/** The client's end of one session. */
export interface TranscriptPeer {
  /** Sends what the client says until it waits for a reply. */
  send(bytes: Uint8Array): Promise<void>
  /**
   * The next line of the server without CRLF; `undefined` where it closed. Where the server says nothing more a stage that
   * can know that rejects, as the bare session's do; a server over streams may still be at work: there this waits, until
   * the time limit of the test is over.
   */
  readLine(): Promise<string | undefined>
  /** Does the client's part of the handshake that was agreed on. */
  startTls(): Promise<void>
  /** The transcript is over: ends everything. Gives what the server said that nobody had expected. */
  end(): Promise<readonly string[]>
}

/** Behind the beginning of lines that may come in any number. */
const ANY_NUMBER = '...'

/** A line that was not as expected. */
export class TranscriptMismatchError extends Error {
  /** Always `TranscriptMismatchError`. */
  override readonly name: string = 'TranscriptMismatchError'
}

/**
 * Plays a transcript on a stage. Rejects with a `TranscriptMismatchError` at the first line that is not as expected; where
 * a line does not come at all, see `TranscriptPeer.readLine`.
 */
export async function playTranscript({ settings, steps }: Transcript, stage: TranscriptStage): Promise<void> {
  const peer = await stage.open(settings)
  const played: string[] = []
  let pending: Uint8Array[] = []
  const flush = async (): Promise<void> => {
    const bytes = new Uint8Array(pending.reduce((length, each) => length + each.length, 0))
    let at = 0
    for (const each of pending) {
      bytes.set(each, at)
      at += each.length
    }
    pending = []
    if (bytes.length > 0) await peer.send(bytes)
  }
  /** A line that was read and belongs to a later step. */
  let ahead: { readonly line: string | undefined } | undefined
  const readLine = async (): Promise<string | undefined> => {
    const line = ahead === undefined ? await peer.readLine() : ahead.line
    ahead = undefined
    return line
  }
  let surplus: readonly string[] = []
  try {
    for (const step of steps) {
      if (step.kind === 'send') {
        pending.push(step.bytes)
        continue
      }
      await flush()
      if (step.kind === 'tls') await peer.startTls()
      else if (step.kind === 'expect' && step.pattern.endsWith(ANY_NUMBER)) {
        const beginning = step.pattern.slice(0, -ANY_NUMBER.length)
        let line = await readLine()
        for (; line?.startsWith(beginning) === true; line = await readLine()) played.push(`S: ${line}`)
        ahead = { line }
      } else {
        const line = await readLine()
        played.push(`S: ${line ?? '(closed)'}`)
        const matches =
          step.kind === 'close' ? line === undefined : line !== undefined && matchesPattern(step.pattern, line)
        if (!matches) {
          const expected = step.kind === 'close' ? 'the end' : step.pattern
          throw new TranscriptMismatchError(`line ${step.line}: expected ${expected}\n${played.join('\n')}`)
        }
      }
    }
    await flush()
  } finally {
    surplus = await peer.end()
  }
  if (ahead?.line !== undefined) surplus = [ahead.line, ...surplus]
  if (surplus.length > 0) throw new TranscriptMismatchError(`more was said than expected:\n${surplus.join('\n')}`)
}
