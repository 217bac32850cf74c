/**
 * A call of a script, written by ourselves: ioredis joins a buffer of its own for each call and takes its arguments apart
 * first. What is written lies in blocks that are used again, for what lies outside the heap and comes and goes costs
 * most in garbage collection.
 */

import { Command } from 'ioredis'

/** What a script is called with; a list is one argument in pieces. */
export type Argument = string | number | Uint8Array | readonly Uint8Array[]

/** A string that is set for a while before a script: it does not pass through Lua, where each byte is copied thrice. */
export interface Staged {
  readonly key: string
  readonly bytes: Argument
}

/** How long such a string is kept where the script does not come, in milliseconds. */
const STAGED_MS = 60_000

/** What stands behind key and value then. */
const WHERE_NEW: readonly Argument[] = ['NX', 'PX', STAGED_MS]
const AROUND_STAGED = 128

/**
 * Around several: Redis takes a few tens of KiB of a connection at a time, and with `appendfsync always` syncs what these
 * changed before it takes more; in a transaction all of them are one change.
 */
const MULTI = Buffer.from('*1\r\n$5\r\nMULTI\r\n')
const EXEC = Buffer.from('*1\r\n$4\r\nEXEC\r\n')

/** The size of a block, and how many are kept. */
const BLOCK_BYTES = 1_310_720
const MOST_BLOCKS = 4
/** What needs less is written into a small one. */
const SMALL_BYTES = 32_768
const MOST_SMALL = 16

/** What stands around an argument, at most: `$`, digits, two line ends. */
const AROUND_BYTES = 16
/** The most bytes of one UTF-16 unit in UTF-8. */
const UNIT_BYTES = 3

const blocks: Buffer[] = []
const smallBlocks: Buffer[] = []

/** A command that is sent before a call. */
class Staging extends Command {
  readonly #written: Buffer

  constructor(name: 'MULTI' | 'SET' | 'EXEC', written: Buffer) {
    super(name, [], { replyEncoding: null })
    this.#written = written
  }

  override toWritable(): Buffer {
    return this.#written
  }

  /** The call behind it has a time of its own. */
  override setTimeout(): void {}
}

/** One call. Send it once, behind what it stages. */
export class Evaluation extends Command {
  readonly #block: Buffer
  readonly #written: Buffer
  /** To be sent before it; where one fails, the script finds nothing. */
  readonly stagings: readonly Command[]

  /**
   * @param name EVAL or EVALSHA.
   * @param script The text or the digest of the script.
   * @param staged What the script makes permanent: set before it, where there is no such key.
   */
  constructor(
    name: 'EVAL' | 'EVALSHA',
    script: string,
    keys: readonly string[],
    args: readonly Argument[],
    staged: readonly Staged[],
  ) {
    super(name, [], { replyEncoding: null })
    const words: readonly Argument[] = [name, script, keys.length, ...keys]
    let most = mostOf(words) + mostOf(args) + AROUND_BYTES
    for (const { key, bytes } of staged) most += AROUND_STAGED + mostOf([key, bytes])
    this.#block = blockOf(most)
    let at = 0
    const stagings: Command[] = []
    for (const { key, bytes } of staged) {
      const end = writeAll(this.#block, at, ['SET', key, bytes], WHERE_NEW)
      stagings.push(new Staging('SET', this.#block.subarray(at, end)))
      at = end
    }
    this.stagings =
      stagings.length > 1 ? [new Staging('MULTI', MULTI), ...stagings, new Staging('EXEC', EXEC)] : stagings
    this.#written = this.#block.subarray(at, writeAll(this.#block, at, words, args))
  }

  override toWritable(): Buffer {
    return this.#written
  }

  /** Gives the block back: the answer is there, so all of it was sent. */
  done(): void {
    const { length } = this.#block
    if (length === BLOCK_BYTES && blocks.length < MOST_BLOCKS) blocks.push(this.#block)
    if (length === SMALL_BYTES && smallBlocks.length < MOST_SMALL) smallBlocks.push(this.#block)
  }
}

function blockOf(bytes: number): Buffer {
  if (bytes <= SMALL_BYTES) return smallBlocks.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES)
  if (bytes <= BLOCK_BYTES) return blocks.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
  return Buffer.allocUnsafeSlow(bytes)
}

/** How many bytes they take, at most. */
function mostOf(args: readonly Argument[]): number {
  let bytes = 0
  for (const arg of args) {
    bytes += AROUND_BYTES
    if (typeof arg === 'string') bytes += arg.length * UNIT_BYTES
    else if (typeof arg === 'number') bytes += 24
    else if (arg instanceof Uint8Array) bytes += arg.length
    else for (const piece of arg) bytes += piece.length
  }
  return bytes
}

/** Writes a command: some words, and others. Gives where it ends. */
function writeAll(block: Buffer, at: number, words: readonly Argument[], others: readonly Argument[]): number {
  let end = writeHead(block, at, 42, words.length + others.length)
  for (const word of words) end = write(block, end, word)
  for (const word of others) end = write(block, end, word)
  return end
}

function write(block: Buffer, at: number, arg: Argument): number {
  let end: number
  if (arg instanceof Uint8Array) {
    end = writeHead(block, at, 36, arg.length)
    block.set(arg, end)
    end += arg.length
  } else if (typeof arg === 'object') {
    let length = 0
    for (const piece of arg) length += piece.length
    end = writeHead(block, at, 36, length)
    for (const piece of arg) {
      block.set(piece, end)
      end += piece.length
    }
  } else {
    const text = typeof arg === 'number' ? String(arg) : arg
    const start = writeHead(block, at, 36, text.length)
    const length = block.write(text, start)
    end = start + length
    // It is not ASCII: its length in bytes is another.
    if (length !== text.length) {
      const again = writeHead(block, at, 36, length)
      end = again + block.write(text, again)
    }
  }
  block[end] = 13
  block[end + 1] = 10
  return end + 2
}

/** Writes a sign (`*` or `$`), a number and a line end. */
function writeHead(block: Buffer, at: number, sign: number, count: number): number {
  block[at] = sign
  let digits = 1
  for (let rest = count; rest >= 10; rest = Math.floor(rest / 10)) digits += 1
  let rest = count
  for (let place = at + digits; place > at; place -= 1) {
    block[place] = 48 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
  block[at + digits + 1] = 13
  block[at + digits + 2] = 10
  return at + digits + 3
}
