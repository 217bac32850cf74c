/** The Redis that one test run shares. */

import { startRedis } from './server.ts'

/** A Redis that tests may use. */
export interface ProvidedRedis {
  /** `redis://host:port`. */
  readonly url: string
  /** Ends the server if this call started it. */
  stop(): Promise<void>
}

/**
 * Gives the Redis named by `REDIS_URL` or, where that is not set, starts one that promises what the store asks for.
 *
 * It may be shared: use a random key prefix and never flush it.
 *
 * @throws Where there is no Redis and none can be unpacked; the message says how to get one.
 */
export async function provideRedis(): Promise<ProvidedRedis> {
  const url = process.env['REDIS_URL']
  if (url !== undefined && url !== '') return { url, stop: async () => {} }
  const server = await startRedis()
  return { url: server.url, stop: () => server.stop() }
}
