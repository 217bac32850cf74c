/**
 * How long the event loop keeps a caller waiting.
 *
 * Three looks at the same: Node's own histogram (a timer of 1 ms in the loop, so up to 1 ms more than the wait), the
 * gaps of an interval of 1 ms as any program would see them, and the longest pause for garbage, which is in both and is
 * not the store's waiting for a disk.
 */

import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'

/** Begins to watch; `end` gives milliseconds. */
export function watchEventLoop(): { readonly end: () => Readonly<Record<string, number>> } {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  const pauses: number[] = []
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) pauses.push(entry.duration)
  })
  observer.observe({ entryTypes: ['gc'] })
  let ticks = 0
  let longestGap = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    longestGap = Math.max(longestGap, now - last)
    last = now
    ticks += 1
  }, 1)
  histogram.enable()
  return {
    end: () => {
      histogram.disable()
      clearInterval(timer)
      for (const entry of observer.takeRecords()) pauses.push(entry.duration)
      observer.disconnect()
      // The loop may have been away to the end without a tick.
      longestGap = Math.max(longestGap, performance.now() - last)
      const ms = (nanoseconds: number): number => nanoseconds / 1e6
      return {
        waitP50Ms: ms(histogram.percentile(50)),
        waitP99Ms: ms(histogram.percentile(99)),
        waitMaxMs: ms(histogram.max),
        tickMaxMs: longestGap,
        gcMaxMs: Math.max(0, ...pauses),
        ticks,
      }
    },
  }
}
