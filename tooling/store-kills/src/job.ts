/** The job of an entry in a kill run: which version of it this is, and which content belongs to it. */

import type { Codec } from '@postroad/queue'
import type { ContentPlan } from './content.ts'

/** What an entry carries. */
export interface Job {
  /** Unlike any other of the run: each settlement and renewal that keeps a job makes a new one. */
  readonly version: string
  readonly content: ContentPlan | null
  /** How many spawned it in a row. */
  readonly depth: number
}

/** Jobs as JSON. */
export const jobCodec: Codec<Job> = {
  encode: (job) => new TextEncoder().encode(JSON.stringify(job)),
  decode: (bytes) => {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (!isJob(parsed)) throw new Error('not a job of a kill run')
    return parsed
  },
}

function isJob(value: unknown): value is Job {
  return typeof value === 'object' && value !== null && 'version' in value && 'content' in value && 'depth' in value
}
