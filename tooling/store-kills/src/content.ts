/** Content that can be told from its name and size alone, so that any process can say whether it is whole. */

import { createHash } from 'node:crypto'
import { createSeededRandom } from '@postroad/runtime'

/** The name and the size of content; what an entry's job says of it. */
export interface ContentPlan {
  readonly name: string
  readonly sizeBytes: number
}

/** No divisor of any page or chunk, so that a piece in another's place shows. */
const BLOCK_BYTES = 1_021
/** What `seal` puts in front. */
export const PREFIX_BYTES = 97

/** The bytes of the content. */
export function makeContent({ name, sizeBytes }: ContentPlan): Uint8Array {
  const seed = createHash('sha256').update(name).digest().readInt32LE(0)
  const block = createSeededRandom(seed).bytes(BLOCK_BYTES)
  const bytes = new Uint8Array(sizeBytes)
  for (let at = 0; at < sizeBytes; at += BLOCK_BYTES) bytes.set(block.subarray(0, sizeBytes - at), at)
  return bytes
}

/** What is wrong with content that was read; `undefined` where it is as it was written. */
export async function findDifference(
  plan: ContentPlan,
  chunks: AsyncIterable<Uint8Array>,
): Promise<string | undefined> {
  const expected = makeContent(plan)
  let at = 0
  for await (const chunk of chunks) {
    const wanted = expected.subarray(at, at + chunk.length)
    if (Buffer.compare(chunk, wanted) !== 0) {
      const index = chunk.findIndex((byte, index) => byte !== wanted[index])
      return `content ${plan.name} of ${plan.sizeBytes} bytes differs at ${at + index}`
    }
    at += chunk.length
  }
  return at === expected.length ? undefined : `content ${plan.name} has ${at} bytes of ${expected.length}`
}
