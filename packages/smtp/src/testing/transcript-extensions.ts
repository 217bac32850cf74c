/** The extensions that a transcript names in its settings. */

import type { Extension } from '../extension.ts'
import { binaryMime } from '../extensions/body.ts'
import { deliverBy } from '../extensions/deliver-by.ts'
import { futureRelease } from '../extensions/future-release.ts'
import { onex, verb } from '../extensions/keywords.ts'
import { mtPriority } from '../extensions/mt-priority.ts'
import { noSoliciting } from '../extensions/no-soliciting.ts'
import { xclient, xforward } from '../extensions/proxy.ts'
import { rrvs } from '../extensions/rrvs.ts'
import { requireTls } from '../extensions/start-tls.ts'
import { atrn, etrn } from '../extensions/turn.ts'

/** When transcripts play, for FUTURERELEASE: 2026-01-01T00:00:00Z. */
const NOW = 1_767_225_600_000

const FIXED: readonly Extension[] = [binaryMime, requireTls, rrvs, etrn, atrn, xclient, xforward, verb, onex]

/**
 * The extension of a name, and of what it is created with: `BINARYMIME`, `DELIVERBY 60`, `NO-SOLICITING net.example:ADV`.
 * `undefined`: there is none.
 */
export function transcriptExtension(text: string): Extension | undefined {
  const [name, ...values] = text.split(' ')
  const [value] = values
  switch (name) {
    case 'DELIVERBY':
      return deliverBy(value === undefined ? {} : { minSeconds: Number(value) })
    case 'FUTURERELEASE':
      return futureRelease({ maxSeconds: Number(value), now: () => NOW })
    case 'MT-PRIORITY':
      return mtPriority(value === undefined ? {} : { profile: value })
    case 'NO-SOLICITING':
      return noSoliciting({ classes: values })
    default:
      return FIXED.find((each) => each.name === name)
  }
}
