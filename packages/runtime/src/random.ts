/** Randomness as a value: the system's where secrets are made, a seeded one in tests and simulations. */

/** A source of random bytes. */
export interface Random {
  /** `length` bytes, each call new ones. The system's source is fit for secrets, the seeded one is not. */
  bytes(length: number): Uint8Array
}

/**
 * Creates a source that gives the same bytes for the same seed (mulberry32). Not for secrets.
 *
 * @param seed A 32-bit integer; other numbers are cut to one.
 */
export function createSeededRandom(seed: number): Random {
  let state = seed | 0
  const nextWord = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
    return (word ^ (word >>> 14)) >>> 0
  }
  return {
    bytes(length) {
      const bytes = new Uint8Array(length)
      for (let index = 0; index < length; index += 1) bytes[index] = nextWord() & 0xff
      return bytes
    },
  }
}

/** A number from 0 (included) to 1 (excluded) with 32 bits of resolution, for jitter. */
export function randomFraction(random: Random): number {
  return random.bytes(4).reduce((sum, byte) => (sum * 256 + byte) % 2 ** 32, 0) / 2 ** 32
}
