/** Makes a real Redis available to every test: its URL is provided under the key `redisUrl`. */

import { provideRedis } from '@postroad/tooling-redis'
import type { TestProject } from 'vitest/node'

/** Vitest calls it once before all tests, and what it gives after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await provideRedis()
  project.provide('redisUrl', redis.url)
  return () => redis.stop()
}
