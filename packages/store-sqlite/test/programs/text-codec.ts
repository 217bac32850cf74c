/** Jobs as UTF-8 text. */

import type { Codec } from '@postroad/queue'

export const textCodec: Codec<string> = {
  encode: (job) => new TextEncoder().encode(job),
  decode: (bytes) => new TextDecoder().decode(bytes),
}
