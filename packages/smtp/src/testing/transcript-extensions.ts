/** The extensions that a transcript names in its settings. */

import type { Extension } from '../extension.ts'
import { binaryMime } from '../extensions/body.ts'
import { expn } from '../extensions/commands.ts'
import { deliverBy } from '../extensions/deliver-by.ts'
import { futureRelease } from '../extensions/future-release.ts'
import { mtPriority } from '../extensions/mt-priority.ts'
import { noSoliciting } from '../extensions/no-soliciting.ts'
import { xclient, xforward } from '../extensions/proxy.ts'
import { rrvs } from '../extensions/rrvs.ts'
import { requireTls } from '../extensions/start-tls.ts'
import { atrn, etrn } from '../extensions/turn.ts'

/** When transcripts play, for FUTURERELEASE: 2026-01-01T00:00:00Z. */
const NOW = 1_767_225_600_000

const FIXED: readonly Extension[] = [binaryMime, requireTls, rrvs, expn, etrn, atrn, xclient, xforward]

/**
 * The extension of a name, and of what it is created with: `BINARYMIME`, `DELIVERBY 60`, `NO-SOLICITING net.example:ADV`.
 * `undefined`: there is none, or it is not created with that.
 */
export function transcriptExtension(text: string): Extension | undefined {
  try {
    return make(text)
  } catch {
    return undefined
  }
}

/** Throws where an extension refuses what it is to be created with. */
function make(text: string): Extension | undefined {
  const [name, ...values] = text.split(' ')
  const [value] = values
  if (name === 'NO-SOLICITING') return noSoliciting({ classes: values })
  if (values.length > 1) return undefined
  switch (name) {
    case 'DELIVERBY':
      if (value === undefined) return deliverBy()
      return NUMBER.test(value) ? deliverBy({ minSeconds: Number(value) }) : undefined
    case 'FUTURERELEASE':
      return NUMBER.test(value ?? '') ? futureRelease({ maxSeconds: Number(value), now: () => NOW }) : undefined
    case 'MT-PRIORITY':
      return mtPriority(value === undefined ? {} : { profile: value })
    default:
      return value === undefined ? FIXED.find((each) => each.name === name) : undefined
  }
}

const NUMBER = /^\d+$/
