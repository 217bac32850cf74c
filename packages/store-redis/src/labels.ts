/** Labels as they lie in Redis: JSON text that this store wrote. */

import type { Labels } from '@postroad/queue'

/** Reads labels; none where the text is empty; what is not text is left out. Throws where the text is not JSON. */
export function parseLabels(text: string): Labels {
  if (text === '') return {}
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}
