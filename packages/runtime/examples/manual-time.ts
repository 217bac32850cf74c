// examples/manual-time.ts
import { createManualClock, createSeededRandom, randomFraction, type Clock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'

// What waits takes its clock as a value.
async function retry(clock: Clock): Promise<number> {
  const startedAt = clock.now()
  await clock.sleep(5 * 86_400_000)
  return (clock.now() - startedAt) / 86_400_000
}

// A test passes a clock of its own: five days take no time.
const clock = createManualClock()
const retried = retry(clock)
await clock.advance(5 * 86_400_000)
console.log(await retried, 'days')

// The same seed, the same chances.
console.log(randomFraction(createSeededRandom(1)) === randomFraction(createSeededRandom(1)))

// A program passes the system's.
console.log(systemClock.now() > 0)

// Prints:
// 5 days
// true
// true
