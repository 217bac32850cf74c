/** What a scripted peer may do in the place of a reply. */

import type { Clock } from '@postroad/runtime'
import type { PeerConversation } from './peer-conversation.ts'

/**
 * One move of a scripted peer: text is said with a CRLF behind each of its lines (`'250-one\n250 two'`), right or wrong;
 * bytes are written as they are, CRLF or not; anything else is done.
 */
export type PeerMove = string | Uint8Array | PeerAction

/** A move that is more than words. What it gives is done next; nothing: the conversation goes on. */
export type PeerAction = (
  conversation: PeerConversation,
) => PeerMove | undefined | void | Promise<PeerMove | undefined | void>

/** Says nothing more, reads on, and waits until the client closes. */
export const silence: PeerAction = async (conversation) => {
  await conversation.gone()
}

/** Closes its side; what was said before still arrives. */
export const hangUp: PeerAction = (conversation) => conversation.hangUp()

/** Closes at once: over a socket the client sees a connection reset. */
export const reset: PeerAction = (conversation) => conversation.reset()

/** Reads nothing more, until `PeerConversation.resume` is called: the client's writes fill up. */
export const deaf: PeerAction = (conversation) => conversation.pause()

/** Does one move after another. */
export function inTurn(...moves: readonly PeerMove[]): PeerAction {
  return async (conversation) => {
    for (const move of moves) await conversation.play(move)
  }
}

/** Waits for a promise first: a late greeting, a reply that comes when the test says so. */
export function after(promise: Promise<unknown>, move: PeerMove): PeerAction {
  return async () => {
    await promise
    return move
  }
}

/** How a drip moves on: each time `PeerConversation.drip` is called, or by a clock. */
export interface DripOptions {
  /** A piece, in bytes; 1. */
  readonly bytes?: number
  /** Absent: by calls. */
  readonly every?: { readonly ms: number; readonly clock: Clock }
}

/** Says a reply in pieces. The first leaves at once; the conversation goes on behind the last. */
export function drip(text: string, { bytes = 1, every }: DripOptions = {}): PeerAction {
  return async (conversation) => {
    const all = Buffer.from(`${text.replaceAll('\n', '\r\n')}\r\n`, 'latin1')
    for (let at = 0; at < all.length && !conversation.closed; at += bytes) {
      if (at > 0) await (every === undefined ? conversation.dripped() : every.clock.sleep(every.ms))
      conversation.write(all.subarray(at, at + bytes))
    }
  }
}
