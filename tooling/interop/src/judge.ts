/** Holds the differences that a replay found against those that are explained. */

import type { Explanation } from './explanation.ts'
import type { Difference } from './replay.ts'

/** One difference with its explanation. */
export interface Explained {
  readonly difference: Difference
  readonly reason: string
}

/** What is known of the differences of one peer. */
export interface Judgement {
  readonly explained: readonly Explained[]
  /** Nobody has said why; to be looked at, and to be put right in us or explained. */
  readonly unexplained: readonly Difference[]
  /** Explanations of something that does not differ any more, as `reason: sent expected got`. */
  readonly vanished: readonly string[]
}

/** Judges the differences of the peer named. */
export function judge(
  peer: string,
  differences: readonly Difference[],
  explanations: readonly Explanation[],
): Judgement {
  const cases = explanations
    .filter((explanation) => explanation.peer === peer)
    .flatMap(({ reason, cases }) => cases.map((each) => ({ reason, each, used: false })))
  const explained: Explained[] = []
  const unexplained: Difference[] = []
  for (const difference of differences) {
    const found = cases.find(({ each: [sent, expected, got, title] }) => {
      const fits = sent.endsWith('…') ? difference.sent.startsWith(sent.slice(0, -1)) : difference.sent === sent
      const there = title === undefined || difference.title.includes(title)
      return fits && there && difference.expected === expected && difference.got === got
    })
    if (found === undefined) unexplained.push(difference)
    else {
      found.used = true
      explained.push({ difference, reason: found.reason })
    }
  }
  const vanished = cases.filter(({ used }) => !used).map(({ reason, each }) => `${reason}: ${each.join(' ')}`)
  return { explained, unexplained, vanished }
}
