/** The servers of others that we know how to start. */

import { unpackDebian } from '@postroad/tooling-debian'
import { DOVECOT } from './dovecot.ts'
import { EXIM } from './exim.ts'
import { OPENSMTPD } from './opensmtpd.ts'
import type { PeerKind } from './peer.ts'
import { POSTFIX } from './postfix.ts'
import { whyNotOnto, whyNotPrivate } from './private-process.ts'

/** All of them. */
export const PEERS: readonly PeerKind[] = [POSTFIX, EXIM, OPENSMTPD, DOVECOT]

/** Why a server cannot be started here, in a sentence; `undefined` where it can. The first call may fetch packages. */
export async function whyNot(kind: PeerKind): Promise<string | undefined> {
  const why = (await whyNotPrivate()) ?? (kind.onto === true ? await whyNotOnto() : undefined)
  return why ?? unpackDebian(kind.folder, kind.packages).then(nothing, reasonOf)
}

const nothing = (): undefined => undefined

/** What an error says. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
